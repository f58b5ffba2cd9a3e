"""One process of the benchmark of process starts; see `benchmarks.entrypoint`.

python -m benchmarks.entrypoint_start stock
python -m benchmarks.entrypoint_start ours --node Trainer …
"""

from __future__ import annotations

import json
import os
import sys

LIBRARIES = (
    "tensorflow",
    "keras",
    "apache_beam",
    "tensorflow_transform",
    "tensorflow_data_validation",
    "tensorflow_model_analysis",
    "tfx_bsl",
    "pyarrow",
)


def import_stock() -> None:
    """What TFX's own container entry point imports before it can launch a node.

    That module is broken in TFX 1.16; these are the imports that it had, and the
    `tfx.v1` that a pipeline's definition imports.
    """
    import tfx.v1
    from tfx.orchestration.local import runner_utils
    from tfx.orchestration.portable import (
        beam_executor_operator,
        launcher,
        outputs_utils,
        python_driver_operator,
        python_executor_operator,
    )

    del tfx, runner_utils, beam_executor_operator, launcher, outputs_utils
    del python_driver_operator, python_executor_operator


def get_ready(words: list[str]) -> None:
    """All that our entry point does before it opens the metadata store and launches."""
    from kubeflow.entrypoint.arguments import parse_arguments
    from kubeflow.entrypoint.process import prepare_process, ready_task

    prepare_process()
    ready_task(parse_arguments(words))


def main() -> None:
    """Starts as a side does, and says which libraries that took."""
    side, words = sys.argv[1], sys.argv[2:]
    if side == "stock":
        os.environ["TF_USE_LEGACY_KERAS"] = "0"
        import_stock()
    else:
        get_ready(words)
    print(json.dumps([name for name in LIBRARIES if name in sys.modules]), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
