"""A folder of images as sharded TFRecord files, with Beam."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core import files
from core.errors import DataError, UserError
from onboarding.images.folder import Broken, ImageFolder, list_images

# About what TensorFlow's guide to input pipelines advises: 100 MB and more a file.
SHARD_BYTES = 128 * 1024**2
# Names with an underscore are not read as data.
REJECTS_NAME = "_rejects.jsonl"
LABELS_NAME = "_labels.txt"
SUCCESS_NAME = "_SUCCESS"
_POLL_SECONDS = 0.5

Watch = Callable[[int, int], None]


@dataclasses.dataclass(frozen=True)
class Conversion:
    """What was written.

    Attributes:
      output: The folder.
      images: How many examples.
      shards: The files' names.
      classes: The classes' names, by label.
      broken: What was set aside.
    """

    output: Path
    images: int
    shards: tuple[str, ...]
    classes: tuple[str, ...]
    broken: tuple[Broken, ...]


def convert_images(
    folder: Path,
    output: Path,
    *,
    shards: int | None = None,
    size: tuple[int, int] | None = None,
    overwrite: bool = False,
    beam_arguments: Sequence[str] = (),
    watch: Watch | None = None,
) -> Conversion:
    """Converts a folder; the output is there as a whole or not at all.

    Args:
      folder: Holds a folder of JPEG and PNG files for each class.
      output: The folder to make.
      shards: How many files; by their size where it is None.
      size: Width and height to resize to; None to keep the files' own bytes.
      overwrite: Whether an output that is there is replaced.
      beam_arguments: Beam's own, such as --direct_num_workers=4.
      watch: Told from time to time how many images of how many are done.

    Raises:
      UserError: If the folder does not exist or the output does.
      DataError: If no image can be decoded.
    """
    if output.exists() and not overwrite:
        raise UserError(
            f"{output} is there already",
            hint="name another folder, or say --overwrite",
            code="output-exists",
        )
    found = list_images(folder)
    count = min(len(found.images), shards or max(1, -(-found.size // SHARD_BYTES)))
    output.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{output.name}.", dir=output.parent))
    try:
        with _watched(scratch, len(found.images), watch):
            _run(found, count, scratch, size, beam_arguments)
        conversion = _finish(found, count, scratch, output)
        scratch.chmod(0o755)
        if output.exists():
            output.replace(scratch / ".replaced")
        scratch.replace(output)
        shutil.rmtree(output / ".replaced", ignore_errors=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return conversion


def _run(
    found: ImageFolder,
    count: int,
    scratch: Path,
    size: tuple[int, int] | None,
    arguments: Sequence[str],
) -> None:
    with warnings.catch_warnings():
        # Libraries under Beam remark on the version of Python.
        warnings.simplefilter("ignore", FutureWarning)
        import apache_beam as beam
        from apache_beam.options.pipeline_options import PipelineOptions

        from core.beam_workers import import_as_here
        from onboarding.images.beam_shards import Shard, WriteShard
    logging.getLogger("apache_beam").setLevel(logging.ERROR)

    images = len(found.images)
    bounds = [images * shard // count for shard in range(count + 1)]
    parts = [
        Shard(shard, count, found.images[bounds[shard] : bounds[shard + 1]])
        for shard in range(count)
    ]
    if any("multi_processing" in word for word in arguments):
        import_as_here()
    with beam.Pipeline(options=PipelineOptions(list(arguments))) as pipeline:
        _ = (
            pipeline
            | "Shards" >> beam.Create(parts)
            | "OneEach" >> beam.Reshuffle()
            | "Write" >> beam.ParDo(WriteShard(str(scratch), size))
        )


def _finish(found: ImageFolder, count: int, scratch: Path, output: Path) -> Conversion:
    from onboarding.images.beam_shards import shard_name

    broken = list(found.broken)
    shards, images = [], 0
    for shard in range(count):
        report = scratch / f".report-{shard:05}.json"
        record = json.loads(report.read_text())
        report.unlink()
        (scratch / f".done-{shard:05}").unlink()
        broken += [Broken(name, reason) for name, reason in record["broken"]]
        images += record["images"]
        if record["images"]:
            shards.append(shard_name(shard, count))
    broken.sort(key=lambda item: item.name)
    if not images:
        raise DataError(
            "not one of the images can be decoded",
            evidence=[f"{item.name}: {item.reason}" for item in broken[:5]],
            hint="check that they are JPEG or PNG files",
            code="no-images",
        )
    files.write_text(scratch / LABELS_NAME, "".join(f"{text}\n" for text in found.classes))
    if broken:
        lines = [
            json.dumps({"file": item.name, "reason": item.reason}, ensure_ascii=False)
            for item in broken
        ]
        files.write_text(scratch / REJECTS_NAME, "\n".join(lines) + "\n")
    files.write_text(scratch / SUCCESS_NAME, "")
    return Conversion(output, images, tuple(shards), found.classes, tuple(broken))


@contextlib.contextmanager
def _watched(scratch: Path, images: int, watch: Watch | None) -> Iterator[None]:
    """Tells how many images are done; each worker adds a byte to a file for each."""
    import threading

    if watch is None:
        yield
        return
    ended = threading.Event()

    def poll() -> None:
        while not ended.wait(_POLL_SECONDS):
            watch(sum(path.stat().st_size for path in scratch.glob(".done-*")), images)

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
