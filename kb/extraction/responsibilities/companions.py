"""The bodies of a list in running text, and whoever they do something with: 会同市财政局, 联合有关部门, 商省财政厅."""

from __future__ import annotations

import re

from kb.extraction.responsibilities.predicates import INSIDE_WORD, LAST
from kb.lexicon import any_of, table
from kb.units.bodies import is_body
from kb.units.lists import Mention, is_list_of, may_be_body, split_units
from kb.units.names import is_group

SIGNS = "，。；：！？\n"
LONGEST_LIST = 300
_PROSE = table("duties")["prose"]
_WITH = re.compile(
    "会同|联合(?![会国体]|[^，。；]{0,4}(?:小组|工作组|调查组|机制))|商(?=当地|同级|本级|有关|相关|[省市县]|各)"
)
_LATER = re.compile(r"[^。；\n]{0,80}?，(?:并|应当|要)?会同(?!县)")  # 市教育局要根据需要，会同|市财政局
_LEVEL_ALONE = re.compile("(?:^|(?<![\u4e00-\u9fff])|(?<=[和及与由]))[省市县区]$")
_FOLLOWS = re.compile(
    rf"(?<=[{LAST}等＿])(?=[，。；\n]|研究|商|共同|联合|进行|负责|{_PROSE['circumstances']}|{any_of(_PROSE['adverbs'])}|(?:{any_of(_PROSE['duties'])})(?!{_PROSE['not_verbs']}))"
)
END = re.compile(rf"(?<=[{LAST}等＿])(?!{INSIDE_WORD})(?![、和及与或等的之（(“《，。；：人员长者＿级])")


def bodies_of(text: str, start: int, end: int) -> tuple[Mention, ...]:
    """The bodies of a list, without the parties beside them."""
    return tuple(unit for unit in split_units(text, start, end) if is_body(unit.name) or may_be_body(unit.name))


def parted(text: str, start: int, end: int) -> re.Match[str] | None:
    """The 会同 between the bodies of ``text[start:end]``, not that in the name of one: 市联合征信中心."""
    return next((one for one in _WITH.finditer(text, start, end) if _parts(text, start, end, one)), None)


def _parts(text: str, start: int, end: int, joined: re.Match[str]) -> bool:
    sides = (start, joined.start()), (joined.end(), end)
    inside = _LEVEL_ALONE.search(text, start, joined.start())
    return inside is None and all(is_list_of(is_body, text, *side) for side in sides)


def companions(text: str, flat: str, at: int) -> tuple[Mention, ...]:
    """The bodies behind a 会同 that follows a predicate, which ends at ``at``, up to what they do together."""
    if joined := _WITH.search(text, at - 2, at + 8):
        return _up_to_verb(text, flat, joined.end())
    later = _LATER.match(flat, at)
    found = _up_to_verb(text, flat, later.end()) if later else ()
    return () if all(is_group(unit.name) for unit in found) else found


def _up_to_verb(text: str, flat: str, start: int) -> tuple[Mention, ...]:
    stop = next_sign(SIGNS, flat, start) + 1
    for pattern in (_FOLLOWS, END):  # before a verb that is known; else before any
        for found in reversed(list(pattern.finditer(flat, start + 2, stop))):
            if is_list_of(is_body, text, start, found.start()):
                return bodies_of(text, start, found.start())
    return ()


def next_sign(signs: str, flat: str, start: int) -> int:
    """Where the next of the signs stands, or where a list can be no longer."""
    limit = min(len(flat), start + LONGEST_LIST)
    return min((at for sign in signs if (at := flat.find(sign, start, limit)) >= 0), default=limit)
