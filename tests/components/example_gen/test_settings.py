"""What the configuration may say about reading and splitting."""

from __future__ import annotations

import pydantic
import pytest

from components.example_gen.settings import IngestionSettings


def test_the_defaults_are_those_of_csv_example_gen() -> None:
    settings = IngestionSettings()
    assert settings.split.splits == {"train": 2, "eval": 1}
    assert (settings.delimiter, settings.rejects.max_share) == (",", 0.0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"delimiter": ";;"}, "at most 1 character"),
        ({"delimiter": "\n"}, "`delimiter` must be one ASCII character"),
        ({"delimiter": '"'}, "`delimiter` and `quote` must differ"),
        ({"columns": {"a": "int"}}, "'integer', 'float' or 'text'"),
        ({"rejects": {"max_share": 1.0}}, "less than 1"),
        ({"split": {"method": "time"}}, "method time needs `time_column`"),
        ({"split": {"time_column": "at"}}, "`time_column` belongs to method time"),
        (
            {"split": {"method": "time", "time_column": "at", "key": "id"}},
            "`key` belongs to method hash",
        ),
        ({"split": {"splits": {"train": 1}}}, "the split 'eval' is missing"),
        ({"split": {"splits": {"train": 1, "eval": 0}}}, "greater than or equal to 1"),
        ({"split": {"splits": {"train": 1, "eval": 1, "a/b": 1}}}, "split name 'a/b'"),
        ({"split": {"key": "a"}, "columns": {"a": "float"}}, "`split.key` 'a' must hold"),
    ],
)
def test_a_wrong_value_is_refused_in_words(settings: dict, message: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=message):
        IngestionSettings.model_validate(settings)


def test_every_field_is_described() -> None:
    fields = IngestionSettings.model_fields
    nested = [fields["split"].annotation, fields["rejects"].annotation]
    for model in (IngestionSettings, *nested):
        assert all(field.description for field in model.model_fields.values())
