"""`millrace schema`: infer, show, diff and accept, for people and for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import millrace
from core.errors import DataError, UserError
from schema.reading import read_schema
from tests.made_run import MadeRun, quarantine_span
from tests.schema.made_statistics import SCHEMA, number, observed, text
from tests.validated_run import validated_run


def call(*arguments: object) -> Result:
    words = ["schema", *map(str, arguments)]
    return CliRunner().invoke(millrace, words, catch_exceptions=False)


def refusal(*arguments: object, kind: type[Exception] = UserError) -> Any:
    with pytest.raises(kind) as caught:
        call(*arguments)
    return caught.value


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a curated schema."""
    (tmp_path / "schema.pbtxt").write_text(SCHEMA)
    return tmp_path


@pytest.fixture
def broken_run(project: Path) -> Path:
    """The folder of a run with a new value, a wider range and another type."""
    split = observed(
        payment=text("payment", {"Cash": 700, "Shells": 300}),
        hour=number("hour", 0, 25, whole=True),
        fare=text("fare", {"none": 1000}),
    )
    return validated_run(project, split, schema_file="schema.pbtxt")


def test_show_prints_a_row_for_each_feature(project: Path) -> None:
    output = call("show", project / "schema.pbtxt").output
    [header, payment, _, _, tips] = output.splitlines()
    assert header.split() == ["Feature", "Type", "Presence", "Values", "Domain", "Environments"]
    assert "2 values: Cash, Card (at least 99 % of the values)" in payment
    assert tips.split() == ["tips", "float", "required", "1", "TRAINING"]


def test_show_writes_json(project: Path) -> None:
    document = json.loads(call("show", project, "--json").output)
    assert document["environments"] == ["TRAINING", "SERVING"]
    tips = document["features"][3]
    assert (tips["name"], tips["environments"]) == ("tips", ["TRAINING"])
    assert tips["proto"]["value_count"] == {"min": "1", "max": "1"}


def test_show_knows_the_schema_of_a_configuration(repository: Path) -> None:
    output = call("show", repository / "configs" / "taxi.yaml").output
    assert "pickup_community_area" in output


def test_show_answers_an_unknown_name(tmp_path: Path) -> None:
    error = refusal("show", "nothing", "--root", tmp_path)
    assert error.headline == "there is no schema file, configuration or run 'nothing'"


def test_diff_of_equal_schemas_ends_with_0(project: Path, broken_run: Path) -> None:
    result = call("diff", project / "schema.pbtxt", "latest", "--root", broken_run)
    assert (result.exit_code, result.output) == (0, "no difference\n")


def test_diff_says_each_change_and_ends_with_1(project: Path) -> None:
    other = project / "other.pbtxt"
    other.write_text(SCHEMA.replace('value: "Card"', 'value: "Coins"').replace("max: 23", "max: 9"))

    result = call("diff", project / "schema.pbtxt", other)
    as_json = call("diff", project / "schema.pbtxt", other, "--json")

    assert (result.exit_code, as_json.exit_code) == (1, 1)
    assert result.output.splitlines() == [
        "~ payment",
        '    domain: added "Coins"; removed "Card"',
        "~ hour",
        "    range: 0 to 23 → 0 to 9",
    ]
    document = json.loads(as_json.output)
    assert document["equal"] is False
    assert document["features"][0]["changes"][0]["added"] == ["Coins"]


def test_diff_refuses_a_broken_file_with_the_line(project: Path) -> None:
    (project / "bad.pbtxt").write_text('feature {\n  nme: "a"\n}\n')
    error = refusal("diff", project / "schema.pbtxt", project / "bad.pbtxt")
    assert error.headline.endswith("bad.pbtxt:2: Feature has no field 'nme'")


def accept(root: Path, *options: object) -> Result:
    return call("accept", "latest", "--root", root, *options)


def test_accept_amends_the_file_with_who_when_and_why(project: Path, broken_run: Path) -> None:
    result = accept(
        broken_run, "--feature", "payment", "--by", "ada\n", "--because", 'new\nterminals "x"'
    )

    after = (project / "schema.pbtxt").read_text()
    [value] = [line for line in after.splitlines() if '"Shells"' in line and "#" not in line]
    comment = after.splitlines()[after.splitlines().index(value) - 1]
    assert result.exit_code == 0
    assert 'domain: added "Shells"' in result.output
    assert value == '  value: "Shells"'
    assert comment.startswith("  # 20")
    assert comment.endswith(' ada, run trips-1: domain: added "Shells". Why: new terminals "x"')
    # Nothing but these two lines is new.
    assert after.replace(f"{comment}\n{value}\n", "") == SCHEMA


def test_accept_of_all_refuses_another_type_and_keeps_the_rest(
    project: Path, broken_run: Path
) -> None:
    result = accept(broken_run, "--json")

    document = json.loads(result.output)
    assert result.exit_code == 1
    assert [feature["feature"] for feature in document["accepted"]] == ["payment", "hour"]
    assert [refused["feature"] for refused in document["refused"]] == ["fare"]
    assert document["written"] is True
    amended = read_schema(project / "schema.pbtxt")
    assert amended.feature[2].int_domain.max == 25


def test_accept_says_that_the_refused_data_are_still_skipped(broken_run: Path) -> None:
    entry = quarantine_span(MadeRun(broken_run, "trips-1"), "trips-1")
    said = f"runs skip span 8 until `millrace data quarantine release {entry.id}`"

    assert said not in accept(broken_run, "--feature", "payment", "--dry-run").output
    assert said in accept(broken_run, "--feature", "payment").output


def test_accept_dry_run_shows_the_text_and_writes_nothing(project: Path, broken_run: Path) -> None:
    result = accept(broken_run, "--dry-run", "--feature", "hour")
    assert '+feature { name: "hour"' in result.output
    assert (project / "schema.pbtxt").read_text() == SCHEMA


def test_accept_twice_has_nothing_to_accept(broken_run: Path) -> None:
    assert accept(broken_run, "--feature", "hour").exit_code == 0
    again = accept(broken_run, "--feature", "hour")
    assert again.exit_code == 0
    assert again.output.startswith("nothing to accept: ")


def test_accept_answers_an_unknown_feature_with_the_nearest(broken_run: Path) -> None:
    assert refusal("accept", "--root", broken_run, "--feature", "paymnt").hint == (
        "did you mean 'payment'?"
    )


def test_accept_of_a_run_without_anomalies_needs_no_file(project: Path) -> None:
    root = validated_run(project, observed(), schema_file=None)
    assert accept(root).output == ("nothing to accept: the run trips-1 found no anomalies\n")


def test_accept_needs_a_curated_schema(project: Path) -> None:
    root = validated_run(project, observed(tips=None), schema_file=None)

    assert refusal("accept", "--root", root).code == "no-curated-schema"
    named = accept(root, "--schema", project / "schema.pbtxt")
    assert "may be absent" in named.output


def test_accept_refuses_statistics_of_another_version(project: Path, broken_run: Path) -> None:
    (project / "artifacts/statistics/Split-train/FeatureStats.pb").write_bytes(b"other")
    error = refusal("accept", "--root", broken_run, kind=DataError)
    assert error.code == "statistics-version"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("table") / "trips.csv"
    rows = [f"{'Cash' if n % 3 else 'Card'},{n},{n / 4 if n % 5 else ''}" for n in range(100)]
    path.write_text("\n".join(["payment,fare,tips", *rows]) + "\n")
    return path


def test_infer_writes_a_schema_that_the_data_fit(table: Path, tmp_path: Path) -> None:
    output = tmp_path / "new" / "schema.pbtxt"

    result = call("infer", table, "--label", "tips", "--drift-threshold", "0.1", "--output", output)

    schema = {feature.name: feature for feature in read_schema(output).feature}
    assert result.output.startswith("3 features of 100 examples: ")
    assert output.read_text().startswith(f"# Inferred from {table}, 100 examples, on 20")
    assert list(schema["tips"].not_in_environment) == ["SERVING"]
    assert schema["payment"].domain == "payment"
    assert schema["payment"].drift_comparator.infinity_norm.threshold == 0.1
    assert refusal("infer", table, "--output", output).code == "file-exists"


def test_infer_prints_json_with_the_schema(table: Path) -> None:
    document = json.loads(call("infer", table, "--json").output)
    assert document["features"] == ["fare", "payment", "tips"]
    assert document["schema"].count("feature {") == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--label", "tip"], "no column 'tip'"),
        (["--drift-threshold", "2"], "makes no sense"),
        (["--run", "latest"], "two sources"),
        (["--config", "no.yaml"], "no configuration file"),
    ],
)
def test_infer_refuses_a_wrong_request(table: Path, arguments: list[str], words: str) -> None:
    assert words in str(refusal("infer", table, *arguments))


def test_infer_refuses_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("a,b\n")
    refusal("infer", tmp_path / "empty.csv", kind=DataError)


def test_only_reading_data_brings_tensorflow(project: Path, broken_run: Path) -> None:
    code = (
        "import sys\nfrom cli.main import main\n"
        "for words in (['show', 's'], ['diff', 's', 's'], ['infer', '--run', 'latest'],"
        " ['accept', '--feature', 'hour']):\n"
        "    try:\n"
        "        main(['schema', *(sys.argv[1] if w == 's' else w for w in words)])\n"
        "    except SystemExit as end:\n"
        "        assert not end.code, (words, end.code)\n"
        "heavy = {'tensorflow', 'apache_beam', 'tensorflow_data_validation'} & {*sys.modules}\n"
        "assert not heavy, heavy\n"
    )
    repository = Path(__file__).resolve().parents[2]
    result = subprocess.run(
        [sys.executable, "-c", code, str(project / "schema.pbtxt")],
        env={**os.environ, "MILLRACE_ROOT": str(broken_run), "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
