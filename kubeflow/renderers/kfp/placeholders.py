"""Arguments as the launcher of Kubeflow Pipelines reads them.

Read in KFP's sources (backend 2.5 to 2.17): the launcher puts values in by plain replacement
of text (``getPlaceholders`` in ``backend/src/v2/component/launcher_v2.go``), the driver with
``{{\\$\\.inputs\\.parameters\\['(.+?)']}}`` (``backend/src/v2/driver/util.go``). So a
parameter's name may hold dots, which it keeps from the configuration: ``trainer.train_steps``.
"""

from __future__ import annotations

from kubeflow.graph.pod_text import unexpanded
from kubeflow.graph.task_graph import Argument, ExecutorOutput, OutputPath, ParameterValue, RunId

# The task's own input that takes the run's id. Run parameters have a dot in their names.
RUN_ID_INPUT = "run_id"
# What the driver replaces by the id of the run, in constants of task inputs only, not in
# arguments. Since backend 2.5.0.
RUN_ID_CONSTANT = "{{$.pipeline_job_uuid}}"
# The whole ExecutorInput as JSON. The launcher has no placeholder for the path of the output
# file alone, and the path differs between releases: it is `outputs.outputFile` in here.
WHOLE_INPUT = "{{$}}"


def input_value(name: str) -> str:
    """The placeholder of an input parameter's value."""
    return f"{{{{$.inputs.parameters['{name}']}}}}"


def output_path(name: str) -> str:
    """The placeholder of an output artifact's local path."""
    return f"{{{{$.outputs.artifacts['{name}'].path}}}}"


def rendered(argument: Argument) -> str:
    """One argument as text.

    Args:
      argument: Text, or what the run puts in.
    """
    if isinstance(argument, RunId):
        return input_value(RUN_ID_INPUT)
    if isinstance(argument, ParameterValue):
        return input_value(argument.name)
    if isinstance(argument, OutputPath):
        return output_path(argument.name)
    if isinstance(argument, ExecutorOutput):
        return WHOLE_INPUT
    return unexpanded(argument)
