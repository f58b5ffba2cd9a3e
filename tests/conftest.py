"""What all tests share: the environment that every entry point sets, and the real data."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import hypothesis
import pytest

# TensorFlow reads these when it is imported, so they stand before any test module.
os.environ["TF_USE_LEGACY_KERAS"] = "0"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# What was compiled is noted in the user's state folder.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="millrace-tests-state-")

# The same examples in every run, and no limit of time that a busy machine would break.
hypothesis.settings.register_profile("millrace", deadline=None, derandomize=True)
hypothesis.settings.load_profile("millrace")

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real tables, which is not part of the repository."""
    folder = Path(os.environ.get("MILLRACE_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not (folder / "chicago_taxi" / "data.csv").is_file():
        pytest.skip(f"no real data at {folder}: set MILLRACE_SHARED_DATA to where it lies")
    return folder
