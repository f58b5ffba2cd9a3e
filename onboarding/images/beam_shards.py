"""The Beam part: one element is one shard, so its content and order are always the same."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import apache_beam as beam

from core import files
from onboarding.images.example import BrokenImageError, Size, image_example
from onboarding.images.folder import ImageFile


@dataclasses.dataclass(frozen=True)
class Shard:
    """The images of one file.

    Attributes:
      number: From 0.
      count: How many shards there are.
      images: In the order in which they are written.
    """

    number: int
    count: int
    images: tuple[ImageFile, ...]


def shard_name(shard: int, count: int) -> str:
    """A shard's file name, as Beam names its shards."""
    return f"images-{shard:05}-of-{count:05}.tfrecord"


class WriteShard(beam.DoFn):
    """Writes a shard and a report beside it; a shard that is tried again starts anew.

    Args:
      folder: Where shards go.
      size: Width and height to resize to; None to keep images as they are.
    """

    def __init__(self, folder: str, size: Size | None) -> None:
        self._folder = folder
        self._size = size

    def process(self, element: Shard) -> None:
        """Writes one shard; memory holds one image."""
        import pyarrow as pa

        from components.example_gen.records.tfrecords import data_bytes, frame_records

        folder = Path(self._folder)
        broken: list[tuple[str, str]] = []
        target = folder / shard_name(element.number, element.count)
        done_path = folder / f".done-{element.number:05}"
        with (
            files.replaced_when_whole(target) as temporary,
            temporary.open("wb") as stream,
            done_path.open("wb", buffering=0) as done,
        ):
            for image in element.images:
                try:
                    record = image_example(image, self._size)
                except BrokenImageError as error:
                    broken.append((image.name, str(error)))
                else:
                    framed = frame_records(pa.array([record], pa.large_binary()), [record])
                    stream.write(data_bytes(framed))
                done.write(b".")
        written = len(element.images) - len(broken)
        if not written:
            target.unlink()
        report = {"images": written, "broken": broken}
        files.write_text(folder / f".report-{element.number:05}.json", json.dumps(report))
