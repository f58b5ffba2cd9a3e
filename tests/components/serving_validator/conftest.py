"""A good small model, and one for each way in which a model can be bad."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROWS = 40
DOCUMENTED = {"classes": (2,), "probabilities": (2,), "score": ()}


@pytest.fixture(scope="session")
def rows() -> list[bytes]:
    """Valid serialized tf.Examples."""
    import tensorflow as tf

    def example(number: int) -> bytes:
        feature = {
            "fare": tf.train.Feature(float_list=tf.train.FloatList(value=[float(number)])),
            "hour": tf.train.Feature(int64_list=tf.train.Int64List(value=[number % 24])),
            "payment": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"Cash"])),
        }
        features = tf.train.Features(feature=feature)
        return bytes(tf.train.Example(features=features).SerializeToString(deterministic=True))

    return [example(number) for number in range(ROWS)]


def _score(raw: dict[str, Any]) -> Any:
    import tensorflow as tf

    fare = tf.clip_by_value(tf.where(tf.math.is_nan(raw["fare"]), 0.0, raw["fare"]), -100.0, 100.0)
    cash = tf.cast(raw["payment"] == b"Cash", tf.float32)
    late = tf.cast(raw["hour"] > 17, tf.float32)
    return tf.sigmoid(fare / 20.0 - cash + late)


def _outputs(score: Any) -> dict[str, Any]:
    import tensorflow as tf

    names = tf.constant(["no", "yes"])
    return {
        "score": score,
        "probabilities": tf.stack([1 - score, score], axis=1),
        "classes": tf.tile(names[tf.newaxis, :], [tf.shape(score)[0], 1]),
    }


def _is_strange(raw: dict[str, Any]) -> Any:
    import tensorflow as tf

    return tf.reduce_any(tf.math.is_inf(raw["fare"]))


def _blocked(result: Any) -> Any:
    """Waits for ever for something that nobody stages, without using the processor."""
    import tensorflow as tf

    tf.raw_ops.Unstage(dtypes=[tf.float32], shared_name="nobody")
    return result


def _killed(result: Any) -> Any:
    """Ends the process, as a failed assertion in a kernel does."""
    import tensorflow as tf

    # The op has no state, so only what depends on it makes it run.
    with tf.control_dependencies([tf.raw_ops.Abort(error_msg="this was too much")]):
        tf.raw_ops.Stage(values=[tf.constant(0.0)], shared_name="never")
        return tf.identity(result)


def _changed(module: Any, kind: str, raw: dict[str, Any], score: Any) -> dict[str, Any]:
    """What a model of some kind answers in the place of the good one."""
    import tensorflow as tf

    if kind == "hangs":
        _blocked(score)
    elif kind == "hangs on infinity":
        score = tf.cond(_is_strange(raw), lambda: _blocked(score) + 0, lambda: score)
    elif kind == "dies on infinity":
        score = tf.cond(_is_strange(raw), lambda: _killed(score), lambda: score)
    elif kind == "never forgets infinity":
        module.seen.assign(tf.where(_is_strange(raw), 1.0, module.seen))
        score = score * (1 - 0.5 * module.seen)
    elif kind == "grows":
        module.kept.assign(tf.concat([module.kept, tf.ones([250_000])], axis=0))
    elif kind == "takes much memory":
        many = tf.tile(score[:1], [300_000_000])
        score = score + tf.minimum(tf.reduce_max(many), 0.0)
    elif kind == "says not a number":
        score = tf.where(raw["fare"] > 30.0, float("nan"), score)
    elif kind == "rolls dice":
        score = score + tf.random.uniform(tf.shape(score), 0, 0.01)
    elif kind == "looks at its neighbours":
        score = score - tf.reduce_mean(score) / 2
    elif kind == "refuses unknown categories":
        with tf.control_dependencies([tf.debugging.assert_equal(raw["payment"], b"Cash")]):
            score = tf.identity(score)
    elif kind == "is slow":
        matrix = tf.while_loop(
            lambda step, _: step < 60,
            lambda step, found: (step + 1, tf.tanh(found @ found)),
            (0, tf.eye(256) * (score[0] if score.shape[0] else 1.0)),
        )[1]
        score = score + 0 * tf.reduce_max(matrix)
    outputs = _outputs(score)
    if kind == "has another shape":
        outputs["score"] = score[:, tf.newaxis]
    if kind == "lacks an output":
        del outputs["probabilities"]
    if kind == "has one output":
        outputs = {"output_0": score}
    return outputs


def _export(folder: Path, kind: str) -> str:
    import tensorflow as tf

    module = tf.Module()
    module.seen = tf.Variable(0.0)
    module.kept = tf.Variable(tf.zeros([1]), shape=[None])

    class AtStart(tf.saved_model.experimental.TrackableResource):
        """What a model does while it is loaded."""

        def _create_resource(self) -> Any:
            return tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[], shared_name="at_start")

        def _initialize(self) -> Any:
            wanted = _killed if kind == "dies at start" else _blocked
            return wanted(tf.constant(0.0))

    if kind in ("dies at start", "hangs at start"):
        module.at_start = AtStart()

    spec = {
        "fare": tf.io.FixedLenFeature([], tf.float32, default_value=0.0),
        "hour": tf.io.FixedLenFeature([], tf.int64, default_value=0),
        "payment": tf.io.FixedLenFeature([], tf.string, default_value=""),
    }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(examples: Any) -> dict[str, Any]:
        if kind in ("dies at start", "hangs at start"):
            module.at_start.resource_handle  # noqa: B018 - makes the export keep it
        raw = tf.io.parse_example(examples, spec)
        return _changed(module, kind, raw, _score(raw))

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.float32, name="fare"),
            tf.TensorSpec([None], tf.int64, name="hour"),
            tf.TensorSpec([None], tf.string, name="payment"),
        ]
    )
    def serve_raw(fare: Any, hour: Any, payment: Any) -> dict[str, Any]:
        if kind == "scales raw tensors otherwise":
            fare = fare / 2
        return _outputs(_score({"fare": fare, "hour": hour, "payment": payment}))

    signatures = {"serving_default": serve_raw if kind == "takes columns only" else serve}
    if kind not in ("has no raw signature", "has one output"):
        signatures["serving_raw"] = serve_raw
    tf.saved_model.save(module, str(folder), signatures=signatures)
    if kind == "is half a model":
        [variables] = folder.glob("variables/*.data-*")
        variables.write_bytes(b"")
    return str(folder)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Makes a SavedModel of a kind; the same one only once."""
    made: dict[str, str] = {}

    def of_kind(kind: str) -> str:
        if kind not in made:
            made[kind] = _export(tmp_path_factory.mktemp("model"), kind)
        return made[kind]

    return of_kind


@pytest.fixture(scope="session")
def tried(model: Callable[[str], str], rows: list[bytes]) -> Callable[..., Any]:
    """Tries a model of a kind; the same trial only once."""
    from components.serving_validator.settings import ServingValidatorSettings
    from components.serving_validator.validation import validate

    made: dict[Any, Any] = {}

    def verdict(kind: str, *, documented: bool = True, **bounds: float) -> Any:
        key = (kind, documented, tuple(sorted(bounds.items())))
        if key not in made:
            made[key] = validate(
                model(kind),
                rows,
                ServingValidatorSettings.model_validate(bounds),
                prediction_key="score",
                documented=DOCUMENTED if documented else {},
            )
        return made[key]

    return verdict
