"""What speaks for a clause beside its words: the part that it stands in, units and years that a question names, issuer and year of its document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kb.index.store.connections import SEVERAL, Opened
from kb.index.store.tables import ANSWERS, FRAME, comparable, dated
from kb.lexicon import words
from kb.organizations import official_name
from kb.text.numerals import PLAN_ENDS

_Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

_OPENING, _CLOSING, _AIMS = 1, 2, 3
# Short headings are looked at only: a sentence that ends so is a task.
_ENDS_SO = " OR ".join(f"heading LIKE '%{ending}'" for ending in words("framing_headings"))
_SAYS_AIMS = f"length(heading) < 15 AND ({_ENDS_SO})"
_LONGEST, _READ = 30, 300  # characters: of a name that is looked for in a question, of the question that is read for it
_SPAN = re.compile(r"((?:19|20)\d{2})年?[—–\-－~～至到]+((?:19|20)\d{2})|((?:19|20)\d{2})")  # 2021—2025年, 2025年
_FIVE_YEAR_PLAN = re.compile("十([二三四五六七])五")  # 十四五: 2021 to 2025


class Evidence:
    """The evidence of one generation that needs no words of the clause."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._names_in = lru_cache(maxsize=64)(self._read_names)

    def framing(self, rows: _Rows) -> tuple[Flags, Flags, Flags]:
        """For each row whether the clause leads up to the body (notice, preamble), comes behind it (conclusion), and says what it is for (总体要求, 主要目标)."""
        frames = self._frames[rows]
        return frames == _OPENING, frames == _CLOSING, frames == _AIMS

    @cached_property
    def _frames(self) -> NDArray[np.int8]:
        """By row, for a row in no time: 0 for the body."""
        [(count,)] = self._opened.rows("SELECT rows FROM manifest")
        frames = np.zeros(count, np.int8)
        frames[[row for (row,) in self._opened.rows(f"SELECT row FROM clauses WHERE {_SAYS_AIMS}")]] = _AIMS
        for row, is_closing in self._opened.rows(f"SELECT row, part = 'conclusion' FROM clauses WHERE {FRAME}"):
            frames[row] = _CLOSING if is_closing else _OPENING
        return frames

    def of_units_named_in(self, text: str, role: str, rows: _Rows) -> Flags:
        """For each row whether a unit answers for it, in that role if one is given, whose name stands in the text.

        Names of two characters are words as well, and none counts that stands behind the first ``_READ`` characters.
        """
        _, units = self._names_in(text)
        if not units:
            return np.zeros(len(rows), np.bool_)
        named_rows = self._opened.rows_in(
            f"SELECT row, organization_id FROM responsibilities WHERE row IN {SEVERAL} AND (?2 = '' OR role = ?2)",
            rows.tolist(),
            role,
        )
        return np.isin(rows, [row for row, unit in named_rows if unit in units])

    def answered_as(self, role: str, rows: _Rows) -> Flags:
        """For each row whether some unit answers for it in that role."""
        sql = f"SELECT DISTINCT a.row FROM {ANSWERS} WHERE a.row IN {SEVERAL} AND r.role = ?2"
        return np.isin(rows, [row for (row,) in self._opened.rows_in(sql, rows.tolist(), role)])

    def penal(self, rows: _Rows) -> Flags:
        """For each row whether the clause says how a breach is punished."""
        sql = f"SELECT row FROM clauses WHERE row IN {SEVERAL} AND (text LIKE '%罚款%' OR text LIKE '%责令%')"
        return np.isin(rows, [row for (row,) in self._opened.rows_in(sql, rows.tolist())])

    def issued_by_one_named_in(self, text: str) -> _Rows:
        """The documents of an issuer whose name, in any form, stands in the text."""
        stretches, units = self._names_in(text)
        issuers = {*stretches, *map(official_name, units)}
        found = self._opened.rows_in(f"SELECT DISTINCT document_row FROM issuers WHERE issuer IN {SEVERAL}", issuers)
        return np.array([row for (row,) in found], np.int64)

    def _read_names(self, text: str) -> tuple[frozenset[str], frozenset[str]]:
        """The stretches of a text that end as names of units do, and the ids of the units that are called so."""
        read = comparable(text)[:_READ]
        ends = [end for end in range(2, len(read) + 1) if read[end - 2 : end] in self._endings]
        stretches = frozenset(read[start:end] for end in ends for start in range(max(0, end - _LONGEST), end - 2))
        named = self._opened.rows_in(f"SELECT DISTINCT organization_id FROM names WHERE name IN {SEVERAL}", stretches)
        return stretches, frozenset(unit for (unit,) in named)

    @cached_property
    def _endings(self) -> frozenset[str]:
        """The last two characters of names of units: 育局, 改委, 政府 …; most stretches of a query end in something else."""
        sql = "SELECT substr(name, length(name) - 1) FROM names UNION SELECT substr(issuer, length(issuer) - 1) FROM issuers"
        return frozenset(ending for (ending,) in self._opened.rows(sql))

    def due_in(self, years: Sequence[str], rows: _Rows) -> Flags:
        """For each row whether it has a target or deadline that is due in one of these years."""
        due = self._opened.rows_in(dated("f.row, substr(f.due, 1, 4)", f"f.row IN {SEVERAL}"), rows.tolist())
        return np.isin(rows, [row for row, year in due if year in years])

    def of_years(self, years: Sequence[str], documents: _Rows) -> tuple[Flags, Flags]:
        """For each document whether its title names one of these years, and whether it names others only."""
        titles = self._opened.rows_in(
            f"SELECT row, title FROM documents WHERE row IN {SEVERAL}", np.unique(documents).tolist()
        )
        said = {row: title_years(title, years) for row, title in titles}
        found = [said.get(row, "") for row in documents.tolist()]
        return np.array([each == "named" for each in found], np.bool_), np.array(
            [each == "others" for each in found], np.bool_
        )


def title_years(title: str, years: Sequence[str]) -> Literal["named", "within", "others", ""]:
    """Whether a title names one of the years, a time that it lies within, other years only, or no year.

    "2025年工作要点", 2025 → named; "“十四五”规划", "行动方案（2024—2026年）", 2025 → within; "2024年工作要点", 2025 → others
    """
    spans = [(int(first or one), int(last or one)) for first, last, one in _SPAN.findall(title)]
    spans += [(PLAN_ENDS[ordinal] - 4, PLAN_ENDS[ordinal]) for ordinal in _FIVE_YEAR_PLAN.findall(title)]
    asked = set(map(int, years))
    if any(first == last and first in asked for first, last in spans):
        return "named"
    if any(first <= year <= last for first, last in spans for year in asked):
        return "within"
    return "others" if spans else ""
