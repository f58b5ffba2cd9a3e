"""Which images a folder holds, and which class each one belongs to."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path

from core.errors import DataError, UserError

SUFFIXES = (".jpg", ".jpeg", ".png")


@dataclasses.dataclass(frozen=True)
class ImageFile:
    """One image to be converted.

    Attributes:
      path: Where it lies.
      name: Its path below the folder, with slashes.
      text: The class: the name of the folder just below the one that was given.
      label: The class as a number from 0, in the order of the classes' names.
    """

    path: str
    name: str
    text: str
    label: int


@dataclasses.dataclass(frozen=True)
class Broken:
    """A file that is set aside.

    Attributes:
      name: Its path below the folder.
      reason: What is wrong, in a few words.
    """

    name: str
    reason: str


@dataclasses.dataclass(frozen=True)
class ImageFolder:
    """What a folder holds.

    Attributes:
      images: In an order that mixes the classes and is the same each time.
      classes: The classes' names, by label.
      broken: Files that are no images of a class, by name.
      size: Bytes of all images.
    """

    images: tuple[ImageFile, ...]
    classes: tuple[str, ...]
    broken: tuple[Broken, ...]
    size: int


def list_images(folder: Path) -> ImageFolder:
    """Lists the JPEG and PNG files in the class folders of a folder, at any depth.

    Names that start with ``.`` or ``_`` are other programs' marks and are left out.

    Args:
      folder: Holds a folder for each class.

    Raises:
      UserError: If it is not a folder on this machine.
      DataError: If there is no image in a class folder.
    """
    if "://" in str(folder) or ":/" in str(folder):
        raise UserError(
            f"{folder} is not a folder on this machine",
            hint="copy the images to this machine first; the TFRecord files may go anywhere",
            code="folder-not-local",
        )
    if not folder.is_dir():
        raise UserError(
            f"there is no folder {folder}",
            hint="name a folder with a folder of images for each class",
            code="no-folder",
        )
    found, broken = [], []
    size = 0
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        parts = path.relative_to(folder).parts
        if any(part.startswith((".", "_")) for part in parts):
            continue
        # A name that is not UTF-8 is told as well as it can be.
        name = os.fsencode("/".join(parts)).decode("utf-8", "replace")
        if path.suffix.lower() not in SUFFIXES:
            broken.append(Broken(name, "is no .jpg, .jpeg or .png file"))
        elif len(parts) < 2:
            broken.append(Broken(name, "lies in no class folder"))
        else:
            found.append((name, path))
            size += path.stat().st_size
    if not found:
        raise DataError(
            f"{folder} holds no images of any class",
            evidence=[f"{item.name}: {item.reason}" for item in broken[:5]],
            hint="put JPEG and PNG files into a folder for each class: FOLDER/cat/1.jpg",
            code="no-images",
        )
    classes = sorted({name.partition("/")[0] for name, _ in found})
    labels = {text: label for label, text in enumerate(classes)}
    images = [
        ImageFile(str(path), name, (text := name.partition("/")[0]), labels[text])
        for name, path in found
    ]
    images.sort(key=lambda image: hashlib.sha256(image.name.encode()).digest())
    return ImageFolder(tuple(images), tuple(classes), tuple(broken), size)
