"""After a cleaning: no cache hit on what is gone, and clear answers about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ml_metadata.proto import metadata_store_pb2 as mlmd

from cli.main import millrace
from core.errors import InfrastructureError, UserError
from metadata import run_file
from pipeline.configuration.retention import RetentionSettings
from pipeline.local.retention import apply_retention
from registry.moves import Asked, promote
from tests.pipeline.cleaning.made_root import MadeRoot


@pytest.fixture
def root(tmp_path: Path) -> MadeRoot:
    """A root whose store is a file, as commands need it."""
    return MadeRoot(tmp_path / ".millrace", in_memory=False)


def said(root: MadeRoot, *words: str) -> str:
    """What a command prints."""
    result = CliRunner().invoke(
        millrace, [*words, "--root", str(root.root)], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_tfx_takes_nothing_from_the_cache_that_was_removed(root: MadeRoot) -> None:
    from tfx.orchestration import metadata
    from tfx.orchestration.portable import cache_utils

    old, new = root.run(blessed=False), root.run(blessed=False)
    kind = root.store.put_context_type(mlmd.ContextType(name="execution_cache"))
    contexts = []
    for run in (old, new):
        made = root.store.get_context_by_type_and_name("pipeline_run", run)
        trained = [
            row.id
            for row in root.store.get_executions_by_context(made.id)
            if row.type.endswith("Trainer")
        ]
        [key] = root.store.put_contexts([mlmd.Context(type_id=kind, name=f"key of {run}")])
        association = mlmd.Association(execution_id=trained[0], context_id=key)
        root.store.put_attributions_and_associations([], [association])
        contexts.append(root.store.get_contexts_by_id([key])[0])

    def cached() -> list[bool]:
        with metadata.Metadata(metadata.sqlite_metadata_connection_config(
            str(root.folder.store)
        )) as handle:  # fmt: skip
            return [cache_utils.get_cached_outputs(handle, c) is not None for c in contexts]

    assert cached() == [True, True]
    root.clean()
    assert cached() == [False, True]


@pytest.mark.parametrize("command", ["show", "resume", "reproduce"])
def test_a_removed_run_is_said_to_be_removed(root: MadeRoot, command: str) -> None:
    old = root.run(blessed=False)
    root.run(blessed=False)
    root.clean()

    with pytest.raises(UserError, match=f"{old} was removed by cleaning"):
        said(root, command, old)


def test_lineage_still_answers_and_says_what_is_gone(root: MadeRoot) -> None:
    old, new = root.run(blessed=False), root.run(blessed=False)
    root.clean()

    assert "its files are gone" in said(root, "lineage", old)
    assert "its files are gone" not in said(root, "lineage", new)
    assert json.loads(said(root, "lineage", old, "--json"))["subject"]["state"] == "DELETED"


def test_a_version_whose_model_is_gone_is_listed_and_refused(root: MadeRoot) -> None:
    for _ in range(4):
        root.run()
    models = root.models()
    first = models.versions[0]
    from components.pusher import pushing

    pushing.remove(str(root.root / "serving" / "taxi"), first.number)
    root.clean(keep_models=0)

    assert "1.0.0" in said(root, "models", "list")
    assert "its files are gone" in said(root, "models", "show", "1.0.0")
    with pytest.raises(InfrastructureError, match=r"the model of 1\.0\.0 is gone"):
        promote(root.store, root.models(), first, Asked("ada"))


def test_a_dry_run_says_what_would_go_and_changes_nothing(root: MadeRoot) -> None:
    runs = [root.run(blessed=False) for _ in range(3)]
    before = root.bytes()

    text = said(root, "clean", "--keep", "1", "--dry-run")

    assert [f"would remove {run}" in text for run in runs] == [True, True, False]
    assert "would free" in text
    assert root.bytes() == before
    assert {row.state for row in root.artifacts(runs[0])} == {mlmd.Artifact.LIVE}
    assert root.folder.run_ids() == runs[::-1]


def test_a_cleaning_says_what_it_freed(root: MadeRoot) -> None:
    runs = [root.run(blessed=False) for _ in range(3)]
    before = root.bytes()

    document = json.loads(said(root, "clean", "--keep", "1", "--json"))

    assert document["plan"]["runs"] == runs[:2]
    noted = (root.folder.runs / ".removed").stat().st_size
    assert before - root.bytes() + noted == document["bytes"]
    assert "nothing to remove" in said(root, "clean", "--keep", "1")


def test_compiled_pipelines_beyond_the_number_go(root: MadeRoot) -> None:
    root.run()
    for name in ("a", "b", "c"):
        (root.root / "compiled").mkdir(exist_ok=True)
        (root.root / "compiled" / f"{name}.pb").write_bytes(b"pipeline")

    assert len(root.clean(2).of("compiled")) == 1
    assert len(list((root.root / "compiled").glob("*.pb"))) == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [((), "no-retention"), (("--keep-models", "3"), "no-retention"), (("none.yaml",), "no-file")],
)
def test_without_a_bound_nothing_is_removed(
    root: MadeRoot, words: tuple[str, ...], code: str
) -> None:
    root.run()

    with pytest.raises(UserError) as caught:
        said(root, "clean", *words)

    assert code == "no-file" or caught.value.code == code


def _account(root: MadeRoot, run_id: str, status: Any = None) -> run_file.RunRecord:
    import dataclasses

    record = run_file.read(root.folder.run(run_id).folder)
    return dataclasses.replace(record, status=status or record.status)


def test_a_run_removes_what_its_configuration_says(
    root: MadeRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [root.run(blessed=False) for _ in range(3)]
    asked = {"retention": RetentionSettings(keep_runs=2).model_dump()}

    apply_retention(root.folder, _account(root, runs[2], "stopped"), asked, as_json=False)
    apply_retention(root.folder, _account(root, runs[2]), {}, as_json=False)
    assert root.folder.run_ids() == runs[::-1]
    apply_retention(root.folder, _account(root, runs[2]), asked, as_json=False)

    assert root.folder.run_ids() == runs[:0:-1]
    assert "removed 1 run" in capsys.readouterr().out


@pytest.mark.parametrize(
    "values", [{"keep_runs": 0}, {"older_than_days": -1}, {"keep_models": 3}, {"keep": 3}]
)
def test_a_retention_that_means_nothing_is_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"keep|older"):
        RetentionSettings.model_validate(values)
