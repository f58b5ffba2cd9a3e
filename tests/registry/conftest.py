from __future__ import annotations

from pathlib import Path

import pytest

from tests.registry.made_models import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Where made runs lie; none yet."""
    return Place(tmp_path / ".millrace")
