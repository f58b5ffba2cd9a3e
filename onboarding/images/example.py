"""One image as a serialized tf.Example."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from onboarding.images.folder import ImageFile

if TYPE_CHECKING:
    from PIL import Image

Size = tuple[int, int]
_FORMATS = {"JPEG": "jpeg", "PNG": "png"}
_JPEG_QUALITY = 95
# Of the modes that a resized image may keep; others become RGB.
_KEPT_MODES = {"JPEG": ("L", "RGB"), "PNG": ("L", "LA", "RGB", "RGBA")}


class BrokenImageError(Exception):
    """An image that cannot be decoded; the text says why."""


def image_example(image: ImageFile, size: Size | None = None) -> bytes:
    """Reads an image to its last pixel and puts it into a tf.Example.

    Without a size the file's own bytes are taken, to the last one. With a size the image is
    turned upright as its camera noted, resized (Lanczos, the proportions are not kept) and
    encoded again: JPEG in quality 95, PNG without loss.

    Args:
      image: The file.
      size: Width and height in pixels; None to leave it as it is.

    Returns:
      A tf.Example with int64 features image/height, image/width and image/class/label,
      and bytes features image/encoded, image/format (jpeg or png), image/class/text and
      image/filename.

    Raises:
      BrokenImageError: If it cannot be decoded, or is neither JPEG nor PNG.
    """
    import pyarrow as pa

    from components.example_gen.records.encoding import Column, encode_examples
    from components.example_gen.records.tfrecords import record_list

    encoded, kind, (width, height) = _decoded(image, size)
    numbers = {
        "image/height": height,
        "image/width": width,
        "image/class/label": image.label,
    }
    texts = {
        "image/encoded": encoded,
        "image/format": kind.encode(),
        "image/class/text": image.text.encode(),
        "image/filename": image.name.encode(),
    }
    columns = {name: Column(pa.array([number], pa.int64())) for name, number in numbers.items()}
    columns |= {name: Column(pa.array([text], pa.large_binary())) for name, text in texts.items()}
    return record_list(encode_examples(columns))[0]


def _decoded(image: ImageFile, size: Size | None) -> tuple[bytes, str, Size]:
    from PIL import Image

    try:
        content = Path(image.path).read_bytes()
    except OSError as error:
        raise BrokenImageError(f"cannot be read: {error.strerror}") from error
    if not content:
        raise BrokenImageError("is empty")
    try:
        # An image beyond Pillow's limit is a warning there; memory is no place for it.
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as opened:
                kind = opened.format or "of an unknown kind"
                if kind not in _FORMATS:
                    raise BrokenImageError(f"is {kind}, neither JPEG nor PNG")
                opened.load()
                if size is None:
                    return content, _FORMATS[kind], opened.size
                return _resized(opened, kind, size), _FORMATS[kind], size
    except BrokenImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BrokenImageError(f"is too large: {error}") from error
    # Pillow's decoders raise nearly anything for bytes that are no image.
    except Exception as error:
        raise BrokenImageError(_reason(error)) from error


def _resized(opened: Image.Image, kind: str, size: Size) -> bytes:
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(opened)
    if upright.mode not in _KEPT_MODES[kind]:
        transparent = kind == "PNG" and "transparency" in opened.info
        upright = upright.convert("RGBA" if transparent else "RGB")
    buffer = io.BytesIO()
    resized = upright.resize(size, Image.Resampling.LANCZOS)
    options = {"quality": _JPEG_QUALITY} if kind == "JPEG" else {}
    resized.save(buffer, kind, **options)
    return buffer.getvalue()


def _reason(error: Exception) -> str:
    text = (str(error).splitlines() or [type(error).__name__])[0]
    if "cannot identify" in text:
        return "is not an image"
    return f"cannot be decoded: {text[:120]}"
