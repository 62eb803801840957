"""The frame of a file: which stretches are the forwarding notice, the plan itself, its foot, and its attachments (GB/T 9704)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.lexicon import KINDS, ORGAN_ENDING
from kb.models import Part

DATE = re.compile(
    r"(?:(?P<year>\d{4}|[二〇零一三四五六七八九]{4})\s?年\s?)?(?P<month>\d{1,2}|十[一二]?|[一二三四五六七八九])\s?月\s?(?P<day>\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])\s?日"
)
DISCLOSURE = re.compile(
    r"[（〔]?(?P<says>(?:此件|本件|此文|信息公开)[^（）\n。]{0,12}(?:公开|发布)[^（）\n。]{0,6})[）〕]?"
)
ATTACHMENT_NOTE = re.compile(r"附\s?件?\s?(?:[1一]|\d{1,2})?\s?：\s?(?=\S)")
_ATTACHMENT_TITLE = re.compile(r"附\s?件\s?(?:\d{1,2}|[一二三四五六七八九十]{1,2})?\s?[：.]?")
_FOOT = re.compile(r"(?:抄送|印发|联系人|联系电话|主办|（联系)")
_KIND_END = re.compile(rf"(?:{'|'.join(KINDS)})(?:[（〔].{{1,20}}[）〕])?")
_SIGNER = re.compile(rf"[\u4e00-\u9fff（）]{{2,40}}?(?:{ORGAN_ENDING.pattern})")


@dataclass(frozen=True, slots=True)
class Signature:
    """落款: the issuers (places in the reading) and the date under a text."""

    start: int
    end: int
    issuers: tuple[str, ...]
    date: re.Match[str]


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of the reading with its part; the plan itself is ``body`` (its preamble included)."""

    part: Part
    start: int
    end: int


def paragraphs(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Bounds of the paragraphs, newlines excluded."""
    end = len(text) if end is None else end
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        if stop > start:
            yield start, stop
        start = stop + 1


def signatures(text: str) -> list[Signature]:
    """Every signature of the text: names of organs between the end of a sentence and a date that ends there.

    "……认真执行。某省人民政府办公厅2023年6月29日为深入……" → issuers ("某省人民政府办公厅",)
    """
    found = []
    for date in DATE.finditer(text):
        if text[date.end() : date.end() + 1] in (
            "起",
            "前",
            "后",
            "以",
            "至",
            "—",
            "-",
            "～",
            "，",
            "、",
            "》",
            "开",
            "施",
            "实",
            "的",
            "会",
            "召",
            "第",
            "修",
            "通",
        ):
            continue
        start = max(text.rfind(mark, max(0, date.start() - 400), date.start()) for mark in "。！？：；）”》") + 1
        names = text[start : date.start()].split()
        if names and all(_SIGNER.fullmatch(name) for name in names):
            first = start + len(text[start:]) - len(text[start:].lstrip())
            found.append(Signature(first, date.end(), tuple(names), date))
        elif not names and start and date.group("year") and text[start - 1] == "\n":
            continue
    return found


def is_title(line: str) -> bool:
    """Whether a paragraph reads like a title: it ends with a kind of document and holds no sentence."""
    return 4 <= len(line) <= 90 and re.search("[。；！]", line) is None and kind_of(line) != ""


def kind_of(title: str) -> str:
    """The kind of document that a title ends with.

    "某市推进基础教育实施方案（试行）" → "实施方案"; "关于某事" → ""
    """
    ends = [match for match in _KIND_END.finditer(title) if match.end() == len(title)]
    return re.sub("[（〔].*", "", ends[0].group()) if ends else ""


def divide(text: str) -> list[Zone]:
    """The zones of a reading in order; together they cover it.

    notice … signature, plan … → notice, body; a lone "附件2" → attachment from there on
    """
    cuts: list[tuple[int, Part]] = [(0, "body")]
    signed = signatures(text)
    bounds = list(paragraphs(text))
    for signature in signed:
        after = _after_foot(text, signature.end)
        if after < len(text) and _plan_follows(text, after):
            cuts[-1] = (cuts[-1][0], "notice" if cuts[-1][1] == "body" else cuts[-1][1])
            cuts.append((after, "body"))
    for start, end in bounds:
        if start and _ATTACHMENT_TITLE.fullmatch(text[start:end]):
            cuts.append((start, "attachment"))
    cuts.sort()
    if all(part != "body" for _, part in cuts):
        cuts[0] = (cuts[0][0], "body")
    zones = []
    for (start, part), following in zip(cuts, [*cuts[1:], (len(text), "body")], strict=True):
        if start < following[0]:
            zones.extend(_with_conclusion(text, Zone(part, start, following[0]), signed))
    return zones


def _after_foot(text: str, end: int) -> int:
    """The place behind a signature, its disclosure note and blank lines."""
    while True:
        while end < len(text) and text[end] in " \n":
            end += 1
        note = DISCLOSURE.match(text, end)
        if note is None:
            return end
        end = note.end()


def _plan_follows(text: str, start: int) -> bool:
    """Whether what stands behind a signature is a text of its own, not the last lines of the page."""
    rest = text[start : start + 4000]
    first_lines = [rest[a:b] for a, b in list(paragraphs(rest))[:4]]
    if not first_lines or _ATTACHMENT_TITLE.fullmatch(first_lines[0]) or len(rest) < 200:
        return False
    titled = (
        is_title("".join(first_lines[:1])) or is_title("".join(first_lines[:2])) or is_title("".join(first_lines[:3]))
    )
    return titled or re.search("(?:^|[。：\n])\\s?(?:一、|第一[章条]|（一）)", rest) is not None


def _with_conclusion(text: str, zone: Zone, signed: Sequence[Signature]) -> list[Zone]:
    """The zone and, if it ends with signature, attachment note or disclosure note, these as a zone of their own."""
    if zone.part != "body":
        return [zone]
    start = zone.end
    for a, b in reversed(list(paragraphs(text, zone.start, zone.end))):
        line = text[a:b]
        signature = next((s for s in signed if a <= s.start < b or s.start <= a < s.end), None)
        if signature is not None:
            start = max(signature.start, zone.start)
        elif (
            DISCLOSURE.fullmatch(line)
            or _FOOT.match(line)
            or ATTACHMENT_NOTE.match(line)
            or (DATE.fullmatch(line) and len(line) < 16)
            or (re.match(r"\d{1,2}[.、]\S{4,60}$", line) and _in_note(text, a, zone.start))
        ):
            start = a
        else:
            break
    if start <= zone.start or start >= zone.end:
        return [zone]
    return [Zone(zone.part, zone.start, start), Zone("conclusion", start, zone.end)]


def _in_note(text: str, at: int, floor: int) -> bool:
    """Whether the numbered line at ``at`` continues an attachment note some lines above."""
    for a, b in reversed(list(paragraphs(text, max(floor, at - 800), at))):
        if ATTACHMENT_NOTE.match(text[a:b]):
            return True
        if not re.match(r"\d{1,2}[.、]", text[a:b]):
            return False
    return False
