"""A blessed model that predicts something else is not compared with."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.evaluator.metrics.scores import Scores


@pytest.mark.parametrize("flags", [(), ("--in_memory_bytes=0",)], ids=["arrays", "beam"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("allowed", [False, True])
def test_a_baseline_of_another_label_is_refused_and_blocks_the_model_unless_that_is_allowed(
    run: Any, examples: Any, models: Any, flags: tuple[str, ...], allowed: bool
) -> None:
    from components.evaluator.eval_config import eval_config
    from components.evaluator.executor import Executor
    from components.evaluator.gates import Gates
    from components.evaluator.settings import EvaluationSettings

    written = {"metrics": {"accuracy": {"at_least": 0.01, "change_at_least": 0.9}}, "plots": False}
    config = eval_config(
        EvaluationSettings.model_validate(written),
        task="binary",
        label_key="label",
        prediction_key="score",
    )
    other = models("binary", 2, 0.1)

    outcome = run(
        Executor,
        examples,
        models("binary"),
        config,
        baseline=other,
        flags=flags,
        gates=Gates(allow_no_comparison=allowed),
    )

    assert "another label, which differs in " in outcome.gates()["baseline_refused"]
    assert outcome.blessing.get_int_custom_property("blessed") == allowed
    assert outcome.validation().validation_ok is allowed
    assert set(outcome.numbers()[()]) == {("accuracy", ""), ("example_count", "")}
    # A blessing names the baseline that it was compared with, and no other.
    assert not outcome.blessing.has_custom_property("baseline_model_id")


def _someone_elses(folder: Path) -> Any:
    """A model of a project's own: it answers, and knows nothing of `transform_features`."""
    import tensorflow as tf
    from tfx.types import standard_artifacts

    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(examples: Any) -> Any:
        return {"score": tf.fill([tf.size(examples)], 0.5)}

    signatures = {"serving_default": serve}
    tf.saved_model.save(module, str(folder / "Format-Serving"), signatures=signatures)
    artifact = standard_artifacts.Model()
    artifact.uri = str(folder)
    artifact.id = 77
    return artifact


@pytest.mark.parametrize(
    ("flags", "gone", "said"),
    [
        ((), False, "it has no signature 'transform_features'"),
        (("--in_memory_bytes=0",), False, "it has no signature 'transform_features'"),
        ((), True, "its files cannot be read"),
    ],
    ids=["other signatures, arrays", "other signatures, beam", "deleted"],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_a_baseline_that_cannot_be_asked_is_not_compared_with(
    run: Any,
    examples: Any,
    models: Any,
    tmp_path: Path,
    flags: tuple[str, ...],
    gone: bool,
    said: str,
) -> None:
    from components.evaluator.eval_config import eval_config
    from components.evaluator.executor import Executor
    from components.evaluator.gates import Gates
    from components.evaluator.settings import EvaluationSettings

    written = {"metrics": {"accuracy": {"at_least": 0.01, "change_at_least": 0.9}}, "plots": False}
    settings = EvaluationSettings.model_validate(written)
    config = eval_config(settings, task="binary", label_key="label", prediction_key="score")
    other = _someone_elses(tmp_path / "other")
    if gone:
        shutil.rmtree(other.uri)

    outcome = run(
        Executor,
        examples,
        models("binary"),
        config,
        baseline=other,
        flags=flags,
        gates=Gates(allow_no_comparison=False),
    )

    assert outcome.gates()["baseline_refused"] == said
    assert outcome.blessing.get_int_custom_property("blessed") == 0
    assert not outcome.blessing.has_custom_property("baseline_model_id")


def _made_for_hours_with_a_fraction(folder: Path) -> Any:
    """A model of the time when a column that is whole now had fractions."""
    import tensorflow as tf
    from tfx.types import standard_artifacts

    signature = [tf.TensorSpec([None], tf.string, name="examples")]

    @tf.function(input_signature=signature)
    def transform(examples: Any) -> Any:
        spec = {"hour": tf.io.FixedLenFeature([], tf.float32)}
        return {"label": tf.cast(tf.io.parse_example(examples, spec)["hour"] > 1, tf.int64)}

    @tf.function(input_signature=signature)
    def serve(examples: Any) -> Any:
        hour = tf.io.parse_example(examples, {"hour": tf.io.FixedLenFeature([], tf.float32)})
        classes = tf.tile([["no", "yes"]], [tf.size(examples), 1])
        return {"score": hour["hour"] / 24, "classes": classes}

    signatures = {"serving_default": serve, "transform_features": transform}
    path = str(folder / "Format-Serving")
    tf.saved_model.save(tf.Module(), path, signatures=signatures)
    artifact = standard_artifacts.Model()
    artifact.uri = str(folder)
    artifact.id = 78
    return artifact


@pytest.mark.parametrize("plots", [True, False])
@pytest.mark.parametrize("flags", [(), ("--in_memory_bytes=0",)], ids=["arrays", "beam"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_a_baseline_made_for_columns_of_another_type_is_not_compared_with(
    run: Any, examples: Any, models: Any, tmp_path: Path, flags: tuple[str, ...], plots: bool
) -> None:
    from components.evaluator.eval_config import eval_config
    from components.evaluator.executor import Executor
    from components.evaluator.gates import Gates
    from components.evaluator.settings import EvaluationSettings

    written = {"metrics": {"accuracy": {"at_least": 0.01, "change_at_least": 0.9}}}
    settings = EvaluationSettings.model_validate(written)
    config = eval_config(settings, task="binary", label_key="label", prediction_key="score")

    outcome = run(
        Executor,
        examples,
        models("binary"),
        config,
        baseline=_made_for_hours_with_a_fraction(tmp_path / "other"),
        flags=flags,
        gates=Gates(task="binary", plots=plots, allow_no_comparison=False),
    )

    said = outcome.gates()["baseline_refused"]
    assert said.startswith("it cannot answer these examples: hour: Data types don't match.")
    assert outcome.blessing.get_int_custom_property("blessed") == 0


def _check(now: list[Any], before: list[Any], outputs: int) -> None:
    import tensorflow_model_analysis as tfma

    from components.evaluator.baselines import require_same_label

    config = tfma.EvalConfig()
    config.model_specs.add(name="candidate")
    config.model_specs.add(name="baseline", is_baseline=True)
    predictions = np.zeros((len(now), outputs))
    require_same_label(
        {
            "candidate": Scores(np.array(now)[:, None], predictions, None),
            "baseline": Scores(np.array(before)[:, None], predictions, None),
        },
        config,
    )


@pytest.mark.parametrize(
    ("now", "before", "outputs"),
    [
        ([0, 1, 1], [0, 1, 1], 1),
        ([0.1, 2.0], [0.1000001, 2.0], 1),
        ([0, 1, 2, 2], [2, 0, 1, 1], 3),
    ],
    ids=["the same", "rounded", "renumbered"],
)
def test_the_same_label_may_be_compared(now: list[Any], before: list[Any], outputs: int) -> None:
    _check(now, before, outputs)


@pytest.mark.parametrize(
    ("now", "before", "outputs", "count"),
    [
        ([0, 1, 1], [1, 0, 0], 1, 3),
        ([1.0, 2.0], [1.0, 3.0], 1, 1),
        ([0, 0, 0, 1], [0, 0, 1, 1], 3, 1),
    ],
    ids=["opposite", "other numbers", "other classes"],
)
def test_another_label_is_refused_with_a_count(
    now: list[Any], before: list[Any], outputs: int, count: int
) -> None:
    from components.evaluator.baselines import OtherLabelError

    with pytest.raises(OtherLabelError, match=f"differs in {count} of {len(now)} examples"):
        _check(now, before, outputs)


@pytest.mark.parametrize(
    ("candidate", "baseline", "used", "unknown"),
    [
        ([0, 1, 2, 2, -1], [0, 1, -1, -1, -1], 2, 2),
        ([0, 1, 1, 0, -1], [0, 1, 1, 0, -1], 4, 0),
        ([0, -1, 1, 0, 1], [0, 1, 1, 0, 1], 4, 0),
    ],
    ids=["late-class", "same-classes", "class-that-went"],
)
def test_rows_of_a_class_that_only_the_baseline_does_not_know_are_counted(
    candidate: list[int], baseline: list[int], used: int, unknown: int
) -> None:
    import pyarrow as pa
    import tensorflow as tf
    import tensorflow_model_analysis as tfma

    from components.evaluator.batches import Batch
    from components.evaluator.rows import Rows

    def model(labels: list[int]) -> Any:
        return lambda serialized: (np.full((len(labels), 3), 1 / 3), {"label": np.array(labels)})

    specs = [tfma.ModelSpec(label_key="label", is_baseline=old) for old in (False, True)]
    batch = Batch(
        {"candidate": (model(candidate), specs[0]), "baseline": (model(baseline), specs[1])}, []
    )

    batch.add(Rows(tf.constant([b""] * 5), pa.RecordBatch.from_arrays([pa.nulls(5)], ["x"])))

    assert (batch.count, batch.unknown_to_baseline) == (used, unknown)
