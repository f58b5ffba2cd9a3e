"""The gate's executor: lets data pass or ends the run with the reasons."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any

from absl import logging
from tensorflow_metadata.proto.v0 import anomalies_pb2, statistics_pb2
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils
from tfx.utils import io_utils, json_utils

from components.data_gate import artifacts
from components.data_gate.anomalies import (
    DATASET,
    Finding,
    count_features,
    findings_of_split,
    parse_allowed,
    separate,
)
from core.errors import DataError

ANOMALIES_KEY = "anomalies"
STATISTICS_KEY = "statistics"
SCHEMA_KEY = "schema"
EXAMPLES_KEY = "examples"
BLESSING_KEY = "blessing"
ALLOWED_KEY = "allowed"

_ANOMALIES_FILE = "SchemaDiff.pb"
_STATISTICS_FILE = "FeatureStats.pb"


class Executor(base_executor.BaseExecutor):
    """Reads the anomalies of every split and judges them."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the blessing and its report.

        Raises:
          DataError: If a split has an anomaly of severity ERROR that is not allowed.
          UserError: If the allowed anomalies name one that TFDV does not know.
        """
        allowed = parse_allowed(json_utils.loads(exec_properties.get(ALLOWED_KEY) or "[]"))
        anomalies = artifact_utils.get_single_instance(input_dict[ANOMALIES_KEY])
        statistics = artifact_utils.get_single_instance(input_dict[STATISTICS_KEY])
        splits = artifact_utils.decode_split_names(anomalies.split_names)
        found = [
            finding
            for split in splits
            for finding in findings_of_split(
                split, _anomalies(anomalies, split), _statistics(statistics, split)
            )
        ]
        judged = list(separate(found, allowed))
        refused = [finding for finding, is_allowed in judged if finding.is_error and not is_allowed]
        if refused:
            schema_uri = artifact_utils.get_single_uri(input_dict[SCHEMA_KEY])
            raise _refusal(refused, schema_uri)
        for finding in found:
            logging.warning("Accepted with an anomaly: %s", finding.describe())
        blessing = artifact_utils.get_single_instance(output_dict[BLESSING_KEY])
        warnings = [finding for finding, _ in judged if not finding.is_error]
        forgiven = [finding for finding, _ in judged if finding.is_error]
        blessing.set_int_custom_property(artifacts.BLESSED_PROPERTY, 1)
        blessing.set_int_custom_property(artifacts.WARNINGS_PROPERTY, len(warnings))
        blessing.set_int_custom_property(artifacts.ALLOWED_PROPERTY, len(forgiven))
        report = {
            "accepted": True,
            "splits": splits,
            "examples_uri": artifact_utils.get_single_uri(input_dict[EXAMPLES_KEY]),
            "warnings": [dataclasses.asdict(finding) for finding in warnings],
            "allowed": [dataclasses.asdict(finding) for finding in forgiven],
        }
        io_utils.write_string_file(
            os.path.join(blessing.uri, artifacts.REPORT_FILE), json.dumps(report, indent=2)
        )


def _anomalies(artifact: types.Artifact, split: str) -> anomalies_pb2.Anomalies:
    path = os.path.join(artifact_utils.get_split_uri([artifact], split), _ANOMALIES_FILE)
    return anomalies_pb2.Anomalies.FromString(_read(path))


def _statistics(
    artifact: types.Artifact, split: str
) -> statistics_pb2.DatasetFeatureStatisticsList | None:
    path = os.path.join(artifact_utils.get_split_uri([artifact], split), _STATISTICS_FILE)
    if not fileio.exists(path):
        return None
    return statistics_pb2.DatasetFeatureStatisticsList.FromString(_read(path))


def _read(path: str) -> bytes:
    with fileio.open(path, "rb") as file:
        return bytes(file.read())


def _refusal(refused: list[Finding], schema_uri: str) -> DataError:
    features = [finding for finding in refused if finding.feature != DATASET]
    count = count_features(features)
    if count:
        what = "1 feature" if count == 1 else f"{count} features"
        headline = f"{what} of the new data {'breaks' if count == 1 else 'break'} the schema"
    else:
        headline = "the new data as a whole break the schema"
    schema = os.path.join(schema_uri, "schema.pbtxt")
    return DataError(
        headline,
        evidence=[finding.describe() for finding in refused],
        hint=(
            "correct the data; where the change is meant, change the schema file that the"
            f" configuration names (the run used {schema}) or list the feature under gate.allowed"
        ),
        code="data-anomalies",
    )
