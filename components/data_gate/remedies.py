"""What helps against a refusal: commands and settings that work in that very case."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence

from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from components.data_gate.findings import DATASET, Finding
from components.data_gate.judgement import SplitData
from schema.amendments import Observed, amend, anomalous_features

_MOST_NAMED = 5
_Statistics = statistics_pb2.FeatureNameStatistics
_TYPES = {
    schema_pb2.INT: {_Statistics.INT},
    schema_pb2.FLOAT: {_Statistics.FLOAT},
    schema_pb2.BYTES: {_Statistics.STRING, _Statistics.BYTES},
}


def hint_for(
    refused: Sequence[Finding],
    splits: Mapping[str, SplitData],
    schema: schema_pb2.Schema,
    *,
    run: str = "RUN",
    curated: bool = True,
) -> str:
    """Says what to do about refused data, for each finding what helps against it.

    Args:
      refused: What stops the run.
      splits: The new data.
      schema: The schema.
      run: The run's id.
      curated: Whether the schema is a file that can be amended.
    """
    steps = [
        "correct the data: they are set aside (`millrace data quarantine list`), and a corrected "
        "file passes by itself"
    ]
    observed = {
        name: Observed(split.statistics, split.anomalies)
        for name, split in splits.items()
        if split.statistics is not None
    }
    retyped = {f.feature for f in refused} & _retyped(observed, schema)
    known = _anomalies(observed) if curated else set()
    of_schema = {f.feature for f in refused if (f.feature, f.check) in known} - retyped
    left = {refusal.feature for refusal in amend(schema, observed).refusals} if of_schema else set()
    accepted = sorted(of_schema - left)
    relaxed = _relaxed(schema, observed, sorted(of_schema & left))
    command = f"millrace schema accept {run}"
    if accepted:
        chosen = _features(accepted) if left or retyped else ""
        steps.append(
            f"where the change is meant, take it into the schema.pbtxt with `{command}{chosen}`"
        )
    if relaxed:
        steps.append(
            "where so many new values are meant, "
            f"`{command}{_features(relaxed)} --relax-domains` lets them in"
        )
    if retyped:
        steps.append(
            f"where another type is meant, write it into the schema.pbtxt by hand: {_some(retyped)}"
        )
    entries = {
        f"{f.feature}:{f.check}": None
        for f in refused
        if not ((f.feature, f.check) in known and f.feature in {*accepted, *relaxed})
        and f.feature not in retyped
        and f.check != "NO_DATA_IN_SPAN"
    }
    if entries:
        steps.append(f"where it is meant, allow it under gate.allowed: {json.dumps([*entries])}")
    return "; ".join(steps)


def _anomalies(observed: Mapping[str, Observed]) -> set[tuple[str, str]]:
    """What ExampleValidator found: features and the names of their anomalies."""
    named = anomalies_pb2.AnomalyInfo.Type.Name
    return {
        (feature, named(reason.type))
        for feature, anomalies in anomalous_features(observed).items()
        for info in anomalies
        for reason in info.reason
        if feature != DATASET
    }


def _retyped(observed: Mapping[str, Observed], schema: schema_pb2.Schema) -> set[str]:
    """The features whose values are not of the schema's type."""
    expected = {feature.name: _TYPES.get(feature.type) for feature in schema.feature}
    return {
        name
        for split in observed.values()
        for seen in split.statistics.features
        if (types := expected.get(name := ".".join(seen.path.step) or seen.name))
        and seen.type not in types
        and seen.WhichOneof("stats")
    }


def _relaxed(
    schema: schema_pb2.Schema, observed: Mapping[str, Observed], features: Sequence[str]
) -> list[str]:
    """Those of the features that are accepted where domains are relaxed."""
    if not features:
        return []
    done = amend(schema, observed, features=features, relax_domains=True)
    left = {refusal.feature for refusal in done.refusals}
    return [name for name in features if name not in left]


def _features(names: Sequence[str]) -> str:
    return "".join(f" --feature {shlex.quote(name)}" for name in names)


def _some(names: set[str]) -> str:
    shown = ", ".join(sorted(names)[:_MOST_NAMED])
    return f"{shown} and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else shown
