"""The operations of TFT's analysis that fold batches with a `Combiner`.

Each does what its namesake in `tensorflow_transform.beam.analyzer_impls` has Beam do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tensorflow_transform import analyzers
from tensorflow_transform.beam import analyzer_impls

from components.in_memory import NotInMemoryError


class Combine:
    """CacheableCombineAccumulate: one combiner over all batches.

    Raises:
      NotInMemoryError: If the result of the combiner depends on the size of batches.
    """

    def __init__(self, operation: Any) -> None:
        self._combiner = operation.combiner
        if isinstance(self._combiner, analyzers._LMomentsCombiner):
            # TFT averages the L-moments of batches: many small ones give another mean
            # than few large ones.
            raise NotInMemoryError("L-moments depend on the size of batches")
        self._accumulator = self._combiner.create_accumulator()

    def add(self, values: tuple[Any, ...]) -> None:
        self._accumulator = self._combiner.add_input(self._accumulator, values)

    def value(self) -> Any:
        return self._combiner.compact(self._accumulator)


class PackedCombine:
    """PackedCombineAccumulate: many combiners, each with its own part of a batch."""

    def __init__(self, operation: Any) -> None:
        self._parts = [(part.label, part.keys, Combine(part)) for part in operation.combiners]

    def add(self, values: Mapping[str, Any]) -> None:
        for _, keys, combine in self._parts:
            combine.add(tuple(values[key] for key in keys))

    def value(self) -> dict[str, Any]:
        return {label: combine.value() for label, _, combine in self._parts}


class CombinePerKey:
    """CacheableCombinePerKeyAccumulate: an accumulator for every key that occurs."""

    def __init__(self, operation: Any) -> None:
        self._combiner = operation.combiner
        self._accumulators: dict[Any, Any] = {}

    def add(self, values: tuple[Any, ...]) -> None:
        combiner = self._combiner
        for key, arguments in analyzer_impls._split_inputs_by_key(values):
            accumulator = self._accumulators.get(key)
            if accumulator is None:
                accumulator = combiner.create_accumulator()
            self._accumulators[key] = combiner.add_input(accumulator, arguments)

    def value(self) -> list[tuple[Any, Any]]:
        return [
            (key, self._combiner.compact(accumulator))
            for key, accumulator in self._accumulators.items()
        ]


def _merged(combiner: Any, accumulators: Iterable[Any]) -> Any:
    """What merging gives, then extracting; Beam starts from an empty accumulator."""
    parts = [combiner.create_accumulator(), *accumulators]
    return combiner.extract_output(
        combiner.merge_accumulators([part for part in parts if part is not None])
    )


def merge(operation: Any, accumulator: Any) -> tuple[Any, ...]:
    """CacheableCombineMerge."""
    # A Flatten before it gives a list of accumulators, else there is just one.
    return (_merged(operation.combiner, [accumulator]),)


def merge_packed(operation: Any, labelled: list[tuple[str, Any]]) -> tuple[Any, ...]:
    """PackedCombineMerge: gives a dict from label to outputs."""
    merged = {}
    for part in operation.combiners:
        (key,) = part.keys
        merged[part.label] = _merged(
            part.combiner, [value for label, value in labelled if label == key]
        )
    return (merged,)


def merge_per_key(operation: Any, accumulators: list[tuple[Any, Any]]) -> tuple[Any, ...]:
    """CacheableCombinePerKeyMerge: gives (key, outputs) pairs."""
    return ([(key, _merged(operation.combiner, [value])) for key, value in accumulators],)


def format_keys(operation: Any, outputs: list[tuple[Any, Any]]) -> tuple[Any, ...]:
    """CacheableCombinePerKeyFormatKeys: gives the sorted keys and an array per output."""
    dtypes = [info.dtype for info in operation.combiner.output_tensor_infos()]
    tagged = {
        output.tag: output.value for output in analyzer_impls._merge_outputs_by_key(outputs, dtypes)
    }
    return (tagged["key"], *(tagged[str(index)] for index in range(len(dtypes))))


def format_large(operation: Any, outputs: list[tuple[Any, Any]]) -> tuple[Any, ...]:
    """CacheableCombinePerKeyFormatLarge: gives (comma-separated values, key) pairs."""
    import tensorflow as tf

    text = tf.compat.as_str_any
    return ([(text(",".join(map(text, values))), key) for key, values in outputs],)
