"""What the head and foot of a document say about it: title, number, issuers, addressees, date, attachments, disclosure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.lexicon import ORGAN_ENDING
from kb.models import Document, SourceText
from kb.numerals import number, year
from kb.parsing.frame import ATTACHMENT_NOTE, DISCLOSURE, Signature, Zone, is_title, kind_of, paragraphs, signatures
from kb.parsing.layout import Layout
from kb.text import Reading, normalise

# 发文字号 (GB/T 9704, 7.2.5): 机关代字, year in 〔〕, number. Prints also know ( ) and no brackets at all.
DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff]{2,14}(?:[〔（]\s?\d{4}\s?[〕）]|\d{4}年)\s?第?\s?\d{1,5}\s?号")
_PASSED_ON = re.compile(
    r"""
    《(?P<agreed>[^《》]{4,80}(?:〈[^《》]*〉[^《》]*)?)》\s?(?:已经|业经|经|已)[^。《》]{0,40}[，。]?[^。《》]{0,30}(?:印发|发布|公布|下发)  # 《X》已经省政府同意，现印发给你们
    | 现将《(?P<now>[^《》]{4,80})》[^。]{0,20}(?:印发|发布|公布|下发|转发)                       # 现将《X》印发给你们
    | 制定了《(?P<made>[^《》]{4,80})》[^。《》]{0,10}，现(?:予以?)?(?:印发|发布)                   # 制定了《X》，现予印发
    | (?:关于)?(?:印发|转发|批转|发布)\s?[《〈](?P<titled>[^《》〈〉]{4,80}(?:〈[^《》]*〉[^《》]*)?)[》〉]\s?的(?:通知|公告|决定)  # 关于印发《X》的通知
    | (?:关于)?(?:印发|转发|批转)(?P<bare>[^《》\n。，]{4,60}?)的通知                             # 关于印发X的通知
    """,
    re.VERBOSE,
)


def read_header(source: SourceText, layout: Layout, zones: Sequence[Zone], body_start: int) -> Document:
    """The document with every field that its own text gives; ``body_start`` is where the first clause of the plan begins."""
    reading = layout.reading
    text = reading.text
    metadata = dict(layout.metadata)
    signed = signatures(text)
    signature = _own_signature(signed, zones)
    plan = next((zone for zone in zones if zone.part == "body"), Zone("body", 0, len(text)))
    title = _title(reading, plan, zones, body_start) or _field(metadata, "标题", "文件名称", "信息名称") or source.title
    issued_on = iso_date(signature.date) if signature else _metadata_date(metadata)
    issuers = (
        signature.issuers
        if signature
        else tuple(
            name
            for name in re.split("[ 、，]", _field(metadata, "发文机关", "发布机构", "发布机关", "发文单位"))
            if name
        )
    )
    disclosed = DISCLOSURE.search(text)
    return Document(
        id=source.name.rsplit(".", 1)[0] if "." in source.name else source.name,
        text=source.text,
        sha256=source.sha256,
        source=source.name,
        title=title,
        document_number=_document_number(reading, min(body_start, len(text))) or _field(metadata, "发文字号", "文号"),
        issuers=issuers,
        addressees=_addressees(reading, min(body_start, len(text))),
        issued_on=issued_on,
        kind=kind_of(normalise(title)),
        attachments=_attachments(reading),
        disclosure=reading.verbatim(*disclosed.span("says")) if disclosed else "",
        boilerplate=layout.boilerplate,
        pages=source.pages,
    )


def iso_date(date: re.Match[str]) -> str:
    """A printed date in ISO form, as precise as printed.

    "二○二一年十二月二十二日" → "2021-12-22"; "12月22日" → "--12-22"
    """
    month, day = (int(number(date.group(part)) or 0) for part in ("month", "day"))
    printed = year((date.group("year") or "").replace("零", "〇"))
    return f"{printed:04d}-{month:02d}-{day:02d}" if printed else f"--{month:02d}-{day:02d}"


def _field(metadata: dict[str, str], *labels: str) -> str:
    return next((metadata[label] for label in labels if metadata.get(label)), "")


def _metadata_date(metadata: dict[str, str]) -> str:
    match = re.search(
        r"(\d{4})\D(\d{1,2})\D(\d{1,2})", _field(metadata, "成文日期", "成文时间", "发文日期", "发文时间", "印发日期")
    )
    return f"{int(match[1]):04d}-{int(match[2]):02d}-{int(match[3]):02d}" if match else ""


def _own_signature(signed: Sequence[Signature], zones: Sequence[Zone]) -> Signature | None:
    """The signature of the file: the notice's, or the one that ends the text."""
    for part in ("notice", "conclusion", "body"):
        for zone in zones:
            inside = [s for s in signed if zone.part == part and zone.start <= s.start < zone.end]
            if inside:
                return inside[-1]
    return None


def _title(reading: Reading, plan: Zone, zones: Sequence[Zone], body_start: int) -> str:
    """The plan's own title: above its text, else as the notice names it, else the notice's."""
    text = reading.text
    own = _title_lines(reading, plan.start, max(plan.start, min(body_start, plan.end)))
    head = text[: max(plan.start, min(body_start, len(text)))]
    named = _passed_on(head)
    if own:
        passed = _passed_on(normalise(own))
        return passed if passed and any(zone.part == "attachment" for zone in zones) else passed or own
    if named:
        return named
    return _title_lines(reading, 0, plan.start)


def _passed_on(head: str) -> str:
    """The title of the document that a notice passes on."""
    for match in _PASSED_ON.finditer(head):
        title = next(value for value in match.groups() if value)
        if kind_of(title):
            return title
    return ""


def _title_lines(reading: Reading, start: int, end: int) -> str:
    """Up to four lines at the beginning of a stretch that make a title together."""
    text = reading.text
    lines = list(paragraphs(text, start, end))[:12]
    for first in range(len(lines)):
        if text[lines[first][1] - 1] in "。：；，" or DOCUMENT_NUMBER.fullmatch(text[slice(*lines[first])]):
            continue
        for count in (4, 3, 2, 1):
            group = lines[first : first + count]
            joined = "".join(text[a:b] for a, b in group).replace(" ", "")
            if (
                len(group) == count
                and all(len(text[a:b]) <= 60 for a, b in group)
                and is_title(joined)
                and not any(DOCUMENT_NUMBER.search(text[a:b]) for a, b in group)
            ):
                return "".join(reading.verbatim(a, b) for a, b in group)
    return ""


def _document_number(reading: Reading, end: int) -> str:
    """The number printed as a paragraph of its own above the text, or at the very beginning of a text without paragraphs."""
    text = reading.text[:end]
    for match in DOCUMENT_NUMBER.finditer(text):
        alone = (match.start() == 0 or text[match.start() - 1] in "\n 知") and text[match.end() : match.end() + 1] in (
            "\n",
            "",
            " ",
        )
        if alone or match.start() == 0:
            return reading.verbatim(*match.span())
    return ""


def _addressees(reading: Reading, end: int) -> tuple[str, ...]:
    """The organs named before the first colon that closes a paragraph above the text."""
    text = reading.text
    flattened = "\n" not in text[: max(end, 200)].strip()
    for first, stop in list(paragraphs(text, 0, max(end, 0)))[:12]:
        number = DOCUMENT_NUMBER.match(text, first)
        start = number.end() if number else first
        colon = text.find("：", start, stop)
        if colon < 0 or (colon != stop - 1 and not flattened) or re.search("[。；《]", text[start:colon]):
            continue
        pieces = _split_addressees(reading, start, colon)
        if pieces and all(_is_addressee(normalise(piece)) for piece in pieces):
            return pieces
    return ()


def _split_addressees(reading: Reading, start: int, colon: int) -> tuple[str, ...]:
    pieces: list[str] = []
    for match in re.finditer("[^，；]+", _masked(reading.text[start:colon])):
        a, b = start + match.start(), start + match.end()
        inner = [(a + m.start(), a + m.end()) for m in re.finditer("[^、]+", match.group())]
        complete = len(inner) > 1 and all(_complete(reading.text[x:y]) for x, y in inner)
        pieces.extend(reading.verbatim(x, y).strip() for x, y in (inner if complete else [(a, b)]))
    return tuple(piece for piece in pieces if piece)


def _masked(text: str) -> str:
    """The text with commas inside brackets made opaque, so that "各市（含甲、乙市）" stays whole; same length."""
    return re.sub("（[^（）]*）", lambda m: "＃" * len(m.group()), text)


def _complete(name: str) -> bool:
    bare = re.sub("（[^（）]*）", "", name)
    return any(match.end() == len(bare) for match in ORGAN_ENDING.finditer(bare)) and not re.fullmatch(
        r"各?(?:省|市|县|区|自治区|直辖市)", bare
    )


def _is_addressee(name: str) -> bool:
    return _complete(name) or name.startswith(("各", "有关")) or "各" in name


def _attachments(reading: Reading) -> tuple[str, ...]:
    """The names in the attachment note (附件：1.… 2.…)."""
    text = reading.text
    note = next((m for m in ATTACHMENT_NOTE.finditer(text) if m.start() == 0 or text[m.start() - 1] in "\n。 "), None)
    if note is None:
        return ()
    names = []
    for a, b in list(paragraphs(text, note.end()))[:20]:
        numbered = re.match(r"\d{1,2}\s?[.、]\s?", text[a:b])
        if a != note.end() and not numbered:
            break
        names.append(reading.verbatim(a + (numbered.end() if numbered else 0), b).strip())
    return tuple(name for name in names if name)
