"""Texts without what programs set between their characters and no reader sees: characters without a width, blanks that set words wide or
stand beside figures and commas."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from kb.models import Span
from kb.text import UNSEEN, Reading, normalise
from kb.text.numerals import with_plain_years

_WIDTHS = " \xa0\u2002\u2009\u202f"
_BLANK = f"[{_WIDTHS}{UNSEEN}]"  # characters without a width stand among them
_CHARACTER, _SIGN = "[\u4e00-\u9fff]", "[0-9A-Za-z０-９%％]"
_RUN = re.compile(f"[{_WIDTHS}{UNSEEN}]+")
_UNREAD = re.compile(
    rf"""(?<=[\d〇零一二三四五六七八九]{{4}}){_BLANK}+(?=年) | (?<=年){_BLANK}+(?=\d{{1,2}}{_BLANK}*月)                               # 2025 年 12 月 31 日
    | (?<=月){_BLANK}+(?=\d{{1,2}}{_BLANK}*日) | (?:(?<=月\d)|(?<=月\d\d)|(?<=月\s\d)|(?<=月\s\d\d)){_BLANK}+(?=日)
    | (?<!^\d)(?<!^\d\d)(?<![表图件\s]\d)(?<=\d){_BLANK}+(?=月(?![度报])|[万亿])                             # not 1 万人培训, the number of a line
    | (?<=[，、；（,;(]){_BLANK}+(?={_CHARACTER}) | (?<={_CHARACTER}){_BLANK}+(?=[，。、；）]|[（(](?![\d一二三四五六七八九十]{{1,3}}[）)]))             # 市教育局 、 市财政局
    | [{UNSEEN}]+
    """,
    re.VERBOSE | re.MULTILINE,
)
# 建成 30 个: beside figures or letters in the sentences of a text that has blanks there throughout.
_SPACED = re.compile(rf"(?<={_CHARACTER}){_BLANK}(?={_SIGN})|(?<={_SIGN}){_BLANK}(?={_CHARACTER})")
_CLOSE = re.compile(rf"{_CHARACTER}(?={_SIGN})|{_SIGN}(?={_CHARACTER})")
_NUMBER = re.compile(rf"{_BLANK}*[\d.．]*")  # of a line: 1.2 培训人员
_SENTENCE = re.compile("[，。；：,;:]")  # what a row of figures has not
# 总 产 量 达 到 20 万 吨: characters that are set wide, four and more
_WIDE = rf"[{_WIDTHS}\u3000]"
_SIGNS = rf"(?:{_WIDE}|{_WIDE}?[，、：；。（）“”《》,:;()]{_WIDE}?)"
_SPREAD = re.compile(
    rf"(?<!{_CHARACTER}){_CHARACTER}{_WIDE}{_CHARACTER}"
    rf"(?:{_SIGNS}{_CHARACTER}|{_SIGNS}?\d[\d.]{{0,9}}[%％]?|(?<=[\d%％]){_CHARACTER}){{2,}}(?!{_CHARACTER})"
)
_LEAST, _TIMES = 6, 2  # such blanks, and how many for each place without one


@lru_cache(maxsize=16)  # several finders of a document ask for its text
def plainly(text: str) -> Reading:
    """How a text is read, its years in Arabic figures.

    "到 二〇二七 年" → "到2027年"
    """
    return plain(text, text, array("i", range(len(text))))


def plain(source: str, printed: str, offsets: array[int]) -> Reading:
    """The same of characters that are taken out of a source, each with its place there."""
    spread = [
        Span(at, at + 1) for run in _SPREAD.finditer(printed) for at in range(*run.span()) if printed[at].isspace()
    ]
    kept = Reading(source, printed, offsets).without(spread)
    kept = kept.without(_unread(kept.text))
    return replace(kept, text=with_plain_years(normalise(kept.text)))


def _unread(text: str) -> Iterator[Span]:
    runs = [run.start() for run in _RUN.finditer(text)]
    spaced = {start for start in runs if _SPACED.match(text, start)}
    if len(spaced) < _LEAST or len(spaced) < _TIMES * len(_CLOSE.findall(text)):
        spaced = set()
    text, number, end, is_sentence = f"{text}\n", 0, -1, False  # where the number of the line ends, and the line
    for start in runs:
        if start in spaced and start > end:
            begin, end = text.rfind("\n", 0, start) + 1, text.find("\n", start)
            is_sentence = _SENTENCE.search(text, begin, end) is not None
            number = found.end() if (found := _NUMBER.match(text, begin)) else begin
        if found := _UNREAD.match(text, start):
            yield Span(*found.span())
        elif is_sentence and start in spaced and start != number:
            yield Span(start, start + 1)
