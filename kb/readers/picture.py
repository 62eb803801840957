"""Scanned pages as image files (png, jpg, tiff, webp, bmp, gif): one page per frame."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.models import SourceText
from kb.readers import recognition
from kb.readers.sheets import Sheet, source_of

_MOST_PIXELS = 100_000_000  # of one page: A3 at 600 dpi has 70 million


def read(path: Path, data: bytes) -> SourceText:
    """The recognised text of the frames; UnreadableDocument when text recognition is not installed or finds no text."""
    sheets = list[Sheet]()
    try:
        with Image.open(io.BytesIO(data)) as image:
            if not recognition.is_installed():
                raise UnreadableDocument(path, recognition.MISSING)
            for frame in _frames(path, image):
                upright = ImageOps.exif_transpose(frame)
                sheets.append(Sheet(float(upright.height), recognition.recognise(upright), is_recognised=True))
    except Image.DecompressionBombError as error:
        raise UnreadableDocument(path, Message("too-many-pixels", most=_MOST_PIXELS)) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise UnreadableDocument(path, Message("broken-picture")) from error
    if not any(sheet.lines for sheet in sheets):
        raise UnreadableDocument(path, Message("no-text-recognised"))
    return source_of(path, data, sheets)


def _frames(path: Path, image: Image.Image) -> Iterator[Image.Image]:
    """The frames, each checked for its size before it is decoded."""
    if getattr(image, "n_frames", 1) > recognition.MOST_PICTURES:
        raise UnreadableDocument(path, Message("too-many-pages", most=recognition.MOST_PICTURES))
    for frame in ImageSequence.Iterator(image):
        if frame.width * frame.height > _MOST_PIXELS:
            raise UnreadableDocument(path, Message("too-many-pixels", most=_MOST_PIXELS))
        yield frame
