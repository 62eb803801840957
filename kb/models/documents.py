"""What a document holds, each noun with its Chinese original (GB/T 9704, Akoma Ntoso and MeasEval give the terms).

All offsets are half-open and count characters of ``Document.text``; for every fact ``document.text[f.start:f.end] == f.text``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kb.models.fields import (
    CLAUSE,
    COVERAGE,
    EFFECTIVE_FROM,
    END,
    ISSUED_ON,
    LOCALITY,
    NUMBER,
    OCR,
    PAGE,
    PATH,
    PLAN,
    RECEIVED_ON,
    SOURCE,
    START,
    TITLE,
    UNIT,
    UNREAD_PAGES,
    VALID_UNTIL,
    doc,
)

__all__ = [
    "Clause",
    "Document",
    "DocumentName",
    "GovernmentLevel",
    "Level",
    "Organization",
    "Part",
    "Particulars",
    "PrintedRow",
    "Recognition",
    "SourceText",
    "Span",
    "Standing",
    "UnitNames",
    "Validity",
]

Part = Literal["notice", "preamble", "body", "conclusion", "attachment"]
Recognition = Literal["", "sure", "doubtful"]  # not by OCR; by OCR; with lines that the reader was not sure of
GovernmentLevel = Literal["national", "province", "city", "county", "town"]
Level = Literal[GovernmentLevel, ""]
# 有效 | 尚未施行 | 已修改 | 已被新版取代 | 已废止 | 已到期
Standing = Literal["in_force", "pending", "amended", "superseded", "repealed", "expired"]


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters in ``Document.text``."""

    start: int = field(metadata=START)
    end: int = field(metadata=END)

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A row of a task table as the original prints it, where the text has a sentence for it."""

    start: int = field(metadata=START)
    end: int = field(metadata=END)
    labels: tuple[str, ...] = field(metadata=doc("the head of each column", ["序号", "任务", "责任单位"]))
    cells: tuple[str, ...] = field(
        metadata=doc("the cell of each column, with its line breaks", ["1", "新建公园3个", "市城管局"])
    )


@dataclass(frozen=True, slots=True)
class SourceText:
    """What a reader got out of one file: its characters, kept verbatim from here on."""

    name: str  # file name with extension, 文件名
    text: str
    sha256: str  # of the file's bytes
    title: str = ""  # what the format itself says the title is (HTML <title>), if anything
    pages: tuple[int, ...] = ()  # where each printed page begins, in a format that has pages
    id: str = ""  # of the document; "": the stem of the file name
    recognised: tuple[Span, ...] = ()  # what was read from pictures by OCR, 文字识别
    doubtful: tuple[Span, ...] = ()  # lines that OCR was not sure of, or whose quotes do not close in a csv file
    unread_pages: tuple[int, ...] = ()  # numbers, from 1, of pages that are pictures and could not be read
    margins: tuple[Span, ...] = ()  # running heads and feet, page numbers, footnotes of printed pages
    # Where lines begin that go on with the paragraph above, as the printed page shows; None where it does not tell, or there is none.
    continued: tuple[int, ...] | None = None
    # Where lines begin that the format itself calls headings (Word's styles, # of Markdown), and the level of each, 1 for the highest.
    headings: tuple[tuple[int, int], ...] = ()
    # Day on which the file was first in the corpus with this content; "": read from outside any corpus.
    received_on: str = ""
    rows: tuple[PrintedRow, ...] = ()  # of task tables
    # All that the file shows, in any order, without white space, taken apart from the reading; "": not taken.
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Particulars:
    """What the operator says of a document in a file beside it; it goes before what the document itself says."""

    title: str = field(default="", metadata=TITLE)
    document_number: str = field(default="", metadata=NUMBER)
    issuers: tuple[str, ...] = field(default=(), metadata=doc("发文机关", ["湘潭市人民政府办公室"]))
    issued_on: str = field(default="", metadata=ISSUED_ON)
    effective_from: str = field(default="", metadata=EFFECTIVE_FROM)
    valid_until: str = field(default="", metadata=VALID_UNTIL)
    url: str = field(default="", metadata=doc("address that it was taken from", "https://www.example.gov.cn/plan.html"))
    locality: str = field(default="", metadata=LOCALITY)


@dataclass(frozen=True, slots=True)
class UnitNames:
    """What the operator says a unit is called, in the file about all units."""

    name: str = field(default="", metadata=doc("正式名称", "湘潭市数据局"))
    aliases: tuple[str, ...] = field(
        default=(), metadata=doc("其他名称: other names of it, as printed", ["市大数据中心"])
    )


@dataclass(frozen=True, slots=True)
class Document:
    """公文: one file of the corpus with what its head and foot say about it."""

    id: str = field(metadata=doc("stem of the file name, with the folder where another document has the same", PLAN))
    text: str = field(
        metadata=doc(
            "the whole text as read; all places count its characters", "…湘潭市推进基础教育补短板强弱项实施方案…"
        )
    )
    sha256: str = field(metadata=doc("of the file's bytes, and of the particulars beside it", "9f2c…"))
    source: str = field(metadata=SOURCE)
    title: str = field(default="", metadata=TITLE)
    document_number: str = field(default="", metadata=NUMBER)
    issuers: tuple[str, ...] = field(default=(), metadata=doc("发文机关", ["湘潭市人民政府办公室"]))
    addressees: tuple[str, ...] = field(
        default=(),
        metadata=doc(
            "主送机关: whom the document is addressed to",
            ["各县市区人民政府", "湘潭高新区、经开区和昭山示范区管委会"],
        ),
    )
    issued_on: str = field(default="", metadata=ISSUED_ON)
    effective_from: str = field(default="", metadata=EFFECTIVE_FROM)
    valid_until: str = field(default="", metadata=VALID_UNTIL)
    kind: str = field(default="", metadata=doc("文种", "实施方案"))
    attachments: tuple[str, ...] = field(
        default=(),
        metadata=doc(
            "附件说明: names of attachments as printed", ["全市基础教育补短板强弱项主要工作任务责任分解表.pdf"]
        ),
    )
    url: str = field(
        default="",
        metadata=doc("where the document was published, when anybody says", "https://www.example.gov.cn/plan.html"),
    )
    disclosure: str = field(default="", metadata=doc("公开方式", "(此件主动公开)"))
    boilerplate: tuple[Span, ...] = field(
        default=(), metadata=doc("web and page furniture and second copies in the text, in no clause")
    )
    pages: tuple[int, ...] = field(
        default=(), metadata=doc("页: where each printed page begins in the text; empty for a format without pages", [])
    )
    recognised: tuple[Span, ...] = field(
        default=(), metadata=doc("文字识别: passages that were read from pictures by OCR")
    )
    doubtful: tuple[Span, ...] = field(
        default=(), metadata=doc("lines that OCR was not sure of, or whose quotes do not close in a csv file")
    )
    unread_pages: tuple[int, ...] = field(default=(), metadata=UNREAD_PAGES)
    locality: str = field(default="", metadata=LOCALITY)
    rows: tuple[PrintedRow, ...] = field(
        default=(),
        metadata=doc("rows of task tables as the original prints them, which stand as sentences in the text"),
    )
    coverage: float = field(default=1.0, metadata=COVERAGE)
    received_on: str = field(default="", metadata=RECEIVED_ON)


@dataclass(frozen=True, slots=True)
class Clause:
    """条款: a stretch of the body with its printed number; sub-clauses lie inside ``start``..``end``."""

    id: str = field(metadata=doc("<document>#<printed numbers>", CLAUSE))
    document_id: str = field(
        metadata=doc("id of the document: file stem, with the folder where another has the same", PLAN)
    )
    parent_id: str | None = field(metadata=doc("id of the clause above; null at the top", f"{PLAN}#二.一"))
    num: str = field(metadata=doc("number as printed; empty for notice, preamble, conclusion, attachment", "2."))
    heading: str = field(metadata=doc("heading after the number", "推进学前教育普惠发展"))
    start: int = field(metadata=START)
    end: int = field(metadata=END)
    path: tuple[str, ...] = field(metadata=PATH)
    text: str = field(
        metadata=doc(
            "own words for search and display: without sub-clauses and page furniture, line wraps joined",
            "2.推进学前教育普惠发展。加大公办园建设力度…",
        )
    )
    part: Part = field(default="body", metadata=doc("which part of the document it belongs to", "body"))
    page: int = field(default=0, metadata=PAGE)
    ocr: Recognition = field(default="", metadata=OCR)


@dataclass(frozen=True, slots=True)
class Organization:
    """单位: who stands behind the names that documents use."""

    id: str = field(
        metadata=doc(
            "the canonical name; with @ and the document behind it where only that document can tell the unit", UNIT
        )
    )
    name: str = field(metadata=doc("canonical name", UNIT))
    aliases: tuple[str, ...] = field(default=(), metadata=doc("other names that documents use", ["市教育局", "教育局"]))
    level: Level = field(default="", metadata=doc("level of government", "city"))
    jurisdiction: str = field(default="", metadata=doc("行政区划", "湘潭市"))
    successor_of: tuple[str, ...] = field(default=(), metadata=doc("ids of the units it took over from", []))
    members: tuple[str, ...] = field(
        default=(), metadata=doc("ids of the members of a group such as 各县市区人民政府", [])
    )
    function: str = field(default="", metadata=doc("职能; empty for a unit that the lexicon does not know", "教育"))
    candidates: tuple[str, ...] = field(
        default=(), metadata=doc("other official names that its names could stand for", [])
    )


@dataclass(frozen=True, slots=True)
class DocumentName:
    """How another document is named."""

    id: str = field(metadata=doc("id of the document: file stem, with the folder where another has the same", PLAN))
    title: str = field(metadata=TITLE)
    document_number: str = field(metadata=NUMBER)
    issued_on: str = field(metadata=ISSUED_ON)


@dataclass(frozen=True, slots=True)
class Validity:
    """效力: whether a document is in force on the day of the question, and what the other documents held do to it."""

    standing: Standing = field(
        default="in_force",
        metadata=doc(
            "in_force 有效, pending 尚未施行, amended 已修改, superseded 已被新版取代, repealed 已废止, expired 已到期; on the day of the question",
            "in_force",
        ),
    )
    since: str = field(
        default="", metadata=doc("from when it stands so, as precise as known; empty for what is in force", "")
    )
    effective_from: str = field(default="", metadata=EFFECTIVE_FROM)
    valid_until: str = field(default="", metadata=VALID_UNTIL)
    superseded_by: DocumentName | None = field(default=None, metadata=doc("the newest version of it that is in effect"))
    repealed_by: DocumentName | None = field(default=None, metadata=doc("the document that repeals it (废止)"))
    amended_by: tuple[DocumentName, ...] = field(default=(), metadata=doc("documents that amend it, oldest first", []))
    versions: tuple[DocumentName, ...] = field(
        default=(), metadata=doc("all versions of it, oldest first, itself among them; empty: it is the only one", [])
    )
    followed_by: DocumentName | None = field(
        default=None,
        metadata=doc("the newest document of its series (年度系列), where that is for a later year; it stays in force"),
    )
    series: tuple[DocumentName, ...] = field(
        default=(),
        metadata=doc(
            "what its issuer made on the subject for each year, oldest first, itself among them; empty: for no other",
            [],
        ),
    )


IN_FORCE = Validity()
