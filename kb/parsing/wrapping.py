"""Which lines make a paragraph together: a PDF or a mail program breaks them inside sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.lexicon import KINDS
from kb.parsing.furniture import CONTINUATION
from kb.parsing.lines import Line

MARKER_START = re.compile(
    r"第[一二三四五六七八九十百千零〇\d]+[编篇章节条]|（[一二三四五六七八九十\d]+）|[一二三四五六七八九十]+、|\d+[.、]|[①-⑳]|——"
)
_ENDS_SENTENCE = "。！？；：）"
_LONG = 45  # from this width on a line without a full stop is no heading
# So much shorter than the widest lines a line may be to reach the margin: signs that cannot be parted leave room, and the first line
# of a paragraph is indented. Of 148 lines that stop in mid-sentence 2.5 to 6 characters before the margin all went on below.
_FULL, _UNFINISHED = 2.5, 6
_STRETCH = 400  # lines that are looked at together for the width at which they are wrapped


def _wrap_width(lines: Sequence[Line]) -> float | None:
    """The width at which the text is broken by force, if it is: hardly a line is longer, and those that reach it stop in mid-sentence."""
    if len(lines) < 8:
        return None
    width = sorted(line.width for line in lines)[int(0.97 * (len(lines) - 1))]
    full = [line for line in lines if width - 2 <= line.width <= width + 1]
    broken = sum(line.text[-1] not in _ENDS_SENTENCE for line in full)
    return width if 15 <= width <= 60 and len(full) >= max(5, 0.2 * len(lines)) and broken >= 0.5 * len(full) else None


def joined(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines grouped into paragraphs; a long file may be wrapped at a different width further down."""
    paragraphs: list[list[Line]] = []
    long = [line for line in lines if line.width >= _LONG]
    indented = sum(line.indent > 0 for line in long) > 0.5 * len(long)
    for first in range(0, len(lines), _STRETCH):
        width = _wrap_width(lines[max(0, first - _STRETCH // 2) : first + _STRETCH])
        for line in lines[first : first + _STRETCH]:
            if paragraphs and _continues(paragraphs[-1], line, width, indented):
                paragraphs[-1].append(line)
            else:
                paragraphs.append([line])
    return paragraphs


def _continues(paragraph: Sequence[Line], line: Line, width: float | None, indented: bool) -> bool:
    """Whether a line goes on with the paragraph above it; in an ``indented`` text paragraphs begin with blanks."""
    before = paragraph[-1]
    if line.indent == CONTINUATION:
        return True
    if MARKER_START.match(line.text):
        return False
    if before.text[-1] in "，、" or line.text[0] in "，、。；）》”" or _leaves_open(paragraph):
        return True
    if indented and not line.indent and before.width >= _LONG and before.text[-1] not in _ENDS_SENTENCE + "”":
        return not any(before.text.endswith(kind) for kind in KINDS)
    if width is None or (before.text[-1] in _ENDS_SENTENCE and line.indent > before.indent):
        return False
    return before.width >= width - (_FULL if before.text[-1] in _ENDS_SENTENCE else min(_UNFINISHED, width / 5))


def _leaves_open(paragraph: Sequence[Line]) -> bool:
    """Whether the paragraph ends inside a bracket."""
    text = "".join(part.text for part in paragraph[-3:])
    return text.rfind("（") > text.rfind("）") and len(text) - text.rfind("（") < 200
