"""Which words of a text have changed: what an editor would mark as inserted and as struck out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import accumulate

from kb.models import Span
from kb.text import normalise

_TOKEN = re.compile(
    r"""\d+(?:[.,]\d+)*[%％‰]?   # 29.79, 60%: a number changes as a whole
        |[A-Za-z]+               # ABC
        |.                       # a character
    """,
    re.VERBOSE | re.DOTALL,
)
_ISLAND = (
    2  # so few characters between two changes are not worth keeping: one long mark reads better than several short ones
)


def changed_words(old: str, new: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Stretches of the old text that are gone, and stretches of the new one that have come; printed variants are no change.

    "到2024年达到60%", "到2025年达到65%" → ((1..5, 8..11), (1..5, 8..11))
    """
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    same = SequenceMatcher(None, [*map(normalise, before)], [*map(normalise, after)], autojunk=False)
    at_old, at_new = _places(before), _places(after)
    removed, added = list[Span](), list[Span]()
    for kind, old_from, old_to, new_from, new_to in same.get_opcodes():
        if kind != "equal":
            removed.append(Span(at_old[old_from], at_old[old_to]))
            added.append(Span(at_new[new_from], at_new[new_to]))
    return tuple(_joined(removed)), tuple(_joined(added))


def _places(tokens: Iterable[str]) -> list[int]:
    return [*accumulate(map(len, tokens), initial=0)]


def _joined(spans: Iterable[Span]) -> Iterable[Span]:
    """The spans that are not empty, those that lie close together as one."""
    last: Span | None = None
    for span in (span for span in spans if span.end > span.start):
        if last is not None and span.start - last.end <= _ISLAND:
            last = Span(last.start, span.end)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last
