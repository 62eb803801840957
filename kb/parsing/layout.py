"""How a text lies on its page: which lines are read, which belong together, which are furniture."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kb.lexicon import BOILERPLATE_LINES, BOILERPLATE_TAILS, METADATA_LABELS
from kb.models import Span
from kb.parsing.copies import second_copy
from kb.text import Reading, normalise


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line without its surrounding white space, and what it says once normalised."""

    start: int
    end: int
    text: str
    indent: int
    width: float  # in full-width characters


@dataclass(frozen=True, slots=True)
class Layout:
    """The reading of a text (a newline ends each paragraph), what was left out, and what a metadata box said."""

    reading: Reading
    boilerplate: tuple[Span, ...]
    metadata: tuple[tuple[str, str], ...]


_MARKER_START = re.compile(
    r"第[一二三四五六七八九十百零〇\d]+[编章节条]|（[一二三四五六七八九十\d]+）|[一二三四五六七八九十]+、|\d+[.、]|[①-⑳]|——"
)
_PAGE_FURNITURE = re.compile(
    r"""
    [-—–\s]*\d{1,4}[-—–\s]*            # - 3 -
    | 第\s*\d+\s*页(?:\s*，?共\s*\d+\s*页)?  # 第 3 页 共 6 页
    | \d{1,3}/\d{1,3}                  # 3/6
    | \d{4}/\d{1,2}/\d{1,2}\s+\d{1,2}：\d{2}(?:：\d{2})?  # 2026/7/24 15:33, colon normalised
    | https?：//\S+
    """,
    re.VERBOSE,
)
_BREAK_INSIDE = re.compile("\u3000{2,}|(?<=[。！？；：）])[ \u3000\xa0\u2003]{2,}")
_ENDS_SENTENCE = "。！？；：）"
CONTINUATION = -1  # indent of what is left of a line whose beginning was a repetition
_BLANK = " \t\u3000\xa0\u2002\u2003\u2009\ufeff\u200b\r\x0b\x0c"


def read_layout(text: str) -> Layout:
    """Decide line by line what is read; nothing of the text is changed, only skipped.

    "当前位置：首页 >> 公告\\n一、总体要求" → reading "一、总体要求", one boilerplate span
    """
    lines = _lines(text)
    metadata, boxed = _metadata_box(lines)
    left_out = boxed | _furniture(lines)
    kept, repeated = _undoubled([line for i, line in enumerate(lines) if i not in left_out])
    kept, tail = _without_tail(kept)
    paragraphs = _joined(kept)
    reading = _reading(text, paragraphs)
    skipped = [Span(lines[i].start, lines[i].end) for i in left_out] + repeated + tail
    copy = second_copy(reading.text)
    if copy is not None:
        skipped.append(Span(reading.offsets[copy.start], reading.offsets[copy.end - 1] + 1))
        kept_reading = (reading.cut(0, copy.start), reading.cut(copy.end, len(reading)))
        reading = Reading(
            text, "".join(r.text for r in kept_reading), kept_reading[0].offsets + kept_reading[1].offsets
        )
    return Layout(reading, tuple(sorted(skipped, key=lambda span: span.start)), metadata)


def _lines(text: str) -> list[Line]:
    lines = []
    normal = normalise(text)
    start = 0
    for raw in normal.split("\n"):
        end = start + len(raw)
        body = raw.strip(_BLANK)
        if body:
            at = start + len(raw) - len(raw.lstrip(_BLANK))
            lines.append(Line(at, at + len(body), body, at - start, _width(body)))
        start = end + 1
    return lines


def _width(text: str) -> float:
    return sum(0.5 if character.isascii() else 1.0 for character in text)


def _metadata_box(lines: Sequence[Line]) -> tuple[tuple[tuple[str, str], ...], set[int]]:
    """The label and value pairs of a box of metadata in the first lines (索引号：… 主题分类：…), and the lines it takes."""
    labels = [_label(line) for line in lines[:60]] + ["", ""]
    if len({label for label in labels if label}) < 3:
        return (), set()
    pairs: list[tuple[str, str]] = []
    taken: set[int] = set()
    for i, label in enumerate(labels[:-2]):
        if not label or (taken and i - max(taken) > 6):
            continue
        value = lines[i].text.partition("：")[2].strip()
        taken.add(i)
        if not value and i + 1 < len(lines) and not labels[i + 1]:
            # A value on the next line is known by its own form or by the label after it.
            following = lines[i + 1].text
            if labels[i + 2] or METADATA_LABELS[label].fullmatch(following):
                value = following
                taken.add(i + 1)
        pairs.append((label, value))
    return tuple(pairs), taken


def _label(line: Line) -> str:
    label, colon, _ = line.text.partition("：")
    label = re.sub(r"\s", "", label)
    return label if colon and label in METADATA_LABELS else ""


def _furniture(lines: Sequence[Line]) -> set[int]:
    """Lines that web pages and page margins add."""
    out = {i for i, line in enumerate(lines) if any(pattern.match(line.text) for pattern in BOILERPLATE_LINES)}
    margins = {i for i, line in enumerate(lines) if _PAGE_FURNITURE.fullmatch(line.text)}
    if len(margins) >= 3:
        # A running head is printed once a page: the same words beside a page number or time stamp.
        beside = Counter(
            lines[k].text for i in margins for k in (i - 1, i + 1) if 0 <= k < len(lines) and k not in margins
        )
        running = {text for text, count in beside.items() if count >= 3}
        margins |= {i for i, line in enumerate(lines) if line.text in running}
    return out | margins


def _undoubled(lines: list[Line]) -> tuple[list[Line], list[Span]]:
    """The lines without repeated pieces of their neighbours: bold text that a PDF printed twice.

    "（一）目标。", "（一）目标。到2025年" → "（一）目标。", "到2025年"; "……（财政部负责）", "（财政部负责）" → the first alone
    """
    kept: list[Line] = []
    repeated: list[Span] = []
    for line in lines:
        before = kept[-1] if kept else None
        if before and len(before.text) >= 4 and line.text.startswith(before.text):
            cut = len(before.text)
            repeated.append(Span(line.start, line.start + cut))
            if line.text[cut:]:
                kept.append(Line(line.start + cut, line.end, line.text[cut:], CONTINUATION, line.width))
        elif before and len(line.text) >= 4 and before.text.endswith(line.text):
            repeated.append(Span(line.start, line.end))
        else:
            kept.append(line)
    # One or two are chance; a text of this kind has many.
    return (kept, repeated) if len(repeated) >= 3 else (lines, [])


def _without_tail(lines: list[Line]) -> tuple[list[Line], list[Span]]:
    """The lines without what a web page hangs on the end of the last one."""
    if not lines:
        return lines, []
    last = lines[-1]
    match = BOILERPLATE_TAILS.search(last.text, max(0, len(last.text) - 200))
    if match is None or match.start() == 0:
        return lines, []
    cut = last.start + match.start()
    shorter = Line(last.start, cut, last.text[: match.start()], last.indent, last.width)
    return [*lines[:-1], shorter], [Span(cut, last.end)]


def _wrap_width(lines: Sequence[Line]) -> float | None:
    """The width at which the text is broken by force, if it is: hardly a line is longer, and those that reach it stop in mid-sentence."""
    widths = sorted(line.width for line in lines)
    if len(lines) < 8:
        return None
    width = widths[int(0.97 * (len(widths) - 1))]
    full = [line for line in lines if width - 2 <= line.width <= width + 1]
    broken = sum(line.text[-1] not in _ENDS_SENTENCE for line in full)
    return width if 15 <= width <= 60 and len(full) >= max(5, 0.2 * len(lines)) and broken >= 0.5 * len(full) else None


def _joined(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines grouped into paragraphs."""
    width = _wrap_width(lines)
    paragraphs: list[list[Line]] = []
    for line in lines:
        if paragraphs and _continues(
            paragraphs[-1][-1], line, width, "".join(part.text for part in paragraphs[-1][-3:])
        ):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return paragraphs


def _continues(before: Line, line: Line, width: float | None, paragraph: str) -> bool:
    if line.indent == CONTINUATION:
        return True
    if _MARKER_START.match(line.text):
        return False
    if before.text[-1] in "，、" or line.text[0] in "，、。；）》”":
        return True
    if (
        paragraph.rfind("（") > paragraph.rfind("）")
        and len(paragraph) - paragraph.rfind("（") < 200
        and paragraph.endswith(before.text)
    ):
        return True
    if width is None or before.width < width - 2.5:
        return False
    return not (before.text[-1] in _ENDS_SENTENCE and line.indent > before.indent)


def _reading(text: str, paragraphs: Sequence[Sequence[Line]]) -> Reading:
    """Characters of the paragraphs with the white space at their ends as the one newline between them."""
    pieces: list[str] = []
    offsets = array("i")
    for paragraph in paragraphs:
        if pieces:
            # The line break that ended the paragraph before stands right behind its last character or a few blanks later.
            at = text.find("\n", offsets[-1] + 1)
            if at < 0 or at >= paragraph[0].start:
                at = paragraph[0].start - 1
            pieces.append("\n")
            offsets.append(at)
        for line in paragraph:
            body = line.text
            for match in _BREAK_INSIDE.finditer(text[line.start : line.end]):
                body = body[: match.start()] + "\n" + " " * (match.end() - match.start() - 1) + body[match.end() :]
            keep = [i for i, character in enumerate(body) if character != " " or not _is_gap(body, i)]
            pieces.append("".join([body[i] for i in keep]))
            offsets.extend([line.start + i for i in keep])
    return Reading(text, "".join(pieces), offsets)


def _is_gap(body: str, i: int) -> bool:
    """Whether the blank at ``i`` only follows a paragraph break made from a run of blanks."""
    k = i
    while k > 0 and body[k] == " ":
        k -= 1
    return body[k] == "\n"
