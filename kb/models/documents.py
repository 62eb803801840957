"""What a document holds, each noun with its Chinese original (GB/T 9704, Akoma Ntoso and MeasEval give the terms).

All offsets are half-open and count characters of ``Document.text``; for every fact ``document.text[f.start:f.end] == f.text``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Part = Literal["notice", "preamble", "body", "conclusion", "attachment"]
Role = Literal["lead", "responsible", "support"]
Comparator = Literal["=", ">=", "<=", ">", "<", "~"]
Relation = Literal["based_on", "implements", "amends", "repeals", "mentions"]
Recognition = Literal["", "sure", "doubtful"]  # not by OCR; by OCR; by OCR, with lines that it was not sure of
Level = Literal["national", "province", "city", "county", "town", ""]
# 有效 | 尚未施行 | 已修改 | 已被新版取代 | 已废止 | 已失效
Standing = Literal["in_force", "pending", "amended", "superseded", "repealed", "expired"]


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters in ``Document.text``."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")


@dataclass(frozen=True, slots=True)
class SourceText:
    """What a reader got out of one file: its characters, kept verbatim from here on."""

    name: str  # of the file, 文件名; in a corpus the path relative to it
    text: str
    sha256: str  # of the file's bytes
    title: str = ""  # what the format itself says the title is (HTML <title>), if anything
    pages: tuple[int, ...] = ()  # where each printed page begins, in a format that has pages
    id: str = ""  # of the document; "": the stem of the file name
    recognised: tuple[Span, ...] = ()  # what was read from pictures by OCR, 文字识别
    doubtful: tuple[Span, ...] = ()  # lines of it that the OCR was not sure of
    unread_pages: tuple[int, ...] = ()  # numbers, from 1, of pages that are pictures and could not be read


@dataclass(frozen=True, slots=True)
class Particulars:
    """What the operator says of a document in a file beside it; it goes before what the document itself says."""

    title: str = ""
    document_number: str = ""
    issuers: tuple[str, ...] = ()
    issued_on: str = ""
    effective_from: str = ""
    valid_until: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """公文: one file of the corpus with what its head and foot say about it."""

    id: str  # file stem; with the folder where another document has the same
    text: str
    sha256: str  # of the file's bytes, and of the particulars beside it
    source: str  # path of the file relative to the corpus, "2024/方案.txt"; of a file outside its name
    title: str = ""  # 标题
    document_number: str = ""  # 发文字号, "湘政发〔2021〕4号"
    issuers: tuple[str, ...] = ()  # 发文机关
    addressees: tuple[str, ...] = ()  # 主送机关
    issued_on: str = ""  # 成文日期, as precise as printed: "2021", "2021-12", "2021-12-22", "--12-22"
    effective_from: str = ""  # 施行日期, ISO as precise as printed
    valid_until: str = ""  # 有效期至: the last day, as the document itself says
    kind: str = ""  # 文种, "实施方案"
    attachments: tuple[str, ...] = ()  # 附件说明, the names as printed
    url: str = ""  # where it was published, if anybody says
    disclosure: str = ""  # 公开方式, "此件主动公开"
    boilerplate: tuple[Span, ...] = ()  # web and page furniture, second copies: no clause's text
    pages: tuple[int, ...] = ()  # 页: where each begins in ``text``; empty for a format without pages
    recognised: tuple[Span, ...] = ()  # 文字识别: what was read from pictures by OCR
    doubtful: tuple[Span, ...] = ()  # lines of it that the OCR was not sure of
    unread_pages: tuple[int, ...] = ()  # numbers, from 1, of pages that are pictures and could not be read


@dataclass(frozen=True, slots=True)
class Clause:
    """条款: a stretch of the body with its printed number; sub-clauses lie inside ``start``..``end``."""

    id: str  # "<document>#二.一.3", from the printed numbers
    document_id: str
    parent_id: str | None
    num: str  # as printed, "（一）"; "" for notice, preamble, conclusion, attachments
    heading: str
    start: int
    end: int
    path: tuple[str, ...]  # headings from the top down to this clause's own
    text: str  # own text without sub-clauses, line wraps joined, page furniture left out: for search and display
    part: Part = "body"
    page: int = 0  # 页码 where it begins, from 1; 0 in a format without pages
    ocr: Recognition = ""  # how its own text was recognised, where that was read from a picture


@dataclass(frozen=True, slots=True)
class Responsibility:
    """责任: one unit made responsible for a clause."""

    clause_id: str
    unit: str  # completed surface form: "园区管委会" where "园区和示范区管委会" is printed
    role: Role  # 牵头 | 责任、负责 | 配合、参与
    start: int
    end: int
    text: str  # the characters the unit was read from
    rule: str
    organization_id: str = ""
    implied_by: Span | None = None  # the declaration (下同), when the unit is named once for the whole document
    prose: bool = False  # subject of a duty in running text, not a mark


@dataclass(frozen=True, slots=True)
class Target:
    """指标: a quantity that the clause commits somebody to (MeasEval: quantity, measured property, qualifier)."""

    clause_id: str
    text: str
    start: int
    end: int
    indicator: str
    comparator: Comparator
    value: float | None  # None: the number is lost in the source, or the goal is qualitative
    unit: str  # 计量单位, "%", "万座"
    rule: str
    upper: float | None = None  # 3~5名: value 3, upper 5
    baseline: float | None = None  # 由A提高到B: A
    per: str = ""  # 每年, 每个乡镇
    due: str = ""  # ISO date as precise as printed, or 每年
    damaged: bool = False
    qualitative: bool = False

    def __post_init__(self) -> None:
        if self.value is None and not (self.damaged or self.qualitative):
            raise ValueError(f"a target without a value is damaged or qualitative: {self.text!r}")


@dataclass(frozen=True, slots=True)
class Deadline:
    """时限: until when, or how often, something is to be done."""

    clause_id: str
    text: str
    start: int
    end: int
    rule: str
    due: str = ""  # ISO, as precise as printed
    recurrence: str = ""  # 每年, 长期坚持
    damaged: bool = False  # the year is lost in the source: 到年底


@dataclass(frozen=True, slots=True)
class Citation:
    """引用: another document named in a clause."""

    clause_id: str
    text: str
    start: int
    end: int
    title: str
    rule: str
    document_number: str = ""
    relation: Relation = "mentions"
    document_id: str = ""  # when the knowledge base holds the cited document
    issued_on: str = ""  # of the cited document, when the clause says so
    since: str = ""  # from when it repeals or amends, when it says so beside the title
    damaged: bool = False  # digits of the number are lost: 潭市发〔〕4号


@dataclass(frozen=True, slots=True)
class Organization:
    """单位: who stands behind the names that documents use."""

    id: str  # the canonical name
    name: str
    aliases: tuple[str, ...] = ()  # other surface forms
    level: Level = ""
    jurisdiction: str = ""  # 行政区划, "湘潭市"
    successor_of: tuple[str, ...] = ()
    members: tuple[str, ...] = ()  # organisation ids, for 各县市区人民政府 and the like
    function: str = ""  # 职能, "人力资源和社会保障"; "" for a unit that the lexicon does not know
    candidates: tuple[str, ...] = ()  # other official names that its names could stand for


@dataclass(frozen=True, slots=True)
class DocumentName:
    """How another document is named."""

    id: str
    title: str
    document_number: str
    issued_on: str


@dataclass(frozen=True, slots=True)
class Validity:
    """效力: whether a document is in force on the day of the question, and what the other documents held do to it."""

    standing: Standing = "in_force"
    since: str = ""  # from when it stands so, ISO as precise as known; "" for what is in force
    effective_from: str = ""
    valid_until: str = ""
    superseded_by: DocumentName | None = None  # the newest version in effect
    repealed_by: DocumentName | None = None
    amended_by: tuple[DocumentName, ...] = ()  # oldest first
    versions: tuple[
        DocumentName, ...
    ] = ()  # all versions held, oldest first, itself among them; empty when it is the only one


IN_FORCE = Validity()


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """One document with everything that was read out of it, clauses in reading order, facts by position."""

    document: Document
    clauses: tuple[Clause, ...]
    responsibilities: tuple[Responsibility, ...] = ()
    targets: tuple[Target, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    citations: tuple[Citation, ...] = ()
    validity: Validity = IN_FORCE  # known in a knowledge base, where other documents are
