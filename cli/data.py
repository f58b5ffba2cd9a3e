"""``millrace data``: what the data are like, and what became of data that were refused."""

from __future__ import annotations

import click

from cli.lazy_group import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "convert-images": (
        "cli.data_convert_images:convert_images",
        "Convert folders of images to TFRecord files.",
    ),
    "describe": ("cli.data_describe:describe", "Print statistics of data."),
    "quarantine": (
        "cli.data_quarantine:quarantine",
        "List, show, release and discard data that were refused.",
    ),
}


@click.group(
    cls=LazyGroup, table=COMMANDS, epilog="Start with: millrace data describe configs/taxi.yaml"
)
def data() -> None:
    """What the data are like, and what became of data that were refused.

    \b
    Examples:
      millrace data describe trips.csv
      millrace data quarantine list
      millrace data quarantine release 3f9a51c0 --because "the rate was right after all"
    """
