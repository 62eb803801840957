"""Sentences that rule how the responsibility marks of a document are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from kb.extraction.responsibilities.cues import FIRST_IS_LEAD, OTHERS_SUPPORT, role_of
from kb.models import Role, Span
from kb.text import Passage
from kb.units.lists import split_units

Effect = Literal["first_is_lead", "others_support", "all_lead", "implied"]

_ALL_LEAD = re.compile(r"分工负责(?:为|是|指|即)[^。；（）]{0,16}分别牵头[^。；（）]{0,6}")
_UNSAID = r"不再(?:单独|一一|逐一|逐项|分别|重复|另行)*(?:列出|列明|列示|标注|注明|标明)"
_REMARK = r"(?:（[^（）。]{0,20}）)?"  # 各县（市、区）政府
_IMPLIED = re.compile(
    rf"""
    (?: (?:均|都)(?:需|须|由|要|应)(?:要|由)?(?P<units>(?:[^，。；（）]|{_REMARK}){{2,40}}?)                     # 以下均需各市政府
        (?:负责|组织|抓好|具体)*(?P<verb>落实|实施|负责|参与|配合)
      | (?:^|[，。；（])(?:以下)?(?P<others>(?:[^，。；（）]|{_REMARK}){{2,40}}?)(?:均|都)(?:为|是)[^，。；（）]{{0,10}}(?P<kind>责任|配合|落实|实施)单位 )  # 各县区政府均为责任单位
    [^。；（）]{{0,12}} (?:{_UNSAID})                                                                     # ，不再列出
    """,
    re.VERBOSE,
)
# With a word that stands in whatever a pattern finds: most clauses declare nothing, and looking for a word is quick.
_PATTERNS: tuple[tuple[Effect, re.Pattern[str], str], ...] = (
    ("first_is_lead", FIRST_IS_LEAD, "牵头"),
    ("others_support", OTHERS_SUPPORT, "其"),
    ("all_lead", _ALL_LEAD, "分工负责"),
    ("implied", _IMPLIED, "不再"),
)
_EXCEPTIONS = re.compile("除[^，。；]{0,10}另(?:有|行|作)[^，。；]{2,6}外")  # 除另有说明外
# （各条措施后括号内第一个单位为牵头单位）
_OF_ALL = re.compile("括号|[各每](?:条|项|款)|以下|下列|下文|文中|本文|措施后|任务后")
# behind a list or table: 注：排在首位的为牵头单位
_OF_BEFORE = re.compile(r"(?:^|\n)\s*(?:备?注|说明)[：.\s]|以上|上述|上表")
_LOOK_BACK = 1500  # a bracket is not longer


@dataclass(frozen=True, slots=True)
class Declaration:
    """声明: what it makes true, from where on (offset into the document), and its words."""

    effect: Effect
    start: int
    end: int
    lasting: bool  # 下同, or said outside a mark: holds for the rest of the document
    excepts: bool = False  # 除另有说明外: a single unit whose label tells its role keeps that
    units: tuple[str, ...] = ()
    role: Role = "responsible"
    back_in: str | None = None  # a note holds for what stands before it in this part of the document

    @property
    def span(self) -> Span:
        """Its place in the document."""
        return Span(self.start, self.end)


def scope_of(passage: Passage) -> str:
    """What a note at the end of a part speaks of: the attachment that a clause belongs to, or "" for the body."""
    clause = passage.clause
    return "" if clause.part == "body" else clause.id.partition("#")[2].partition(".")[0]


def find_declarations(passage: Passage) -> tuple[Declaration, ...]:
    """Declarations in a clause's own text, in order.

    "（财政部、商务部负责。列第一位者为牵头单位，下同）" → first_is_lead, lasting
    """
    text = passage.reading.text
    found = []
    for effect, pattern, word in _PATTERNS:
        for match in pattern.finditer(text) if word in text else ():
            span = passage.reading.span(*match.span())
            low = max(0, match.start() - _LOOK_BACK)
            opened = text.rfind("（", low, match.start())
            inside = opened > text.rfind("）", low, match.start()) and not _OF_ALL.search(text, opened, match.start())
            lasting = not inside or effect == "implied" or "下同" in text[match.start() : match.end() + 6]
            excepts = _EXCEPTIONS.search(text, text.rfind("。", low, match.start()) + 1, match.start()) is not None
            units, role = _implied(text, match) if effect == "implied" else ((), "responsible")
            line = max(text.rfind("。", low, match.start()), text.rfind("\n", low, match.start()), 0)
            back_in = scope_of(passage) if not inside and _OF_BEFORE.search(text, line, match.start()) else None
            found.append(Declaration(effect, span.start, span.end, lasting, excepts, units, role, back_in))
    return tuple(sorted(found, key=lambda declaration: declaration.start))


def _implied(text: str, match: re.Match[str]) -> tuple[tuple[str, ...], Role]:
    """The units that are named once for all, and their role."""
    group, verb = ("units", "verb") if match["units"] is not None else ("others", "kind")
    return tuple(unit.name for unit in split_units(text, *match.span(group))), role_of(match[verb])
