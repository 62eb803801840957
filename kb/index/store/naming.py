"""Which documents a question names, by number or title, and which of their articles."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kb.index.store.connections import SEVERAL, Opened
from kb.lexicon import KIND
from kb.text import normalise
from kb.text.provisions import Path, path_of
from kb.versions.titles import title_letters

_Rows = NDArray[np.int64]

_PREFIX = 2  # the characters of a title by which it is looked for
_READ = 300  # characters of a question in which titles are looked for
_SHORT = 3  # the least length of the end of a title, or of one with characters left out, that stands for it
_LONGEST = 30  # characters of such a short title
_MOST = 50  # documents in which an article is looked for
_LONG = 12  # characters of a title that is no common phrase, whatever it ends in
_LEAST_BEFORE = 3  # characters before the kind of a title that make it a name
_NAME = re.compile(rf"(?P<before>.+?)(?:{KIND}|(?P<of>法典?))[一二三四五六七八九十]?")
# What makes 法 part of another word: 公司法人, 税法律师, 教育法规, 刑法学.
_WORD_GOES_ON = re.compile("[人律规定院官庭制治学案宝]")

_OF_WORK = re.compile(rf"(?![这该本上前哪]).{{2,}}(?:{KIND}|法典?)")  # 月球基地管理条例
# What may stand before the name of a law and is no part of it: 请看|行政处罚法, 违反|消防法, but not 海洋|环境保护法.
_NO_NAME = re.compile(
    "[个下些问查看阅的了是在对和与及或据照反用由按说讲中为给请找]$|[我本全][国省市县区]$|(?:国家|现行|最新|规定|关于|什么)$"
)


class DocumentNames:
    """The names of the documents of one generation."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    def named(self, numbers: Sequence[str], works: Sequence[str], letters: str) -> _Rows:
        """The rows of the documents with one of these numbers or titles, or whose title stands in the letters of a question.

        A title that stands in a longer one is not meant: 道路交通安全法实施条例 names no 道路交通安全法.
        """
        named = self.numbered(numbers)
        stated = _outermost(self._spans(letters[:_READ]), letters)
        quoted = [title for title in map(title_letters, works) if not any(title in longer for longer in stated)]
        for title in {*stated, *quoted}:
            named += self._titles.get(title, ())
        return np.unique(np.array(named, np.int64))

    def numbered(self, numbers: Sequence[str]) -> list[int]:
        """The rows of the documents with one of these numbers."""
        return [row for (row,) in self._opened.rows_in(f"SELECT row FROM cards WHERE number IN {SEVERAL}", numbers)]

    def texts(self, documents: Sequence[int]) -> Iterator[str]:
        """The texts of these documents, normalised and without blanks."""
        for (text,) in self._opened.rows_in(f"SELECT text FROM documents WHERE row IN {SEVERAL}", documents):
            yield "".join(normalise(text).split())

    def citing(self, numbers: Sequence[str]) -> _Rows:
        """The rows of the clauses that cite a document by one of these numbers."""
        rows = self._opened.rows_in(f"SELECT row FROM citations WHERE number IN {SEVERAL}", numbers)
        return np.array([row for (row,) in rows], np.int64)

    def of_id(self, document_id: str) -> _Rows:
        """The row of the document of that id, none for ""."""
        rows = self._opened.rows("SELECT row FROM documents WHERE id = ?", (document_id,))
        return np.array([row for (row,) in rows], np.int64)

    def meant_by_short_title(self, before: str) -> _Rows:
        """The documents whose title ends as the letters before the number of an article do, else has these among its letters.

        "请看处罚法" → 行政处罚法, 治安管理处罚法; "治安处罚法" → 治安管理处罚法; "道交法" → 道路交通安全法; but "劳动法" is
        a law of its own, and not short for 劳动合同法.
        """
        before = before.rstrip("的里中内")[-_LONGEST:]
        shared = [(_shared_end(before, title), title) for title in self._titles if title[-1:] == before[-1:]]
        most = max((count for count, _ in shared), default=0)
        if most < _SHORT:
            return np.empty(0, np.int64)
        titles = [title for count, title in shared if count == most]
        meant = [title for title in titles if title.endswith(before[-most:])]
        if not meant:
            shortened = [title for title in titles if before[-most:-1] not in title]
            shortest = min(map(len, shortened), default=0)
            meant = [title for title in shortened if len(title) == shortest]
        return np.array([row for title in meant for row in self._titles[title]], np.int64)

    def is_another(self, before: str, documents: Sequence[int]) -> bool:
        """Whether the letters before the number of an article end in the name of another work than these documents are.

        "海洋环境保护法" is not 环境保护法, though it ends so; "请看环境保护法" is.
        """
        before = before.rstrip("的里中内")[-_LONGEST:]
        rows = self._opened.rows_in(
            f"SELECT d.title, k.work FROM documents d JOIN cards k ON k.row = d.row WHERE d.row IN {SEVERAL}", documents
        )
        titles = [title_letters(work or title) for title, work in rows]
        return (
            all(_goes_before(before, title) for title in titles) if titles else _OF_WORK.fullmatch(before) is not None
        )

    def provisions(self, documents: Sequence[int], provision: Path) -> _Rows:
        """The rows of the clauses of these documents that are that provision; of a document where it has no such item, the article.

        What stands nearest to the top is meant: the item of the plan, not that of an attachment.
        """
        spans = self._opened.rows_in(f"SELECT first_clause, clauses FROM documents WHERE row IN {SEVERAL}", documents)
        found: list[int] = []
        for first, count in spans[:_MOST]:
            rows = self._opened.rows("SELECT row, id FROM clauses WHERE row >= ? AND row < ?", (first, first + count))
            paths = [(row, path_of(id_)) for row, id_ in rows]
            for wanted in filter(None, (provision, provision[:-1])):
                ends = [(len(path), row) for row, path in paths if path[-len(wanted) :] == wanted]
                if ends:
                    found.append(min(ends)[1])
                    break
        return np.array(sorted(found), np.int64)

    @cached_property
    def _titles(self) -> Mapping[str, Sequence[int]]:
        """The documents by the letters of their titles, without what tells only versions apart."""
        titles: defaultdict[str, list[int]] = defaultdict(list)
        for row, work, title in self._opened.rows(
            "SELECT d.row, k.work, d.title FROM documents d JOIN cards k ON k.row = d.row ORDER BY d.row"
        ):
            if letters := title_letters(work or title):
                titles[letters].append(row)
        return dict(titles)

    @cached_property
    def _lengths(self) -> Mapping[str, Sequence[int]]:
        """The lengths of the titles that are whole names, by how they begin: 邮政法实施细则, but not 实施方案."""
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for title in self._titles:
            named = _NAME.fullmatch(title)
            if len(title) >= _LONG or (named and (named["of"] or len(named["before"]) >= _LEAST_BEFORE)):
                lengths[title[:_PREFIX]].add(len(title))
        return {beginning: sorted(several) for beginning, several in lengths.items()}

    def _spans(self, letters: str) -> Iterator[tuple[int, int]]:
        """Where titles stand in the letters."""
        for start in range(len(letters) - 1):
            for length in self._lengths.get(letters[start : start + _PREFIX], ()):
                end = start + length
                goes_on = letters[end - 1 : end] == "法" and _WORD_GOES_ON.match(letters, end)
                if end <= len(letters) and letters[start:end] in self._titles and not goes_on:
                    yield start, end


def _goes_before(before: str, title: str) -> bool:
    """Whether a word stands before what the letters share with the end of a title, so that it is part of the name."""
    count = _shared_end(before, title)
    word = before[: len(before) - count]
    return bool(word) and title.endswith(before[len(word) :]) and _NO_NAME.search(word) is None


def _shared_end(letters: str, title: str) -> int:
    """How many of the last letters stand in the title in their order: "请看道交法", "道路交通安全法" → 3."""
    at = len(title)
    for count, letter in enumerate(reversed(letters)):
        at = title.rfind(letter, 0, at)
        if at < 0:
            return count
    return len(letters)


def _outermost(spans: Iterator[tuple[int, int]], letters: str) -> list[str]:
    """The stretches that lie in no other one."""
    found = sorted(spans, key=lambda span: (span[0], -span[1]))
    kept: list[tuple[int, int]] = []
    for start, end in found:
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return [letters[start:end] for start, end in kept]
