"""``millrace schema``: the schemas that data are checked against, as files to curate."""

from __future__ import annotations

import click

from cli.lazy_group import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "infer": ("cli.schema_infer:infer", "Make a schema from data."),
    "show": ("cli.schema_show:show", "Print what a schema says."),
    "diff": ("cli.schema_diff:diff", "Compare two schemas, feature by feature."),
    "accept": ("cli.schema_accept:accept", "Amend a schema from a run's anomalies."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    epilog="Start with: millrace schema infer DATA --label COLUMN --output FILE",
)
def schema() -> None:
    """What data may look like: a text file (pbtxt) that TFDV reads and people curate.

    A run stops on data that break the schema. The schema then stays and the data are
    corrected, or the change is meant and `accept` amends the schema.

    \b
    Examples:
      millrace schema infer trips/ --label tips --output schema/taxi/schema.pbtxt
      millrace schema show configs/taxi.yaml
      millrace schema diff schema/taxi/schema.pbtxt latest
      millrace schema accept latest --feature payment_type --because "new card terminals"
    """
