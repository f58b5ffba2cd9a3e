"""The platform document on one machine: secrets, volumes, and what is not applied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from kubeflow.emulator.cluster_settings import Mount, rewritten
from tests.kubeflow.emulator.made_package import package, run, shell, task

SECRET = {"secretName": "db", "keyToEnv": [{"secretKey": "password", "envVar": "DB_PASSWORD"}]}
VOLUME = {"constant": "millrace", "mountPath": "/mnt/millrace"}
SAY = shell('for word in "$@"; do echo "$word"; done')


def test_a_secret_comes_from_the_variable_of_the_same_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "s3cret")
    script = 'test "$DB_PASSWORD" = s3cret && echo "it is $DB_PASSWORD" && exit 5'
    made = package({"t": task(shell(script), cluster={"secretAsEnv": [SECRET]})})
    ended = run(made, tmp_path)
    error = ended.record.error
    assert error is not None
    assert error.evidence == ("it is ***",)
    shown = capsys.readouterr()
    assert "secrets out of this environment: DB_PASSWORD" in shown.out
    written = [path for path in (tmp_path / "root").rglob("*") if path.is_file()]
    holding = [path.name for path in written if "s3cret" in path.read_text(encoding="utf-8")]
    # The program wrote it to its own log; nothing of ours holds it.
    assert holding == ["log"]
    assert "s3cret" not in shown.out + shown.err


def test_a_missing_secret_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DB_PASSWORD", raising=False)
    made = package(
        {
            "first": task(["true"]),
            "second": task(["true"], after=("first",), cluster={"secretAsEnv": [SECRET]}),
        }
    )
    with pytest.raises(UserError) as refused:
        run(made, tmp_path)
    assert refused.value.code == "secret-missing"
    assert "second needs the secret db/password as DB_PASSWORD" in refused.value.headline
    assert not (tmp_path / "root").exists()


def test_an_optional_secret_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DB_PASSWORD", raising=False)
    cluster = {"secretAsEnv": [{**SECRET, "optional": True}]}
    made = package({"t": task(shell("echo ${DB_PASSWORD-none}"), cluster=cluster)})
    assert run(made, tmp_path).lines("t") == ["none"]


def test_a_volume_is_a_folder_and_paths_are_rewritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = package(
        {
            "t": task(
                [*SAY, '{"path": "/mnt/millrace/x"}', "{{$.inputs.parameters['p']}}", "{{$}}"],
                env={"WHERE": "/mnt/millrace"},
                inputs={"p": ("STRING", {"constant": "/mnt/millrace/p"})},
                cluster={"pvcMount": [VOLUME]},
            ),
            "env": task(
                shell("echo $WHERE"), env={"WHERE": "/mnt/millrace"}, cluster={"pvcMount": [VOLUME]}
            ),
        }
    )
    ended = run(made, tmp_path)
    folder = tmp_path / "root" / "volumes" / "millrace"
    assert folder.is_dir()
    first, second, whole = ended.lines("t")
    assert (first, second) == (f'{{"path": "{folder}/x"}}', f"{folder}/p")
    # The input itself is what the driver would give.
    assert '"p":"/mnt/millrace/p"' in whole
    assert ended.lines("env") == [str(folder)]
    assert "volume claim millrace (/mnt/millrace): the folder" in capsys.readouterr().out


def test_outputs_below_the_mount_path_itself_are_not_rewritten(tmp_path: Path) -> None:
    made = package(
        {
            "t": task(
                [*SAY, "{{$.outputs.artifacts['report'].path}}"],
                makes={"report": "system.HTML"},
                cluster={"pvcMount": [{"constant": "all", "mountPath": str(tmp_path)}]},
            )
        }
    )
    ended = run(made, tmp_path)
    assert ended.lines("t") == [str(ended.file("t", "outputs", "report"))]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("/mnt/a", "/v/one"),
        ("/mnt/a/b", "/v/one/b"),
        ("--root=/mnt/a/b,/mnt/a", "--root=/v/one/b,/v/one"),
        ("file:///mnt/a/b", "file:///v/one/b"),
        ("/mnt/ab", "/mnt/ab"),
        ("/mnt/a-b", "/mnt/a-b"),
        ("/other/mnt/a", "/other/mnt/a"),
        ("/mnt/a/deep/x", "/v/two/part/x"),
    ],
)
def test_a_mount_path_counts_where_a_path_begins_and_ends(text: str, result: str) -> None:
    mounts = (Mount("one", "/mnt/a/"), Mount("two", "/mnt/a/deep", "part"))
    assert rewritten(text, mounts, Path("/v")) == result


def test_what_is_not_applied_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster = {"nodeSelector": {"labels": {"disk": "ssd"}}, "tolerations": [{"key": "gpu"}]}
    one = task(["true"], cluster=cluster, resources={"cpuLimit": 2.0})
    assert run(package({"a": one, "b": one}), tmp_path).code == 0
    out = capsys.readouterr().out
    assert out.count("not applied on this machine: node selectors, resources, tolerations\n") == 1


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("runs on a condition", {"task_fields": {"triggerPolicy": {"condition": "true"}}}),
    (
        "an exit handler",
        {"task_fields": {"triggerPolicy": {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}}},
    ),
    ("is a loop", {"task_fields": {"parameterIterator": {"itemInput": "x"}}}),
    ("is an importer", {"executor": {"importer": {"artifactUri": {"constant": "gs://x"}}}}),
    ("is a resolver", {"executor": {"resolver": {}}}),
    ("secretAsVolume", {"cluster": {"secretAsVolume": [{"secretName": "x", "mountPath": "/x"}]}}),
    (
        "a pvcMount whose name is not a constant",
        {"cluster": {"pvcMount": [{"componentInputParameter": "x", "mountPath": "/x"}]}},
    ),
    ("an impossible way", {"cluster": {"pvcMount": [{"constant": "../x", "mountPath": "/x"}]}}),
    ("neither a command nor arguments", {"executor": {"container": {"image": "x"}}}),
]


@pytest.mark.parametrize(("words", "fields"), REFUSED, ids=[words for words, _ in REFUSED])
def test_what_is_not_emulated_is_refused_by_name(
    tmp_path: Path, words: str, fields: dict[str, Any]
) -> None:
    made = package({"fine": task(["true"]), "strange": task(["true"], **fields)})
    with pytest.raises(UserError) as refused:
        run(made, tmp_path)
    assert "the task strange" in refused.value.headline
    assert words in refused.value.headline
    assert not (tmp_path / "root").exists()


def test_a_graph_in_a_graph_is_refused(tmp_path: Path) -> None:
    made = package({"inner": task(["true"])})
    made.spec.components["comp-inner"].dag.SetInParent()
    with pytest.raises(UserError, match="the task inner is a graph of its own"):
        run(made, tmp_path)
