"""``millrace kubeflow upload``: a package becomes a version of its pipeline on a cluster."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import json_option
from kubeflow.client.options import Compile, Server, compile_options, server_options


@click.command()
@click.argument("package", type=click.Path(path_type=Path), metavar="PACKAGE|CONFIG")
@server_options
@compile_options
@json_option
def upload(package: Path, server: Server, compile_with: Compile, as_json: bool) -> None:
    """Put PACKAGE on a cluster, as a new version of its pipeline.

    A CONFIG is compiled first. The version's name says which code and which package it is:
    the git commit, `changed` where files differ from it, and a digest of the package, such
    as 3f2a1c9-8d41f0aa. What is there already is not uploaded again.

    \b
    Examples:
      millrace kubeflow upload taxi.yaml --host http://localhost:8080
      millrace kubeflow upload configs/taxi.yaml --image registry/millrace:1
    """
    from kubeflow.client.source import read_source, settings_for

    # Compiling may take half a minute: what is missing is said before.
    connection = server.connection(settings_for(package, compile_with))
    source = read_source(package, compile_with)
    from kubeflow.client.api import open_api
    from kubeflow.client.uploading import upload as put

    api = open_api(connection)
    done = put(api, source)
    link = api.link("pipelines", done.version.pipeline_id)
    if as_json:
        from cli.printing import print_json

        print_json(
            {
                "pipeline": source.pipeline,
                "pipeline_id": done.version.pipeline_id,
                "version": done.version.name or source.version,
                "version_id": done.version.id,
                "new_pipeline": done.new_pipeline,
                "new_version": done.new_version,
                "link": link,
                "warnings": source.warnings,
            }
        )
        return
    for warning in source.warnings:
        click.echo(f"note: {warning}", err=True)
    if not done.new_version:
        click.echo(f"{source.pipeline}: the version {source.version} is there already")
    elif done.new_pipeline:
        click.echo(f"{source.pipeline}: a new pipeline, version {source.version}")
    else:
        click.echo(f"{source.pipeline}: a new version, {source.version}")
    click.echo(link)
