"""目录: tables of contents, whose entries look like the headings that they name."""

from __future__ import annotations

import re

_HEAD = 20_000  # characters; a table of contents and its first heading lie within so many
_FIRST_ENTRY = re.compile(
    r"(?P<entry>(?:第\s?[一1]\s?(?P<law>[编篇章]|部分)|^一(?P<han>、)|^1(?P<digit>[.、 ])\s*)\s*(?:(?!第\s?[一二12])[\u4e00-\u9fff]\s*){2,4})",
    re.MULTILINE,
)
_ENTRIES = {
    "law": re.compile(r"第\s?[\d一二三四五六七八九十]+\s?(?:[编篇章]|部分)"),
    "han": re.compile(r"^[一二三四五六七八九十]+、", re.MULTILINE),
    "digit": re.compile(r"^\d{1,2}[.、 ]", re.MULTILINE),
}
_CONTENTS = re.compile(r"^〔?\s?目\s{0,3}录(?:摘要)?〕?(?=\s|$)", re.MULTILINE)


def contents_end(text: str) -> int:
    """The end of the table of contents, 0 when there is none: entries without sentences, the first of which is repeated as a heading.

    "目录\n第一章 总则\n第二章 附则\n第一章 总则\n……" → the offset of the second "第一章"
    """
    first = _FIRST_ENTRY.search(text, 0, _HEAD)
    if first is None:
        return 0
    entry = r"\s*".join(map(re.escape, re.sub(r"\s", "", first["entry"])))
    heading = re.compile(entry, re.MULTILINE).search(text, first.end(), first.end() + _HEAD)
    sentence = re.compile("[。；]").search(text, first.end())
    if heading is None:
        return 0
    end = heading.start()
    if sentence and sentence.start() < end:
        end = text.rfind("\n", 0, sentence.start()) + 1
    style = next((style for style in _ENTRIES if first[style]), "law")
    entries = _ENTRIES[style].findall(text[first.start() : end])
    # Two entries are enough when the text follows at once; before a preface there must be three.
    return end if len(entries) >= (2 if end == heading.start() else 3) else 0


def contents_at_end(text: str) -> int:
    """Where a table of contents begins that a page prints below the text; the length of the text when there is none."""
    found = [heading for heading in _CONTENTS.finditer(text) if heading.start() > len(text) // 2]
    return found[-1].start() if found and "。" not in text[found[-1].start() :] else len(text)
