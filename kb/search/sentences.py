"""Which of the units of a clause its own sentences give what is asked, where they part the work: 县财政局负责资金拨付，县审计局负责跟踪审计."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from kb import lexicon
from kb.index.words import fold, tokens
from kb.models import Clause, Directness, Responsibility
from kb.text import normalise

# The share of the words asked for, as far as the clause has them, that one part must hold; and how much of that another unit's part may hold
# for it to have nothing to do with what is asked.
_MOSTLY, _HARDLY = 0.6, 0.5
_STOP = re.compile(r"[。；;\n]")
_PAUSE = re.compile(r"[。；;\n，,]")
_LISTED = re.compile(r"[、和与及，,\s]*")  # between units that share what is said of them
_NEXT_MARK = re.compile(r"[。\n（(〔【]")  # between two marks of one clause, not within one

_Place = tuple[int, int]


def set_apart(
    clause: Clause, responsibilities: Sequence[Responsibility], asked: str, *, for_penalty: bool
) -> Mapping[Responsibility, Directness]:
    """The responsibilities of a clause that are for something else than what is asked: in another part of it, or for punishing who breaks it.

    资金拨付 → 县审计局 in 县财政局负责资金拨付，县审计局负责跟踪审计; nothing where the clause does not part them.
    """
    own = sorted(
        (r for r in responsibilities if r.clause_id == clause.id and r.implied_by is None), key=lambda r: r.start
    )
    said = normalise(clause.text)
    places = _places(said, own)
    if not places:
        return {}
    penal = {r for r, place in zip(own, places, strict=True) if r.prose and _is_penal(said, place)}
    if for_penalty and penal:
        return {r: "beside" for r in own if r not in penal}
    text = _without_units(fold(said), places)
    parts = [] if any(r.prose for r in own) else _before_marks(text, places)
    others = _others(text, parts if len(set(parts)) > 1 else _in_sentences(text, places), asked)
    apart: dict[Responsibility, Directness] = {own[number]: "beside" for number in others}
    return apart if _patterns()["punishes"].search(asked) else apart | dict.fromkeys(penal, "penal")


def _places(text: str, own: Sequence[Responsibility]) -> list[_Place]:
    """Where the clause names the units, in order; nothing when it does not name each."""
    places: list[_Place] = []
    for responsibility in own:
        name = normalise(responsibility.text)
        at = text.find(name, places[-1][0] if places else 0)
        if at < 0:
            return []
        places.append((at, at + len(name)))
    return places


def _without_units(text: str, places: Sequence[_Place]) -> str:
    for start, end in places:
        text = f"{text[:start]}{'＿' * (end - start)}{text[end:]}"
    return text


def _others(text: str, parts: Sequence[_Place], asked: str) -> list[int]:
    """The numbers of the parts that have nothing of what is asked, where another has nearly all that the clause has of it."""
    wanted = {token for token in tokens(asked) if len(token) > 1 and token in text}
    held = [len({token for token in wanted if token in text[slice(*part)]}) for part in parts]
    before = {token for token in wanted if token in text[: min(start for start, _ in parts)]}
    best = max(held)
    if best < _MOSTLY * len(wanted) or best <= len(before):
        return []
    return [number for number, count in enumerate(held) if count <= _HARDLY * best]


def _in_sentences(text: str, places: Sequence[_Place]) -> list[_Place]:
    """For each unit the part that speaks of it: from the pause before it, or where its sentence begins, to the next unit's part."""
    begins: list[int] = []
    for number, between, after in _between(text, places):
        if number and _LISTED.fullmatch(between):
            begins.append(begins[-1])
        else:
            signs = _STOP if not number or _STOP.search(between) else _PAUSE
            begins.append(after + max((sign.end() for sign in signs.finditer(between)), default=0))
    return [(begin, next((other for other in begins if other > begin), len(text))) for begin in begins]


def _before_marks(text: str, places: Sequence[_Place]) -> list[_Place]:
    """For each unit of a mark what stands before that mark and behind the one before: 建设老年食堂。（责任单位：县民政局）."""
    parts: list[_Place] = []
    for number, between, after in _between(text, places):
        parts.append((after, after + len(between)) if not number or _NEXT_MARK.search(between) else parts[-1])
    return parts


def _between(text: str, places: Sequence[_Place]) -> Iterator[tuple[int, str, int]]:
    """For each unit its number, the text behind the unit before it, and where that begins."""
    after = 0
    for number, (start, end) in enumerate(places):
        yield number, text[after:start], after
        after = max(after, end)


def _is_penal(text: str, place: _Place) -> bool:
    """Whether a unit is said to punish a breach: …的，由县市场监督管理局依法给予处罚; not what it has to do against it: 依法查处无证经营."""
    [before] = _STOP.split(text[: place[0]])[-1:]
    behind = _STOP.split(text[place[1] :])[0]
    return bool(_patterns()["breach"].search(before) and _patterns()["punishes"].search(behind))


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    return {entry["name"]: re.compile(entry["pattern"]) for entry in lexicon.table("duties")["penalties"]}
