"""Which version a run or a schedule starts, and with which values."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from core import errors
from kubeflow.client.connection import Connection
from kubeflow.client.options import Asked
from kubeflow.client.records import Version
from kubeflow.client.source import Source, read_source, refuse_compile_options, settings_for
from kubeflow.package.package_tasks import PackageTask, package_tasks
from kubeflow.package.run_values import check_values, read_assignments

if TYPE_CHECKING:
    from kubeflow.client.api import KubeflowApi
    from kubeflow.package.package import Package


@dataclasses.dataclass(frozen=True)
class Target:
    """A version on the server, ready to be run.

    Attributes:
      api: The server.
      pipeline: The pipeline's name.
      version: The version.
      new_version: Whether it was uploaded just now.
      tasks: The pipeline's tasks.
      values: The run parameters that are changed, checked.
      experiment: The experiment's name.
      service_account: The pods' service account; None for the server's own.
      warnings: What a person should know, a sentence each.
    """

    api: KubeflowApi
    pipeline: str
    version: Version
    new_version: bool
    tasks: tuple[PackageTask, ...]
    values: dict[str, int | float | bool | str]
    experiment: str
    service_account: str | None
    warnings: tuple[str, ...] = ()


def find_target(asked: Asked, *, macros: bool = False) -> Target:
    """Finds, or uploads, what is to be run, and checks the values against it.

    Args:
      asked: What the command line says.
      macros: Whether values may hold what a recurring run fills in.

    Raises:
      errors.MillraceError: If there is no such thing, or a value is refused; nothing was
        uploaded then.
    """
    texts = read_assignments(asked.assignments)
    if (asked.package is None) == (asked.pipeline is None):
        raise errors.UserError(
            "what is to be run?"
            if asked.package is None
            else "a file and --pipeline name two things",
            hint="name a package or a configuration, or say --pipeline NAME for one "
            "that is on the cluster",
            code="no-pipeline",
        )
    if asked.pipeline is not None:
        refuse_compile_options(asked.compile_with, f"{asked.pipeline} is on the cluster already")
        return _on_server(asked, asked.pipeline, texts, macros=macros)
    assert asked.package is not None
    if asked.version is not None:
        raise errors.UserError(
            "--version needs --pipeline: a file is a version of its own",
            hint=f"say --pipeline NAME --version {asked.version}, or leave out --version",
            code="version-of-file",
        )
    settings = settings_for(asked.package, asked.compile_with)
    connection = asked.server.connection(settings, asked.experiment)
    source = read_source(asked.package, asked.compile_with)
    values = check_values(source.package, texts, macros=macros)
    return _uploaded(source, values, connection, asked.service_account)


def _uploaded(
    source: Source,
    values: dict[str, int | float | bool | str],
    connection: Connection,
    service_account: str | None,
) -> Target:
    from google.protobuf import json_format

    from kubeflow.client.api import open_api
    from kubeflow.client.uploading import upload

    api = open_api(connection)
    done = upload(api, source)
    configured = source.settings.service_account if source.settings else None
    return Target(
        api=api,
        pipeline=source.pipeline,
        version=dataclasses.replace(done.version, name=done.version.name or source.version),
        new_version=done.new_version,
        tasks=package_tasks(json_format.MessageToDict(source.package.spec)),
        values=values,
        experiment=connection.experiment or source.pipeline,
        service_account=service_account or configured,
        warnings=source.warnings,
    )


def _on_server(asked: Asked, pipeline: str, texts: dict[str, str], *, macros: bool) -> Target:
    from kubeflow.client.api import open_api

    connection = asked.server.connection(experiment=asked.experiment)
    api = open_api(connection)
    pipeline_id = api.find_pipeline(pipeline)
    if pipeline_id is None:
        names = api.pipeline_names()
        near = errors.nearest(pipeline, names)
        raise errors.UserError(
            f"there is no pipeline {pipeline!r} on {connection.host}",
            evidence=[f"its pipelines: {', '.join(names[:20]) or '(none)'}"],
            hint=f"did you mean {near}?" if near else "upload it: `millrace kubeflow upload`",
            code="unknown-pipeline",
        )
    found = _version(api, pipeline, pipeline_id, asked.version)
    full = api.get_version(pipeline_id, found.id)
    return Target(
        api=api,
        pipeline=pipeline,
        version=found,
        new_version=False,
        tasks=package_tasks(full.spec),
        values=check_values(_package(full.spec), texts, macros=macros),
        experiment=connection.experiment or pipeline,
        service_account=asked.service_account,
    )


def _version(api: KubeflowApi, pipeline: str, pipeline_id: str, name: str | None) -> Version:
    found = api.find_version(pipeline_id, name) if name else None
    if found is not None:
        return found
    known = api.versions(pipeline_id)
    if name is None and known:
        return known[0]
    if not known:
        raise errors.UserError(
            f"the pipeline {pipeline!r} has no version",
            hint="upload one: `millrace kubeflow upload`",
            code="unknown-version",
        )
    names = [version.name for version in known]
    near = errors.nearest(name or "", names)
    raise errors.UserError(
        f"the pipeline {pipeline!r} has no version {name!r}",
        evidence=[f"its newest versions: {', '.join(names[:10])}"],
        hint=f"did you mean {near}?" if near else "leave out --version for the newest",
        code="unknown-version",
    )


def _package(spec: dict[str, Any] | None) -> Package:
    """A package out of what the server keeps of a version."""
    from google.protobuf import json_format

    from kubeflow.package.package import Package
    from kubeflow.package.pipeline_spec import pipeline_spec_pb2

    bare = (spec or {}).get("pipeline_spec", spec or {})
    try:
        read = json_format.ParseDict(
            bare, pipeline_spec_pb2().PipelineSpec(), ignore_unknown_fields=True
        )
    except json_format.ParseError as error:
        raise errors.UserError(
            "the pipeline's version on the server cannot be read",
            evidence=[" ".join(str(error).split())[:200]],
            hint="was it made for Kubeflow Pipelines 1? Upload it anew from a package",
            code="unreadable-version",
        ) from None
    return Package(read, None)
