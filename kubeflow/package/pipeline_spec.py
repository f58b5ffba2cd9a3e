"""The protobuf classes of Kubeflow's pipeline spec, without the rest of its SDK.

``import kfp`` takes two seconds, since it imports the Kubernetes client; the classes alone
take less than a tenth of one.
"""

from __future__ import annotations

import functools
import os
import sys
from typing import Any

_SWITCH = "_KFP_RUNTIME"


@functools.cache
def pipeline_spec_pb2() -> Any:
    """The module ``kfp.pipeline_spec.pipeline_spec_pb2``.

    KFP's own switch for containers keeps its ``__init__`` from importing the SDK. A
    package ``kfp`` that was imported that way is taken out again, so that whoever wants
    the whole SDK later gets it.
    """
    had_package = "kfp" in sys.modules
    before = os.environ.get(_SWITCH)
    os.environ[_SWITCH] = "true"
    try:
        from kfp.pipeline_spec import pipeline_spec_pb2 as module
    finally:
        if before is None:
            del os.environ[_SWITCH]
        else:
            os.environ[_SWITCH] = before
        if not had_package:
            sys.modules.pop("kfp", None)
    return module
