"""标题 of clauses: how much of a clause's beginning is its heading, also judged by its siblings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

from kb.lexicon import HEADING_ENDS, ORGAN_ENDING, STANDARD_HEADINGS, TEXT_OPENINGS, any_of
from kb.parsing.signatures import DATE

_LONGEST_LINE = 40
_LONGEST_ALONE = 30  # a line without text under it
_LONGEST_LABEL = 20  # a line that ends with a colon
_SENTENCE = re.compile(r"[^。；！？\n]{2,36}[。？](?!”)")
_STANDARD = re.compile(rf"(?:{any_of(STANDARD_HEADINGS)})(?![，、的和与及是为包按应由])")
# Who is to do something: 省教育厅将, 县级以上人民政府应当
_SUBJECT = (
    "[国省市县区][\u4e00-\u9fff]{1,8}?(?:厅|局|委|部门|政府|机构|单位)(?:将|要|应|须|可|会同|负责|根据|按照|组织)"
)
# A scrape that has lost the break between heading and text: "加强组织领导|各级教育部门要……".
_RUN_TOGETHER = re.compile(
    rf"""
    (?:(?!的，)[^。；：！？（\n]){{2,28}}?(?:{"|".join(HEADING_ENDS)})
    (?=(?:{"|".join(TEXT_OPENINGS)}|{_SUBJECT}|[\u4e00-\u9fff]{{2,8}}期间，).*。)
    """,
    re.VERBOSE,
)
# The text begins with the words with which the heading begins or ends: "2025年工作回顾|2025年是……", "规范商业汇票|商业汇票是……".
_REPEATED = re.compile(
    rf"""
    (?: (?P<two>[\u4e00-\u9fff]{{2}})[\u4e00-\u9fff]{{0,4}}(?:{"|".join(HEADING_ENDS)})(?=(?P=two))     # 推荐条件|推荐对象应当……
      | (?P<start>[\u4e00-\u9fff\d、（）]{{4,24}}?)[\u4e00-\u9fff\d、（）]{{0,12}}?(?:{"|".join(HEADING_ENDS)})(?=(?P=start))
      | [\u4e00-\u9fff\d、]{{0,16}}?(?P<end>[\u4e00-\u9fff]{{3,10}})(?=(?P=end))
    )(?=.*。)
    """,
    re.VERBOSE,
)
# A blank where the line ended: "年度任务 2026年，全市……。"
_BEFORE_BLANK = re.compile(
    r"[\u4e00-\u9fff、]{4,20}(?<![到至在自从约达于为是条、])(?=[ \u3000]{1,2}(?:[\u4e00-\u9fff《]{2}|[12]\d{3}年)[^\n]*。)"
)
# A field and what it holds: "主办单位 市教育局、市总工会"; a name before a label: "督查一组|组长：……"
_FIELD = re.compile(
    r"[\u4e00-\u9fff]{0,10}(?:主题|时间|地点|单位|对象|范围|名称|人员|阶段)(?=[ \u3000]{1,2}[\u4e00-\u9fff\d]{2})|[\u4e00-\u9fff]{2}(?:对象|范围)(?=各[市县区地乡]|全[省市县区国])"
    r"|[\u4e00-\u9fff]{2,12}?(?=(?:副?组长|副?主任|[组成]员|牵头单位|责任单位|责任部门|配合单位|完成时限)：)"
)
_BEFORE_ITEMS = re.compile("^[^（）]*(?:下列|如下)[^。；：（）]*$")  # "在下列情形下，可以发行", with items under it
_BRACKETS = re.compile(r"\s*[（〔][^（）〔〕]*(?:[（〔][^（）〔〕]*[）〕][^（）〔〕]*)*[）〕]\s*")
_LABELS = re.compile(r"^[^：。，\n]{2,10}：[^。\n]*$\n?", re.MULTILINE)  # 整改时限：2026年6月底
# Names and date under the last clause of a notice
_SIGNED = re.compile(
    rf"(?:\n[\u4e00-\u9fff ]{{2,60}}(?:{ORGAN_ENDING.pattern}))+(?:\n[ ]?{DATE.pattern})\s*$", re.VERBOSE
)
_SIGNATURE = 600  # characters that names and date may take
# A sentence that rules something, not the name of what follows: 本办法自2025年3月1日起施行
_RULES = re.compile(
    r"^本(?!地|土|级|市|省|县|区|科|专)[\u4e00-\u9fff]{2,6}?(?:自(?=\d|[一二]|[公发颁]布|印发|下发|即日|之日|施行)|由(?!来)|所[称指列说]|适用|未[尽作经规])|起(?:施行|实施|执行)$|负责解释$"
)
_NAMES = re.compile(
    r"(?!.*(?:[，；]|应|须|不得|可以|是指|分[为“]|情况))[^。\n]{2,30}。\s*"
)  # 科技成果转化收益分配。（一）…
_INTRODUCES_LIST = re.compile(r"下列|以下|如下|包括|分别为|应当")
# Share of siblings that must begin with a sentence short enough to be a heading. In a plan either all items of a list have a heading
# or none (measured: 0.6 and more with headings, 0.5 and less without). Articles of laws rarely have one.
_SHARE = 0.5
_SHARE_OF_ARTICLES = 0.85


@dataclass(frozen=True, slots=True)
class Opening:
    """A possible heading: the first ``length`` characters of a clause, and whether they are a line or a sentence."""

    length: int
    kind: Literal["line", "sentence", ""]


@dataclass(frozen=True, slots=True)
class Item:
    """A numbered clause: its own text without number, the key it shares with its siblings, whether it has sub-clauses."""

    text: str
    siblings: Hashable
    is_article: bool
    has_children: bool


def heading_lengths(items: Sequence[Item]) -> list[int]:
    """The length of each item's heading in characters, 0 when it has none.

    "指导思想。以……" → 4; "支持创建示范区。（省科技厅负责）" → 0; "指导思想以新发展理念为……。加快……。" → 4
    """
    openings = [_opening(item) for item in items]
    groups: dict[Hashable, list[bool]] = defaultdict(list)
    for item, opening in zip(items, openings, strict=True):
        groups[item.siblings].append(opening.length > 0 or _SENTENCE.match(item.text) is not None)
    shares = {siblings: sum(group) / len(group) if len(group) > 1 else 1.0 for siblings, group in groups.items()}
    lengths = []
    for item, opening in zip(items, openings, strict=True):
        usual = shares[item.siblings] > (_SHARE_OF_ARTICLES if item.is_article else _SHARE)
        lengths.append(opening.length if opening.kind == "line" or usual else 0)
    return lengths


def _opening(item: Item) -> Opening:
    text = item.text
    line = text.split("\n", 1)[0].rstrip()
    has_more = len(text) > len(line) or item.has_children
    if item.has_children and _BEFORE_ITEMS.search(line):
        return Opening(0, "")
    if not item.is_article and (field := _FIELD.match(line)):
        return Opening(field.end(), "line")
    if _is_line(line, item.is_article):
        whole = has_more or len(line) <= _LONGEST_ALONE
        return Opening(len(line.rstrip("：")) if whole else 0, "line")
    return _of_article(item) if item.is_article else _of_item(item, line)


def _of_item(item: Item, line: str) -> Opening:
    standard = _STANDARD.match(item.text)
    if standard and not item.text.endswith("；"):
        return Opening(standard.end(), "line")
    if before_blank := _BEFORE_BLANK.match(line):
        return Opening(before_blank.end(), "line")
    together = _REPEATED.match(line)
    if not together and (sentence := _first_sentence(item)):
        return sentence
    together = together or _RUN_TOGETHER.match(line)
    return Opening(together.end() if together else 0, "line")


def _of_article(item: Item) -> Opening:
    text = item.text
    if item.has_children and _NAMES.fullmatch(text) and not _INTRODUCES_LIST.search(text):
        return Opening(len(text.rstrip().rstrip("。")), "line")
    sentence = _first_sentence(item)
    return Opening(0, "") if sentence is None or _INTRODUCES_LIST.search(text[: sentence.length]) else sentence


def _first_sentence(item: Item) -> Opening | None:
    """The first sentence when more follows than marks and lines with labels, or when it rules something, which is no heading."""
    sentence = _SENTENCE.match(item.text)
    if sentence is None:
        return None
    length = sentence.end() - (item.text[sentence.end() - 1] == "。")
    if _RULES.search(item.text[:length]):
        return Opening(0, "")
    below = _LABELS.sub("", _BRACKETS.sub("", item.text[sentence.end() :]))
    more = (below[:-_SIGNATURE] + _SIGNED.sub("", below[-_SIGNATURE:])).strip()
    return Opening(length, "sentence") if more or item.has_children else None


def _is_line(line: str, is_article: bool) -> bool:
    """Whether a first line is a heading: neither a sentence nor the introduction of a list ("有下列情形之一的：")."""
    if re.search("[。；！]|？.", line) or len(line) > _LONGEST_LINE or line[-1:] in ("，", "、"):
        return False
    labels = (
        not is_article
        and len(line) <= _LONGEST_LABEL
        and not re.search("，", line)
        and not _INTRODUCES_LIST.search(line)
    )
    return not line.endswith("：") or labels
