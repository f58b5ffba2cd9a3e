"""A kept pipeline is what building gives, and is read again for the same run only."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.configuration.loading import data_layer, load
from pipeline.configuration.model import PipelineConfiguration
from pipeline.configuration.parameter_values import apply_values
from pipeline.definition import Locations, compile_pipeline
from pipeline.definition import kept as compiled_pipeline
from pipeline.definition.kept import compiled, for_run, pipeline_digest


@pytest.fixture
def locations(tmp_path: Path, repository: Path) -> Locations:
    return Locations(root=tmp_path / "root", project=repository)


@pytest.fixture
def configuration(tmp_path: Path, repository: Path) -> PipelineConfiguration:
    data = tmp_path / "trips" / "data.csv"
    data.parent.mkdir()
    data.write_text("fare,tips\n1,2\n")
    loaded = load(repository / "configs" / "taxi.yaml", overrides=[data_layer(str(data.parent))])
    return loaded.configuration


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the pipelines that were built, not read."""
    build = compiled_pipeline._build
    built: list[str] = []

    def counted(configuration: PipelineConfiguration, *rest: object) -> object:
        built.append(configuration.name)
        return build(configuration, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(compiled_pipeline, "_build", counted)
    return built


def test_a_kept_pipeline_is_the_one_that_was_built(
    configuration: PipelineConfiguration, locations: Locations, tmp_path: Path, builds: list[str]
) -> None:
    built = compiled(configuration, locations, cache=tmp_path / "cache")
    read = compiled(configuration, locations, cache=tmp_path / "cache")

    assert builds == ["taxi"]
    assert read == built
    local = compile_pipeline(configuration, locations, run_id="run-1")
    assert for_run(read, "run-1", configuration, locations) == local
    assert for_run(read, "run-2", configuration, locations) != local


def test_a_run_of_a_kept_pipeline_notes_its_own_commit_and_person(
    configuration: PipelineConfiguration,
    locations: Locations,
    tmp_path: Path,
    builds: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def noted(run_id: str, commit: str, person: str) -> list[set[str]]:
        monkeypatch.setenv("MILLRACE_COMMIT", commit)
        monkeypatch.setenv("MILLRACE_USER", person)
        here = dataclasses.replace(locations, project=project)
        found = for_run(compiled(configuration, here, cache=cache), run_id, configuration, here)
        own = [
            context.properties
            for node in found.nodes
            for context in node.pipeline_node.contexts.contexts
            if context.type.name == "pipeline_run"
        ]
        assert len(own) == len(found.nodes)
        return [
            {properties[name].field_value.string_value for properties in own}
            for name in ("commit", "started_by")
        ]

    # As in an image: no repository, the environment says what it was built from.
    project, cache = tmp_path / "image", tmp_path / "cache"
    schema = locations.project / str(configuration.schema_file)
    (project / str(configuration.schema_file)).parent.mkdir(parents=True)
    (project / str(configuration.schema_file)).write_bytes(schema.read_bytes())

    assert noted("run-1", "0123abc", "ada") == [{"0123abc"}, {"ada"}]
    assert noted("run-2", "4567def", "grace") == [{"4567def"}, {"grace"}]
    assert builds == ["taxi"]


def test_a_broken_file_is_built_again(
    configuration: PipelineConfiguration, locations: Locations, tmp_path: Path, builds: list[str]
) -> None:
    digest = pipeline_digest(configuration, locations, caching=True)
    path = tmp_path / "cache" / f"{digest}.pb"
    path.parent.mkdir()
    path.write_bytes(b"")

    built = compiled(configuration, locations, cache=path.parent)

    assert builds == ["taxi"]
    assert compiled_pipeline._read(path) == built


def test_only_the_newest_pipelines_are_kept(
    configuration: PipelineConfiguration,
    locations: Locations,
    tmp_path: Path,
    builds: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compiled_pipeline, "_KEPT", 2)
    cache = tmp_path / "cache"
    cache.mkdir()
    for age in (3, 2, 1):
        (cache / f"{age}.pb").touch()
        os.utime(cache / f"{age}.pb", (1_000_000 - age, 1_000_000 - age))

    compiled(configuration, locations, cache=cache)

    newest = f"{pipeline_digest(configuration, locations, caching=True)}.pb"
    assert {path.name for path in cache.glob("*.pb")} == {newest, "1.pb"}


def test_without_a_place_to_keep_it_a_pipeline_is_built(
    configuration: PipelineConfiguration, locations: Locations, tmp_path: Path, builds: list[str]
) -> None:
    (tmp_path / "file").touch()

    built = compiled(configuration, locations, cache=tmp_path / "file" / "cache")

    assert built.nodes
    assert compiled(configuration, locations, cache=None) == built
    assert len(builds) == 2


def test_the_digest_leaves_out_how_the_cluster_runs_it(
    configuration: PipelineConfiguration, locations: Locations
) -> None:
    cluster = configuration.kubeflow.model_copy(update={"image": "registry/millrace:2"})
    other = configuration.model_copy(update={"kubeflow": cluster})

    assert digest(other, locations) == digest(configuration, locations)


@pytest.mark.parametrize(
    "change",
    [
        lambda configuration: apply_values(configuration, {"trainer.train_steps": "7"}),
        lambda configuration: configuration.model_copy(update={"schema_file": None}),
        lambda configuration: with_splits(configuration, {"eval": 1, "train": 2}),
    ],
)
def test_the_digest_knows_the_configuration(
    change: Callable[[PipelineConfiguration], PipelineConfiguration],
    configuration: PipelineConfiguration,
    locations: Locations,
) -> None:
    assert digest(change(configuration), locations) != digest(configuration, locations)


def test_the_digest_knows_places_caching_and_schema(
    configuration: PipelineConfiguration, locations: Locations, tmp_path: Path
) -> None:
    schema = tmp_path / "schema" / "taxi" / "schema.pbtxt"
    schema.parent.mkdir(parents=True)
    schema.write_text("")
    here = dataclasses.replace(locations, project=tmp_path)
    first = digest(configuration, here)
    schema.write_text('feature { name: "fare" }')

    found = {
        first,
        digest(configuration, here),
        digest(configuration, here, caching=False),
        digest(configuration, locations),
        digest(configuration, dataclasses.replace(here, root=tmp_path / "other")),
    }

    assert len(found) == 5


def test_the_digest_knows_whether_the_data_is_a_file_or_a_folder(
    configuration: PipelineConfiguration, locations: Locations, tmp_path: Path
) -> None:
    folder = digest(configuration, locations)
    (tmp_path / "trips" / "data.csv").unlink()
    (tmp_path / "trips").rmdir()
    (tmp_path / "trips").write_text("fare,tips\n1,2\n")

    assert digest(configuration, locations) != folder


def digest(
    configuration: PipelineConfiguration, locations: Locations, *, caching: bool = True
) -> str:
    return pipeline_digest(configuration, locations, caching=caching)


def with_splits(
    configuration: PipelineConfiguration, splits: dict[str, int]
) -> PipelineConfiguration:
    split = configuration.data.split.model_copy(update={"splits": splits})
    data = configuration.data.model_copy(update={"split": split})
    return configuration.model_copy(update={"data": data})
