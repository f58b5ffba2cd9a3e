"""``millrace config``: the resolved configuration and where each value came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options import configuration_options, json_option
from core import terminal

if TYPE_CHECKING:
    from pipeline.configuration.loading import LoadedConfiguration
    from pipeline.configuration.parameters import RunParameter
    from pipeline.configuration.positions import KeyPath


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
    from pipeline.configuration.parameters import run_parameters

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
    if parameters:
        _print_parameters([known[".".join(path)] for path, _ in values])
    else:
        _print_values(loaded, values, set(known))


def _print_parameters(parameters: list[RunParameter]) -> None:
    from rich.text import Text

    console = terminal.console()
    for item in parameters:
        default = "" if item.default is None else json.dumps(item.default)
        console.print(
            Text.assemble(
                (item.name, "bold cyan"), f" = {default}", (f"   ({item.bounds_text})", "dim")
            )
        )
        console.print(Text(f"    {item.description}"))
    console.print(Text("\nchange one for a run: --set NAME=VALUE", "dim"))


def _print_values(
    loaded: LoadedConfiguration, values: list[tuple[KeyPath, Any]], parameters: set[str]
) -> None:
    from rich.text import Text

    console = terminal.console(soft_wrap=True)
    for path, value in values:
        name = ".".join(path)
        origin = str(loaded.origin(path))
        shown = "" if value is None else json.dumps(value, ensure_ascii=False)
        text = Text.assemble((name, "bold cyan" if name in parameters else ""), f" = {shown}")
        text.pad_right(max(1, 56 - text.cell_len))
        console.print(text.append(f" # {origin}", "dim"))
    console.print(Text("\nhighlighted: run parameters (--parameters explains them)", "dim"))
