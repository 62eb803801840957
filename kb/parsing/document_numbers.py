"""发文字号: the number of the document itself, and where the text continues after it."""

from __future__ import annotations

import re

from kb.parsing.frame import paragraphs
from kb.text import Reading
from kb.text.document_numbers import CITING_WORDS, TITLE_ENDS, signs_begin

# 发文字号 (GB/T 9704, 7.2.5): 机关代字, year in 〔〕, number. Some print ( ) or no brackets; 令 and 公告 have a running number.
DOCUMENT_NUMBER = re.compile(
    r"""
    [\u4e00-\u9fffA-Z]{2,14}\s?(?:[〔（]\s?\d{4}\s?[〕）]|\d{4}年)\s?第?\s?\d{1,5}(?:、\d{1,5})*\s?号              # 某政发〔2021〕4号
    | (?:[\u4e00-\u9fffA-Z]\s){1,9}[\u4e00-\u9fffA-Z]\s?[〔（]\s?(?:\d\s?){4}[〕）]\s?第?\s?(?:\d\s?){1,5}号   # 某 政 发 〔 2021 〕 4 号
    | [\u4e00-\u9fff\ 、]{2,40}?(?:令|公告|通告)\s{0,3}(?:[〔（]?\s?\d{4}\s?年?[〕）]?\s?)?[（〔]?第?\s?[\d一二三四五六七八九十百〇]{1,5}\s?号[）〕]?  # 某市人民政府令（第19号）
    """,
    re.VERBOSE,
)
_ALONE = re.compile(rf"\d{{0,6}}[★ ]*（?(?P<number>{DOCUMENT_NUMBER.pattern})）?[★ ]*", re.VERBOSE)
_BESIDE_TITLE = re.compile(
    rf"""
    (?<={TITLE_ENDS}|文件)[ （]*(?!的)(?P<number>{DOCUMENT_NUMBER.pattern})
    | (?<=[局厅会府室])(?P<glued>[\u4e00-\u9fff]{{2,8}}〔\d{{4}}〕\s?\d{{1,5}}\s?号)(?=$|[\u4e00-\u9fff、 ]{{2,60}}?关于)   # after a letterhead
    """,
    re.VERBOSE,
)
_CITING = re.compile(f"(?:{CITING_WORDS}|照)$")
# a sentence that cites the number
_GOES_ON = re.compile("[，。、；》]|文件.|精神|要求|规定|(?:印发|下发)(?!《|关于)|的")
_HEAD_PARAGRAPHS = 25  # the most paragraphs of a document head


def own_number(head: Reading) -> str:
    """The number in a paragraph of its own above the text, or after the title in a text without paragraphs; "" when there is none."""
    text = head.text
    for start, end in [*paragraphs(text)][:_HEAD_PARAGRAPHS]:
        match = _ALONE.match(text, start) or _BESIDE_TITLE.search(text, start, min(end, start + 300))
        if match and not _GOES_ON.match(text, match.end()):
            begin, stop = match.span("number" if match["number"] else "glued")
            signs = begin + signs_begin(text[begin:stop])
            if _CITING.search(text, begin, signs):
                continue  # 对照滨政发〔2023〕6号文件: a citation
            printed = "".join(head.verbatim(signs, stop).split())
            return re.sub(r"[（(](第.*?号)[)）]$", r"\1", printed)
    return ""


def skip_number(text: str, at: int) -> int:
    """The offset after the document number at ``at``; ``at`` itself when there is none."""
    number = _ALONE.match(text, at)
    return number.end() if number else at
