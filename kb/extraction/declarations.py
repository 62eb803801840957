"""Sentences that rule how the responsibility marks of a document are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from kb.extraction.units import split_units
from kb.models import Span
from kb.text import Passage

Effect = Literal["first_is_lead", "others_support", "all_lead", "implied"]

_PATTERNS: tuple[tuple[Effect, re.Pattern[str]], ...] = (
    (
        "first_is_lead",
        re.compile(
            r"""
            (?:排名?|列|位列?|排列)(?:在|于)?[^，。；（）]{0,6}(?:第\s?[一1]|首位|最前)[^，。；（）]{0,10}(?:为|是|系)[^，。；（）]{0,8}牵头[^。；（）]{0,14}  # 列第一位者为牵头单位，下同
            | 第一(?:个|家)?(?:责任)?(?:单位|部门)[^，。；（）]{0,4}(?:为|是|系)[^，。；（）]{0,4}牵头[^。；（）]{0,14}           # 第一个单位为牵头单位
            """,
            re.VERBOSE,
        ),
    ),
    (
        "others_support",
        re.compile(
            r"其(?:他|它|余)(?:均|各)?(?:单位|部门)?[^，。；（）]{0,6}(?:为|是|系)[^，。；（）]{0,6}(?:配合|参与|协助|参加)(?:单位|部门)?[^。；（）]{0,6}"
        ),
    ),
    ("all_lead", re.compile(r"分工负责(?:为|是|指|即)[^。；（）]{0,16}分别牵头[^。；（）]{0,6}")),
    (
        "implied",
        re.compile(
            r"(?:均|都)(?:需|须|由|要)(?:要|由)?(?P<units>[^，。；（）]{2,40}?)(?:负责|组织|抓好|具体)*(?:落实|实施|负责|参与|配合)[^。；（）]{0,12}不再(?:单独|一一|逐一|逐项|分别|重复)?(?:列出|列明|标注|注明)"
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Declaration:
    """声明: what it makes true, from where on (offset into the document), and its words."""

    effect: Effect
    start: int
    end: int
    lasting: bool  # 下同, or said outside a mark: holds for the rest of the document
    units: tuple[str, ...] = ()

    @property
    def span(self) -> Span:
        """Its place in the document."""
        return Span(self.start, self.end)


def find_declarations(passage: Passage) -> tuple[Declaration, ...]:
    """Declarations in a clause's own text, in order.

    "（财政部、商务部负责。列第一位者为牵头单位，下同）" → first_is_lead, lasting
    """
    text = passage.reading.text
    found = []
    for effect, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            span = passage.reading.span(*match.span())
            inside = text.rfind("（", 0, match.start()) > text.rfind("）", 0, match.start())
            lasting = not inside or effect == "implied" or "下同" in text[match.start() : match.end() + 6]
            units = tuple(unit.name for unit in split_units(text, *match.span("units"))) if effect == "implied" else ()
            found.append(Declaration(effect, span.start, span.end, lasting, units))
    return tuple(sorted(found, key=lambda declaration: declaration.start))
