"""Pictures of pages → lines of text (OCR, 文字识别), where the extra ``ocr`` is installed; the package contains its models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from PIL.Image import Image

from kb.messages import Message
from kb.readers.isolation import limit_seconds
from kb.readers.printed import TextRun, printed_lines

MOST_PICTURES = 500  # per file; 500 take half an hour
MISSING = Message("needs-text-recognition", command="sh scripts/install ocr")
# Measured on synthetic scans. At 200 dpi no line was wrong and none scored below 0.975. At 120 dpi every second line had a wrong
# character (嘉中 for 高中) and a fifth scored below 0.975. At 100 dpi all lines were wrong and scored below it.
_SURE = 0.975
_POOR_PAGE = 0.2  # share of doubtful lines; from this share on all lines of a page are doubtful
_LONGEST_SIDE = 3000  # pixels: A4 at 250 dpi; larger pictures are scaled down without loss of legible text
_SHORTEST_SIDE = 12  # pixels: the smallest legible character
_SECONDS = 120  # of processor time per page; a full page takes four


def is_installed() -> bool:
    """Whether the text recognition engine is installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def recognise(picture: Image) -> tuple[TextRun, ...]:
    """The lines of a page in pixels, from top to bottom; ``sure`` is False below a score of 0.975. Needs ``is_installed()``."""
    picture = picture.convert("RGB")
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    if min(picture.size) < _SHORTEST_SIDE:
        return ()
    remaining = limit_seconds(_SECONDS)
    result = _engine()(np.asarray(picture))
    limit_seconds(remaining)
    if result.boxes is None:
        return ()
    runs = [
        _run(box, text, score >= _SURE)
        for box, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
    ]
    lines = tuple(printed_lines(sorted(runs, key=lambda run: run.middle)))
    if sum(not line.sure for line in lines) >= _POOR_PAGE * len(lines):
        return tuple(replace(line, sure=False) for line in lines)
    return lines


def _run(box: Sequence[Sequence[float]], text: str, sure: bool) -> TextRun:
    across, down = ([float(corner[axis]) for corner in box] for axis in (0, 1))
    return TextRun(min(across), min(down), max(across), max(down), text, sure)


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "critical"})
