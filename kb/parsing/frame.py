"""The parts of a file: forwarding notice, the plan itself, its conclusion, and its attachments (GB/T 9704)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kb.models import Part
from kb.parsing.signatures import DATE, Signature, signatures
from kb.parsing.titles import forwarded_title, is_title, running_title_end, title_offsets

# 公开方式: "（此件主动公开）", "信息公开选项：主动公开".
DISCLOSURE = re.compile(
    r"[（〔](?P<bracketed>(?:此件|本件|此文|信息公开)[^（）\n。]{0,12}(?:公开|发布)[^（）\n。]{0,6})[）〕]|信息公开(?:选项|形式|方式)：\s?(?P<option>[^\s，。（）]{2,4}公开)|^(?P<alone>(?:此件|本件)[^（）\n。]{0,12}(?:公开|发布))$",
    re.MULTILINE,
)
ATTACHMENT_NOTE = re.compile(r"附\s{0,2}件?\s?(?:\d{1,2}|一)?\s?：\s?(?=\S)|附\s{0,2}件\s?1\s?[.、]\s?(?=\S)")
_LABEL = re.compile(r"附\s{0,2}[件表录图注]?\s?(?:\d{1,2}|[一二三四五六七八九十]{1,2})?\s?[：.]?")
_LABELLED = re.compile(r"附\s{0,2}[件表录]\s?(?:\d{1,2}|[一二三四五六七八九十]{1,2})?\s?[：.、 ]\s?[^\s。；]{4,50}")
# 附件：1.任务清单⏎2.名单⏎: the names of attachments, not the first of them
_COUNTS_NAMES = re.compile(
    r"附\s{0,2}件\s?：?\s?1\s?[.、][^\n。；]{2,60}?[；;]?\n?\s?2\s?[.、][^\n。]{2,60}?(?:\n|(?=附\s?件\s?1\D))"
)
_NAMED = re.compile(r"\d{1,2}\s?[.、]\s?(?P<name>[^\n。；]{6,60}?)(?=；|\n|$|\d{1,2}[.、]|附\s?件)")  # the names in it
_LABEL_BEFORE = re.compile(r"附\s?件\s?\d{0,2}\s?：?\s?$")
_SAYS_MORE = re.compile(r"。|(?:^|\n)\s?(?:一、|第一[章条]|（一）(?!（))")
_COUNTS = re.compile("一、[^。]{4,300}?二、[^。]{4,300}?三、")
_IMPRINT = re.compile(
    r"抄\s?送|主\s?送|发\s?送|内部发送|印发|主题词|信息公开|联\s?系\s?人|联系电话|联系方式|电\s?话|传\s?真|邮\s?箱|地\s?址|主办|（联系|（本文有删减|（共印|.{2,30}(?:办公[厅室]|秘书处).{0,60}印发$"
)
_COPIED = re.compile(r"(?<=\n)抄\s{0,2}送：[^\n]*(?:\n[^\n]{1,90})*\n?$")  # the imprint at the end of a file
_NUMBERED_NAME = re.compile(r"\d{1,2}[.、]\s?\S[^。]{3,60}$")
_FIRST_MARKER = re.compile("(?:^|[。：\n])\\s?(?:一、|第一[章条]|（一）)")
_HAS_TEXT = re.compile("[。；：]|一、")  # above a signature; names and date under a title close no text
_LEAST_PLAN = 120  # characters; less text after a signature is no plan
_LONGEST_LABEL = 10  # characters
_IMPRINT_REACH = 400
_NOTE_REACH = 800  # characters between an attachment note and the signature under it


@dataclass(frozen=True, slots=True)
class Zone:
    """A range of the reading and the part of the document that it is; the plan itself is ``body``, its preamble included."""

    part: Part
    start: int
    end: int


def paragraphs(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """The ranges of the non-empty paragraphs, newlines excluded."""
    end = len(text) if end is None else end
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        if stop > start:
            yield start, stop
        start = stop + 1


def split_zones(text: str) -> list[Zone]:
    """The zones of a reading in order, without gaps.

    notice … signature, plan … → notice, body; "附件2" on a line of its own → attachment
    """
    first = _HAS_TEXT.search(text)
    signed = [one for one in signatures(text) if first and first.end() <= one.start]
    cuts: dict[int, Part] = {0: "body"}
    for start, part in [*_plans(text, signed), *_attachments(text, signed)]:
        if part == "body":
            cuts = {at: "notice" if was == "body" and at < start else was for at, was in cuts.items()}
        cuts.setdefault(start, part)
    if "body" not in cuts.values():
        cuts[0] = "body"
    zones: list[Zone] = []
    bounds = sorted(cuts)
    for start, end in zip(bounds, [*bounds[1:], len(text)], strict=True):
        if start < end:
            zones.extend(_with_conclusion(text, Zone(cuts[start], start, end), signed))
    return zones


def _plans(text: str, signed: Sequence[Signature]) -> Iterator[tuple[int, Part]]:
    """The starts of the plan after a forwarding notice: after its signature, else at the repeated title."""
    after_signature = False
    for signature in signed:
        after = _after_imprint(text, signature.end)
        if after < len(text) and _plan_follows(text, after):
            after_signature = True
            yield after, "body"
    head = _FIRST_MARKER.search(text)
    title = forwarded_title(text[: head.start() if head else 3000]) if not after_signature else ""
    if title:
        offsets = [at for at in title_offsets(text, title) if at > 60 and len(text) - at > 200]
        yield from ((at, "body") for at in offsets[:1] if head is None or at < head.start() + 1)


def _attachments(text: str, signed: Sequence[Signature]) -> Iterator[tuple[int, Part]]:
    """The starts of attachments: a label on a line of its own outside the attachment note, or text after the imprint (版记)."""
    for start, end in paragraphs(text):
        line = text[start:end]
        if not start or not line.startswith("附") or not (_LABEL.fullmatch(line) or _LABELLED.fullmatch(line)):
            continue
        below = next((s for s in signed if start < s.start < start + _NOTE_REACH), None)
        is_note = below is not None and "。" not in text[start : below.start]
        is_note |= _COUNTS_NAMES.match(text, start) is not None
        is_note |= _LABEL.fullmatch(line) is None and not (
            any(s.end <= start for s in signed) and len(text) - end > _LEAST_PLAN
        )
        if not is_note:
            yield start, "attachment"
    yield from _repeated_names(text)
    for signature in signed:
        if text[signature.end : signature.end + 1] == "\n":
            after = _after_imprint(text, signature.end)
            if after < len(text) and text[after - 1] == "\n" and not _plan_follows(text, after):
                yield after, "attachment"
        elif _LABEL.match(text, signature.end) and text[signature.end :].startswith("附"):
            yield signature.end, "attachment"


def _repeated_names(text: str) -> Iterator[tuple[int, Part]]:
    """Where labels stand before the names of an attachment note again, where a scrape has joined all: 附件：1.甲表2.乙表|附件1甲表……|附件2乙表."""
    note = _COUNTS_NAMES.search(text)
    for named in _NAMED.finditer(text, note.start(), note.start() + _NOTE_REACH) if note else ():
        at = text.find(named["name"], named.end())
        if at >= 0 and (label := _LABEL_BEFORE.search(text, at - _LONGEST_LABEL, at)):
            yield label.start(), "attachment"


def _after_imprint(text: str, end: int) -> int:
    """The offset after a signature, its disclosure note, the lines of the imprint (版记), and blank lines."""
    while True:
        while end < len(text) and text[end] in " \n":
            end += 1
        note = DISCLOSURE.match(text, end)
        if note is None and not (end and text[end - 1] == "\n" and _IMPRINT.match(text, end)):
            return end
        end = note.end() if note else (text.find("\n", end) + 1 or len(text))


def _plan_follows(text: str, start: int) -> bool:
    """Whether a document of its own follows a signature, not only the last lines of the page."""
    rest = text[start : start + 4000]
    first_lines = [rest[a:b] for a, b in list(paragraphs(rest))[:4]]
    if not first_lines or _LABEL.fullmatch(first_lines[0]):
        return False
    announced = forwarded_title(text[:start][-3000:])
    if announced and announced in (first_lines[0], "".join(first_lines[:2])):
        return True
    titled = any(is_title("".join(first_lines[:count]).replace(" ", "")) for count in (1, 2, 3))
    marked = _FIRST_MARKER.search(rest) is not None
    running = running_title_end(rest) > 0 and re.search("一、|第一[章条]|（一）", rest) is not None
    if len(rest) >= _LEAST_PLAN:
        return titled or marked or running
    return (titled and marked) or running


def _with_conclusion(text: str, zone: Zone, signed: Sequence[Signature]) -> list[Zone]:
    """The zone, split before the signature, attachment note or disclosure note at its end, when it has them."""
    if zone.part == "attachment" and (
        imprint := _COPIED.search(text, max(zone.start, zone.end - _IMPRINT_REACH), zone.end)
    ):
        return [replace(zone, end=imprint.start()), Zone("conclusion", imprint.start(), zone.end)]
    if zone.part != "body":
        return [zone]
    start = zone.end
    for a, b in reversed(list(paragraphs(text, zone.start, zone.end))):
        line = text[a:b]
        signature = next((s for s in signed if a <= s.start < b or s.start <= a < s.end), None)
        if signature is not None:
            start = max(signature.start, zone.start)
            if start > a:
                start = _note_start(text, a, start)
                break
        elif _is_conclusion(line) or (_may_be_attachment_name(line) and _in_note(text, a, zone.start)):
            start = a
        else:
            note = _note_start(text, a, b) if start == zone.end else b
            start = note if note < b else start
            break
    names = next(_COUNTS_NAMES.finditer(text, zone.start, start), None)
    if names and text[names.start() - 1 : names.start()] == "\n" and not _SAYS_MORE.search(text, names.end(), start):
        start = names.start()
    if start <= zone.start == 0 and ATTACHMENT_NOTE.match(text) and not re.search("[。；]|一、", text[: zone.end]):
        return [Zone("conclusion", zone.start, zone.end)]  # the attachment note alone
    if start <= zone.start or start >= zone.end:
        return [zone]
    # 附件1：分组名单一、一组……二、二组……: a scrape has joined the attachment to its name.
    counts = ATTACHMENT_NOTE.match(text, start) and _COUNTS.search(text, start, zone.end)
    return [Zone(zone.part, zone.start, start), Zone("attachment" if counts else "conclusion", start, zone.end)]


def _note_start(text: str, start: int, end: int) -> int:
    """The start of the attachment note at the end of a paragraph; ``end`` when there is none.

    "……抓好落实。附件：1.任务分工表2.项目清单" → the offset of 附件
    """
    notes = [note.start() for note in ATTACHMENT_NOTE.finditer(text, max(start, end - _NOTE_REACH), end)]
    at = next((at for at in reversed(notes) if at == 0 or (at > start and text[at - 1] in "。）； \n")), end)
    return end if "。" in text[at:end] else at


def _is_conclusion(line: str) -> bool:
    is_date = DATE.fullmatch(line) is not None
    return (
        is_date
        or any(pattern.match(line) for pattern in (DISCLOSURE, _IMPRINT, ATTACHMENT_NOTE))
        or bool(_LABEL.fullmatch(line))
    )


def _may_be_attachment_name(line: str) -> bool:
    return bool(_NUMBERED_NAME.match(line)) or (len(line) <= 60 and not re.search("[。；！？：]", line))


def _in_note(text: str, at: int, floor: int) -> bool:
    """Whether the line at ``at`` continues an attachment note from some lines above."""
    for a, b in reversed(list(paragraphs(text, max(floor, at - _NOTE_REACH), at))):
        if ATTACHMENT_NOTE.match(text[a:b]) or _LABEL.fullmatch(text[a:b]):
            return True
        if not _may_be_attachment_name(text[a:b]):
            return False
    return False
