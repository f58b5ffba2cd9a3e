"""Configurations that must be accepted, and ones that must be refused with the right words.

Each file in ``corpus/invalid`` begins with lines ``# expect: TEXT``: texts that the
refusal must contain.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from core import errors
from pipeline.configuration.loading import data_layer, flattened, load

CORPUS = Path(__file__).parent / "corpus"
REPOSITORY = Path(__file__).parents[3]
VALID = sorted([*(CORPUS / "valid").glob("*.yaml"), *(REPOSITORY / "configs").glob("*.yaml")])
INVALID = sorted((CORPUS / "invalid").glob("*.yaml"))


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_configuration_is_accepted_and_survives_being_written_out(path: Path) -> None:
    configuration = load(path).configuration
    written = configuration.model_dump_json()
    assert type(configuration).model_validate_json(written) == configuration


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_an_invalid_configuration_is_refused_with_key_place_and_hint(path: Path) -> None:
    expected = [
        line.removeprefix("# expect: ")
        for line in path.read_text().splitlines()
        if line.startswith("# expect: ")
    ]
    assert expected, f"{path.name} does not say what is expected"

    with pytest.raises(errors.UserError) as refused:
        load(path)

    for text in expected:
        assert text in str(refused.value)


def test_values_know_whether_they_are_defaults_or_set_and_where() -> None:
    path = REPOSITORY / "configs" / "taxi.yaml"
    loaded = load(path, assignments=["trainer.batch_size=64"], overrides=[data_layer("x.csv")])

    def origin(key: str) -> str:
        return str(loaded.origin(tuple(key.split("."))))

    assert origin("trainer.batch_size") == "--set"
    assert origin("data.path") == "--data"
    assert origin("trainer.seed") == "default"
    assert origin("trainer.train_steps").startswith(f"{path}:")
    assert origin("features.payment_type.role").startswith(f"{path}:")
    assert loaded.configuration.trainer.batch_size == 64


def test_the_project_s_configuration_has_an_origin_for_every_value() -> None:
    loaded = load(REPOSITORY / "configs" / "taxi.yaml")
    for path, _ in flattened(loaded.configuration.model_dump(mode="json")):
        assert str(loaded.origin(path))
