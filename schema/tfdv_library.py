"""TFDV's own inference, update and validation, without its Python package.

The rules are in a C++ library that TFDV's wheel carries. Importing the Python package
around it brings TensorFlow and Beam (nine seconds); the library alone is there in a
hundredth of one. What its functions take and give is what the package's
`api/validation_api.py` passes on; the tests hold both to the same answers.
"""

from __future__ import annotations

import functools
import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from typing import Any

from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from core.errors import InfrastructureError

MAX_DOMAIN_SIZE = 100
"""A text feature with more distinct values is no category: TFDV's own default."""

_PACKAGE = "tensorflow_data_validation"
_LIBRARY = "tensorflow_data_validation_extension"
_NAME = f"{_PACKAGE}.pywrap.{_LIBRARY}"


@functools.cache
def _validation() -> Any:
    loaded = sys.modules.get(_NAME)
    if loaded is not None:
        return loaded.validation
    package = importlib.util.find_spec(_PACKAGE)
    for folder in (package.submodule_search_locations or ()) if package else ():
        for suffix in importlib.machinery.EXTENSION_SUFFIXES:
            path = Path(folder) / "pywrap" / f"{_LIBRARY}{suffix}"
            spec = importlib.util.spec_from_file_location(_NAME, path)
            if path.is_file() and spec is not None and spec.loader is not None:
                library = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(library)
                return library.validation
    raise InfrastructureError(
        "TensorFlow Data Validation's library is not installed",
        evidence=[f"looked for {_NAME}"],
        hint="`millrace doctor` compares what is installed with the lock file",
        code="missing-library",
    )


def infer_schema(statistics: statistics_pb2.DatasetFeatureStatistics) -> schema_pb2.Schema:
    """What `tfdv.infer_schema` gives, shapes included, as SchemaGen uses it.

    Args:
      statistics: Of all examples.
    """
    whole = statistics_pb2.DatasetFeatureStatistics()
    whole.CopyFrom(statistics)
    # TFDV leaves out what has no statistics of its own, such as sparse features.
    kept = [feature for feature in whole.features if feature.WhichOneof("stats")]
    del whole.features[:]
    whole.features.extend(kept)
    made = _validation().InferSchema(whole.SerializeToString(), MAX_DOMAIN_SIZE, True)
    return _without_legacy_flag(schema_pb2.Schema.FromString(made))


def _without_legacy_flag(schema: schema_pb2.Schema) -> schema_pb2.Schema:
    # As TFDV's package does, for versions of the proto that have it.
    if hasattr(schema, "generate_legacy_feature_spec"):
        schema.generate_legacy_feature_spec = False
    return schema


def update_schema(
    schema: schema_pb2.Schema, statistics: statistics_pb2.DatasetFeatureStatistics
) -> schema_pb2.Schema:
    """What `tfdv.update_schema` gives: the schema relaxed until the statistics fit.

    Args:
      schema: The schema.
      statistics: Of all examples.
    """
    made = _validation().UpdateSchema(
        schema.SerializeToString(), statistics.SerializeToString(), MAX_DOMAIN_SIZE
    )
    return schema_pb2.Schema.FromString(made)


def validate_statistics(
    schema: schema_pb2.Schema,
    statistics: statistics_pb2.DatasetFeatureStatistics,
    environment: str = "",
    previous: statistics_pb2.DatasetFeatureStatistics | None = None,
    serving: statistics_pb2.DatasetFeatureStatistics | None = None,
) -> anomalies_pb2.Anomalies:
    """What `tfdv.validate_statistics` finds.

    Args:
      schema: The schema.
      statistics: Of all examples.
      environment: Whose features are expected; empty for all features.
      previous: The statistics of the previous span, for the schema's drift comparators.
      serving: Those of serving, for the skew comparators.
    """
    nothing = b""
    found = _validation().ValidateFeatureStatistics(
        statistics.SerializeToString(),
        schema.SerializeToString(),
        environment.encode(),
        nothing if previous is None else previous.SerializeToString(),
        nothing if serving is None else serving.SerializeToString(),
        nothing,  # The previous version's statistics,
        nothing,  # the features that are needed,
        nothing,  # and severities, all as they are by default.
        False,
    )
    return anomalies_pb2.Anomalies.FromString(found)
