"""Which columns decide a row's split: never the label's."""

from __future__ import annotations

from collections.abc import Mapping

from components.example_gen.settings import IngestionSettings, SplitMethod, SplitSettings
from core.errors import UserError
from preprocessing.expression import parse_label
from preprocessing.features import FeatureRole, raw_columns


def check_split_columns(split: SplitSettings, label: str) -> None:
    """Refuses a split by the label: each class, or half of it, would lie in one split.

    Raises:
      UserError: Naming the column.
    """
    named = {"key": (split.key,), "columns": split.columns or ()}
    for key, columns in named.items():
        both = [name for name in parse_label(label).columns if name in columns]
        if both:
            raise UserError(
                f"`split.{key}` names {both[0]!r}, and the label {label!r} is made of it",
                hint=f"take {both[0]} out: a split that depends on the label judges wrongly",
                code="split-by-label",
            )


def with_hashed_columns(
    ingestion: IngestionSettings, label: str, features: Mapping[str, FeatureRole] | None
) -> IngestionSettings:
    """Says which columns a split by hash hashes, where the configuration does not.

    Those that the features read, but for the label's; all but the label's where features
    are not known, or read nothing else.

    Args:
      ingestion: How the data are read and split.
      label: The label's expression.
      features: The feature map; None where a module of the user's own makes the features.
    """
    split = ingestion.split
    if split.method is not SplitMethod.HASH or split.key is not None or split.columns is not None:
        return ingestion
    of_label = parse_label(label).columns
    update: dict[str, tuple[str, ...]] = {"without": (*split.without, *of_label)}
    if features is not None and not split.without:
        read = tuple(name for name in raw_columns(features) if name not in of_label)
        update = {"columns": read} if read else update
    return ingestion.model_copy(update={"split": split.model_copy(update=update)})
