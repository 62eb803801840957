"""Responsibility marks (责任标注): candidates read part by part into units and roles; a candidate without evidence is dropped."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from kb.extraction.responsibilities.candidates import Kind, after_matter, find_candidates, parts_of, role_said
from kb.extraction.responsibilities.cues import (
    ASIDE,
    BLANK_LABEL,
    DEADLINE,
    FIRST_IS_LEAD,
    GUIDES,
    LABEL,
    OTHER_LABEL,
    OTHERS_SUPPORT,
    ROLE_REMARK,
    SPOKEN_LABEL,
    STRONG,
    role_of,
)
from kb.extraction.responsibilities.predicates import SEQUEL, SPLITS_WORD
from kb.models import Role
from kb.units.bodies import is_body
from kb.units.lists import Mention, is_list_of, split_units
from kb.units.names import is_place, is_unit
from kb.units.shared_heads import with_shared_heads

_LONGEST_UNKNOWN = 16  # an item behind a label is a name even if its form says nothing, unless it is long
_ASIDES = (DEADLINE, ASIDE, FIRST_IS_LEAD, OTHERS_SUPPORT)
_JOINED = re.compile("会同")  # whoever is joined in a sentence supports
_AGENT = re.compile(r"(?:由|交由|请)(?=[^，。；由]{2,}$)")


@dataclass(frozen=True, slots=True)
class Duty:
    """Units in one role; ``rule`` names what gave the role."""

    role: Role
    mentions: tuple[Mention, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Mark:
    """责任标注: its span in the passage's text, and its duties in printed order."""

    start: int
    end: int
    duties: tuple[Duty, ...]
    shared: bool  # 按职责分工负责


def find_marks(text: str) -> tuple[Mark, ...]:
    """The responsibility marks of a normalised text, in order.

    "……。（牵头单位：省教育厅；责任单位：省财政厅）" → one mark with two duties
    """
    marks = []
    for candidate in find_candidates(text):
        start, end = candidate.start, candidate.end
        if duties := _MarkReader(text, candidate.kind).read(start, end):
            marks.append(Mark(start, end, with_heads_before(duties), shared="分工" in text[start:end]))
    return tuple(marks)


def with_heads_before(duties: Sequence[Duty]) -> tuple[Duty, ...]:
    """The duties of one mark with names completed by those of the duties before: 市教育局 lead, 财政局 support → …, 市财政局."""
    if len(duties) < 2:
        return tuple(duties)
    names = iter(with_shared_heads([mention.name for duty in duties for mention in duty.mentions]))
    return tuple(
        replace(duty, mentions=tuple(replace(mention, name=next(names)) for mention in duty.mentions))
        for duty in duties
    )


@dataclass(slots=True)
class _MarkReader:
    """Reads one candidate from left to right: labels set the role, lists wait for their verb."""

    text: str
    kind: Kind
    duties: list[Duty] = field(default_factory=list)
    waiting: list[Mention] = field(default_factory=list)  # units whose verb is still to come
    role: Role | None = None  # what the last label says
    labelled: bool = False
    failed: bool = False  # a sentence holds something that is no mark

    def read(self, start: int, end: int) -> tuple[Duty, ...]:
        """The duties of the mark, in printed order; none when the candidate is no mark."""
        for a, b in parts_of(self.text, start, end, self.kind):
            self._part(a, b)
        if self.waiting and (self.duties or self.kind == "bare"):
            role: Role = self.duties[-1].role if self.duties else "responsible"
            strict = [unit for unit in self.waiting if is_unit(unit.name)]
            if self.kind == "bracket" or len(strict) == len(self.waiting):
                self._add(role, strict, "verb" if self.duties else "bare")
            else:
                self.failed = True
        if self.failed and self.kind in ("sentence", "bare"):
            return ()
        return tuple(self.duties)

    def _part(self, start: int, end: int) -> None:
        other = OTHER_LABEL.match(self.text, start, end)
        if other and not LABEL.match(self.text, start, other.end()):
            self.role, self.labelled, self.waiting = None, True, []
            return
        label = LABEL.match(self.text, start, end) or BLANK_LABEL.match(self.text, start, end)
        if self.kind == "bracket" and not label:
            label = SPOKEN_LABEL.match(self.text, start, end)
        if label is None and any(aside.match(self.text, start) for aside in _ASIDES):
            return
        if label:
            self.role, self.labelled, self.waiting = role_of(label.group("role") or label.group()), True, []
            start = label.end()
        verb = role_said(self.text, start, end)
        if verb is None:
            self._list(start, end, first=label is not None)
        else:
            self._verb(start, verb, "label" if label else "verb")

    def _list(self, start: int, end: int, *, first: bool) -> None:
        """A part that is only a list: the label's, or one that waits for its verb."""
        units = split_units(self.text, start, _without_sequel(self.text, start, end) if self.kind == "label" else end)
        if self.role is not None:
            self._add(self.role, [unit for unit in units if _may_be_unit(unit, first)], "label")
        elif not self.labelled:
            if is_list_of(self._form(), self.text, start, end):
                self.waiting += units
            else:
                self.failed = True
                self.waiting = []

    def _verb(self, start: int, verb: re.Match[str], rule: str) -> None:
        said = role_of(verb.group())
        if GUIDES.fullmatch(verb.group()) and self.role is None and any(duty.role == "lead" for duty in self.duties):
            said = "support"
        role = self.role if self.role is not None and said == "responsible" else said
        if self.kind == "sentence":
            start = after_matter(self.text, start, verb.start())
        elif agent := _AGENT.search(self.text, start, verb.start()):
            start = agent.end()
        if said == "support" and self.role is None and not self.duties and self.kind != "sentence":
            # 县水利局；县财政局配合: somebody has what the other one helps with.
            self._add("responsible", [unit for unit in self.waiting if _may_be_unit(unit, True)], "bare")
            self.waiting = []
        listed = [*self.waiting, *split_units(self.text, start, verb.start())]
        self.waiting = []
        if self.kind == "sentence" and (
            _JOINED.search(self.text, start, verb.start()) or not is_list_of(is_body, self.text, start, verb.start())
        ):
            self.failed = True
        elif self.labelled or self._is_list(listed, STRONG.search(verb.group()) is not None):
            self._add(role, [unit for unit in listed if _may_be_unit(unit, True)], rule)
        else:
            self.failed = True

    def _is_list(self, units: Sequence[Mention], strong: bool) -> bool:
        """Whether what stands before a verb is a list of units.

        All are by their form; or most are and the verb is 牵头, 负责 …; or the bracket has already proved to be a mark.
        """
        others = [unit for unit in units if not is_unit(unit.name)]
        if not strong or self.kind != "bracket":
            return bool(units) and not others
        others = [unit for unit in others if not is_place(unit.name)]
        few = bool(self.duties) or len(others) * 2 < len(units)
        return bool(units) and few and all(len(unit.name) <= _LONGEST_UNKNOWN for unit in others)

    def _form(self) -> Callable[[str], bool]:
        """What an item must look like where no label says that it is a unit."""
        return is_body if self.kind == "sentence" else is_unit if self.kind == "bare" else _is_unit_or_place

    def _add(self, role: Role, units: Sequence[Mention], rule: str) -> None:
        """Append the units, those with a role of their own in brackets under that: 市教育局（牵头）、市财政局."""
        remarks = [ROLE_REMARK.search(self.text, unit.start, unit.end) for unit in units]
        led = any(ROLE_REMARK.search(self.text, duty.mentions[0].start, duty.mentions[0].end) for duty in self.duties)
        if led and remarks and remarks[-1] and not any(remarks[:-1]) and role_of(remarks[-1]["role"]) == "support":
            role = "support"  # 市教育局（牵头）；市财政局、市民政局（配合）
        for unit, remark in zip(units, remarks, strict=True):
            said = role_of(remark["role"]) if remark else role
            if self.duties and self.duties[-1].role == said and self.duties[-1].rule == rule:
                last = self.duties.pop()
                self.duties.append(Duty(said, (*last.mentions, unit), rule))
            else:
                self.duties.append(Duty(said, (unit,), rule))


def _without_sequel(text: str, start: int, end: int) -> int:
    """Where a list outside brackets ends when running text follows without a sign: …、市财政局加强学前教育投入

    A name whose ending is not known stays whole, and none is cut inside a word: …、县供销社土产门市
    """
    last = max(text.rfind("、", start, end) + 1, start)
    if all(map(is_unit, text[last:end].split())):  # or several between blanks
        return end
    low = min(end, last + _LONGEST_UNKNOWN)
    units = (
        at for at in range(low, last + 2, -1) if is_unit(text[last:at].strip()) and not SPLITS_WORD.match(text, at)
    )
    cut = next((at for at in units if low < end or SEQUEL.match(text, at)), end)
    return last if text[cut : cut + 1] == "：" else cut


def _is_unit_or_place(name: str) -> bool:
    return is_unit(name) or is_place(name)


def _may_be_unit(unit: Mention, first: bool) -> bool:
    if _is_unit_or_place(unit.name):
        return True
    return first and len(unit.name) <= _LONGEST_UNKNOWN and not re.search("[0-9]", unit.name)
