"""The task graph is TFX's own: same nodes, same order, same dependencies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core import errors
from kubeflow.entrypoint.arguments import TaskArguments, parse_arguments
from kubeflow.entrypoint.request import read_configuration
from kubeflow.graph.build import configuration_text, task_graph
from kubeflow.graph.compilation import Compilation
from kubeflow.graph.task_graph import Argument, OutputPath, ParameterValue, Task
from pipeline.configuration.parameters import run_parameters
from tests.kubeflow.conftest import CompileTaxi


def _task(compilation: Compilation, node_id: str) -> Task:
    return next(task for task in compilation.graph.tasks if task.node_id == node_id)


def _as_words(arguments: tuple[Argument, ...]) -> list[str]:
    """The arguments as they reach the program when the run's values are put in."""
    words = []
    for argument in arguments:
        if isinstance(argument, ParameterValue):
            words.append(f"value of {argument.name}")
        elif isinstance(argument, OutputPath):
            words.append(f"/outputs/{argument.name}")
        else:
            words.append(argument if isinstance(argument, str) else type(argument).__name__)
    return words


def _parsed(task: Task) -> TaskArguments:
    return parse_arguments(_as_words((*task.arguments, *task.output_arguments)))


def test_tasks_and_dependencies_are_those_of_tfx(taxi: Compilation, compiled_root: Path) -> None:
    from tfx.proto.orchestration import pipeline_pb2

    kept = sorted((compiled_root / "compiled").glob("*.pb"), key=lambda path: path.stat().st_mtime)
    ir = pipeline_pb2.Pipeline.FromString(kept[0].read_bytes())
    expected = {
        item.pipeline_node.node_info.id: tuple(item.pipeline_node.upstream_nodes)
        for item in ir.nodes
    }

    found = {task.node_id: task.upstream for task in taxi.graph.tasks}
    assert found == expected
    assert list(found) == list(expected)


def test_a_dependency_that_only_orders_nodes_is_kept(taxi: Compilation) -> None:
    assert "DataGate" in _task(taxi, "Transform").upstream


def test_a_task_comes_after_what_it_waits_for(taxi: Compilation) -> None:
    seen: set[str] = set()
    for task in taxi.graph.tasks:
        assert set(task.upstream) <= seen
        seen.add(task.node_id)


def test_the_tuner_takes_the_place_of_the_search_for_its_last_result(
    taxi: Compilation, compile_taxi: CompileTaxi
) -> None:
    tuning = compile_taxi(assignments=["tuner.enabled=true"])

    without, with_tuner = (
        {task.name for task in compilation.graph.tasks} for compilation in (taxi, tuning)
    )
    assert without - with_tuner == {"latest-hyperparameters"}
    assert with_tuner - without == {"tuner"}
    assert "Tuner" in _task(tuning, "Trainer").upstream
    assert [output.type for output in _task(tuning, "Tuner").outputs] == ["system.HTML"]


def test_the_entry_point_understands_every_task(taxi: Compilation) -> None:
    configuration = taxi.loaded.configuration
    names = [parameter.name for parameter in run_parameters(configuration)]
    for task in taxi.graph.tasks:
        arguments = _parsed(task)
        assert arguments.node == task.node_id
        assert arguments.run_id == "RunId"
        assert arguments.root == "/mnt/millrace"
        assert arguments.compiled_by == taxi.graph.version
        assert arguments.values == {name: f"value of {name}" for name in names}
        assert [(output.name, output.type) for output in arguments.outputs] == [
            (output.name, output.type) for output in task.outputs
        ]
        assert bool(arguments.executor_output) == bool(task.outputs)


def test_the_whole_configuration_but_the_cluster_goes_into_the_container(
    taxi: Compilation,
) -> None:
    configuration = taxi.loaded.configuration
    read = read_configuration(_parsed(taxi.graph.tasks[0]).configuration)

    left_out = {"kubeflow"}
    assert read.model_dump(exclude=left_out) == configuration.model_dump(exclude=left_out)
    assert read.kubeflow.image is None
    # Equal mappings may differ in order, and the order of splits decides who is in which.
    assert list(read.data.split.splits) == ["train", "eval"]
    assert list(read.features) == list(configuration.features)


def test_a_configuration_holds_no_placeholder_of_an_orchestrator(taxi: Compilation) -> None:
    description = "{{workflow.name}} {{$.inputs.parameters['x']}} {{{ \\{{"
    configuration = taxi.loaded.configuration.model_copy(update={"description": description})

    text = configuration_text(configuration)

    assert "{{" not in text
    assert json.loads(text)["description"] == description


def test_containers_run_as_the_configuration_says(compile_taxi: CompileTaxi) -> None:
    cluster = compile_taxi(
        profile="kubeflow",
        assignments=[
            "kubeflow.nodes.Trainer.resources={cpu: 8, memory: 32Gi, accelerator_count: 2}",
            "kubeflow.nodes.Trainer.node_selector={pool: gpu}",
            "kubeflow.nodes.Trainer.tolerations=[{key: gpu, operator: Exists}]",
            'kubeflow.environment={OMP_NUM_THREADS: "4"}',
        ],
    )
    trainer, gate = _task(cluster, "Trainer"), _task(cluster, "DataGate")

    assert (trainer.resources.cpu, trainer.resources.memory) == ("8", "32Gi")
    assert (trainer.resources.accelerator, trainer.resources.accelerator_count) == (
        "nvidia.com/gpu",
        2,
    )
    assert trainer.node_selector == (("pool", "gpu"),)
    assert [item.key for item in trainer.tolerations] == ["gpu"]
    assert (trainer.retries, trainer.timeout_seconds) == (1, 43200)
    assert (gate.retries, gate.timeout_seconds) == (0, 14400)
    assert gate.resources.accelerator is None
    for task in cluster.graph.tasks:
        assert task.environment == (("OMP_NUM_THREADS", "4"),)
        assert [item.variable for item in task.secrets] == ["MILLRACE_METADATA_PASSWORD"]
        assert [volume.claim for volume in task.volumes] == ["millrace"]
    assert cluster.graph.service_account == "millrace"
    assert cluster.warnings == ()


def test_a_graph_needs_an_image(taxi: Compilation) -> None:
    from tfx.proto.orchestration import pipeline_pb2

    settings = taxi.loaded.configuration.kubeflow.model_copy(update={"image": None})
    configuration = taxi.loaded.configuration.model_copy(update={"kubeflow": settings})

    # The taxi configuration names settings of nodes, which an empty pipeline has not.
    settings = settings.model_copy(update={"nodes": {}})
    configuration = configuration.model_copy(update={"kubeflow": settings})
    with pytest.raises(errors.UserError) as refused:
        task_graph(pipeline_pb2.Pipeline(), configuration)
    assert refused.value.code == "missing-image"
