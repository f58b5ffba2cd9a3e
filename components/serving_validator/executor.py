"""The validator's executor: tries the model and writes TFX's InfraBlessing."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from absl import logging
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, path_utils

from components.serving_validator import artifacts
from components.serving_validator.report import report_of, to_json
from components.serving_validator.rows import sample
from components.serving_validator.settings import ServingValidatorSettings
from components.serving_validator.validation import Verdict, validate
from core import files, progress

MODEL_KEY = standard_component_specs.MODEL_KEY
EXAMPLES_KEY = standard_component_specs.EXAMPLES_KEY
SCHEMA_KEY = standard_component_specs.SCHEMA_KEY
BLESSING_KEY = standard_component_specs.BLESSING_KEY
SETTINGS_KEY = "settings"
EXPECTED_KEY = "expected"
SPLITS_KEY = standard_component_specs.EXAMPLE_SPLITS_KEY

_KINDS = {"BYTES": "bytes_list", "INT": "int64_list", "FLOAT": "float_list"}


class Executor(base_executor.BaseExecutor):
    """Loads and asks the model in a process of its own, under limits."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the blessing and its report.

        An unsafe model is no error: the blessing says so, and the Pusher does not push.

        Args:
          input_dict: `model`, `examples`, and optionally `schema`.
          output_dict: `blessing`.
          exec_properties: `settings`, `expected` and `example_splits`, as JSON.

        Raises:
          DataError: If there are no rows to try the model with.
          InfrastructureError: If no process for the model can be started.
        """
        settings = ServingValidatorSettings.model_validate_json(exec_properties[SETTINGS_KEY])
        expected = json.loads(exec_properties[EXPECTED_KEY])
        splits = json.loads(exec_properties[SPLITS_KEY])
        model = artifact_utils.get_single_instance(input_dict[MODEL_KEY])
        path = path_utils.serving_model_path(model.uri, path_utils.is_old_model_artifact(model))
        rows = sample(input_dict[EXAMPLES_KEY], splits, settings.rows)
        progress.report(f"{len(rows):,} rows")
        verdict = validate(
            path,
            rows,
            settings,
            prediction_key=expected["prediction_key"],
            documented=expected["documented"],
            kinds=_kinds(input_dict.get(SCHEMA_KEY) or ()),
        )
        blessing = artifact_utils.get_single_instance(output_dict[BLESSING_KEY])
        facts = {"model": path, "splits": splits, "bounds": settings.model_dump(mode="json")}
        _write(blessing.uri, artifacts.REPORT_FILE, to_json(report_of(verdict, facts)))
        _bless(blessing, model, verdict)


def _kinds(schemas: Sequence[types.Artifact]) -> dict[str, str]:
    """The kinds of features that the schema knows, by name."""
    from tensorflow_metadata.proto.v0 import schema_pb2

    found = {}
    for artifact in schemas:
        path = io_utils.get_only_uri_in_dir(artifact.uri)
        for feature in io_utils.SchemaReader().read(path).feature:
            kind = _KINDS.get(schema_pb2.FeatureType.Name(feature.type))
            if kind is not None:
                found[feature.name] = kind
    return found


def _bless(blessing: types.Artifact, model: types.Artifact, verdict: Verdict) -> None:
    failed = [check for check in verdict.checks if check.state == "failed"]
    for check in failed:
        logging.warning("Not safe to serve: %s: %s", check.title, check.words or check.value)
    blessing.set_int_custom_property(artifacts.BLESSED_PROPERTY, int(verdict.blessed))
    blessing.set_int_custom_property(artifacts.CHECKS_PROPERTY, len(verdict.checks))
    blessing.set_string_custom_property(
        artifacts.FAILED_PROPERTY, ",".join(check.name for check in failed)
    )
    blessing.set_string_custom_property(artifacts.MODEL_PROPERTY, model.uri)
    blessing.set_int_custom_property(artifacts.MODEL_ID_PROPERTY, model.id)
    for name, value in _figures(verdict).items():
        blessing.set_float_custom_property(name, value)
    name = artifacts.BLESSED_FILE if verdict.blessed else artifacts.NOT_BLESSED_FILE
    _write(blessing.uri, name, "")


def _figures(verdict: Verdict) -> Mapping[str, float]:
    return {
        artifacts.FIGURES[check.name]: float(check.value)
        for check in verdict.checks
        if check.name in artifacts.FIGURES and check.value is not None
    }


def _write(folder: str, name: str, text: str) -> None:
    if "://" in folder:
        io_utils.write_string_file(os.path.join(folder, name), text)
    else:
        files.write_text(Path(folder) / name, text)
