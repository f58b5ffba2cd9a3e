"""One trial of a model, from its files to a verdict on every check."""

from __future__ import annotations

import base64
import dataclasses
import math
from collections.abc import Mapping, Sequence

from components.serving_validator import checks
from components.serving_validator.checks import unexpected
from components.serving_validator.corpus import Case, example_cases, kinds_of, raw_cases
from components.serving_validator.evaluated import evaluate_rows
from components.serving_validator.process import Limits, observe
from components.serving_validator.settings import ServingValidatorSettings
from components.serving_validator.signatures import raw_inputs, size_of
from components.serving_validator.trial import Check, Evaluated, Trial
from models.outputs import columns_of_raw_inputs

SIGNATURE = "serving_default"
RAW_SIGNATURE = "serving_raw"

_SINGLES = 100
# How `models.signatures` writes a value that is not known.
_MISSING = {
    "string": "",
    "float32": math.nan,
    "float64": math.nan,
    "int64": -(2**63),
    "int32": -(2**31),
}


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Whether a model may be served, and why.

    Attributes:
      checks: What each check says.
      inputs: What happened to each unexpected input.
      import_seconds: What TensorFlow's import took in the serving process.
      rows: How many rows were replayed.
    """

    checks: Sequence[Check]
    inputs: Sequence[Check]
    import_seconds: float
    rows: int

    @property
    def blessed(self) -> bool:
        """Whether no check failed."""
        return all(check.state in ("passed", "not applicable") for check in self.checks)


def validate(
    model_path: str,
    rows: Sequence[bytes],
    settings: ServingValidatorSettings,
    *,
    prediction_key: str,
    documented: Mapping[str, Sequence[int | None]],
    kinds: Mapping[str, str] | None = None,
) -> Verdict:
    """Tries a model.

    Args:
      model_path: The folder of the SavedModel.
      rows: Serialized tf.Examples, one at least.
      settings: The bounds.
      prediction_key: The output that is evaluated; empty where there is only one.
      documented: The shape of one row's part of each documented output.
      kinds: The kinds of features that no row may hold a value of, by name.

    Raises:
      InfrastructureError: If TensorFlow cannot be started in another process.
    """
    raw = raw_inputs(model_path, RAW_SIGNATURE)
    known: dict[str, str] = {**(kinds or {}), **kinds_of(rows)}
    cases: list[Case] = [
        *example_cases(rows[0], known),  # type: ignore[arg-type]
        *raw_cases(raw),
    ]
    request = {
        "model": model_path,
        "signature": SIGNATURE,
        "raw_signature": RAW_SIGNATURE if raw else None,
        "rows": [base64.b64encode(row).decode() for row in rows],
        "columns": columns_of_raw_inputs(known),
        "missing": _MISSING,
        "singles": _SINGLES,
        "cases": [case.document() for case in cases],
    }
    limits = Limits(settings.start_seconds, settings.request_seconds, settings.memory_mb * 2**20)
    observed = observe(request, limits)
    replayed = observed.step("replay")
    if not documented and len(replayed.result) == 1:
        # As evaluation has it: the only output is the one, whatever it is called.
        [prediction_key] = replayed.result
    evaluated = Evaluated(None, "valid rows are not answered")
    if replayed.done:
        evaluated = evaluate_rows(model_path, rows, prediction_key)
    trial = Trial(
        observed,
        settings,
        documented,
        prediction_key,
        len(rows),
        cases,
        evaluated,
        size_of(model_path),
        bool(raw),
    )
    tried = replayed.done
    return Verdict(
        checks.run_all(trial),
        [unexpected.judge(trial, case) for case in cases] if tried else [],
        observed.import_seconds,
        len(rows),
    )
