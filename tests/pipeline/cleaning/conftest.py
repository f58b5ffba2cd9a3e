from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.cleaning.made_root import MadeRoot


@pytest.fixture
def root(tmp_path: Path) -> MadeRoot:
    """A root without runs."""
    return MadeRoot(tmp_path / ".millrace")
