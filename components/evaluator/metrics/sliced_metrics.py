"""Metrics of every slice, batch by batch, by TFMA's own computations.

The steps are those of TFMA's Beam evaluator: combine each slice's examples, derive
metrics from the combined ones, subtract the baseline's, drop private metrics and slices
that are too small. Only the first is done differently, see `accumulators`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.evaluators import metrics_plots_and_validations_evaluator as beam
from tensorflow_model_analysis.metrics import metric_specs, metric_types, metric_util
from tensorflow_model_analysis.utils import model_util

from components.evaluator.metrics import accumulators, keras_metrics, own_adders
from components.evaluator.metrics.accumulators import BatchAdder
from components.evaluator.metrics.confusion_matrices import matrices_from_histogram
from components.evaluator.metrics.scores import Scores
from components.evaluator.slicing import Rows, SliceKey
from components.in_memory import NotInMemoryError

Metrics: TypeAlias = dict[metric_types.MetricKey, Any]

_ADDERS = {**accumulators.ADDERS, **keras_metrics.ADDERS, **own_adders.ADDERS}
# What TFMA stores in place of the metrics of a slice that is too small.
ERROR_METRIC = "__ERROR__"


class SlicedMetrics:
    """Collects the metrics of an EvalConfig over batches of examples.

    Args:
      eval_config: The configuration, with TFMA's defaults filled in.
      schema: The schema of the data where there is one (plots use label domains).

    Raises:
      NotInMemoryError: If the configuration asks for something that is only computed
        through Beam.
    """

    def __init__(self, eval_config: tfma.EvalConfig, schema: Any = None) -> None:
        _require_simple(eval_config)
        separated = beam._filter_and_separate_computations(
            metric_specs.to_computations(
                list(eval_config.metrics_specs), eval_config=eval_config, schema=schema
            )
        )
        if separated.cross_slice_computations or separated.ci_derived_computations:
            raise NotInMemoryError("metrics compare slices or derive from confidence intervals")
        self._eval_config = eval_config
        self._derived = [
            matrices_from_histogram(computation) or computation.result
            for computation in separated.derived_computations
        ]
        self._combined = [
            (computation, batch_adder(computation))
            for computation in separated.non_derived_computations
        ]
        self._accumulators: dict[SliceKey, list[list[Any]]] = defaultdict(
            lambda: [[] for _ in self._combined]
        )
        self._example_counts: Counter[SliceKey] = Counter()

    def add(self, scores: Mapping[str, Scores], slices: Mapping[SliceKey, Rows]) -> None:
        """Adds a batch.

        Args:
          scores: The scores of the batch by model name (``""`` where there is one model).
          slices: The rows of the batch in each slice.
        """
        for computation, adder in self._combined:
            adder.prepare(scores[computation.keys[0].model_name])
        for key, rows in slices.items():
            self._example_counts[key] += len(rows)
            for place, (computation, adder) in enumerate(self._combined):
                parts = self._accumulators[key][place]
                parts.append(adder.accumulate(rows))
                if len(parts) > 1:
                    parts[:] = [accumulators.merged(computation.combiner, parts)]

    def results(self) -> list[tuple[SliceKey, Metrics]]:
        """The public metrics and plots of each slice, all examples together first."""
        baseline = model_util.get_baseline_model_spec(self._eval_config)
        # Slices with one class only make TFMA divide by zero, which it means to be NaN.
        with np.errstate(divide="ignore", invalid="ignore"):
            return [
                (key, self._metrics(key, baseline.name if baseline else None))
                for key in sorted(self._accumulators, key=lambda key: (len(key), str(key)))
            ]

    def _metrics(self, key: SliceKey, baseline: str | None) -> Metrics:
        smallest = self._eval_config.options.min_slice_size.value
        if key and self._example_counts[key] < smallest:
            return {
                ERROR_METRIC: "Example count for this slice key is lower than the minimum"
                f" required value: {smallest}. No data is aggregated for this slice."
            }
        metrics: Metrics = {}
        for (computation, _), [accumulator] in zip(
            self._combined, self._accumulators[key], strict=True
        ):
            metrics.update(computation.combiner.extract_output(accumulator))
        for result in self._derived:
            metrics.update(result(metrics))
        if baseline is not None:
            metrics.update(_changes(metrics, baseline))
        return {
            name: value for name, value in metrics.items() if not beam._is_private_metrics(name)
        }


def _changes(metrics: Metrics, baseline: str) -> Metrics:
    """Each candidate metric minus the baseline's."""
    changes = {}
    for key, value in metrics.items():
        if beam._is_private_metrics(key) or key.is_diff or key.model_name == baseline:
            continue
        before = metrics.get(key.make_baseline_key(baseline))
        if before is not None and beam._is_metric_diffable(value):
            changes[key.make_diff_key()] = value - before
    return changes


def _require_simple(eval_config: tfma.EvalConfig) -> None:
    options = eval_config.options
    beyond = {
        "confidence intervals are asked for": options.compute_confidence_intervals.value,
        "slices are compared with one another": bool(eval_config.cross_slicing_specs),
        "some outputs are disabled": bool(options.disabled_outputs.values),
        "slices are given in SQL": any(spec.slice_keys_sql for spec in eval_config.slicing_specs),
        "metrics are computed by query": any(spec.query_key for spec in eval_config.metrics_specs),
        "several outputs are evaluated": any(
            spec.output_names for spec in eval_config.metrics_specs
        ),
    }
    for reason, applies in beyond.items():
        if applies:
            raise NotInMemoryError(reason)


def batch_adder(computation: metric_types.MetricComputation) -> BatchAdder:
    """The array version of a computation's combiner.

    Raises:
      NotInMemoryError: If the computation uses a combiner or an option that has none.
    """
    combiner = computation.combiner
    name = computation.keys[0].name
    for preprocessor in computation.preprocessors or ():
        if type(preprocessor) is not metric_types.StandardMetricInputsPreprocessor:
            raise NotInMemoryError(f"{name} prepares its own inputs")
    for key in computation.keys:
        _require_simple_key(key)
    for option in ("_aggregation_type", "_class_weights", "_example_id_key"):
        if getattr(combiner, option, None):
            raise NotInMemoryError(f"{name} uses {option.strip('_')}")
    if not getattr(combiner, "_prediction_based_bucketing", True):
        raise NotInMemoryError(f"{name} sorts examples by label")
    own = metric_util.to_label_prediction_example_weight
    if getattr(combiner, "_extract_label_prediction_and_weight", own) is not own:
        raise NotInMemoryError(f"{name} reads labels its own way")
    adder = _ADDERS.get(type(combiner))
    if adder is None:
        raise NotInMemoryError(f"{name} is computed by {type(combiner).__name__}")
    return adder(combiner)


def _require_simple_key(key: metric_types.MetricKey) -> None:
    if key.output_name:
        raise NotInMemoryError("several outputs are evaluated")
    if key.sub_key is not None and (key.sub_key.k is not None or key.sub_key.top_k is not None):
        raise NotInMemoryError(f"{key.name} looks at the top predictions only")
