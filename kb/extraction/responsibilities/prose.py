"""Duties in running text: a public body as the subject of what is to be done."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.extraction.responsibilities.mark_words import role_of
from kb.extraction.responsibilities.marks import Duty
from kb.extraction.responsibilities.names import is_agency
from kb.extraction.responsibilities.units import Mention, is_list_of, split_units
from kb.extraction.vocabulary import any_of
from kb.lexicon import ORGANS, table
from kb.models import Role

_PROSE = table("duties")["prose"]
_LONGEST_SUBJECT = 120
_SIGNS = "，。；：！？\n"
_LAST = (
    "府厅局部委办室会署司处门位组班心构街道乡镇区县市州级地方关行院联协社团校司）等"  # how names of public bodies end
)
_ADVERBS = rf"(?:{any_of(_PROSE['adverbs'])}){{0,4}}"
_DUTY = any_of(_PROSE["duties"])
_PREDICATE = re.compile(
    rf"""
    (?<=[{_LAST}])
    (?: (?P<adverb>{_ADVERBS})
        (?: (?P<modal>{any_of(_PROSE["modals"])})(?!{_PROSE["not_modals"]})      # 市教育局要
          | (?!{_PROSE["noun_like"]})(?P<verb>{_DUTY})(?!{_PROSE["not_verbs"]}) )                        # 市教育局负责
      | [ ]?：\s*(?P<listed>{_DUTY})(?!{_PROSE["not_verbs"]})                   # 市教育局：负责
      | (?P<act>{any_of(_PROSE["agents"])}) )                                   # 由市教育局责令
    """,
    re.VERBOSE,
)
_VERBS = re.compile(rf"[ ：]*\s*{_ADVERBS}(?:{_DUTY}){{0,2}}")
_OPENING = re.compile(
    rf"(?:\s|[（(]?(?:[一二三四五六七八九十]{{1,3}}|\d{{1,3}})[）)、.．]+|[①-⑳]|第[一二三四五六七八九十百零]{{1,6}}条|—+|{any_of(_PROSE['openings'])}|{_PROSE['times']})*"
)
_NOT_FIRST = re.compile(_PROSE["not_first"])
_AGENT = re.compile(r"(?<!自)由")
_HEAD = re.compile(
    rf"{any_of(_PROSE['heads'])}|(?:{any_of(ORGANS['functions'])})|[\u4e00-\u9fff]{{1,8}}?[省市县区州盟旗]"
)
_ATTRIBUTE = re.compile(  # 由市体育局主办的比赛, 负责老龄工作的机构
    rf"(?!按|依|根据)(?:{_DUTY}|{any_of(_PROSE['agents'])}){{0,3}}的|[^，。；\n]{{2,24}}的(?:机构|部门|单位|人员|工作人员|人)[，。、]|[^，。；\n]{{2,60}}[的时后]，"
)
_WEAK = re.compile(any_of(_PROSE["weak"]))
_REPORTS = re.compile(_PROSE["reports"])
_SUPPORTS = re.compile(any_of(_PROSE["supports"]))
_PAST = re.compile(_PROSE["past"])
_DONE = re.compile(_PROSE["done"])
_JOINED = re.compile("会同")
_JOINED_VERB = re.compile(rf"(?:{_ADVERBS})(?:{_DUTY}|研究|商|共同|联合|对|进行)|[，。；\n]")
_QUOTED = re.compile(r"《[^《》\n]{0,80}》|“[^“”\n]{1,60}”")
_LOOK_AHEAD, _CONTEXT = 60, 200


@dataclass(frozen=True, slots=True)
class _Subject:
    start: int
    end: int
    agent: bool  # 由市教育局…


def find_prose_duties(text: str, taken: Sequence[tuple[int, int]]) -> tuple[Duty, ...]:
    """The duties that running text gives to public bodies, in order, outside of the marks (``taken``).

    "省教育厅要会同省财政厅制定办法" → 省教育厅 responsible, 省财政厅 support
    """
    closed = sorted([*taken, *(quoted.span() for quoted in _QUOTED.finditer(text))])
    ends = [end for _, end in closed]
    duties: list[Duty] = []
    done = 0
    for predicate in _PREDICATE.finditer(text):
        if predicate.start() < done:
            continue
        subject = _subject(text, predicate)
        if subject is None or not _is_duty(text, subject, predicate):
            continue
        at = bisect_right(ends, subject.start)
        if at == len(closed) or closed[at][0] >= predicate.end():
            duties.extend(duty for duty in _duties(text, subject, predicate) if duty.mentions)
            done = predicate.end()
    return tuple(duties)


def _subject(text: str, predicate: re.Match[str]) -> _Subject | None:
    """Where the list of public bodies before a predicate stands; None when something else is the subject."""
    end = predicate.start()
    low = max(0, end - _LONGEST_SUBJECT)
    start = max(text.rfind(sign, low, end) for sign in _SIGNS) + 1
    if start == 0 and low > 0:
        return None
    agents = list(_AGENT.finditer(text, start, end))
    if agents:
        start = agents[-1].end()
    elif opening := _OPENING.match(text, start, end):
        start = opening.end()
    if not agents and _NOT_FIRST.match(text, start, end):
        return None
    return _Subject(start, end, bool(agents)) if is_list_of(is_agency, text, start, end) else None


def _is_duty(text: str, subject: _Subject, predicate: re.Match[str]) -> bool:
    """Whether the predicate tells what is to be done: not what was done, no attribute of something else."""
    if predicate["act"]:
        return subject.agent and not _ATTRIBUTE.match(text, predicate.start("act"))
    if predicate["modal"]:
        return True
    group = "listed" if predicate["listed"] else "verb"
    if _ATTRIBUTE.match(text, predicate.start(group)):
        return False
    if not subject.agent and not _HEAD.match(text, subject.start, subject.end):
        return False
    low = max(0, subject.start - _CONTEXT)
    sentence = max(text.rfind(sign, low, subject.start) for sign in "。；\n") + 1
    if _PAST.search(text, sentence, predicate.end() + 2) or _DONE.match(text[predicate.end() : predicate.end() + 20]):
        return False
    weak = _WEAK.match(text, predicate.start(group)) and not predicate["adverb"]
    return not (weak and _REPORTS.search(text, low, predicate.end() + _CONTEXT))


def _duties(text: str, subject: _Subject, predicate: re.Match[str]) -> Iterator[Duty]:
    rule = "prose_agent" if subject.agent else "prose_modal" if predicate["modal"] else "prose_verb"
    head = _JOINED.search(text, subject.start, subject.end)
    lead = split_units(text, subject.start, head.start() if head else subject.end)
    yield Duty(_role(text, predicate), tuple(lead), rule)
    if head:
        yield Duty("support", tuple(split_units(text, head.end(), subject.end)), "prose_joined")
    joined = _JOINED.search(text, predicate.end() - 2, predicate.end() + 8)
    if joined and (found := _joined(text, joined.end())):
        yield Duty("support", found, "prose_joined")


def _role(text: str, predicate: re.Match[str]) -> Role:
    """牵头制定 → lead, 配合市教育局 → support; 要密切配合 with nobody named is said of all to one another."""
    verbs = _VERBS.match(text, predicate.end() if predicate["modal"] else predicate.start())
    if verbs is None:
        return "responsible"
    role = role_of(verbs.group())
    named = _SUPPORTS.search(verbs.group()) and text[verbs.end() : verbs.end() + 1] not in _SIGNS
    return "responsible" if role == "support" and not named else role


def _joined(text: str, start: int) -> tuple[Mention, ...]:
    """The units behind 会同, up to the verb of what they do together."""
    for verb in _JOINED_VERB.finditer(text, start, start + _LOOK_AHEAD):
        if verb.start() > start and is_list_of(is_agency, text, start, verb.start()):
            return tuple(split_units(text, start, verb.start()))
    return ()
