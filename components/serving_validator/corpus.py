"""Inputs that a server meets sooner or later and that no training data hold."""

from __future__ import annotations

import base64
import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

Kind = Literal["bytes_list", "int64_list", "float_list"]
Expectation = Literal["answer", "either", "error"]

_LONG_TEXT = b"x" * 1_000_000
_INT64_MAX = 2**63 - 1
_FLOAT_MAX = 3.4e38
_OTHER_KIND: Mapping[str, Kind] = {
    "bytes_list": "float_list",
    "float_list": "bytes_list",
    "int64_list": "bytes_list",
}
_ANY_VALUE: Mapping[str, Any] = {"bytes_list": b"text", "int64_list": 1, "float_list": 1.0}
# What each unexpected value is called, the kind of feature it is for, the value, and
# whether it is one that the feature's type allows and a model has to answer.
_VALUES: Sequence[tuple[str, Kind, Any, Expectation]] = (
    ("unknown categories", "bytes_list", b"never seen before", "answer"),
    ("empty text", "bytes_list", b"", "answer"),
    ("very long text", "bytes_list", _LONG_TEXT, "answer"),
    ("bytes that are not UTF-8", "bytes_list", b"\xff\xfe\x00\x80", "answer"),
    ("not a number", "float_list", math.nan, "either"),
    ("infinity", "float_list", math.inf, "either"),
    ("negative infinity", "float_list", -math.inf, "either"),
    ("extreme number", "float_list", _FLOAT_MAX, "either"),
    ("extreme negative number", "float_list", -_FLOAT_MAX, "either"),
    ("extreme integer", "int64_list", _INT64_MAX, "either"),
    ("extreme negative integer", "int64_list", -_INT64_MAX - 1, "either"),
)
_RAW_KIND: Mapping[str, Kind] = {
    "string": "bytes_list",
    "float32": "float_list",
    "float64": "float_list",
    "int64": "int64_list",
    "int32": "int64_list",
}
_INT32_MAX = 2**31 - 1


@dataclasses.dataclass(frozen=True)
class Case:
    """One unexpected input.

    Attributes:
      name: What it is.
      expectation: ``answer`` where the model must answer; ``error`` where it must
        refuse; ``either`` where both are good as long as it does not break.
      rows: How many rows it has; None where that cannot be said.
      signature: ``examples`` or ``raw``.
      examples: Serialized tf.Examples.
      repeat: Instead of `examples`, so many rows of the data.
      tensors: Raw tensors by name.
    """

    name: str
    expectation: Expectation
    rows: int | None
    signature: Literal["examples", "raw"] = "examples"
    examples: Sequence[bytes] = ()
    repeat: int = 0
    tensors: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As `replay.py` reads it."""
        return {
            "name": self.name,
            "signature": self.signature,
            "examples": [base64.b64encode(row).decode() for row in self.examples],
            "repeat": self.repeat,
            "tensors": self.tensors,
        }


def example_cases(row: bytes, kinds: Mapping[str, Kind]) -> Iterator[Case]:
    """Cases of serialized examples.

    Args:
      row: A valid serialized tf.Example, which all cases but a few are made of.
      kinds: The kind of every feature that the examples hold.
    """
    yield Case("empty batch", "either", 0)
    yield Case("batch of one", "answer", 1, examples=[row])
    yield Case("batch of ten thousand", "answer", 10_000, repeat=10_000)
    yield Case("no features at all", "either", 1, examples=[b""])
    yield Case("not an example", "either", 1, examples=[b"\xffthis is no tf.Example"])
    yield Case("half an example", "either", 1, examples=[row[: len(row) // 2]])
    missing = [_without(row, name) for name in kinds]
    yield Case("each feature missing", "either", len(missing), examples=missing)
    wrong = [_with(row, name, _OTHER_KIND[kind]) for name, kind in kinds.items()]
    yield Case("each feature of a wrong type", "either", len(wrong), examples=wrong)
    several = [_with(row, name, kind, count=3) for name, kind in kinds.items()]
    yield Case("three values in each feature", "either", len(several), examples=several)
    for name, kind, value, expectation in _VALUES:
        changed = [
            _with(row, feature, kind, value)
            for feature, its_kind in kinds.items()
            if its_kind == kind
        ]
        if changed:
            yield Case(name, expectation, len(changed), examples=changed)


def raw_cases(inputs: Mapping[str, Mapping[str, Any]]) -> Iterator[Case]:
    """Cases of raw tensors.

    Args:
      inputs: `dtype` and `shape` of each input of the signature, which is [batch].
    """
    types = {name: spec["dtype"] for name, spec in inputs.items()}
    if not types or not set(types.values()) <= set(_RAW_KIND):
        return

    def case(name: str, expectation: Expectation, rows: int | None, tensors: Any) -> Case:
        return Case(f"raw: {name}", expectation, rows, "raw", tensors=tensors)

    plain = {name: _filled(dtype, None, 1) for name, dtype in types.items()}
    yield case("empty batch", "either", 0, {n: _filled(d, None, 0) for n, d in types.items()})
    first, dtype = next(iter(types.items()))
    other = "float32" if dtype == "string" else "string"
    yield case("a tensor missing", "error", 1, {k: v for k, v in plain.items() if k != first})
    yield case("a tensor of a wrong type", "error", 1, {**plain, first: _filled(other, None, 1)})
    if len(types) > 1:
        uneven = {**plain, first: _filled(dtype, None, 2)}
        yield case("batches of unequal length", "either", None, uneven)
    for name, kind, value, expectation in _VALUES:
        if any(_RAW_KIND[dtype] == kind for dtype in types.values()):
            tensors = {
                key: _filled(dtype, value if _RAW_KIND[dtype] == kind else None, 1)
                for key, dtype in types.items()
            }
            yield case(name, expectation, 1, tensors)


def _filled(dtype: str, value: Any, rows: int) -> dict[str, Any]:
    if value is None:
        value = _ANY_VALUE[_RAW_KIND[dtype]]
    if dtype == "int32":
        value = max(-_INT32_MAX - 1, min(_INT32_MAX, value))
    if isinstance(value, bytes):
        value = base64.b64encode(value).decode()
    return {"dtype": dtype, "values": [value] * rows, "shape": [rows]}


def _without(row: bytes, name: str) -> bytes:
    example = _parsed(row)
    del example.features.feature[name]
    return bytes(example.SerializeToString())


def _with(row: bytes, name: str, kind: Kind, value: Any = None, *, count: int = 1) -> bytes:
    example = _parsed(row)
    feature = example.features.feature[name]
    feature.Clear()
    getattr(feature, kind).value.extend([_ANY_VALUE[kind] if value is None else value] * count)
    return bytes(example.SerializeToString())


def _parsed(row: bytes) -> Any:
    from tensorflow.core.example import example_pb2

    return example_pb2.Example.FromString(row)


def kinds_of(rows: Sequence[bytes]) -> dict[str, Kind]:
    """The kind of every feature that one of the rows has a value for.

    Args:
      rows: Serialized tf.Examples.
    """
    found: dict[str, Kind] = {}
    for row in rows:
        for name, feature in _parsed(row).features.feature.items():
            kind = feature.WhichOneof("kind")
            if kind is not None and name not in found:
                found[name] = kind
    return dict(sorted(found.items()))
