"""Unwrapping: which lines make a paragraph together where a PDF or a mail program has wrapped them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kb.lexicon import KINDS
from kb.parsing.furniture import CONTINUATION
from kb.parsing.lines import TextLine

MARKER_START = re.compile(
    r"第[一二三四五六七八九十百千零〇\d]+[编篇章节条]|（[一二三四五六七八九十\d]+）|[一二三四五六七八九十]+、"
    r"|\d+(?:、|\.(?!\d)|\.(?=\d{4}年))|[①-⑳]|[壹贰叁肆伍陆柒捌玖拾]{1,2}、|[Ⅰ-Ⅻ][.、]|专栏\s?\d|——"  # 3.扩大学位, 3.2025年底前 but 83.5%以上
)
# alone below the title
_NUMBER = re.compile(r"[\u4e00-\u9fffA-Z]{2,14}\s?[〔（]\s?\d{4}\s?[〕）]\s?第?\s?\d{1,5}\s?号")
_QUANTITY = re.compile(r"\d{1,6}\.\d{1,4} ?(?:%|‰|[亿万千]|公里|公顷|平方|立方|[吨米元倍亩]|个百分点)")  # 19.5亿元
_ENDS_SENTENCE = "。！？；：）"
_LONG = 45  # a line of this width or more without a full stop is no heading
# Tolerance, in characters, for a line that reaches the margin: line breaking rules leave room at the end, and the first line of a
# paragraph is indented. Measured: 148 lines stopped in mid-sentence 2.5 to 6 characters before the margin, and all continued.
_FULL, _UNFINISHED = 2.5, 6
_SELDOM = 0.1  # of the lines
_WINDOW = 400  # lines from which the wrap width is estimated


@dataclass(frozen=True, slots=True)
class _Form:
    """How a text sets its paragraphs."""

    width: float | None  # at which it is hard-wrapped, None when it is not
    long_indented: bool  # most long lines begin with blanks
    first_indented: bool  # a wrapped line never does, others do


def _form(lines: Sequence[TextLine], *, long_indented: bool) -> _Form:
    width = _wrap_width(lines)
    if width is None:
        return _Form(None, long_indented, False)
    unfinished = [
        below.indent > 0
        for above, below in pairwise(lines)
        if above.width >= width - _FULL and above.text[-1] not in _ENDS_SENTENCE
    ]
    wrapped, begun = sum(unfinished), sum(line.indent > 0 for line in lines)
    return _Form(width, long_indented, wrapped <= _SELDOM * len(unfinished) and begun >= 2 * _SELDOM * len(lines))


def _wrap_width(lines: Sequence[TextLine]) -> float | None:
    """The width at which the text is hard-wrapped, None when it is not.

    Hardly a line is longer than this width, and most lines that reach it stop in mid-sentence.
    """
    if len(lines) < 8:
        return None
    width = sorted(line.width for line in lines)[int(0.97 * (len(lines) - 1))]
    full = [line for line in lines if width - 2 <= line.width <= width + 1]
    broken = sum(line.text[-1] not in _ENDS_SENTENCE for line in full)
    share = 0.2 if any(line.width > width + 1 for line in lines) else 0.1
    return (
        width if 15 <= width <= 60 and len(full) >= max(5, share * len(lines)) and broken >= 0.5 * len(full) else None
    )


def unwrap(lines: Sequence[TextLine], continued: Sequence[int] | None = None) -> list[list[TextLine]]:
    """The lines grouped into paragraphs; the wrap width is estimated for each part of a long file.

    ``continued`` are the starts of lines that go on with the one above, where the printed page shows them.
    """
    known = None if continued is None else frozenset(continued)
    paragraphs: list[list[TextLine]] = []
    long = [line for line in lines if line.width >= _LONG]
    indented = sum(line.indent > 0 for line in long) > 0.5 * len(long)
    for first in range(0, len(lines), _WINDOW):
        form = (
            _Form(None, indented, False)
            if known is not None
            else _form(lines[max(0, first - _WINDOW // 2) : first + _WINDOW], long_indented=indented)
        )
        for line in lines[first : first + _WINDOW]:
            if paragraphs and _continues(paragraphs[-1], line, known, form):
                paragraphs[-1].append(line)
            else:
                paragraphs.append([line])
    return paragraphs


def _continues(paragraph: Sequence[TextLine], line: TextLine, known: frozenset[int] | None, form: _Form) -> bool:
    """Whether a line continues the paragraph above it, in a text that is wrapped at a width, and whose paragraphs begin with blanks."""
    before = paragraph[-1]
    if line.indent == CONTINUATION or before.is_row or line.is_row:
        return line.indent == CONTINUATION
    if known is not None and line.start in known:
        return True
    if _QUANTITY.match(line.text):
        return before.text[-1] not in _ENDS_SENTENCE
    if MARKER_START.match(line.text) or _NUMBER.fullmatch(line.text):
        return False
    if before.text[-1] in "，、" or line.text[0] in "，、。；）》”" or _has_open_bracket(paragraph):
        return True
    return known is None and _fills(before, line, form)


def _fills(before: TextLine, line: TextLine, form: _Form) -> bool:
    """Whether the line above leaves no room, as far as its length tells."""
    is_open = before.text[-1] not in _ENDS_SENTENCE + "”"
    if form.long_indented and not line.indent and before.width >= _LONG and is_open:
        return not any(before.text.endswith(kind) for kind in KINDS)
    if form.width is None or before.text[-1] == "：" or (form.first_indented and line.indent):
        return False
    if before.text[-1] in _ENDS_SENTENCE and line.indent > before.indent:
        return False
    return before.width >= form.width - (
        _FULL if before.text[-1] in _ENDS_SENTENCE else min(_UNFINISHED, form.width / 5)
    )


def _has_open_bracket(paragraph: Sequence[TextLine]) -> bool:
    """Whether the paragraph ends inside an open bracket."""
    text = "".join(part.text for part in paragraph[-3:])
    return text.rfind("（") > text.rfind("）") and len(text) - text.rfind("（") < 200
