"""Pictures of pages → lines of text (OCR, 文字识别), where the extra ``ocr`` is installed; its models are in its package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from PIL.Image import Image

from kb.messages import Message
from kb.readers.isolation import allow
from kb.readers.printed import Piece, PrintedLine, lines_of

MOST_PICTURES = 500  # of one file; reading so many takes half an hour
MISSING = Message("needs-text-recognition", command="sh scripts/install ocr")
# Measured on pages printed and scanned by program: at 200 dpi no line was wrong and none scored below 0.975; at 120 dpi every
# other line had a wrong character (嘉中 for 高中) and a fifth scored below it; at 100 dpi all were wrong and below.
_SURE = 0.975
_POOR_PAGE = 0.2  # share of doubtful lines from which on no line of a page is beyond doubt
_LONGEST_SIDE = 3000  # pixels: A4 at 250 dpi; a larger picture is made smaller, which loses nothing that can be read
_SHORTEST_SIDE = 12  # pixels: the smallest characters that can be read
_SECONDS = 120  # of all processors together, for one page; a full one takes four


def is_installed() -> bool:
    """Whether there is an engine that recognises text."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def recognise(picture: Image) -> tuple[PrintedLine, ...]:
    """The lines of a page, from the top down; those that the engine is not sure of say so. Needs ``is_installed()``."""
    picture = picture.convert("RGB")
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    if min(picture.size) < _SHORTEST_SIDE:
        return ()
    left = allow(_SECONDS)
    found = _engine()(np.asarray(picture))
    allow(left)
    if found.boxes is None:
        return ()
    pieces = [
        _piece(box, text, score >= _SURE)
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
    ]
    lines = tuple(line for line in lines_of(pieces) if line.text)
    if sum(not line.sure for line in lines) >= _POOR_PAGE * len(lines):
        return tuple(PrintedLine(line.text, sure=False) for line in lines)
    return lines


def _piece(box: Sequence[Sequence[float]], text: str, sure: bool) -> Piece:
    left, top = (min(float(corner[axis]) for corner in box) for axis in (0, 1))
    bottom = max(float(corner[1]) for corner in box)
    return Piece(left, top, bottom - top, text, sure)


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "critical"})
