"""From what a person asks for to a run that is ready to start."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence
from pathlib import Path

from components.example_gen.database_address import below
from core import errors, import_path
from metadata.run_folder import RunFolder
from pipeline.configuration import data_source
from pipeline.configuration.loading import LoadedConfiguration, data_layer, load, naming_origin
from pipeline.configuration.model import PipelineConfiguration
from pipeline.configuration.positions import Layer
from pipeline.definition import Locations
from pipeline.extensions.files import declared_files
from pipeline.extensions.modules import check_module
from pipeline.extensions.shadows import check_no_shadow

# Making the largest sample takes about this long.
_PATIENCE_SECONDS = 120.0


@dataclasses.dataclass(frozen=True)
class Request:
    """A configuration that is ready to run.

    Attributes:
      loaded: The configuration with its origins; its data path is set.
      locations: Where it reads and writes.
    """

    loaded: LoadedConfiguration
    locations: Locations


def project_folder(configuration: Path) -> Path:
    """The folder that relative paths in a configuration file mean.

    That is the folder above ``configs/``, or the file's own where it lies elsewhere.
    """
    folder = configuration.absolute().parent
    return folder.parent if folder.name == "configs" else folder


def read_request(
    configuration: Path,
    *,
    root: Path,
    data: str | None = None,
    profile: str | None = None,
    assignments: Sequence[str] = (),
) -> Request:
    """Reads a configuration, finds or makes its data, and checks one against the other.

    Args:
      configuration: The base file.
      root: The folder of the metadata store and of all runs.
      data: What ``--data`` says, relative to the working folder.
      profile: The overlay's name.
      assignments: ``--set`` texts.

    Returns:
      The request, its `data.path` set and its columns known to exist.

    Raises:
      errors.UserError: If the configuration is wrong or does not fit the data.
      errors.DataError: If the data cannot be read.
      UnicodeEncodeError: If a path has bytes that are not UTF-8.
    """
    overrides: list[Layer] = []
    if data is not None:
        given = str(Path(data).absolute()) if "://" not in data else below(data, Path.cwd())
        overrides.append(data_layer(given))
    loaded = load(configuration, profile=profile, assignments=assignments, overrides=overrides)
    if loaded.configuration.data.path is None:
        sampled = with_sample(loaded.configuration, root)
        loaded = dataclasses.replace(loaded, configuration=sampled)
    locations = Locations(root=root.absolute(), project=project_folder(configuration))
    for place in (locations.root, locations.project, loaded.configuration.data.path):
        str(place).encode()  # a name that is not UTF-8 could be recorded nowhere
    check_own_modules(loaded, locations.project)
    with naming_origin(loaded.origins, ("schema_file",)):
        locations.schema_file(loaded.configuration)
    _check_columns(loaded, locations)
    return Request(loaded, locations)


def check_own_modules(loaded: LoadedConfiguration, project: Path) -> None:
    """Has the project's own modules found, and refuses those that cannot be what they should.

    Nothing is imported: that would take TensorFlow.

    Args:
      loaded: The configuration that names them.
      project: The folder that they lie in.

    Raises:
      errors.UserError: If one does not exist, is no Python, lacks what the configuration
        takes from it, or would be imported in the place of Millrace's own, or if a file
        that they are declared to read does not exist.
    """
    configuration = loaded.configuration
    if configuration.own_modules:
        import_path.append(project)
    named: list[tuple[tuple[str, ...], str | None, str]] = [
        (("transform", "module"), configuration.transform.module, "preprocessing_fn"),
        (("trainer", "module"), configuration.trainer.module, "run_fn"),
        (("trainer", "model"), configuration.trainer.model, "make_model"),
        (("trainer", "model"), configuration.trainer.model, "make_model"),
    ]
    for node_id, own in configuration.components.items():
        name = own.component.rpartition(".")[2]
        named.append((("components", node_id, "component"), own.module, name))
    for path, module, name in named:
        if module is not None:
            with naming_origin(loaded.origins, path):
                check_no_shadow(module, project)
                check_module(module, name, project)
    for key, patterns in configuration.own_files.items():
        with naming_origin(loaded.origins, tuple(key.split("."))):
            declared_files(patterns, project, key)


def with_sample(configuration: PipelineConfiguration, root: Path) -> PipelineConfiguration:
    """The configuration with bundled data, made where it is missing, as its data.

    Args:
      configuration: One without a data path.
      root: The folder of the metadata store and of all runs.

    Raises:
      errors.UserError: If it names no bundled data either.
      errors.InfrastructureError: If the disk refuses.
    """
    from components.example_gen.bundled import has_record
    from core.locks import held_in_turn
    from pipeline.sample.taxi import write_sample

    data = configuration.data
    if data.sample is None:
        raise errors.UserError(
            "the configuration names no data",
            hint="say --data PATH, or set data.path in the configuration",
            code="no-data",
        )
    folder = root.absolute() / "sample" / f"taxi-{data.sample_rows}-{data.sample_seed}"
    # Made by one process: a file that is written again looks like new data.
    with held_in_turn(folder.parent / ".lock", patience_seconds=_PATIENCE_SECONDS):
        if not has_record(folder / "data.csv"):
            write_sample(folder, rows=data.sample_rows, seed=data.sample_seed, overwrite=True)
    found = data.model_copy(update={"path": str(folder)})
    return configuration.model_copy(update={"data": found})


def _check_columns(loaded: LoadedConfiguration, locations: Locations) -> None:
    from components.evaluator.settings import check_evaluation
    from components.example_gen.inspection import inspect_source
    from preprocessing.expression import parse_label
    from preprocessing.features import raw_columns

    configuration = loaded.configuration
    assert configuration.data.path is not None
    path = locations.in_project(configuration.data.path)
    with naming_origin(loaded.origins, ("data", "path")):
        source = data_source.inspect(
            configuration.data, locations.project, configuration.beam.arguments
        )
        if source is None and "://" not in path:
            try:
                source = inspect_source(
                    path,
                    configuration.data.ingestion,
                    columns=_columns_in_use(configuration),
                    span=configuration.data.span,
                )
            except errors.DataError as error:
                ready = configuration.data.ready
                # ExampleGen waits for it, if that is configured.
                if error.code != "span-not-ready" or ready is None or not ready.patience:
                    raise
    if source is None:
        return
    known = [column.name for column in source.columns]
    if not _columns_in_use(configuration) <= set(known):
        # A column that the curated schema lists is no mistake in the configuration: the data
        # lack it, and the gate refuses and quarantines them.
        known += _schema_columns(configuration, locations)
    with naming_origin(loaded.origins, ("label",)):
        parse_label(configuration.label).check_columns(known)
    with naming_origin(loaded.origins, ("evaluation",)):
        check_evaluation(configuration.evaluation, task=configuration.task, features=known)
    gate = configuration.gate
    in_gate = (*gate.slices, *gate.drift.features, *gate.checks.split_overlap.key)
    uses = [(name, "features", "a feature") for name in raw_columns(configuration.features)]
    uses += [(name, "data", "the split") for name in configuration.data.split.columns or ()]
    uses += [(name, "gate", "the gate") for name in in_gate]
    for name, section, reader in uses:
        if name not in known:
            near = errors.nearest(name, known)
            raise errors.UserError(
                f"the data has no column {name!r}, which {reader} reads",
                evidence=[
                    f"the section {section} stands at {loaded.origin((section,))}",
                    f"columns of {path}: {', '.join(known)}",
                ],
                hint=f"did you mean {near!r}?" if near else "correct the column's name",
                code="unknown-column",
            )


def _schema_columns(configuration: PipelineConfiguration, locations: Locations) -> list[str]:
    from schema.reading import read_schema

    path = locations.schema_file(configuration)
    if path is None or "://" in path:
        return []
    return [feature.name for feature in read_schema(Path(path)).feature]


def _columns_in_use(configuration: PipelineConfiguration) -> set[str]:
    """The columns that a look at the data should find, if they are there."""
    from preprocessing.expression import parse_label
    from preprocessing.features import raw_columns

    found = {*raw_columns(configuration.features), *(configuration.data.split.columns or ())}
    with contextlib.suppress(errors.UserError):  # Refused later, with the label's place.
        found.update(parse_label(configuration.label).columns)
    slices = [*configuration.evaluation.slices]
    slices += [gate.slice for gate in configuration.evaluation.fairness]
    for metric in configuration.evaluation.metrics.values():
        slices += [entry.slice for entry in metric.by_slice]
    found.update(feature for entry in slices for feature in entry.features)
    return found


def find_base_run(root: RunFolder, pipeline: str) -> str:
    """The newest finished run of a pipeline, whose results a partial run reuses.

    Raises:
      errors.UserError: If there is none.
    """
    from metadata import run_file

    for run_id in root.run_ids():
        record = run_file.read(root.run(run_id).folder)
        if record.pipeline == pipeline and record.status in ("succeeded", "not_blessed"):
            return run_id
    raise errors.UserError(
        f"there is no finished run of {pipeline} whose results could be reused",
        hint="run the whole pipeline first, without --from",
        code="no-base-run",
    )
