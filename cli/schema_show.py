"""``millrace schema show``: a schema as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from google.protobuf import json_format
from rich.table import Table
from tensorflow_metadata.proto.v0 import schema_pb2

from cli.options import json_option, root_option
from cli.printing import console, print_json
from pipeline.curation.naming import named_schema
from schema.description import ASPECTS, describe, environments_of

_COLUMNS = ("type", "presence", "values", "domain", "environments", "drift", "skew")
_SHOWN_VALUES = 6


@click.command()
@click.argument("source", metavar="FILE|CONFIG|RUN")
@root_option
@json_option
def show(source: str, root: Path, as_json: bool) -> None:
    """Print what a schema says of each feature.

    FILE is a schema (pbtxt), CONFIG a configuration whose curated schema is meant, RUN the
    id of a run (or `latest`) whose data were checked against the schema that is meant.

    \b
    presence  how many examples must have the feature
    values    how many values an example may have
    domain    the allowed values or range, and the share that must lie in it
    drift     how far it may move from one span to the next
    skew      how far training and serving may lie apart

    \b
    Examples:
      millrace schema show configs/taxi.yaml
      millrace schema show latest --json
    """
    found = named_schema(source, root)
    if as_json:
        print_json(document(found))
        return
    console().print(table(found))


def table(schema: schema_pb2.Schema) -> Table:
    """The schema as a table, without columns that are empty for every feature."""
    described = describe(schema)
    rows = []
    for feature in described:
        domain = feature["domain"] or feature["range"]
        if feature.values:
            more = ", …" if len(feature.values) > _SHOWN_VALUES else ""
            domain += f": {', '.join(feature.values[:_SHOWN_VALUES])}{more}"
        if feature["share in domain"]:
            domain += f" ({feature['share in domain']} of the values)"
        notes = [feature["stage"]]
        notes += [f"{name}: {feature[name]}" for name in feature.aspects if name not in ASPECTS]
        cells = {**feature.aspects, "domain": domain, "notes": "; ".join(filter(None, notes))}
        rows.append((feature.name, cells))
    made = Table(box=None, pad_edge=False, header_style="dim")
    made.add_column("Feature", overflow="fold")
    shown = [name for name in (*_COLUMNS, "notes") if any(cells.get(name) for _, cells in rows)]
    for name in shown:
        made.add_column(name.capitalize(), overflow="fold")
    for feature_name, cells in rows:
        made.add_row(feature_name, *(cells.get(name, "") for name in shown))
    return made


def document(schema: schema_pb2.Schema) -> dict[str, Any]:
    """The schema for programs: the words of the table, and the proto in protobuf's JSON."""
    environments = tuple(schema.default_environment)
    protos = {feature.name: feature for feature in schema.feature}
    return {
        "environments": list(environments),
        "features": [
            {
                "name": feature.name,
                **{name.replace(" ", "_"): text for name, text in feature.aspects.items()},
                "environments": list(environments_of(protos[feature.name], environments)),
                "domain_values": list(feature.values),
                "proto": json_format.MessageToDict(
                    protos[feature.name], preserving_proto_field_name=True
                ),
            }
            for feature in describe(schema)
        ],
    }
