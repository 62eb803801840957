"""The words inserted into and deleted from a text (redlining)."""

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
_SHORTEST_GAP = 2  # characters; changes at most so far apart are merged, which reads better


def changed_words(old: str, new: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The spans deleted from the old text, and the spans inserted into the new one; printed variants are no change.

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
    return tuple(_merged(removed)), tuple(_merged(added))


def _places(tokens: Iterable[str]) -> list[int]:
    return [*accumulate(map(len, tokens), initial=0)]


def _merged(spans: Iterable[Span]) -> Iterable[Span]:
    """The non-empty spans, merged where they lie close together."""
    last: Span | None = None
    for span in (span for span in spans if span.end > span.start):
        if last is not None and span.start - last.end <= _SHORTEST_GAP:
            last = Span(last.start, span.end)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last
