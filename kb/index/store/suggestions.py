"""What somebody may mean who has typed so much: names of units, documents and tasks, held in memory as long strings.

Looking for a few characters in one long string takes a millisecond for a hundred thousand names, wherever in the name they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import zip_longest
from typing import get_args

import numpy as np

from kb.index.store.connections import Opened
from kb.models import Suggestion, SuggestionKind
from kb.text import normalise

_LETTERS = re.compile(r"[a-z' ]+")
_LOOKED_AT = 300  # finds of a kind: names lie by weight, so later ones would not be shown anyhow
# By how much a name is moved up that begins so, or one of whose words does: 学 means 学前教育 rather than 科学, 城市 not 聊城市.
_BEGINNING, _WORD = 4, 3
_FEW_INITIALS = 4  # fewer stand in every other title by chance, but are what people type for a unit


class Suggestions:
    """The suggestions of one generation, read when somebody first types."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    def of(self, typed: str, limit: int) -> tuple[Suggestion, ...]:
        """Units, tasks and documents that have it in a name or in its pinyin, by kind; the weightiest when nothing is typed."""
        matching = [names.matching(typed) for names in self._by_kind]
        chosen = [
            suggestion for suggestions in zip_longest(*matching) for suggestion in suggestions if suggestion is not None
        ][:limit]
        return tuple(
            suggestion for kind in get_args(SuggestionKind) for suggestion in chosen if suggestion.kind == kind
        )

    @cached_property
    def _by_kind(self) -> tuple[_Names, ...]:
        read = "SELECT id, name, count, names, compared, starts, spelled, initials FROM suggestions WHERE kind = ? ORDER BY weight DESC, name, id"
        return tuple(_Names(kind, self._opened.rows(read, (kind,))) for kind in get_args(SuggestionKind))


class _Lines:
    """Names as one string, a line each."""

    def __init__(self, text: str) -> None:
        self.text = text
        ends = np.flatnonzero(np.frombuffer(text.encode("utf-32-le"), np.uint32) == ord("\n"))
        self._starts = np.concatenate(([0], ends + 1, [len(text) + 1]))

    def __getitem__(self, line: int) -> str:
        return self.text[self._starts[line] : self._starts[line + 1] - 1]

    def finds(self, typed: str) -> Iterator[tuple[int, int, int]]:
        """Line, place in the line and place in the whole of the first finds."""
        at = -1
        for _ in range(_LOOKED_AT):
            at = self.text.find(typed, at + 1)
            if at < 0:
                return
            line = int(np.searchsorted(self._starts, at, "right")) - 1
            yield line, at - int(self._starts[line]), at


class _Names:
    """All names of one kind: what each belongs to, as it is written and as it is spelled."""

    def __init__(self, kind: SuggestionKind, rows: Sequence[tuple[str, str, int, str, str, str, str, str]]) -> None:
        self._kind = kind
        self._rows = rows
        self._owners = np.repeat(np.arange(len(rows)), [row[3].count("\n") + 1 for row in rows])
        printed = "\n".join(row[3] for row in rows)
        self._printed = _Lines(printed)
        self._written = _Lines("\n".join(row[4] for row in rows))
        self._starts = "\n".join(row[5] for row in rows)
        self._spelled = "\n".join(row[6] for row in rows)  # XiangTanShiJiaoYuJu
        self._sounds = _Lines(self._spelled.lower())
        self._initials = _Lines("\n".join(row[7] for row in rows))

    def matching(self, typed: str) -> list[Suggestion]:
        """Those called so, then those that have it anywhere, the weightiest first; the beginning of a name or a word counts more."""
        best: dict[int, tuple[int, int]] = {}
        for line, weight in self._lines(typed) if self._rows else ():
            owner = int(self._owners[line])
            rank = -1 if self._printed[line] == typed else owner // weight
            best[owner] = min(best.get(owner, (rank, line)), (rank, line))
        ranked = sorted(best, key=lambda owner: (best[owner][0], owner))
        return [self._shown(owner, best[owner][1]) for owner in ranked]

    def _lines(self, typed: str) -> Iterator[tuple[int, int]]:
        """Lines that hold it, and by how much their names are moved up for that."""
        for line, place, at in self._written.finds(compared(typed)):
            yield line, _BEGINNING if not place else _WORD if self._starts.startswith("1", at) else 1
        letters = typed.lower()
        if not _LETTERS.fullmatch(letters):
            return
        letters = re.sub("[' ]", "", letters)
        for line, place, at in self._sounds.finds(letters):
            if self._spelled[at].isupper():
                yield line, 1 if place else _BEGINNING
        if self._kind == "unit" or len(letters) >= _FEW_INITIALS:
            for line, place, _ in self._initials.finds(letters):
                yield line, 1 if place else _BEGINNING

    def _shown(self, owner: int, line: int) -> Suggestion:
        id_, name, count, *_ = self._rows[owner]
        called = self._printed[line]
        return Suggestion(self._kind, id_, name, "" if called == name else called, count)


def compared(names: str) -> str:
    """Names as they are compared, a line each, as before."""
    return normalise(names).replace(" ", "").lower()
