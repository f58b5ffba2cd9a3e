"""The Trainer's record is read as curves, or refused."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from models.training_record import FILE_NAME, read_training


def test_measurements_become_curves_by_metric_and_split(tmp_path: Path) -> None:
    history = [{"step": 5, "seconds": 1, "train_loss": 2}, {"step": 9, "eval_loss": 1.5}]
    (tmp_path / FILE_NAME).write_text(
        json.dumps({"history": history, "best_step": 9, "hyperparameters": {"seed": 7}})
    )

    found = read_training(tmp_path)

    assert (found.steps, found.best_step) == ((5, 9), 9)
    assert list(found.metrics) == ["loss"]
    assert found.metrics["loss"]["train"][0] == 2
    assert math.isnan(found.metrics["loss"]["train"][1])
    assert found.metrics["loss"]["eval"][1] == 1.5
    assert found.hyperparameters == {"seed": 7}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"history": {}}', '{"history": [1]}'])
def test_another_json_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)

    with pytest.raises(ValueError):
        read_training(tmp_path)
