"""标题: the lines that make up the title of a document, and its kind (文种)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.lexicon import KINDS, ORGAN_ENDING

_KIND = "|".join(KINDS)
_KIND_END = re.compile(rf"(?:{_KIND})(?:[（〔][^（）〔〕]{{1,20}}[）〕])*")
_NO_TITLE = re.compile(
    r"[。；！？：]|^[《〔]|，$|https?：|^第.{1,4}[章条]|^(?:（?[一二三四五六七八九十]+[、）]|\d+[.、])"
)
_MOST_LINES = 12  # a title begins with the names of all issuers
_ORGANS_LINE = re.compile(rf"(?:(?>[\u4e00-\u9fff]{{0,20}}?(?:{ORGAN_ENDING.pattern}))[ 、]*)+")
_LABEL_BEFORE = re.compile(r"(?:★|标\s*题[：:]|附\s?件\s?\d{0,2}[：:]?)\s*")
# On a line of its own below the title, and part of it: （2025—2027年）, （试行）.
_REMARK = re.compile(
    r"（\s?(?:\d{4}\s?年?\s?(?:—{1,2}|[-–－~～至])\s?\d{4}\s?年?|\d{4}\s?年?(?:版|度)|\d{4}\s?年|[^（）年月日]{0,4}(?:试行|暂行|版|稿)|草案|修订)\s?）"
)
_REMARKS = re.compile(rf"(?:{_REMARK.pattern}\s?)+")
_DATE_IN_BRACKETS = re.compile(r"（(?:\s?\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日)?\s?）$")
_FORWARDED = re.compile(
    r"""
    《(?P<agreed>[^《》]{4,80}(?:〈[^《》]*〉[^《》]*)?)》\s?(?:已经|业经|经|已)[^。《》]{0,40}[，。]?[^。《》]{0,30}(?:印发|发布|公布|下发|转发|批转)  # 《X》已经省政府同意，现印发给你们
    | 对《(?P<revised>[^《》]{4,80})》(?:（[^（）]{4,40}）)?进行了?(?:修订|修改)，[^。《》]{0,60}现(?:予以?)?(?:印发|发布|公布)        # 对《X》进行了修订，现予发布
    | 现将《(?P<now>[^《》]{4,80})》[^。]{0,20}(?:印发|发布|公布|下发|转发)                       # 现将《X》印发给你们
    | 制定了?《(?P<made>[^《》]{4,80})》[^。《》]{0,10}[，。](?:[^。《》，]{2,12}同意，)?现(?:予以?)?(?:印发|发布|公布)                   # 制定了《X》，现予印发
    | 制定了(?P<plain>[^《》，。；\n]{4,40})，现(?:予以?)?印发                                      # 我们制定了X计划，现印发给你们
    | (?:关于)?(?:印发|转发|批转|发布)\s?[《〈](?P<titled>[^《》〈〉]{4,80}(?:〈[^《》]*〉[^《》]*)?)[》〉]\s?的(?:通知|公告|决定)  # 关于印发《X》的通知
    | (?:^|\n)[\u4e00-\u9fff、\ ]{4,60}(?:印发|发布|公布)《(?P<headline>[^《》\n]{4,80})》(?=$|\n)       # 某市委办公室 某市政府办公室印发《X》
    | (?:关于)?(?:印发|转发|批转)(?P<bare>[^《》\n。，]{4,60}?)的通知                             # 关于印发X的通知
    """,
    re.VERBOSE,
)
_NAMES_DOCUMENT = re.compile(rf"(?:{_KIND_END.pattern}|(?:\d|[一二三四五六七八九十])条)$")  # 某县人才新政10条
_OTHER_MARKS = dict.fromkeys("《〈<“", "[《〈<“]") | dict.fromkeys("》〉>”", "[》〉>”]")
_SEVERAL = re.compile(
    r"现将(?:《[^《》]{4,60}》[、和及与]?\s?){2,}[^。]{0,20}(?:印发|发布|公布|下发)|(?:印发|发布)(?:《[^《》\n]{4,60}》[、和及与]?\s?){2,}的通知"
)
_REST_OF_TITLE = re.compile(r"[^。；：《》\n]{0,30}》的(?:通知|公告|决定|意见|函|批复)")
_CITED = re.compile(r"(?:根据|按照|依据|依照|贯彻|落实|执行|参照|修改|废止)[^。\n]{0,40}$")
# Without line breaks the title ends where the text or the addressees begin.
_RUNNING = re.compile(
    rf"""
    (?!根据|按照|依据|为|经)(?:
    [^。；：《》]{{0,60}}?关于[^。；：\n]{{4,80}}?的(?:通知|(?:实施|若干|指导)?意见|通报|函|批复|决定)(?=[^。：]{{2,900}}：)
    | [^。；：《》]{{0,60}}?关于[^。；：\n]{{4,80}}?(?:{_KIND})(?:（[^（）]{{0,10}}）)*
    (?=\s*(?:为|根据|按照|依据|各|第一[章条]|一、|目录|现将|现就|近年来|经|[^《》，。]{{0,10}}（?〔?[12]\d\d\d))
    | (?!新华社)[^。；：，《》\n（）]{{4,50}}?(?:{_KIND})(?:（[^（）]{{0,14}}）)*(?=\s*(?:（[12]\d\d\d年|为了?[^。]{{4,80}}[，。]|根据《|按照《|第一[章条]|一、|\ （一）)))
    """,
    re.VERBOSE,
)


def kind_of(title: str) -> str:
    """The kind of document at the end of a title, "" when it is none of the known kinds.

    "某市推进基础教育实施方案（试行）" → "实施方案"; "关于某事" → ""
    """
    ends = [match for match in _KIND_END.finditer(title) if match.end() == len(title)]
    return re.sub("[（〔].*", "", ends[0].group()) if ends else ""


def is_title(line: str) -> bool:
    """Whether a paragraph looks like a title: it ends with a kind of document and contains no sentence."""
    return (
        4 <= own_length(line) <= (120 if "关于" in line else 90)
        and _NO_TITLE.search(line) is None
        and kind_of(line) != ""
    )


def own_length(line: str) -> int:
    """The characters of a line that may be a title, without the issuers that it begins with: 甲部 乙部 丙局|关于……的通知."""
    organs = _ORGANS_LINE.match(line)
    return len(line) - organs.end() if organs and line.startswith("关于", organs.end()) else len(line)


def title_of(lines: list[str]) -> tuple[int, int] | None:
    """The half-open range of the first lines that make up a title together; None when there is none.

    "某市人民政府关于", "做好某事的通知", "各县区：" → (0, 2)
    """
    for first in range(len(lines)):
        for last in range(first + 1, min(first + _MOST_LINES, len(lines)) + 1):
            line = lines[last - 1]
            if (
                own_length(line) > (60 if last - first > 1 or "关于" not in line else 120)
                or (last - first > 4 and not _ORGANS_LINE.fullmatch(lines[last - 5]))
                or _NO_TITLE.search(line)
                or kind_of(line) == line
            ):
                break
            joined = "".join(lines[first:last]).replace(" ", "")
            if (
                is_title(joined)
                and (first == 0 or last - first <= 4)
                and joined.count("《") == joined.count("》")
                and not _continues(lines, last)
            ):
                return first, last + (last < len(lines) and _REMARKS.fullmatch(lines[last]) is not None)
    return None


def _continues(lines: list[str], at: int) -> bool:
    return (
        at < len(lines)
        and re.match("的(?:通知|公告|决定|批复|意见|函|报告|请示)", lines[at].replace(" ", "")) is not None
    )


def running_title_end(text: str) -> int:
    """The end of the title at the beginning of a text without line breaks; 0 when there is none.

    "某区关于发展旅游业的实施意见为了推进……" → the offset of "为了"
    """
    match = _RUNNING.match(text)
    if match is None:
        return 0
    if match.group().count("《") == match.group().count("》"):
        return match.end()
    if rest := _REST_OF_TITLE.match(text, match.end()):
        return rest.end()  # 关于印发《某方案|（2025—2027年）》的通知
    shorter = _RUNNING.match(text, 0, text.index("《"))  # 关于某事的意见为贯彻《某通知|》
    return shorter.end() if shorter else 0


def clean_title(title: str) -> str:
    """A title without label, blanks between spaced letters, and the date after it.

    "几 个 问 题 的 通 知" → "几个问题的通知"
    """
    title = re.sub(
        r"(?<!\S)(?:[\u4e00-\u9fff][ \u3000]+){2,}[\u4e00-\u9fff](?!\S)", lambda m: "".join(m.group().split()), title
    )
    return _DATE_IN_BRACKETS.sub("", _LABEL_BEFORE.sub("", title.strip()))


def forwarded_title(head: str, *, is_held: bool = False) -> str:
    """The title of the document that a notice forwards, "" when it forwards none; citations do not count.

    Whether the file holds what the notice forwards need not show from a repeated title when it is known.

    "关于印发某省养老方案的通知" → "某省养老方案"; "根据《关于印发某办法的通知》" → ""
    """
    matches = [
        match
        for match in _FORWARDED.finditer(head)
        if (match.lastgroup == "now" or _NAMES_DOCUMENT.search(match[match.lastgroup or 0]))
        and (match.lastgroup in ("made", "now") or not _CITED.search(head, max(0, match.start() - 60), match.start()))
        and head.rfind("《", 0, match.start()) <= head.rfind("》", 0, match.start())  # no title inside a citation
        # A document of another organ (转发) is often not in the file: its title must be repeated below.
        and (
            is_held
            or "转" not in match.group()
            or any(at >= match.end() for at in title_offsets(head, match[match.lastgroup or 0]))
        )
    ]
    # Quotation marks show where a title ends; without them "（试行）" and the like may be lost.
    best = min(matches, key=lambda match: match.lastgroup == "bare", default=None)
    return re.sub(r"\s*\n\s*", "", best[best.lastgroup or 0]) if best else ""


def forwards_several(head: str) -> bool:
    """Whether a notice forwards more than one document, so that none of their titles is that of the file.

    "现将《甲办法》和《乙规范》印发给你们" → True; "根据《甲法》，现将《乙办法》印发给你们" → False
    """
    return _SEVERAL.search(head) is not None


def own_print(head: str, title: str) -> tuple[int, int]:
    """Where a title that a notice names stands above its own text, perhaps with other quotation marks; (0, 0) when it does not.

    "现将《落实<某规划>方案》印发。落实《某规划》方案 为了……" → the range of 落实《某规划》方案
    """
    pattern = r"\s*".join(_OTHER_MARKS.get(sign, re.escape(sign)) for sign in re.sub(r"\s", "", title))
    found = re.search(rf"(?<![《〈<“发于])(?:{pattern})(?!\s?[》〉>”]|的通知|的决定)", head)
    return found.span() if found else (0, 0)


def title_offsets(text: str, title: str) -> Iterator[int]:
    """The offsets at which a title occurs on its own, not quoted; white space inside it is ignored."""
    pattern = r"\s*".join(map(re.escape, re.sub(r"\s", "", title)))
    for match in re.finditer(rf"(?<![《〈发于])(?:{pattern})(?!\s?[》〉]|的通知|的决定)", text):
        if match.start() == 0 or text[match.start() - 1] in "\n。！ 日）":
            yield match.start()
