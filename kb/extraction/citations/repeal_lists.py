"""Lists of what is repealed (废止和失效的规范性文件目录), as a decision to repeal has them in an annex: titles without verbs, often without 《》."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.lexicon import KINDS
from kb.models import Document
from kb.text import Passage

_REPEALING = re.compile(r"废止|失效|清理")
_REPEALING_ONLY = re.compile(r"废止|失效")
_SOMETHING_ELSE = re.compile(r"清理|修改|修订|保留|继续有效")
# What says of the items below it that they are repealed, or that they are not: 决定废止的规章目录, 下列文件予以废止, 继续有效的文件目录.
_ANNOUNCED = re.compile(
    r"""
    (?P<repealed>(?:废止|失效)[^。；\n《》]{0,30}(?:目录|清单|一览表|件）|如下：?|文件：|规章：)|(?:下列|以下)[^。\n]{0,40}(?:废止|失效|停止执行))
    | (?P<kept>(?:保留|继续有效|现行有效|修改|修订)[^。；\n《》]{0,30}(?:目录|清单|一览表|件）|文件：|规章：|如下：?))
    """,
    re.VERBOSE,
)
_ITEM = re.compile(
    rf"""
    (?:^|\n)\ *(?:\d{{1,3}}\ ?[.、]|[一二三四五六七八九十]{{1,3}}、|（[一二三四五六七八九十\d]{{1,3}}）)\ *      # 12.
    (?P<title>(?:[\u4e00-\u9fff、—\d]|《[^《》\n]{{2,60}}》|〈[^〈〉\n]{{2,60}}〉|“[^“”\n]{{1,20}}”|（[^（）\n]{{1,12}}）){{4,80}}?(?:{"|".join(KINDS)})(?:（(?:试行|暂行|草案)）)?)
    \ *(?=$|\n|（|\ |发文|发布|文号)
    (?:\ ?（(?P<number>[^（）\n]{{0,24}}?(?:〔\ ?\d{{4}}\ ?〕|（\d{{2,4}}）|\d{{4}}年|令)[^（）\n]{{0,12}}?\d{{1,5}}\ ?号)[^（）\n]{{0,40}}）)?
    """,
    re.VERBOSE,
)
# What a list says of an item: 发布时间、机关与文号：1990年7月6日国家科委令第6号.
_DATED = re.compile(r"[^》。]{0,50}?(?P<year>(?:19|20)\d\d)年(?P<month>\d{1,2})月(?P<day>\d{1,2})日")


@dataclass(frozen=True, slots=True)
class Listed:
    """One item of a list: places in the text of the passage."""

    title: tuple[int, int]
    number: tuple[int, int] | None
    issued_on: str  # ISO, "" when no date stands behind the title


def lists_repeals(passage: Passage, document: Document) -> bool:
    """Whether bare titles in a passage are titles of what the document repeals, as its head, those above it or the document say."""
    if not _REPEALING.search(document.title):
        return False
    above: Passage | None = passage
    while above is not None:
        said = [match.lastgroup for match in _ANNOUNCED.finditer(f"{above.heading}\n{above.reading.text}")]
        if said:
            return said[-1] == "repealed"
        above = above.parent
    return _REPEALING_ONLY.search(document.title) is not None and not _SOMETHING_ELSE.search(document.title)


def listed_titles(passage: Passage) -> Iterator[Listed]:
    """The numbered titles without 《》 around them, each with the number that stands behind it.

    "1.关于做好防汛工作的通知（甲政发〔2001〕4号）" → 关于做好防汛工作的通知, 甲政发〔2001〕4号
    """
    for match in _ITEM.finditer(passage.reading.text):
        if not _REPEALING.search(match["title"]):  # the heading of a list
            dated = _DATED.match(passage.reading.text, match.end())
            issued_on = f"{dated['year']}-{int(dated['month']):02}-{int(dated['day']):02}" if dated else ""
            yield Listed(match.span("title"), match.span("number") if match["number"] else None, issued_on)


def is_bare(text: str, start: int) -> bool:
    """Whether a title stands alone in its line but for a number before it: the item of a list."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return re.fullmatch(r"[\s\d一二三四五六七八九十（）.、]*", line) is not None
