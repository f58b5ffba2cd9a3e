"""Every command and setting that a refusal names works against that very refusal."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from cli.main import millrace
from components.data_gate.findings import Finding
from components.data_gate.judgement import Baseline, Judgement, ModelInputs, SplitData, judge
from components.data_gate.questions import QUESTION_OF
from components.data_gate.remedies import hint_for
from components.data_gate.settings import GateSettings
from components.data_gate.severities import Severities
from components.quarantine import records
from components.quarantine.entry import Change, DataIdentity, Entry
from metadata import store
from metadata.run_folder import RunFolder
from pipeline.nodes.refused_data import with_commands
from schema.amendments import Observed
from schema.reading import parse_schema
from schema.tfdv_library import validate_statistics
from tests.schema.made_statistics import SCHEMA, number, statistics, text
from tests.validated_run import validated_run

_Feature = statistics_pb2.FeatureNameStatistics
_RUN = "trips-1"


@dataclasses.dataclass(frozen=True)
class Case:
    """One made anomaly.

    Attributes:
      checks: The anomalies that the gate is to find.
      helps: What the hint offers: ``accept``, ``relax``, ``type``, ``allow``.
      features: The statistics that break the schema, by feature; None takes one out.
      schema: Changes of the usual schema: a text in it, and what takes its place.
    """

    checks: set[str]
    helps: set[str]
    features: dict[str, _Feature | None] = dataclasses.field(default_factory=dict)
    schema: tuple[str, str] = ("", "")


def _edited(feature: _Feature, edit: Callable[[_Feature], None]) -> _Feature:
    edit(feature)
    return feature


def _several(feature: _Feature) -> None:
    feature.num_stats.common_stats.max_num_values = 3
    feature.num_stats.common_stats.tot_num_values = 1500


def _nan(feature: _Feature) -> None:
    feature.num_stats.histograms.add(num_nan=5)


def _infinity(feature: _Feature) -> None:
    feature.num_stats.max = float("inf")
    feature.num_stats.histograms.add().buckets.add(
        low_value=0, high_value=float("inf"), sample_count=9
    )


_HOUR = 'feature { name: "hour" type: INT'
_CASES = {
    "a new column": Case(
        {"SCHEMA_NEW_COLUMN"}, {"accept"}, {"a b's": text("a b's", {"x": 500, "y": 500})}
    ),
    "a missing column": Case({"SCHEMA_MISSING_COLUMN"}, {"accept"}, {"fare": None}),
    "a new value": Case(
        {"ENUM_TYPE_UNEXPECTED_STRING_VALUES"},
        {"accept"},
        {"payment": text("payment", {"Cash": 700, "Two\nlines": 300})},
    ),
    "very many new values": Case(
        {"ENUM_TYPE_UNEXPECTED_STRING_VALUES"},
        {"relax"},
        {"payment": text("payment", {f"card {i}": 5 for i in range(200)})},
    ),
    "many new values, and a range": Case(
        {"ENUM_TYPE_UNEXPECTED_STRING_VALUES", "INT_TYPE_BIG_INT"},
        {"accept", "relax"},
        {
            "payment": text("payment", {f"card {i}": 5 for i in range(200)}),
            "hour": number("hour", 0, 24, whole=True),
        },
    ),
    "too many gaps": Case(
        {"FEATURE_TYPE_LOW_FRACTION_PRESENT"},
        {"accept"},
        {"payment": text("payment", {"Cash": 300, "Card": 200})},
    ),
    "too few values": Case(
        {"FEATURE_TYPE_LOW_NUMBER_PRESENT"},
        {"accept"},
        {"hour": number("hour", 0, 23, whole=True, present=3)},
        (f"{_HOUR} presence {{ min_count: 1 }}", f"{_HOUR} presence {{ min_count: 10 }}"),
    ),
    "several values": Case(
        {"FEATURE_TYPE_HIGH_NUMBER_VALUES"},
        {"accept"},
        {"tips": _edited(number("tips", 0, 9), _several)},
    ),
    "no values": Case(
        {"FEATURE_TYPE_LOW_NUMBER_VALUES"}, {"accept"}, {"tips": number("tips", 0, 9, least=0)}
    ),
    "several values where a shape says one": Case(
        {"INVALID_FEATURE_SHAPE"}, {"accept"}, {"fare": _edited(number("fare", 1, 9), _several)}
    ),
    "a large integer": Case(
        {"INT_TYPE_BIG_INT"}, {"accept"}, {"hour": number("hour", 0, 25, whole=True)}
    ),
    "a small integer": Case(
        {"INT_TYPE_SMALL_INT"}, {"accept"}, {"hour": number("hour", -1, 23, whole=True)}
    ),
    "more than yes and no": Case(
        {"BOOL_TYPE_BIG_INT"},
        {"accept"},
        {},
        ("int_domain { min: 0 max: 23 }", "bool_domain {}"),
    ),
    "a large float": Case({"FLOAT_TYPE_BIG_FLOAT"}, {"accept"}, {"fare": number("fare", 1, 1e9)}),
    "a small float": Case({"FLOAT_TYPE_SMALL_FLOAT"}, {"accept"}, {"fare": number("fare", -9, 9)}),
    "not a number": Case(
        {"FLOAT_TYPE_HAS_NAN"},
        {"accept"},
        {"fare": _edited(number("fare", 1, 9), _nan)},
        ("max: 100.0 }", "max: 100.0 disallow_nan: true }"),
    ),
    "an infinity": Case(
        {"FLOAT_TYPE_HAS_INF", "FLOAT_TYPE_BIG_FLOAT"},
        {"accept"},
        {"fare": _edited(number("fare", 1, 9), _infinity)},
        ("max: 100.0 }", "max: 100.0 disallow_inf: true }"),
    ),
    "fractions for integers": Case(
        {"UNEXPECTED_DATA_TYPE"}, {"type"}, {"hour": number("hour", 0.5, 22.5)}
    ),
    "texts for floats": Case(
        {"UNEXPECTED_DATA_TYPE", "FLOAT_TYPE_STRING_NOT_FLOAT"},
        {"type"},
        {"fare": text("fare", {"none": 1000})},
    ),
    "integers for texts": Case(
        {"UNEXPECTED_DATA_TYPE"}, {"type"}, {"payment": number("payment", 1, 9, whole=True)}
    ),
    "a type and a new column": Case(
        {"UNEXPECTED_DATA_TYPE", "SCHEMA_NEW_COLUMN"},
        {"type", "accept"},
        {"hour": number("hour", 0.5, 22.5), "new": number("new", 0, 1)},
    ),
    "too few different values": Case(
        {"FEATURE_TYPE_LOW_UNIQUE"},
        {"accept"},
        {"payment": text("payment", {"Cash": 1000})},
        ('domain: "payment"\n', 'domain: "payment"\n unique_constraints { min: 2 max: 9 }\n'),
    ),
    "too many different values": Case(
        {"FEATURE_TYPE_HIGH_UNIQUE"},
        {"accept"},
        {},
        ('domain: "payment"\n', 'domain: "payment"\n unique_constraints { min: 1 max: 1 }\n'),
    ),
    "too few examples": Case(
        {"DATASET_LOW_NUM_EXAMPLES"},
        {"allow"},
        {},
        ("# The end.", "dataset_constraints { min_examples_count: 5000 }"),
    ),
    "too many examples": Case(
        {"DATASET_HIGH_NUM_EXAMPLES"},
        {"allow"},
        {},
        ("# The end.", "dataset_constraints { min_examples_count: 1 max_examples_count: 50 }"),
    ),
    "too few examples, and a new column": Case(
        {"DATASET_LOW_NUM_EXAMPLES", "SCHEMA_NEW_COLUMN"},
        {"allow", "accept"},
        {"new": number("new", 0, 1)},
        ("# The end.", "dataset_constraints { min_examples_count: 5000 }"),
    ),
    "another distribution": Case(
        {"COMPARATOR_L_INFTY_HIGH"},
        {"allow"},
        {"payment": text("payment", {"Cash": 50, "Card": 950})},
        (
            'domain: "payment"\n',
            'domain: "payment"\n drift_comparator { infinity_norm { threshold: 0.1 } }\n',
        ),
    ),
    "another distribution, and a range": Case(
        {"COMPARATOR_L_INFTY_HIGH", "INT_TYPE_BIG_INT"},
        {"allow", "accept"},
        {
            "payment": text("payment", {"Cash": 50, "Card": 950}),
            "hour": number("hour", 0, 25, whole=True),
        },
        (
            'domain: "payment"\n',
            'domain: "payment"\n drift_comparator { infinity_norm { threshold: 0.1 } }\n',
        ),
    ),
}


class Place:
    """A project whose gate refused one split."""

    def __init__(self, folder: Path, case: Case) -> None:
        self.schema_file = folder / "schema.pbtxt"
        self.schema_file.write_text(SCHEMA.replace(*case.schema) if case.schema[0] else SCHEMA)
        self.new = statistics(**case.features)
        self.accepted = Baseline({"train": statistics()})
        found = Observed(self.new, validate_statistics(self.schema, self.new))
        self.root = validated_run(
            folder,
            found,
            schema_file="schema.pbtxt",
            schema=self.schema_file.read_text(),
        )
        self.entry = self._quarantined()

    @property
    def schema(self) -> schema_pb2.Schema:
        return parse_schema(self.schema_file.read_text(), "schema.pbtxt")

    @property
    def splits(self) -> dict[str, SplitData]:
        found = validate_statistics(self.schema, self.new)
        return {"train": SplitData(found, self.new, None)}

    def judge(self, *allowed: str) -> Judgement:
        settings = GateSettings(allowed=allowed)
        return judge(self.splits, self.schema, settings, ModelInputs(), self.accepted)

    def hint(self) -> str:
        """As a run prints it."""
        given = hint_for(self.judge().refused, self.splits, self.schema, run=_RUN)
        return with_commands(given, self.entry)

    def call(self, command: str) -> str:
        program, *words = shlex.split(command)
        assert program == "millrace"
        done = CliRunner().invoke(
            millrace, [*words, "--root", str(self.root)], catch_exceptions=False
        )
        assert done.exit_code == 0, f"{command}: {done.output}"
        return done.output

    def _quarantined(self) -> Entry:
        opened = store.open_store(store.sqlite_config(RunFolder(self.root).store))
        data = DataIdentity("trips", "/data/trips", {"s": "*.csv"}, 8, None, "split:s")
        change = Change("refused", "DataGate", "2026-05-03T09:00:00+00:00", "new", _RUN)
        entry = Entry(data, {"train": 20}, "refused", history=(change,))
        records.quarantine(opened, entry)
        records.attribute(opened, entry.id, _RUN)
        return entry


def commands_in(hint: str) -> list[str]:
    return re.findall(r"`(millrace [^`]*)`", hint)


def allowed_in(hint: str) -> list[str]:
    found = re.search(r"gate\.allowed: (\[[^\]]*\])", hint)
    return json.loads(found[1]) if found else []


@pytest.mark.parametrize("name", _CASES)
def test_what_a_refusal_hints_at_works(name: str, tmp_path: Path) -> None:
    case = _CASES[name]
    place = Place(tmp_path, case)
    refused = place.judge().refused
    assert {finding.check for finding in refused} == case.checks

    hint = place.hint()

    commands = commands_in(hint)
    accepting = [command for command in commands if "schema accept" in command]
    offered = {"relax" if "--relax-domains" in command else "accept" for command in accepting}
    offered |= {"type"} if "by hand" in hint else set()
    offered |= {"allow"} if "gate.allowed" in hint else set()
    assert offered == case.helps, hint
    for command in commands:
        output = place.call(command)
        assert "not accepted" not in output
    assert f"data quarantine release {place.entry.id}" in commands[-1]
    opened = store.open_store(store.sqlite_config(RunFolder(place.root).store))
    assert records.entries(opened)[0].status == "released"
    left = {finding.feature for finding in place.judge(*allowed_in(hint)).refused}
    assert left == (_by_hand(hint) if "type" in case.helps else set())


def _by_hand(hint: str) -> set[str]:
    found = re.search(r"by hand: ([^;]*)", hint)
    return set(found[1].split(", ")) if found else set()


@pytest.mark.parametrize(
    ("old", "new", "features"),
    [
        (_HOUR + ' presence { min_count: 1 } int_domain { min: 0 max: 23 } }',
         _HOUR.replace("INT", "FLOAT") + " }", {"hour": number("hour", 0.5, 22.5)}),
        ("type: FLOAT\n  presence { min_fraction: 1.0 min_count: 1 }\n  shape { dim { size: 1 } }\n"
         "  float_domain { min: 0.0 max: 100.0 }",
         "type: BYTES", {"fare": text("fare", {"none": 1000})}),
        ("type: FLOAT\n  presence { min_fraction: 1.0 min_count: 1 }\n  value_count",
         "type: INT\n  value_count", {"tips": number("tips", 0, 9, whole=True)}),
    ],
)  # fmt: skip
def test_a_type_that_is_written_by_hand_lets_the_data_pass(
    old: str, new: str, features: dict[str, _Feature], tmp_path: Path
) -> None:
    place = Place(tmp_path, Case(set(), set(), features))
    assert _by_hand(place.hint()) == set(features)

    assert old in SCHEMA
    place.schema_file.write_text(SCHEMA.replace(old, new))

    assert place.judge().refused == []


@pytest.mark.parametrize("check", QUESTION_OF)
@pytest.mark.parametrize("feature", ["fare", "dataset", "a: b, 'c'"])
def test_what_the_schema_does_not_say_can_be_allowed(check: str, feature: str) -> None:
    finding = Finding("train", feature, check, "block", headline="odd")
    found = anomalies_pb2.Anomalies()
    hint = hint_for([finding], {"train": SplitData(found, statistics(), None)}, schema_pb2.Schema())

    if check == "NO_DATA_IN_SPAN":
        assert "gate.allowed" not in hint
        return
    assert "schema accept" not in hint
    [judged] = Severities(GateSettings(allowed=tuple(allowed_in(hint)))).judge([finding])
    assert not judged.blocks


def test_without_a_curated_schema_nothing_can_be_accepted_into_it(tmp_path: Path) -> None:
    place = Place(tmp_path, _CASES["a new column"])
    hint = hint_for(place.judge().refused, place.splits, place.schema, curated=False)
    assert "schema accept" not in hint
    assert place.judge(*allowed_in(hint)).refused == []
