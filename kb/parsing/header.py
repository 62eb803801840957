"""Metadata from the head and the end of a document: title, number, issuers, addressees, date, attachments, disclosure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import dropwhile
from pathlib import PurePosixPath

from kb.models import Document, SourceText
from kb.parsing.addressees import read_addressees
from kb.parsing.document_numbers import DOCUMENT_NUMBER, own_number
from kb.parsing.frame import ATTACHMENT_NOTE, DISCLOSURE, Zone, paragraphs
from kb.parsing.issuers import (
    boxed_issuers,
    date_below_title,
    issuers_above,
    issuers_at_end,
    issuers_in_title,
    letterhead_end,
    number_below_title,
    printed_issuers,
)
from kb.parsing.layout import Layout
from kb.parsing.signatures import DATE, Signature, iso_date, organ_names, signatures
from kb.parsing.titles import (
    clean_title,
    forwarded_title,
    forwards_several,
    kind_of,
    own_length,
    own_print,
    running_title_end,
    title_of,
    title_offsets,
)
from kb.parsing.validity import enacted_on, read_term
from kb.text import Reading, normalise

_AFTER_NOTE = re.compile(
    r"主题词|抄\s?送|内部发送|联\s?系\s?人\s?(?:及[^：]{0,8})?：|（此件|信息公开(?:选项|形式|方式)|$"
)
# the title of a cover, not of what it announces
_ANNOUNCEMENT = re.compile(r"[\u4e00-\u9fff]{2,30}(?:公告|通告|令)(?:（[^（）]{1,15}）)?")
_QUOTES = re.compile("[《〈<“]")
_OWN_ITEMS = re.compile("(?:通知|要求|安排|事项|明确)如下：?\\s*$")  # what follows is the notice's own
_LABELLED = 3  # lines at the top, of which one may say that it is the title
_ATTACHED = re.compile(r"附[件表] ?[\d一二三四五六七八九十]{0,2}：?")
_TITLED = re.compile(r"(?:标 ?题|题 ?目|文件名称|[Tt]itle)：\s?(?P<title>\S.{3,80}?)(?:\s+[-–—|_]\s+\S{2,30})?")
_OF_UNKNOWN_KIND = re.compile(
    r"""
    (?![（〔第\d一二三]|.*(?:号|日|文件)$|新华社|信息来源)(?!.*(?:记者|是(?!否)))
    (?:[^。；：！？>《》|｜，]{6,45}                       # 滨江市城乡供水工作纪要
    |[^。；：！？>《》|｜，]{0,20}《[^《》\n]{4,40}》[^。；：！？>《》|｜，\d]{2,16}   # 《滨江市供水办法》政策问答
    |[^。；：！？>《》|｜，]{6,30}，请[^。；：！？>《》|｜，]{2,8})                # 滨江市创业补贴，请查收
    """,
    re.VERBOSE,
)
# 市水务局公告〔2025〕第7号
_BY_NUMBER = re.compile(r"[\u4e00-\u9fff、 ]{2,40}(?:公告|通告)\s?(?:〔\d{4}〕\s?)?第?\s?\d{1,5}\s?号")
_LEAST_PLAN = 300  # characters; a shorter attachment is only a title
_HEAD, _HEAD_PARAGRAPHS = 8000, 25  # the most characters and paragraphs of a document head
_LONGEST_LABEL = 40  # characters; more than a number stands on a longer line
# printed above a title
_MARGIN = re.compile(
    r"附\s?[件表录]?\s?\d{0,2}[：.]?|特\s*急|加\s*急|急\s*件|[绝机秘]\s*密.{0,6}|内部.{0,6}|.{2,40}文件|\S{1,3}"
)
_IMPRINT_REACH = 300  # characters
_IMPRINT = re.compile(rf"(?:办公[厅室]|秘书处|办)\s{{0,60}}{DATE.pattern}\s?印发\s*$", re.VERBOSE | re.MULTILINE)
_SPEECH = re.compile(rf"(?:——|（)\s?{DATE.pattern}\s?在[^。]{{4,60}}(?:会议|大会)[^。]{{0,30}}上", re.VERBOSE)


def read_header(source: SourceText, layout: Layout, zones: Sequence[Zone], body_start: int) -> Document:
    """The document with all fields found in its text; ``body_start`` is the offset of the first clause of the plan."""
    reading = layout.reading
    text = reading.text
    metadata = dict(layout.metadata)
    head = reading.cut(0, min(body_start, _HEAD, len(text)))
    signed = signatures(text)
    signature = _own_signature(signed, zones)
    own = _own_title(head, 0)
    front = head.cut(0, zones[0].end) if len(zones) > 1 and zones[0].part == "notice" else head
    title = (
        _title(head, own, zones, _holds_clauses_of_plan(text, head, body_start))
        or _field(metadata, "标题", "文件名称", "信息名称", "名称")
        or source.title
        or ("" if source.unread_pages[:1] == (1,) else _first_line(head, is_all=len(head) == len(text)))
    )
    issued_on = _issued_on(head, signature, metadata) or _printed_on(
        reading.cut(max(0, len(text) - _IMPRINT_REACH), len(text))
    )
    term = read_term(text, issued_on)
    disclosed = DISCLOSURE.search(text)
    return Document(
        id=source.id or PurePosixPath(source.name).stem,
        text=source.text,
        sha256=source.sha256,
        source=source.name,
        title=title,
        document_number=_number(front, metadata, title),
        issuers=_issuers(reading, head, signature, (metadata, normalise(own), normalise(title))),
        addressees=read_addressees(front),
        issued_on=issued_on,
        effective_from=term.effective_from,
        valid_until=term.valid_until,
        kind=kind_of(normalise(title).replace(" ", "")),
        attachments=_attachments(reading, signed),
        disclosure=reading.verbatim(*disclosed.span(disclosed.lastgroup or 0)) if disclosed else "",
        boilerplate=layout.boilerplate,
        pages=source.pages,
        recognised=source.recognised,
        doubtful=source.doubtful,
        rows=source.rows,
        unread_pages=source.unread_pages,
        received_on=source.received_on,
    )


def _field(metadata: Mapping[str, str], *labels: str) -> str:
    return next((metadata[label] for label in labels if metadata.get(label)), "")


def _number(head: Reading, metadata: Mapping[str, str], title: str) -> str:
    """The document number; where the title itself ends with it, that of the metadata box."""
    own, boxed = own_number(head), _field(metadata, "发文字号", "文号")
    return (
        (boxed if boxed and own.startswith("".join(title.split()) or own) else own) or boxed or number_below_title(head)
    )


def _issuers(
    reading: Reading, head: Reading, signature: Signature | None, said: tuple[Mapping[str, str], str, str]
) -> tuple[str, ...]:
    """The issuers that sign, all that the title names when only some of them do, else those named elsewhere."""
    metadata, title, plan = said
    if signature and signature.issuers:
        titled = issuers_in_title(title)
        if len(titled) == len(signature.issuers) > 1:  # 省科技厅 signs, 某省科学技术厅 stands in the title
            pairs = zip(titled, signature.issuers, strict=True)
            return titled if all(len(full) >= len(signed) for full, signed in pairs) else signature.issuers
        return titled if set(signature.issuers) < set(titled) else signature.issuers
    return (
        boxed_issuers(metadata)
        or issuers_above(head.text, plan)
        or printed_issuers(head, title)
        or issuers_at_end(reading.text)
    )


def _issued_on(head: Reading, signature: Signature | None, metadata: Mapping[str, str]) -> str:
    signed = iso_date(signature.date) if signature else ""
    enacted = enacted_on(head.text)
    if enacted and signed[:1].isdigit():
        return max(enacted, signed)
    return enacted or signed or _metadata_date(metadata) or date_below_title(head) or _speech_date(head)


def _printed_on(end: Reading) -> str:
    """The date in the imprint (版记), which follows that of issue by some days at most: 某市政府办公室 2013年6月21日印发."""
    match = _IMPRINT.search(end.text)
    return iso_date(match) if match and match["year"] else ""


def _metadata_date(metadata: Mapping[str, str]) -> str:
    printed = _field(metadata, "成文日期", "成文时间", "发文日期", "发文时间", "印发日期", "生成日期")
    match = re.search(r"(\d{4})\D(\d{1,2})\D(\d{1,2})", printed)
    return f"{int(match[1]):04d}-{int(match[2]):02d}-{int(match[3]):02d}" if match else ""


def _speech_date(head: Reading) -> str:
    """The date on which a report was delivered: "——2024年2月3日在某市第六届人民代表大会第六次会议上" → "2024-02-03"."""
    match = _SPEECH.search(head.text)
    return iso_date(match) if match and match["year"] else ""


def _own_signature(signed: Sequence[Signature], zones: Sequence[Zone]) -> Signature | None:
    """The signature of the notice, else of the conclusion, else of the body; None when there is none."""
    for part in ("notice", "conclusion", "body"):
        for zone in zones:
            inside = [s for s in signed if zone.part == part and zone.start <= s.start < zone.end]
            if inside:
                return inside[-1]
    return None


def _title(head: Reading, own: str, zones: Sequence[Zone], has_clauses: bool) -> str:
    """The title of the plan: above its text, else as cited in the notice; the title of the notice when the file holds no plan."""
    plan = next((zone for zone in zones if zone.part == "body"), None)
    named = forwarded_title(head.text, is_held=plan is not None and plan.start > 0)
    if own and forwards_several(head.text[: plan.start if plan and plan.start else len(head)]):
        return own
    if plan and plan.start:
        above = _own_title(head, plan.start)
        forwarded = forwarded_title(normalise(above))
        if above:
            return forwarded or _without_issuers(above, named)
    announces = _ANNOUNCEMENT.fullmatch(normalise(own)) is not None
    named = _as_printed(head, named) if not own or announces or forwarded_title(normalise(own)) else ""
    holds_plan = has_clauses or any(
        zone.part == "notice" or (zone.part == "attachment" and zone.end - zone.start > _LEAST_PLAN) for zone in zones
    )
    return (named if named and (holds_plan or not own) else own) or _title_above_text(head)


def _without_issuers(above: str, named: str) -> str:
    """A title without what a scrape has joined to it, where the notice names it alone: 某省教育厅|某方案, 某厅2006年2月6日印发|某方案."""
    joined = normalise(above).removesuffix(named) if named and not named.startswith("关于") else above
    return (
        above[len(joined) :]
        if joined and len(joined) < len(above) and (joined.endswith("日印发") or organ_names(joined))
        else above
    )


def _as_printed(head: Reading, named: str) -> str:
    """A title that the notice names, with the quotation marks that it has above its own text."""
    start, end = own_print(head.text, named) if _QUOTES.search(named) else (0, 0)
    return clean_title(head.verbatim(start, end)) if end else named


def _holds_clauses_of_plan(text: str, head: Reading, body_start: int) -> bool:
    """Whether the clauses are those of a plan that the notice forwards, not its own: "…印发给你们，并就有关事项通知如下：一、…"."""
    if body_start >= len(text):
        return False
    forwarded = forwarded_title(head.text)
    own_items = forwarded and _OWN_ITEMS.search(head.text)
    return not own_items or any(at > body_start for at in title_offsets(text, forwarded))


def _own_title(head: Reading, start: int) -> str:
    """The title at ``start``, "" when there is none."""
    bounds = list(paragraphs(head.text, start))[:_HEAD_PARAGRAPHS]
    lines = [head.text[a:b] for a, b in bounds]
    opening = next((i for i, line in enumerate(lines) if own_length(line) > 90 or line.endswith("：")), len(lines))
    title_lines = title_of(["。" if _is_label(line) else line for line in lines[:opening]])
    if title_lines:
        return clean_title("".join(clean_title(head.verbatim(a, b)) for a, b in bounds[slice(*title_lines)]))
    for a, b in [
        bound for bound, line in zip(bounds, lines, strict=True) if len(line) > _LONGEST_LABEL or not _is_label(line)
    ][:2]:
        begin = letterhead_end(head.text, a)
        number = DOCUMENT_NUMBER.match(head.text, begin)
        begin = number.end() if number else begin
        begin += len(head.text[begin:b]) - len(head.text[begin:b].lstrip("★ "))
        end = begin + running_title_end(head.text[begin:b])
        if end > begin:
            return clean_title(head.verbatim(begin, end))
    return ""


def _title_above_text(head: Reading) -> str:
    """The title right above the first clause, after the text of a decree (令)."""
    bounds = list(paragraphs(head.text))[-2:]
    lines = [head.text[a:b] for a, b in bounds]
    title_lines = title_of(["。" if _is_label(line) else line for line in lines])
    return (
        clean_title("".join(head.verbatim(a, b) for a, b in bounds[slice(*title_lines)]))
        if title_lines and title_lines[1] == len(bounds)
        else ""
    )


def _is_label(line: str) -> bool:
    """Whether a line of the head is not part of the title: number, date, urgency, "附件"."""
    printed = line.strip("（）").removesuffix("附件").rstrip()  # 2016年12月28日附件
    return bool(DOCUMENT_NUMBER.match(printed) or DATE.fullmatch(printed) or _MARGIN.fullmatch(line))


def _first_line(head: Reading, *, is_all: bool) -> str:
    """The first line when it looks like a title of an unknown kind: short, no sentence, before other text; else ""."""
    bounds = list(dropwhile(lambda bound: _ATTACHED.fullmatch(head.text, *bound), paragraphs(head.text)))[:_LABELLED]
    lines = [head.text[slice(*bound)] for bound in bounds]
    if labelled := next(filter(None, map(_TITLED.fullmatch, lines)), None):
        return clean_title(labelled["title"])
    first = lines[0] if lines else ""
    is_row = bool(bounds) and "\t" in head.verbatim(*bounds[0])
    if (is_all and len(bounds) < 2) or is_row or not 6 <= len(first) <= 60:
        return ""
    if not _OF_UNKNOWN_KIND.fullmatch(first) and not _BY_NUMBER.fullmatch(first):
        return ""
    return clean_title(head.verbatim(*bounds[0]))


def _attachments(reading: Reading, signed: Sequence[Signature]) -> tuple[str, ...]:
    """The titles in the attachment note (附件：1.… 2.…)."""
    text = reading.text
    note = next((m for m in ATTACHMENT_NOTE.finditer(text) if m.start() == 0 or text[m.start() - 1] in "\n。 "), None)
    if note is None:
        return ()
    names = []
    end = next((s.start for s in signed if s.start >= note.end()), note.end() + 2000)
    for a, b in list(paragraphs(text, note.end(), min(end, note.end() + 2000, len(text))))[:20]:
        numbered = re.match(r"\d{1,2}\s?[.、]\s?", text[a:b])
        if (a != note.end() and not numbered) or b - a > 80:
            break
        rest = _AFTER_NOTE.search(text[a:b])
        name = reading.verbatim(a + (numbered.end() if numbered else 0), a + rest.start() if rest else b)
        names.append(name.strip().rstrip("；。;"))
    return tuple(name for name in names if name)
