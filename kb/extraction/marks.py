"""Responsibility marks: where they stand and which stretch of them names units in which role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.extraction.units import Mention, is_unit, split_units
from kb.models import Role

_LABEL = re.compile(
    r"""
    (?P<role>牵头|主办|主责|主要责任|主体责任|责任|负责|承办|落实|实施|组织|完成|配合|协办|协助|参与|参加|支持|协同|协作|联合|指导)
    (?:（[^（）]{1,6}）)?(?:单位|部门|机构|处室|科室)(?:（[^（）]{1,10}）|[及和与、](?:责任人|负责人|部门|单位|人员))?\s?：   # 牵头单位：
    """,
    re.VERBOSE,
)
_OTHER_LABEL = re.compile(
    r"(?:完成|责任|办理|办结|整改|实施|落实|起止)?(?:时限|时间|期限|进度|领导|责任人|负责人|联系人|目标|措施|要求)\s?："
)
_VERB = re.compile(
    r"""
    (?:(?:按照?|依照?|依据|根据|结合)(?:各自|其)?(?:的)?(?:有关|相关|工作|部门|行业)?(?:职责|职能|职权|权限|任务|责任|分工|要求)*(?:范围)?(?:内)?)?   # 按职责
    (?:分工|分别|共同|联合|具体|统筹|协同|各自|主要|组织|积极|密切|做好|抓好|指导)*
    (?P<verb>牵头|负责|配合|落实|参与|参加|协助|协办|主办|承办|指导|支持|实施|推进|推动|承担|执行|完成)
    (?:牵头|负责|组织|实施|落实|推进|配合|协调|办理|做好|抓好|工作|到位|指导|、)*$
    """,
    re.VERBOSE,
)
_LEAD = ("牵头", "主办", "主责", "主要责任", "主体责任")
_SUPPORT = ("配合", "协办", "协助", "参与", "参加", "支持", "协同", "协作", "联合")
_RUN_TOGETHER = re.compile(
    r"(?<=牵头)(?=[省市县区国各相有由])|(?<=负责)(?=[省市县区国各相有由])|(?<=[局委厅部办府会院])；?(?=(?:牵头|责任|配合|参与|参加|协办)(?:单位|部门)：)"
)


@dataclass(frozen=True, slots=True)
class Duty:
    """Units of one mark in one role; ``explicit`` when the role is not merely 责任 or 负责."""

    role: Role
    mentions: tuple[Mention, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Mark:
    """责任标注: its place in the passage's text and what it says, in printed order."""

    start: int
    end: int
    duties: tuple[Duty, ...]
    shared: bool  # 按职责分工负责


def find_marks(text: str) -> tuple[Mark, ...]:
    """The responsibility marks of a normalised text, in order.

    "……。（牵头单位：省教育厅；责任单位：省财政厅）" → one mark with two duties
    """
    marks = []
    done = 0
    for start, end in _candidates(text):
        if start < done:
            continue
        duties = _duties(text, start, end)
        if duties:
            marks.append(Mark(start, end, duties, "分工" in text[start:end]))
            done = end
    return tuple(marks)


def role_of(word: str) -> Role:
    """牵头 → lead; 配合, 参加 → support; anything else → responsible."""
    if word.startswith(_LEAD):
        return "lead"
    return "support" if word.startswith(_SUPPORT) else "responsible"


def _candidates(text: str) -> Iterator[tuple[int, int]]:
    """Contents of brackets that may be marks, and labelled lists outside brackets, by place."""
    found = []
    for start, end in _brackets(text):
        inner = text[start:end]
        if len(inner) >= 4 and (
            _LABEL.search(inner) or any(_VERB.search(part) for part in re.split("[。；，]", inner))
        ):
            found.append((start, end))
    covered = found[:]
    for label in _LABEL.finditer(text):
        if not any(a <= label.start() < b for a, b in covered):
            stop = re.compile(r"[。\n]").search(text, label.end())
            end = stop.start() if stop else len(text)
            if end - label.end() <= 1 and stop and text[stop.start()] == "\n":  # the list stands on the next line
                following = re.compile(r"[。\n]").search(text, stop.end())
                end = following.start() if following else len(text)
            found.append((label.start(), end))
            covered.append((label.start(), end))
    return iter(sorted(found))


def _brackets(text: str) -> Iterator[tuple[int, int]]:
    """Contents of outermost brackets; one that is never closed ends with its paragraph, and kinds may be mixed."""
    depth, start = 0, 0
    for match in re.finditer(r"[（〔）〕\n]", text):
        sign = match.group()
        if sign in "（〔":
            if depth == 0:
                start = match.end()
            depth += 1
        elif depth and (sign == "\n" or depth == 1):
            if sign != "\n" or _LABEL.search(text, start, match.start()):
                yield start, match.start()
            depth = 0
        elif depth:
            depth -= 1
    if depth and _LABEL.search(text, start):
        yield start, len(text)


def _duties(text: str, start: int, end: int) -> tuple[Duty, ...]:
    """What a candidate says; nothing when it turns out to be no mark."""
    duties: list[Duty] = []
    role: Role | None = None
    waiting: list[tuple[int, int]] = []
    labelled = False
    for first, b in _parts(text, start, end):
        label = _LABEL.match(text, first, b)
        a = label.end() if label else first
        if _OTHER_LABEL.match(text, first, b):
            role, labelled = None, True
            continue
        if label:
            role, labelled, waiting = role_of(label["role"]), True, []
        verb = _VERB.search(text[a:b])
        if verb is None:
            if role is not None:
                _add(duties, role, split_units(text, a, b), "label")
            elif not labelled:
                waiting.append((a, b))
            continue
        said = role_of(verb["verb"])
        said = role if role is not None and said == "responsible" else said
        listed = [unit for x, y in [*waiting, (a, a + verb.start())] for unit in split_units(text, x, y)]
        waiting = []
        if labelled or all(is_unit(unit.name) for unit in listed):
            _add(duties, said, listed, "label" if label else "verb")
    if duties and waiting:
        _add(
            duties,
            duties[-1].role,
            [unit for x, y in waiting for unit in split_units(text, x, y) if is_unit(unit.name)],
            "verb",
        )
    return tuple(duties)


def _add(duties: list[Duty], role: Role, units: list[Mention], rule: str) -> None:
    if units:
        duties.append(Duty(role, tuple(units), rule))


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A mark's content cut at ，；。 outside brackets, before labels, and between run-together verbs."""
    depth, at = 0, start
    cuts = {start + match.start() for match in _RUN_TOGETHER.finditer(text[start:end])} | {
        m.start() for m in _LABEL.finditer(text, start, end)
    }
    for i in range(start, end):
        character = text[i]
        depth += (character in "（〔") - (character in "）〕")
        if depth <= 0 and (character in "，；。\n" or i in cuts) and i > at:
            yield at, i
            at = i + (character in "，；。\n")
    if at < end:
        yield at, end
