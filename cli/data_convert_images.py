"""``millrace data convert-images``: folders of images as TFRecord files."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from cli.options import json_option
from cli.printing import print_json
from core import terminal
from core.errors import UserError
from core.files import shown_path

_SIZE = re.compile(r"([1-9][0-9]{0,4})[xX]([1-9][0-9]{0,4})")
_SHOWN_BROKEN = 5


@click.command("convert-images")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.option(
    "--shards",
    type=click.IntRange(1, 100_000),
    help="How many files; as many as make them about 128 MB by default.",
)
@click.option(
    "--size", metavar="WIDTHxHEIGHT", help="Resize, e.g. 224x224; as they are by default."
)
@click.option("--overwrite", is_flag=True, help="Replace an OUTPUT that is there.")
@click.option(
    "--beam",
    "beam_arguments",
    multiple=True,
    metavar="ARGUMENT",
    help="An argument for Beam, e.g. --beam=--direct_num_workers=4. May be repeated.",
)
@json_option
def convert_images(
    folder: Path,
    output: Path,
    shards: int | None,
    size: str | None,
    overwrite: bool,
    beam_arguments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Convert the JPEG and PNG files of FOLDER to TFRecord files of tf.Examples in OUTPUT.

    An image's class is the name of its folder just below FOLDER; its label is that name's
    place in the order of all. Each example has image/encoded, image/format, image/height,
    image/width, image/class/label, image/class/text and image/filename. Which image is in
    which file, and in which order, is the same each time. Images that cannot be decoded are
    set aside with their reasons in OUTPUT/_rejects.jsonl; OUTPUT/_labels.txt has the classes.

    \b
    Examples:
      millrace data convert-images flowers/ flowers-tfrecord/
      millrace data convert-images flowers/ small/ --size 224x224 --shards 8
      millrace data convert-images flowers/ out/ --beam=--direct_num_workers=4 \\
          --beam=--direct_running_mode=multi_processing
    """
    from onboarding.images.conversion import convert_images as convert

    wanted = None if size is None else _SIZE.fullmatch(size)
    if size is not None and wanted is None:
        raise UserError(
            f"--size {size} is not a width and a height",
            hint="say it in pixels: --size 224x224",
            code="image-size",
        )
    made = convert(
        folder,
        output,
        shards=shards,
        size=None if wanted is None else (int(wanted[1]), int(wanted[2])),
        overwrite=overwrite,
        beam_arguments=beam_arguments,
        watch=_tell if sys.stderr.isatty() else None,
    )
    if as_json:
        print_json(
            {
                "output": str(made.output),
                "images": made.images,
                "shards": list(made.shards),
                "classes": list(made.classes),
                "broken": [{"file": item.name, "reason": item.reason} for item in made.broken],
            }
        )
        return
    click.echo(
        f"{made.images:,} images of {len(made.classes):,} classes in {len(made.shards):,} files"
        f" of {shown_path(made.output)}"
    )
    if made.broken:
        click.echo(f"{len(made.broken):,} files set aside, see {shown_path(output)}/_rejects.jsonl")
        for item in made.broken[:_SHOWN_BROKEN]:
            click.echo(f"  {item.name} {item.reason}")


def _tell(done: int, images: int) -> None:
    end = "\n" if done == images else ""
    terminal.overwrite(f"{done:,} of {images:,} images{end}")
