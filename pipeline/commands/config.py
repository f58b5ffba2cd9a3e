"""``millrace config``: the resolved configuration and where each value came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from pipeline.commands.options import configuration_options, json_option


@click.command()
@configuration_options
@click.option("--parameters", is_flag=True, help="Only the run parameters, with their bounds.")
@json_option
def config(
    configuration: Path,
    data: str | None,
    profile: str | None,
    assignments: tuple[str, ...],
    parameters: bool,
    as_json: bool,
) -> None:
    """Check CONFIG and print every value with where it came from.

    The origin is a file and line, --set, --data, or the default.
    """
    from pipeline.configuration.loading import data_layer, flattened, load
    from pipeline.parameters import run_parameters

    overrides = [data_layer(data)] if data else []
    loaded = load(configuration, profile=profile, assignments=assignments, overrides=overrides)
    values = flattened(loaded.configuration.model_dump(mode="json"))
    known = {item.name: item for item in run_parameters(loaded.configuration)}
    if parameters:
        values = [(path, value) for path, value in values if ".".join(path) in known]
    if as_json:
        rows: list[dict[str, Any]] = []
        for path, value in values:
            name = ".".join(path)
            row = {"key": name, "value": value, "origin": str(loaded.origin(path))}
            if name in known:
                row["run_parameter"] = known[name].to_json()
            rows.append(row)
        click.echo(json.dumps(rows, indent=1))
        return
    _print(loaded, values, known, described=parameters)


def _print(loaded: Any, values: Any, known: dict[str, Any], *, described: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("key", overflow="fold")
    table.add_column("value", overflow="fold")
    table.add_column("bounds" if described else "from", overflow="fold")
    if described:
        table.add_column("meaning", overflow="fold")
    for path, value in values:
        name = ".".join(path)
        origin = str(loaded.origin(path))
        mark = "bold cyan" if name in known else ""
        shown = "" if value is None else json.dumps(value, ensure_ascii=False)
        cells = [Text(name, mark), Text(shown)]
        if described:
            cells += [Text(known[name].bounds_text), Text(known[name].description)]
        else:
            cells.append(Text(origin, "dim" if origin == "default" else ""))
        table.add_row(*cells)
    console = Console()
    console.print(table)
    if not described:
        console.print(Text("cyan: run parameters; change them for one run with --set", "dim"))
