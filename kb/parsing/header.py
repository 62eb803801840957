"""Metadata from the head and the end of a document: title, number, issuers, addressees, date, attachments, disclosure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from kb.lexicon import ORGAN_ENDING, ORGANS
from kb.models import Document, SourceText
from kb.parsing.document_numbers import DOCUMENT_NUMBER, own_number, skip_number
from kb.parsing.frame import ATTACHMENT_NOTE, DISCLOSURE, Zone, paragraphs
from kb.parsing.layout import Layout
from kb.parsing.signatures import DATE, Signature, iso_date, organ_names, signatures
from kb.parsing.titles import clean_title, forwarded_title, kind_of, running_title_end, title_of
from kb.parsing.validity import enacted_on, read_term
from kb.text import Reading, normalise

_LETTERHEAD = re.compile(r"(?P<organ>[\u4e00-\u9fff、 ]{2,40}?)(?:文件|令|公告|通告)?")
_TITLE_PREFIX = re.compile(
    r"(?P<organs>[\u4e00-\u9fff、 　（）]{2,60}?)(?:等[一二三四五六七八九十\d]*(?:部门|单位|部委))?(?:关于|印发|转发|批转)"
)
_DEPENDENT = re.compile(
    rf"单位|部门|(?:{'|'.join(sorted(ORGANS['functions'], key=len, reverse=True))})(?:厅|局|委|办|主管部门)"
)
_LEAST_PLAN = 300  # characters; a shorter attachment is only a title
_HEAD, _HEAD_PARAGRAPHS = 8000, 25  # the most characters and paragraphs of a document head
_MARGIN = re.compile(
    r"附\s?[件表录]?\s?\d{0,2}[：.]?|特\s*急|加\s*急|[绝机秘]\s*密.{0,6}|内部.{0,6}|.{2,40}文件|\S{1,3}"
)  # printed above a title
# （2018年6月1日）, （2018年6月1日某市人民政府办公室印发）
_ISSUED_BELOW_TITLE = re.compile(
    rf"（\s?(?P<date>{DATE.pattern})\s?(?:(?P<organs>[\u4e00-\u9fff、 ]{{2,60}}?)(?:印发|发布|公布|颁布|制定)\s?)?）",
    re.VERBOSE,
)
_SPEECH = re.compile(rf"——\s?{DATE.pattern}\s?在[^。]{{4,60}}(?:会议|大会)[^。]{{0,30}}上", re.VERBOSE)
# 某市人民政府令第88号《…》, 某市水利局文件某水发〔2022〕9号…
_GLUED_LETTERHEAD = re.compile(
    rf"[★ ]*(?P<organs>[\u4e00-\u9fff、 ]{{2,40}}?(?:{ORGAN_ENDING.pattern}))(?:令\s?第|文件(?={DOCUMENT_NUMBER.pattern}))",
    re.VERBOSE,
)


def read_header(source: SourceText, layout: Layout, zones: Sequence[Zone], body_start: int) -> Document:
    """The document with all fields found in its text; ``body_start`` is the offset of the first clause of the plan."""
    reading = layout.reading
    text = reading.text
    metadata = dict(layout.metadata)
    head = reading.cut(0, min(body_start, _HEAD, len(text)))
    signed = signatures(text)
    signature = _own_signature(signed, zones)
    own = _own_title(head, 0)
    title = (
        _title(head, own, zones, body_start < len(text))
        or _field(metadata, "标题", "文件名称", "信息名称", "名称")
        or source.title
        or _first_line(head)
    )
    issued_on = _issued_on(head, signature, metadata)
    term = read_term(text, issued_on)
    disclosed = DISCLOSURE.search(text)
    return Document(
        id=source.id or PurePosixPath(source.name).stem,
        text=source.text,
        sha256=source.sha256,
        source=source.name,
        title=title,
        document_number=own_number(head) or _field(metadata, "发文字号", "文号"),
        issuers=_issuers(head, signature, metadata, normalise(own)),
        addressees=_addressees(head),
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
        unread_pages=source.unread_pages,
    )


def _field(metadata: Mapping[str, str], *labels: str) -> str:
    return next((metadata[label] for label in labels if metadata.get(label)), "")


def _issued_on(head: Reading, signature: Signature | None, metadata: Mapping[str, str]) -> str:
    signed = iso_date(signature.date) if signature else ""
    return enacted_on(head.text) or signed or _metadata_date(metadata) or _date_below_title(head) or _speech_date(head)


def _metadata_date(metadata: Mapping[str, str]) -> str:
    printed = _field(metadata, "成文日期", "成文时间", "发文日期", "发文时间", "印发日期", "生成日期")
    match = re.search(r"(\d{4})\D(\d{1,2})\D(\d{1,2})", printed)
    return f"{int(match[1]):04d}-{int(match[2]):02d}-{int(match[3]):02d}" if match else ""


def _date_below_title(head: Reading) -> str:
    match = _ISSUED_BELOW_TITLE.search(head.text)
    return iso_date(match) if match and match["year"] else ""


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


def _issuers(head: Reading, signature: Signature | None, metadata: Mapping[str, str], title: str) -> tuple[str, ...]:
    """The issuers: from the signature, else the metadata box, the letterhead (某市人民政府令), the title before 关于."""
    if signature and signature.issuers:
        return signature.issuers
    boxed = [
        name
        for name in re.split("[ 、，;；]", _field(metadata, "发文机关", "发布机构", "发布机关", "发文单位"))
        if name
    ]
    if boxed:
        return tuple(boxed)
    for start, end in list(paragraphs(head.text))[:4]:
        line = head.text[start:end].replace(" ", "")
        letterhead = _LETTERHEAD.fullmatch(re.sub("[（〔]?(?:第|[（〔]).*号[）〕]?$", "", line))
        if letterhead and line != letterhead["organ"] and (named := organ_names(letterhead["organ"])):
            return named
    glued = _GLUED_LETTERHEAD.match(head.text)
    if glued and (named := organ_names(glued["organs"])):
        return named
    below = _ISSUED_BELOW_TITLE.search(head.text)
    if below and below["organs"] and (named := organ_names(below["organs"])):
        return named
    prefix = _TITLE_PREFIX.match(title)
    names = [name for name in re.split("[、 ]", prefix["organs"]) if name] if prefix else []
    return tuple(names) if names and all(_is_full_name(name) for name in names) else ()


def _title(head: Reading, own: str, zones: Sequence[Zone], has_clauses: bool) -> str:
    """The title of the plan: above its text, else as cited in the notice; the title of the notice when the file holds no plan."""
    plan = next((zone for zone in zones if zone.part == "body"), None)
    if plan and plan.start:
        above = _own_title(head, plan.start)
        forwarded = forwarded_title(normalise(above))
        if above:
            return forwarded or above
    named = forwarded_title(head.text) if not own or forwarded_title(normalise(own)) else ""
    holds_plan = has_clauses or any(
        zone.part == "notice" or (zone.part == "attachment" and zone.end - zone.start > _LEAST_PLAN) for zone in zones
    )
    return (named if named and (holds_plan or not own) else own) or _title_above_text(head)


def _own_title(head: Reading, start: int) -> str:
    """The title at ``start``, "" when there is none."""
    bounds = list(paragraphs(head.text, start))[:_HEAD_PARAGRAPHS]
    lines = [head.text[a:b] for a, b in bounds]
    opening = next((i for i, line in enumerate(lines) if len(line) > 90 or line.endswith("：")), len(lines))
    title_lines = title_of(["。" if _is_label(line) else line for line in lines[:opening]])
    if title_lines:
        return clean_title("".join(clean_title(head.verbatim(a, b)) for a, b in bounds[slice(*title_lines)]))
    for a, b in bounds[:2]:
        number = DOCUMENT_NUMBER.match(head.text, a)
        begin = number.end() if number else a
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
    printed = line.strip("（）")
    return bool(DOCUMENT_NUMBER.match(printed) or DATE.fullmatch(printed) or _MARGIN.fullmatch(line))


def _first_line(head: Reading) -> str:
    """The first line when it looks like a title of an unknown kind: short, no sentence, before running text; else ""."""
    bounds = list(paragraphs(head.text))[:2]
    first = head.text[slice(*bounds[0])] if bounds else ""
    if (
        len(bounds) < 2
        or not 6 <= len(first) <= 45
        or re.search(r"[。；：，！？>《]|^[（〔第\d一二三]|号$|日$|文件$|是|记者|^新华社", first)
    ):
        return ""
    return clean_title(head.verbatim(*bounds[0]))


def _addressees(head: Reading) -> tuple[str, ...]:
    """The organ_names named before the first colon that closes a paragraph above the text."""
    text = head.text
    flattened = "\n" not in text.strip()
    for first, stop in list(paragraphs(text))[:_HEAD_PARAGRAPHS]:
        start = skip_number(text, first)
        start = skip_number(text, start + running_title_end(text[start:stop]))
        colon = text.find("：", start, stop)
        if colon < 0 or (colon != stop - 1 and not flattened) or re.search("[。；《]", text[start:colon]):
            continue
        pieces = _split_addressees(head, start, colon)
        if pieces and all(_is_addressee(normalise(piece)) for piece in pieces):
            return pieces
    return ()


def _split_addressees(reading: Reading, start: int, colon: int) -> tuple[str, ...]:
    pieces: list[str] = []
    for match in re.finditer("[^，；]+", _mask_brackets(reading.text[start:colon])):
        a, b = start + match.start(), start + match.end()
        inner = [(a + m.start(), a + m.end()) for m in re.finditer("[^、]+", match.group())]
        names = [reading.text[x:y].strip() for x, y in inner]
        # "某兵团农业局、林业局": the later names share the beginning of the first.
        dependent = any(_DEPENDENT.fullmatch(re.sub("（[^（）]*）", "", name)) for name in names[1:])
        complete = len(inner) > 1 and not dependent and all(map(_is_full_name, names))
        pieces.extend(reading.verbatim(x, y).strip() for x, y in (inner if complete else [(a, b)]))
    return tuple(piece for piece in pieces if piece)


def _mask_brackets(text: str) -> str:
    """The text with brackets masked by ＃, so that "各市（含甲、乙市）" is not split; same length."""
    return re.sub("（[^（）]*）", lambda m: "＃" * len(m.group()), text)


def _is_full_name(name: str) -> bool:
    """Whether a name ends like an organ and is more than 各县 or 市."""
    bare = re.sub("（[^（）]*）", "", name)
    return any(match.end() == len(bare) for match in ORGAN_ENDING.finditer(bare)) and not re.fullmatch(
        r"各?(?:省|市|县|区|自治区|直辖市)", bare
    )


def _is_addressee(name: str) -> bool:
    is_audience = re.match("各位|同志|附件|联系", name) is not None
    return not is_audience and (_is_full_name(name) or name.startswith(("各", "有关")) or "各" in name)


def _attachments(reading: Reading, signed: Sequence[Signature]) -> tuple[str, ...]:
    """The titles in the attachment note (附件：1.… 2.…)."""
    text = reading.text
    note = next((m for m in ATTACHMENT_NOTE.finditer(text) if m.start() == 0 or text[m.start() - 1] in "\n。 "), None)
    if note is None:
        return ()
    names = []
    end = next((s.start for s in signed if s.start >= note.end()), note.end() + 2000)
    for a, b in list(paragraphs(text, note.end(), min(end, note.end() + 2000)))[:20]:
        numbered = re.match(r"\d{1,2}\s?[.、]\s?", text[a:b])
        if (a != note.end() and not numbered) or b - a > 80:
            break
        names.append(reading.verbatim(a + (numbered.end() if numbered else 0), b).strip().rstrip("；。;"))
    return tuple(name for name in names if name)
