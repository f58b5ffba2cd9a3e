"""The life of a task's process: start, one node, its words, the exit code."""

from __future__ import annotations

import logging
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from core import errors, import_path, terminal
from kubeflow.entrypoint.arguments import USAGE, TaskArguments, parse_arguments
from kubeflow.entrypoint.failure import say_failure
from kubeflow.entrypoint.termination import end_on_sigterm

if TYPE_CHECKING:
    import ml_metadata
    from tfx.proto.orchestration import pipeline_pb2

    from kubeflow.entrypoint.request import NodeRequest
    from pipeline.nodes.launch import NodeOutcome

DEBUG_VARIABLE = "MILLRACE_DEBUG"

# Keras 3 is what our models are written in; the variable must be set before
# tensorflow_transform, which otherwise sets it to the other value at import.
_ENVIRONMENT = {"TF_USE_LEGACY_KERAS": "0"}
# Lines of a log message; what is longer is a dump, for debugging only.
_LONGEST_MESSAGE = 20
# TensorFlow's C++ code calls it an error that a machine has no GPU; what really fails
# raises an exception as well.
_DEFAULTS = {"TF_CPP_MIN_LOG_LEVEL": "3"}
# What libraries say at every turn and nobody needs to know.
_CHATTER = (
    "MetadataStore with",
    "retry options is overwritten",
    "Using Any for unsupported type",
    "Deleted stateful_working_dir",
    "Cleaning up state",
    "Publishing output artifacts",
    "ArtifactQuery.property_predicate is not supported",
    "TF_USE_LEGACY_KERAS is set to 0",
)


def run_process(words: Sequence[str]) -> NoReturn:
    """Runs one node and ends the process with the outcome's exit code.

    Not through the interpreter's shutdown: TensorFlow's and Arrow's threads can crash
    it after everything is published.

    Args:
      words: The command line after the program.
    """
    if any(word in ("-h", "--help") for word in words[:1]):
        _say(USAGE)
        _end(0)
    prepare_process()
    try:
        code = _run(words)
    except KeyboardInterrupt:
        code = 130
    _end(code)


def _run(words: Sequence[str]) -> int:
    node = ""
    try:
        arguments = parse_arguments(words)
        node = arguments.node
        outcome = run_task(arguments)
    except errors.MillraceError as error:
        return _fail(error, node)
    except Exception as error:  # noqa: BLE001 - nobody sees a traceback unasked
        from pipeline.nodes.launch import explain

        return _fail(explain(error, node or "the task"), node)
    if outcome.error is not None:
        return _fail(outcome.error, node)
    words_ = f": {outcome.result}" if outcome.result else ""
    _say(f"{node} {outcome.state}{words_}")
    return 0


def ready_task(arguments: TaskArguments) -> tuple[NodeRequest, pipeline_pb2.Pipeline]:
    """Gets everything ready for the launch of a node: pipeline and imports.

    Args:
      arguments: What the task was told.

    Returns:
      The request and the intermediate representation, the run id substituted.

    Raises:
      errors.MillraceError: If the request is refused, before anything ran.
    """
    from kubeflow.entrypoint.node_imports import import_node
    from kubeflow.entrypoint.request import node_request

    request = node_request(arguments, Path.cwd())
    _say(
        f"{request.node} of run {request.run_id}, store {request.store_name()}, "
        f"root {request.locations.root}"
    )
    pipeline = request.pipeline()
    import_node(pipeline, request)
    return request, pipeline


def run_task(arguments: TaskArguments) -> NodeOutcome:
    """Runs the node that a task is about and draws its outputs.

    Args:
      arguments: What the task was told.

    Returns:
      How the node ended.

    Raises:
      errors.MillraceError: If the request is refused, before anything ran, or the
        metadata store cannot be opened.
    """
    request, pipeline = ready_task(arguments)

    from metadata.leftovers import clear_node_leftovers
    from metadata.pipeline_store import connection_config
    from metadata.store import open_store
    from pipeline.nodes.launch import launch_node

    store = open_store(connection_config(pipeline))
    count = clear_node_leftovers(store, request.run_id, request.node, request.locations.artifacts)
    if count:
        _say(f"cleared what {count} earlier attempt{'s' if count > 1 else ''} left")
    outcome = launch_node(pipeline, request.node)
    if outcome.state in ("done", "cached"):
        _draw(arguments, request, store)
    return outcome


def _draw(arguments: TaskArguments, request: NodeRequest, store: ml_metadata.MetadataStore) -> None:
    if not arguments.outputs and not arguments.executor_output:
        return
    try:
        from kubeflow.entrypoint.pages.outputs import write_outputs

        write_outputs(
            arguments.outputs,
            arguments.executor_output,
            node=request.node,
            run_id=request.run_id,
            store=store,
            configuration=request.configuration,
        )
    except Exception as error:  # noqa: BLE001 - a drawing must not fail a good node
        logging.warning("the outputs are not drawn: %s: %s", type(error).__name__, error)


def prepare_process() -> None:
    """Sets signals, environment and logging as TFX and a container's log want them."""
    end_on_sigterm()
    terminal.guard_streams()
    for variable, value in _DEFAULTS.items():
        os.environ.setdefault(variable, value)
    os.environ.update(_ENVIRONMENT)
    import_path.leave_out_working_folder()
    # Python was told to ignore them (`kubeflow.graph.build.COMMAND`).
    for folder in filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        import_path.append(folder)
    # TFX hands the rest of the command line to executors as their flags.
    sys.argv = sys.argv[:1]
    warnings.simplefilter("ignore")
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        handlers=[logging.StreamHandler(sys.stderr)],
    )
    if not is_debugging():
        for handler in logging.getLogger().handlers:
            handler.addFilter(_readable)


def is_debugging() -> bool:
    """Whether somebody asked for tracebacks."""
    return os.environ.get(DEBUG_VARIABLE, "") not in ("", "0")


def _readable(record: logging.LogRecord) -> bool:
    """Takes tracebacks off, leaves out chatter and whole protocol buffers that TFX logs."""
    record.exc_info, record.exc_text = None, None
    message = record.getMessage()
    is_dump = record.levelno <= logging.INFO and message.count("\n") >= _LONGEST_MESSAGE
    return not is_dump and not message.startswith(_CHATTER)


def _fail(error: errors.MillraceError, node: str) -> int:
    if is_debugging():
        traceback.print_exc()
    elif isinstance(error, errors.InternalError):
        error.hint = f"set {DEBUG_VARIABLE}=1 in kubeflow.environment for the whole traceback"
    # Advice for the local runner, from code that serves both.
    error.hint = error.hint.replace("type `millrace resume`", "try the task again")
    if error.code == "champion-changed":
        error.hint = "start the run again: it evaluates the model anew, the rest is in the cache"
    say_failure(error, node)
    return error.exit_code


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the container's log


def _end(code: int) -> NoReturn:
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
