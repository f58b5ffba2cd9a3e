"""``python -m kubeflow.entrypoint``: one node of one run, in its own process."""

from __future__ import annotations

import sys

from kubeflow.entrypoint.process import run_process

if __name__ == "__main__":
    run_process(sys.argv[1:])
