"""What a configuration says about the data gate: thresholds, severities and checks."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import pydantic

from core.errors import nearest
from core.settings import Settings

Severity = Literal["block", "warn", "ignore"]
CheckSeverity = Literal["off", "warn", "block"]

_Share = Annotated[float, pydantic.Field(ge=0.0, le=1.0)]
_Distance = Annotated[float, pydantic.Field(gt=0.0, le=1.0)]


class DriftSettings(Settings):
    """How far a distribution may be from that of the data accepted before.

    A distance counts only if it is also larger than chance explains between samples of
    these sizes (`components.data_gate.distances`). A comparator of the feature in the
    schema takes the place of the thresholds here.
    """

    categorical: _Distance | None = pydantic.Field(
        0.2, description="Largest L-infinity distance of a categorical feature; null: no limit."
    )
    numeric: _Distance | None = pydantic.Field(
        0.05,
        description="Largest Jensen-Shannon divergence (in bits) of a numeric feature; null: "
        "no limit.",
    )
    features: dict[str, _Distance | None] = pydantic.Field(
        default_factory=dict, description="Other limits for single features; null: none."
    )
    false_alarm: float = pydantic.Field(
        0.001,
        gt=0.0,
        le=0.1,
        description="How probable it may be that chance alone raises any drift finding.",
    )


class RatioSettings(Settings):
    """Bounds of the number of new examples, divided by those accepted before."""

    at_least: float | None = pydantic.Field(0.1, ge=0.0, description="Lowest ratio.")
    at_most: float | None = pydantic.Field(10.0, gt=0.0, description="Highest ratio.")

    @pydantic.model_validator(mode="after")
    def _in_order(self) -> RatioSettings:
        low, high = self.at_least, self.at_most
        if low is not None and high is not None and low > high:
            raise ValueError(f"at_least {low:g} is above at_most {high:g}: no number fits")
        if low is not None and low > 1:
            raise ValueError(f"at_least {low:g}: every data set would have to be larger")
        if high is not None and high < 1:
            raise ValueError(f"at_most {high:g}: every data set would have to be smaller")
        return self


class CheckSettings(Settings):
    """Whether a check is made, and what its finding does."""

    severity: CheckSeverity = pydantic.Field("warn", description="off, warn or block.")

    @pydantic.model_validator(mode="before")
    @classmethod
    def _expand_shorthand(cls, value: Any) -> Any:
        # YAML reads a bare `off` as false.
        if value is False:
            return {"severity": "off"}
        if isinstance(value, dict) and value.get("severity") is False:
            return {**value, "severity": "off"}
        return {"severity": value} if isinstance(value, str) else value


class LimitedCheckSettings(CheckSettings):
    """A check with a largest share."""

    at_most: _Share = pydantic.Field(0.01, description="The largest share without a finding.")


class LeakageSettings(CheckSettings):
    """When a feature gives the label away."""

    at_least: float = pydantic.Field(
        0.98,
        gt=0.5,
        le=1.0,
        description="Share of the mistakes of always guessing the commonest label that a "
        "feature alone avoids.",
    )


class OverlapSettings(LimitedCheckSettings):
    """Examples of one split that stand in another."""

    key: tuple[str, ...] = pydantic.Field(
        (), description="Columns that name an example; the whole row where empty."
    )

    @pydantic.model_validator(mode="before")
    @classmethod
    def _one_key(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("key"), str):
            return {**value, "key": (value["key"],)}
        return value


class MajorityLabelSettings(LimitedCheckSettings):
    """A label that is nearly always the same."""

    at_most: _Share = pydantic.Field(0.99, description="Largest share of the commonest label.")


class MissingLabelSettings(LimitedCheckSettings):
    """Rows without a label, which are left out of training and evaluation."""

    severity: CheckSeverity = pydantic.Field("block", description="off, warn or block.")
    at_most: _Share = pydantic.Field(0.5, description="Largest share of rows without a label.")


class UnknownClassesSettings(LimitedCheckSettings):
    """Labels that are none of the classes; up to the bound they are only warned of."""

    severity: CheckSeverity = pydantic.Field("block", description="off, warn or block.")
    at_most: _Share = pydantic.Field(
        0.05, description="Largest share of such labels that does not stop the run."
    )


class LabelDriftSettings(LimitedCheckSettings):
    """A label distributed unlike that of the accepted data."""

    at_most: _Share = pydantic.Field(0.1, description="Largest distance of the distributions.")


class DuplicatedRowsSettings(LimitedCheckSettings):
    """Rows that repeat an earlier row of the split."""

    at_most: _Share = pydantic.Field(0.05, description="Largest share of such rows.")


class UnknownCategoriesSettings(LimitedCheckSettings):
    """Values of a categorical feature that the accepted data do not have."""

    at_most: _Share = pydantic.Field(0.05, description="Largest share of such values.")


class ContradictionSettings(LimitedCheckSettings):
    """Rows that judge whose features train has with other labels only."""

    at_most: _Share = pydantic.Field(0.05, description="Largest share of such rows over chance.")


class SplitLabelSettings(LimitedCheckSettings):
    """Labels of a split that are distributed unlike those of train."""

    at_most: _Share = pydantic.Field(0.1, description="Largest difference of a label's shares.")


class BlockingCheckSettings(CheckSettings):
    """A check that stops the run."""

    severity: CheckSeverity = pydantic.Field("block", description="off, warn or block.")


def _check(kind: type[CheckSettings], description: str) -> Any:
    return pydantic.Field(default_factory=kind, description=description)


class ChecksSettings(Settings):
    """Checks beyond the six questions; each is `off`, `warn` or `block`."""

    label_leakage: LeakageSettings = _check(
        LeakageSettings, "A feature alone predicts the label almost perfectly, or its gaps do."
    )
    majority_label: MajorityLabelSettings = _check(
        MajorityLabelSettings, "The label is nearly always the same."
    )
    missing_label: MissingLabelSettings = _check(
        MissingLabelSettings, "Rows have no label; they are left out, and counted either way."
    )
    unknown_classes: UnknownClassesSettings = _check(
        UnknownClassesSettings, "Labels are none of the classes; such rows are left out."
    )
    label_drift: LabelDriftSettings = _check(
        LabelDriftSettings, "The label is distributed unlike that of the accepted data."
    )
    duplicated_rows: DuplicatedRowsSettings = _check(
        DuplicatedRowsSettings, "Rows repeat earlier rows of the split."
    )
    split_overlap: OverlapSettings = _check(
        OverlapSettings, "Examples of one split stand in another as well."
    )
    split_contradiction: ContradictionSettings = _check(
        ContradictionSettings, "Examples have features that train has with other labels only."
    )
    split_label_drift: SplitLabelSettings = _check(
        SplitLabelSettings, "The labels of a split are distributed unlike those of train."
    )
    worse_than_guessing: BlockingCheckSettings = _check(
        BlockingCheckSettings,
        "A plain model that learns from train does worse than guessing on another split.",
    )
    extrapolation: LimitedCheckSettings = _check(
        LimitedCheckSettings, "Numbers lie outside the range of the accepted data."
    )
    unknown_categories: UnknownCategoriesSettings = _check(
        UnknownCategoriesSettings, "Categories occur that the accepted data do not have."
    )
    constant_columns: CheckSettings = _check(
        CheckSettings, "A feature of the model has one value only."
    )


class GateSettings(Settings):
    """When new data is refused."""

    allowed: tuple[str, ...] = pydantic.Field(
        (),
        description="Features whose anomalies do not stop the run, or `feature:ANOMALY` pairs.",
    )
    severities: dict[str, Severity] = pydantic.Field(
        default_factory=dict,
        description="block, warn or ignore by question (similar, expected_present, unexpected, "
        "type, proportion, valency) or by check, such as drift or SCHEMA_NEW_COLUMN.",
    )
    drift: DriftSettings = pydantic.Field(
        default_factory=DriftSettings, description="Question 1: distances and their limits."
    )
    example_count_ratio: RatioSettings = pydantic.Field(
        default_factory=RatioSettings,
        description="Question 1: new examples in proportion to those accepted before.",
    )
    proportion_change: _Share | None = pydantic.Field(
        0.1,
        description="Question 5: by how much the share of examples that have a feature may "
        "differ from the accepted data; null: by anything.",
    )
    slices: tuple[str, ...] = pydantic.Field(
        (),
        description="Categorical columns whose every value is compared with itself in the "
        "accepted data, such as currency.",
    )
    minimum_slice_examples: int = pydantic.Field(
        100, ge=20, description="Slices with fewer examples, old or new, are not compared."
    )
    serving_statistics: str | None = pydantic.Field(
        None,
        description="TFDV statistics of serving requests: a file, or a folder with "
        "FeatureStats.pb; the new data are compared with them too.",
    )
    sample_rows: int = pydantic.Field(
        250_000,
        ge=1_000,
        description="Most rows of a split whose values are looked at; of more, so many are "
        "drawn, and the report says so.",
    )
    checks: ChecksSettings = pydantic.Field(
        default_factory=ChecksSettings, description="Further checks."
    )

    @pydantic.field_validator("severities")
    @classmethod
    def _known_names(cls, value: dict[str, Severity]) -> dict[str, Severity]:
        if not value:
            return value
        from components.data_gate.questions import check_names

        known = check_names()
        for name in value:
            if name not in known:
                close = nearest(name, known)
                hint = f"; did you mean {close!r}?" if close else ""
                raise ValueError(f"{name!r} is neither a question nor a check{hint}")
        return value

    @pydantic.field_validator("slices")
    @classmethod
    def _no_slice_twice(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        repeated = [name for name in value if value.count(name) > 1]
        if repeated:
            raise ValueError(f"the slice {repeated[0]!r} is named twice")
        return value

    def named_features(self) -> dict[str, str]:
        """The features that the settings name, each with the key that names it."""
        return {
            **dict.fromkeys(self.checks.split_overlap.key, "gate.checks.split_overlap.key"),
            **dict.fromkeys(self.slices, "gate.slices"),
            **dict.fromkeys(self.drift.features, "gate.drift.features"),
        }

    def drift_limit(self, feature: str, *, categorical: bool) -> float:
        """The largest distance of a feature; infinite where there is no limit."""
        limit = self.drift.features.get(
            feature, self.drift.categorical if categorical else self.drift.numeric
        )
        return math.inf if limit is None else limit
