"""The gate's executor: lets data pass or ends the run with the reasons."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from absl import logging
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import io_utils, json_utils

from components.data_gate import artifacts, inputs
from components.data_gate.accepted_data import bundled_of, fingerprint_of, span_of, version_of
from components.data_gate.judgement import Judgement, ModelInputs, SplitData, judge
from components.data_gate.profiles import dump_profiles
from components.data_gate.refusal import refusal
from components.data_gate.remedies import hint_for
from components.data_gate.report import report_of, to_html, to_json
from components.data_gate.settings import GateSettings
from components.example_gen.bundled import BUNDLED_PROPERTY
from core import files, progress

ANOMALIES_KEY = "anomalies"
STATISTICS_KEY = "statistics"
SCHEMA_KEY = "schema"
EXAMPLES_KEY = "examples"
BASELINE_STATISTICS_KEY = "baseline_statistics"
BASELINE_BLESSING_KEY = "baseline_blessing"
BLESSING_KEY = "blessing"
SETTINGS_KEY = "settings"
MODEL_KEY = "model"
SERVING_DIGEST_KEY = "serving_statistics_digest"
_CURATING_NODE = "ImportSchemaGen"


class Executor(base_executor.BaseExecutor):
    """Reads anomalies, statistics and rows of every split and judges them."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the blessing and its report.

        Args:
          input_dict: `anomalies`, `statistics`, `schema`, `examples`, and optionally
            `baseline_statistics` and `baseline_blessing`.
          output_dict: `blessing`.
          exec_properties: `settings` and `model`, as JSON.

        Raises:
          DataError: If something is found that stops the run, or statistics are of
            another version of TFDV.
          UserError: If the settings name what there is not.
        """
        settings = GateSettings.model_validate_json(exec_properties.get(SETTINGS_KEY) or "{}")
        model = ModelInputs(**json_utils.loads(exec_properties.get(MODEL_KEY) or "{}"))
        anomalies = artifact_utils.get_single_instance(input_dict[ANOMALIES_KEY])
        statistics = artifact_utils.get_single_instance(input_dict[STATISTICS_KEY])
        examples = artifact_utils.get_single_instance(input_dict[EXAMPLES_KEY])
        names = artifact_utils.decode_split_names(anomalies.split_names)
        notes: list[str] = []
        baseline = inputs.read_baseline(
            input_dict.get(BASELINE_STATISTICS_KEY) or [],
            input_dict.get(BASELINE_BLESSING_KEY) or [],
            names,
            settings,
            notes,
        )
        splits: dict[str, SplitData] = {}
        for name in names:
            progress.report(f"split {name}")
            splits[name] = inputs.read_split(name, anomalies, statistics, examples, settings, notes)
        schema = inputs.read_schema(artifact_utils.get_single_instance(input_dict[SCHEMA_KEY]))
        judgement = judge(splits, schema, settings, model, baseline)
        report = report_of(judgement, _facts(input_dict, splits))
        report["notes"] += notes
        if judgement.refused:
            curated = _CURATING_NODE in input_dict[SCHEMA_KEY][0].uri.split("/")
            hint = hint_for(judgement.refused, splits, schema, run=self._run(), curated=curated)
            raise refusal(judgement.refused, hint, report_folder=self._keep_refusal(report))
        for finding in judgement.findings:
            logging.warning("Accepted with a finding: %s", finding.describe())
        blessing = artifact_utils.get_single_instance(output_dict[BLESSING_KEY])
        _describe(blessing, judgement, input_dict)
        _write_report(blessing.uri, report)
        io_utils.write_string_file(
            os.path.join(blessing.uri, artifacts.PROFILE_FILE), dump_profiles(judgement.profiles)
        )

    def _run(self) -> str:
        return (self._context.pipeline_run_id if self._context else None) or "RUN"

    def _keep_refusal(self, report: Mapping[str, Any]) -> str | None:
        """Leaves the report where TFX does not delete it with the failed outputs."""
        folder = self._context.stateful_working_dir if self._context else None
        if not folder:
            return None
        _write_report(folder, report)
        return str(folder)


def _write_report(folder: str, report: Mapping[str, Any]) -> None:
    for name, text in (
        (artifacts.REPORT_FILE, to_json(report)),
        (artifacts.PAGE_FILE, to_html(report)),
    ):
        if "://" in folder:
            io_utils.write_string_file(os.path.join(folder, name), text)
        else:
            files.write_text(Path(folder) / name, text)


def _facts(
    input_dict: dict[str, list[types.Artifact]], splits: Mapping[str, SplitData]
) -> dict[str, Any]:
    examples = artifact_utils.get_single_instance(input_dict[EXAMPLES_KEY])
    return {
        "splits": list(splits),
        "rows": {
            name: int(split.statistics.num_examples) if split.statistics else 0
            for name, split in splits.items()
        },
        "examples_uri": examples.uri,
        "span": span_of(examples),
        "version": version_of(examples),
        "fingerprint": fingerprint_of(examples),
        "baseline": _baseline_facts(input_dict),
    }


def _baseline_facts(input_dict: dict[str, list[types.Artifact]]) -> dict[str, Any] | None:
    statistics = input_dict.get(BASELINE_STATISTICS_KEY)
    if not statistics:
        return None
    blessing = (input_dict.get(BASELINE_BLESSING_KEY) or [None])[0]
    return {
        "statistics_id": statistics[0].id,
        "span": blessing.get_int_custom_property(artifacts.SPAN_PROPERTY) if blessing else 0,
        "fingerprint": blessing.get_string_custom_property(artifacts.FINGERPRINT_PROPERTY)
        if blessing
        else "",
    }


def _describe(
    blessing: types.Artifact,
    judgement: Judgement,
    input_dict: dict[str, list[types.Artifact]],
) -> None:
    examples = artifact_utils.get_single_instance(input_dict[EXAMPLES_KEY])
    baseline = input_dict.get(BASELINE_STATISTICS_KEY)
    numbers = {
        artifacts.BLESSED_PROPERTY: 1,
        artifacts.WARNINGS_PROPERTY: len(judgement.warnings),
        artifacts.ALLOWED_PROPERTY: len(judgement.allowed),
        artifacts.SPAN_PROPERTY: span_of(examples),
        artifacts.VERSION_PROPERTY: version_of(examples),
        artifacts.STATISTICS_PROPERTY: input_dict[STATISTICS_KEY][0].id,
        artifacts.EXAMPLES_PROPERTY: examples.id,
        artifacts.BASELINE_PROPERTY: baseline[0].id if baseline else 0,
    }
    for name, number in numbers.items():
        blessing.set_int_custom_property(name, int(number))
    blessing.set_string_custom_property(artifacts.FINGERPRINT_PROPERTY, fingerprint_of(examples))
    if bundled := bundled_of(examples):
        blessing.set_string_custom_property(BUNDLED_PROPERTY, bundled)
