"""Folders of images become TFRecord files: every time the same, broken ones set aside."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from PIL import Image

from cli.data_convert_images import convert_images as command
from components.example_gen.formats.reader import reader_of
from components.example_gen.inspection import inspect_source
from components.example_gen.settings import IngestionSettings
from components.example_gen.sources import find_files
from core.errors import DataError, UserError
from onboarding.images.conversion import Conversion, convert_images
from onboarding.images.folder import list_images


def encoded(kind: str, mode: str = "RGB", size: tuple[int, int] = (8, 6), **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve images of two classes."""
    root = tmp_path / "pets"
    for text in ("dog", "cat"):
        (root / text / "deep").mkdir(parents=True)
        for i in range(3):
            (root / text / f"{i}.JPG").write_bytes(encoded("JPEG", size=(8 + i, 6)))
            (root / text / "deep" / f"{i}.png").write_bytes(encoded("PNG", "P", (5, 4 + i)))
    return root


def examples(made: Conversion) -> list[dict[str, Any]]:
    """The examples of all shards, in order, decoded by tfx_bsl."""
    found: list[dict[str, Any]] = []
    for source in find_files(str(made.output), "*.tfrecord", IngestionSettings()):
        for batch in reader_of(source).read(source, None, IngestionSettings()):
            columns = {
                name: (values if pa.types.is_int64(values.type) else values.cast(pa.binary()))
                for name, values in batch.columns.items()
            }
            found += pa.table(columns).to_pylist()
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_examples_hold_the_files_as_they_are(folder, tmp_path):
    made = convert_images(folder, tmp_path / "out", shards=3)
    found = {example["image/filename"].decode(): example for example in examples(made)}
    assert len(found) == made.images == 12
    assert made.classes == ("cat", "dog")
    assert found["dog/2.JPG"] == {
        "image/encoded": (folder / "dog/2.JPG").read_bytes(),
        "image/format": b"jpeg",
        "image/height": 6,
        "image/width": 10,
        "image/class/label": 1,
        "image/class/text": b"dog",
        "image/filename": b"dog/2.JPG",
    }
    assert found["cat/deep/1.png"]["image/format"] == b"png"
    assert found["cat/deep/1.png"]["image/class/label"] == 0


def test_shards_are_even_mixed_and_always_the_same(folder, tmp_path):
    first = convert_images(folder, tmp_path / "first", shards=3)
    again = convert_images(folder, tmp_path / "again", shards=3)
    assert first.shards == tuple(f"images-0000{i}-of-00003.tfrecord" for i in range(3))
    assert contents(first.output) == contents(again.output)
    labels = [image.label for image in list_images(folder).images]
    assert labels not in (sorted(labels), sorted(labels, reverse=True))


def test_workers_in_other_processes_write_the_same(folder, tmp_path):
    here = convert_images(folder, tmp_path / "here", shards=2)
    arguments = ["--direct_num_workers=2", "--direct_running_mode=multi_threading"]
    beam = convert_images(folder, tmp_path / "beam", shards=2, beam_arguments=arguments)
    assert contents(here.output) == contents(beam.output)


def test_images_are_resized_and_turned_upright(folder, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    (folder / "dog" / "turned.jpg").write_bytes(encoded("JPEG", "CMYK", (40, 20), exif=exif))
    made = convert_images(folder, tmp_path / "out", size=(16, 12))
    for example in examples(made):
        opened = Image.open(io.BytesIO(example["image/encoded"]))
        assert opened.size == (16, 12) == (example["image/width"], example["image/height"])
        assert opened.mode in ("L", "RGB", "RGBA")


def test_broken_images_are_set_aside_with_their_reasons(folder, tmp_path):
    whole = encoded("JPEG", size=(300, 300))
    bad = {
        "cat/cut.jpg": whole[: len(whole) // 2],
        "cat/empty.png": b"",
        "cat/page.jpg": b"<html>404</html>",
        "cat/other.png": encoded("GIF", "P"),
        "cat/notes.txt": b"x",
        "loose.jpg": whole,
    }
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    (folder / "cat" / ".DS_Store").write_bytes(b"x")
    made = convert_images(folder, tmp_path / "out")
    reasons = {item.name: item.reason for item in made.broken}
    assert list(reasons) == sorted(bad)
    assert reasons["cat/cut.jpg"].startswith("cannot be decoded: image file is truncated")
    assert reasons["cat/empty.png"] == "is empty"
    assert reasons["cat/page.jpg"] == "is not an image"
    assert reasons["cat/other.png"] == "is GIF, neither JPEG nor PNG"
    assert reasons["loose.jpg"] == "lies in no class folder"
    lines = (made.output / "_rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["file"] for line in lines] == sorted(bad)
    assert made.images == 12


def test_an_image_too_large_to_decode_is_set_aside(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40)
    made = convert_images(folder, tmp_path / "out")
    assert {item.reason.partition(":")[0] for item in made.broken} == {"is too large"}
    assert made.images == 6


def test_the_output_is_whole_or_absent(folder, tmp_path):
    for path in folder.rglob("*.*"):
        path.write_bytes(b"broken")
    with pytest.raises(DataError, match="not one of the images"):
        convert_images(folder, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["pets"]


def test_an_output_that_is_there_is_replaced_only_when_asked(folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").touch()
    with pytest.raises(UserError, match="there already"):
        convert_images(folder, tmp_path / "out")
    convert_images(folder, tmp_path / "out", overwrite=True)
    assert list(contents(tmp_path / "out")) == [
        "_SUCCESS",
        "_labels.txt",
        "images-00000-of-00001.tfrecord",
    ]


@pytest.mark.parametrize(
    ("name", "code"), [("absent", "no-folder"), ("gs://bucket/x", "folder-not-local")]
)
def test_a_folder_that_is_none_is_refused(tmp_path, name, code):
    with pytest.raises(UserError) as caught:
        convert_images(Path(name), tmp_path / "out")
    assert caught.value.code == code


def test_example_gen_reads_what_was_written(folder, tmp_path):
    made = convert_images(folder, tmp_path / "out", shards=2)
    columns = {column.name for column in inspect_source(made.output).columns}
    assert columns >= {"image/encoded", "image/class/label"}


def test_the_command_counts_and_speaks_json(folder, tmp_path):
    (folder / "cat" / "x.jpg").write_bytes(b"")
    arguments = [str(folder), str(tmp_path / "out"), "--size", "4x4", "--shards", "2"]
    told = CliRunner().invoke(command, arguments)
    assert "12 images of 2 classes in 2 files" in told.output
    assert "cat/x.jpg is empty" in told.output
    found = json.loads(CliRunner().invoke(command, [*arguments, "--overwrite", "--json"]).output)
    assert found["images"] == 12
    assert found["broken"] == [{"file": "cat/x.jpg", "reason": "is empty"}]


def test_a_size_that_is_none_is_refused(folder, tmp_path):
    told = CliRunner().invoke(command, [str(folder), str(tmp_path / "out"), "--size", "big"])
    assert isinstance(told.exception, UserError)
