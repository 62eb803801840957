"""Candidate spans of responsibility marks: bracketed text, lists behind a label, sentences of nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from kb.extraction.responsibilities.cues import (
    ALONE,
    ASIDE,
    BLANK_LABEL,
    FIRST_IS_LEAD,
    FURNITURE_AFTER,
    FURNITURE_BEFORE,
    LABEL,
    LONGEST_VERB,
    MATTER,
    NEXT_ROLE,
    OFFICE,
    ORGANISER,
    OTHER_LABEL,
    RUN_TOGETHER,
    SPOKEN_LABEL,
    TIME_LABEL,
    VERB,
    role_of,
)
from kb.units.bodies import is_body, is_named_place, is_particular
from kb.units.lists import breaks_name, is_list_of, split_units
from kb.units.names import GROUP_OF_PLACES, is_unit

Kind = Literal["bracket", "bare", "label", "sentence"]
_LONGEST_MARK = 1500
_LONGEST_SENTENCE = 200
_BRACKETS = re.compile(r"[（〔）〕\n]")
_CLOSING = re.compile(r"[^（〔）〕\n。]*[）〕]")
_LONGEST_LINE = 120
_STOP = re.compile(r"[。\n]|(?<=[^\d\n])[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）")
_PART = re.compile(r"[^，；。\n]+")
_TERM = re.compile(
    r"\s*(?:[^，；、]{0,12}(?:年|月|日|季度|底)[^，；、\d]{0,4}(?:前|底|内|完成)[^，；、]{0,6}|长期坚持|长期|持续(?:推进|实施)|常年|全年)$"
)
_EXPLAINED = tuple("门位局厅委办室会组班构关家》”")  # 主管部门（市教育局、市民政局）
# materials go to them, or they are counted
_SENT = re.compile("报(?!警|[社刊])|送|抄|征求|联系|咨询|电话|包括|包含|获|授予|例如|成员|组成")
_BREAK = 8  # characters before a bracket that may be a line break, with blanks
_SENTENCE_START = "。；！？\n"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that may be a mark; ``kind`` decides how strict the evidence for it has to be."""

    start: int
    end: int
    kind: Kind


def find_candidates(text: str) -> list[Candidate]:
    """The candidates of a normalised text, by position, without overlaps; brackets win over labels, labels over sentences.

    "改造小区。（责任单位：市住建局）" → one of kind "bracket", "责任单位：市住建局"
    """
    found = list(_in_brackets(text))
    for candidates in (_labelled(text), _sentences(text)):
        taken = [(known.start, known.end) for known in found]
        at = 0
        for candidate in candidates:
            while at < len(taken) and taken[at][1] <= candidate.start:
                at += 1
            if at == len(taken) or candidate.end <= taken[at][0]:
                found.append(candidate)
        found.sort(key=lambda candidate: candidate.start)
    return found


def _in_brackets(text: str) -> Iterator[Candidate]:
    for start, end in _brackets(text):
        if end - start < 3 or end - start > _LONGEST_MARK or ASIDE.match(text, start):
            continue
        labelled = LABEL.search(text, start, end) or SPOKEN_LABEL.match(text, start, end)
        if labelled or _ends_with_verb(text, start, end):
            yield Candidate(start, end, "bracket")
        elif (
            _closes_a_statement(text, start, end)
            or _says_when_or_who_leads(text, start, end)
            or _ends_a_task(text, start, end)
        ):
            yield Candidate(start, end, "bare")


def _ends_with_verb(text: str, start: int, end: int) -> bool:
    return any(role_said(text, *part.span()) for part in _PART.finditer(text, start, end))


def role_said(text: str, start: int, end: int) -> re.Match[str] | None:
    """The words at the end of a part that tell a role: 按职责分工负责 in 市教育局按职责分工负责, 为牵头单位 in 市教育局为牵头单位."""
    low = max(start, end - LONGEST_VERB)
    return VERB.search(text, low, end) or (
        OFFICE.search(text, low, end) if not FIRST_IS_LEAD.search(text, start, end) else None
    )


def _closes_a_statement(text: str, start: int, end: int) -> bool:
    """Whether a bracket stands between sentences, where a remark on a word cannot stand: ……。（市教育局、市财政局）"""
    closing, after = text[end : end + 1], text[end + 1 : end + 2]
    above = text[max(0, start - _BREAK) : start - 1]
    before = (above.rstrip() if above.endswith("\n") and after in ("", "\n") else above)[
        -1:
    ]  # also on a line of its own
    return before in ("。", "；", "！") and closing in ("）", "〕") and after not in ("，", "、", "；")


def _says_when_or_who_leads(text: str, start: int, end: int) -> bool:
    """Whether bodies in a bracket at the end of a sentence have a term, or any have a rank: （区水利局、区财政局，2025年底前）。"""
    bodies = _PART.match(text, start, end)
    if bodies is None or bodies.end() == end:
        return False
    ranked = FIRST_IS_LEAD.match(text, bodies.end() + 1, end)
    term = _TERM.match(text, bodies.end() + 1, end)
    if not ranked and not (term and text[end + 1 : end + 2] in ("", "。", "；", "\n") and text[start - 2] not in "》”"):
        return False
    return is_list_of(is_body, text, start, bodies.end())


def _ends_a_task(text: str, start: int, end: int) -> bool:
    """Whether a bracket before 。 names several bodies, and nothing says that they explain a word: 新建泵站15座（区水利局、区财政局）。"""
    if text[end + 1 : end + 2] not in ("。", "；") or text[start - 2 : start - 1] in _EXPLAINED:
        return False
    low = max(0, start - _LONGEST_SENTENCE)
    begins = max(text.rfind(sign, low, start) for sign in "。；\n") + 1
    if _SENT.search(text, max(low, begins), start) or not is_list_of(is_body, text, start, end):
        return False
    names = [unit.name for unit in split_units(text, start, end)]
    return len(names) > 1 and all(
        is_particular(name) and not is_named_place(name) and (name[0] == "各" or not GROUP_OF_PLACES.fullmatch(name))
        for name in names
    )


def _brackets(text: str) -> Iterator[tuple[int, int]]:
    """Contents of outermost brackets, kinds mixed; one that is never closed ends with its paragraph, unless others open in it.

    "改造（含小区。（市住建局负责）" → "市住建局负责"
    """
    if "（" not in text and "〔" not in text:
        return
    opened: list[int] = []
    closed: list[tuple[int, int]] = []  # those of the paragraph, outermost only
    for match in _BRACKETS.finditer(text):
        sign, at = match.group(), match.start()
        if sign in "（〔":
            opened.append(match.end())
        elif sign != "\n" and opened:
            _close(opened.pop(), at, closed)
        elif sign == "\n" and (opened or closed) and not (opened and _goes_on(text, at)):
            yield from _with_unclosed(text, opened, closed, at)
            opened, closed = [], []
    yield from _with_unclosed(text, opened, closed, len(text))


def _close(start: int, end: int, closed: list[tuple[int, int]]) -> None:
    """Put a bracket in the place of those inside it."""
    while closed and closed[-1][0] > start:
        closed.pop()
    closed.append((start, end))


def _goes_on(text: str, at: int) -> bool:
    """Whether the line that ends at ``at`` inside a bracket was broken there: in a list, or the next line closes the bracket."""
    if text[at - 1] in "、，；：":
        return True
    closing = _CLOSING.match(text, at + 1, at + 1 + _LONGEST_LINE)
    return closing is not None


def _with_unclosed(
    text: str, opened: Sequence[int], closed: Sequence[tuple[int, int]], end: int
) -> Iterator[tuple[int, int]]:
    """The closed brackets of a paragraph; the first one that is never closed instead of those in it, when it is a mark itself."""
    first = next((at for at in opened if LABEL.match(text, at) or not closed or closed[-1][0] < at), None)
    yield from (bracket for bracket in closed if first is None or bracket[0] < first)
    if first is not None:
        yield first, end


def after_matter(text: str, start: int, end: int) -> int:
    """Where the bodies of a part begin behind what they do: 此项工作由|市教育局."""
    matter = MATTER.match(text, start, end)
    return matter.end() if matter else start


def _labelled(text: str) -> Iterator[Candidate]:
    """Lists behind a label that no bracket holds, up to the end of the sentence or line; neighbouring ones make one mark."""
    start = end = -1
    for label in _labels(text):
        if label.start() < end:
            continue
        if end >= 0 and text[end : label.start()].strip(" 。；，\n"):
            yield Candidate(start, end, "label")
            start = -1
        start = label.start() if start < 0 or end < 0 else start
        end = _end_of_list(text, label.end())
    if end >= 0:
        yield Candidate(start, end, "label")


def _labels(text: str) -> Iterator[re.Match[str]]:
    labels = LABEL.finditer(text) if "：" in text or "〔" in text else ()
    found = [label for label in labels if not _is_furniture(text, label)]
    found += [label for label in BLANK_LABEL.finditer(text) if _is_followed_by_units(text, label)]
    return iter(sorted(found, key=lambda label: label.start()))


def _is_followed_by_units(text: str, label: re.Match[str]) -> bool:
    """Whether a label without ： stands before nothing but units; behind 为 they must be bodies, up to the next sign."""
    if label.group()[-1] in "为是":
        item = _PART.match(text, label.end(), min(len(text), label.end() + _LONGEST_SENTENCE))
        return item is not None and is_list_of(is_body, text, *item.span())
    units = split_units(text, label.end(), _end_of_list(text, label.end()))
    return bool(units) and all(is_unit(unit.name) for unit in units)


def _is_furniture(text: str, label: re.Match[str]) -> bool:
    """主办单位：…网站标识码… at the foot of a page, 公开责任部门 in a box of metadata."""
    if FURNITURE_BEFORE.search(text, max(0, label.start() - 50), label.start()):
        return True
    return ORGANISER.search(label.group()) is not None and bool(
        FURNITURE_AFTER.search(text, label.end(), label.end() + 120)
    )


def _end_of_list(text: str, start: int) -> int:
    """Where the list that begins at ``start`` ends; lines that hold nothing but units go on with it."""
    limit = min(len(text), start + _LONGEST_MARK)
    while start < limit and text[start] in " \n":
        start += 1
    stop = _STOP.search(text, start, limit)
    end = stop.start() if stop else limit
    while end < limit and text[end] == "\n":
        line = text.find("\n", end + 1, limit)
        line = line if line >= 0 else limit
        goes_on = text[end - 1] in "、，" or all(
            is_unit(part.strip()) for part in re.split("[、，]", text[end + 1 : line])
        )
        if not goes_on or LABEL.match(text, end + 1) or OTHER_LABEL.match(text, end + 1):
            break
        stop = _STOP.search(text, end + 1, limit)
        end = stop.start() if stop else limit
    return end


def _sentences(text: str) -> Iterator[Candidate]:
    """Sentences that end as marks do, or their ends: 市教育局牵头，市财政局配合。 改造管网，市水务局牵头，市财政局配合。"""
    for verb in ALONE.finditer(text):
        low = max(0, verb.start() - _LONGEST_SENTENCE)
        start = max(text.rfind(sign, low, verb.start()) for sign in _SENTENCE_START) + 1
        if start > 0 or low == 0:
            end = verb.end() - (text[verb.end() - 1] in "。；\n")
            yield Candidate(_start_of_roles(text, start, end), end, "sentence")


def _start_of_roles(text: str, start: int, end: int) -> int:
    """Where the parts begin that name bodies with their roles up to the end of a sentence, one of them the lead; else its start."""
    parts = list(parts_of(text, start, end, "sentence"))
    leads, at = False, len(parts)
    while at > 0:
        begins, ends = parts[at - 1]
        if not _TERM.match(text, begins, ends):
            said = role_said(text, begins, ends)
            if said is None or not is_list_of(is_body, text, after_matter(text, begins, said.start()), said.start()):
                break
            leads = leads or role_of(said.group()) == "lead"
        at -= 1
    is_end = 0 < at < len(parts) and leads and text[parts[at - 1][1] - 1] not in "的时后"
    return parts[at][0] if is_end else start


def parts_of(text: str, start: int, end: int, kind: Kind) -> Iterator[tuple[int, int]]:
    """A mark's content cut at ，；。 outside brackets, before labels, and between run-together verbs."""
    depth, at = 0, start
    cuts = {match.start() for match in RUN_TOGETHER.finditer(text, start, end)}
    if kind in ("bracket", "sentence"):
        cuts |= {match.start() for match in NEXT_ROLE.finditer(text, start, end)}
    cuts |= {label.start() for pattern in (LABEL, TIME_LABEL) for label in pattern.finditer(text, start, end)}
    for i in range(start, end):
        character = text[i]
        is_cut = depth <= 0 and i in cuts
        depth += (character in "（〔") - (character in "）〕")
        if character == "\n" and breaks_name(text, at, i, end):
            continue
        if (is_cut or (depth <= 0 and character in ("，；。\n—" if kind == "sentence" else "，；。\n"))) and i > at:
            yield at, i
            at = i + (character in "，；。\n" or (is_cut and character == "、"))
    if at < end:
        yield at, end
