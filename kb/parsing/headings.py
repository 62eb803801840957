"""标题 of clauses: how much of a clause's beginning is its heading, also judged by its siblings."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

from kb.lexicon import (
    HEADING_ENDS,
    HEADING_LABELS,
    ORGAN_ENDING,
    STANDARD_HEADINGS,
    TEXT_OPENINGS,
    VERB_OPENINGS,
    any_of,
)
from kb.parsing.signatures import DATE

_LONGEST_LINE = 40
_LONGEST_ALONE = 30  # a line without text under it
_LONGEST_LABEL = 20  # a line that ends with a colon
_SENTENCE = re.compile(r"(?:[^。；！？\n]{2,36}|关于[^。；！？\n]{35,70}的(?:建议|提案|议案|意见|问题))[。？](?!”)")
# One that is a heading also where most of the list have none: 10.加强正向宣传引导。各级……
_SHORT = re.compile(
    rf"(?:(?:{any_of(VERB_OPENINGS)})[\u4e00-\u9fff“”]{{2,10}}|[\u4e00-\u9fff]{{2,8}}(?:{any_of(HEADING_ENDS)}))。(?=[^\n（]{{16}})"
)
# 部门职责分工。⏎……
_LABEL_LINE = re.compile(rf"(?:(?!其他|的)[\u4e00-\u9fff]){{2,10}}(?:{any_of((*HEADING_LABELS, '规模'))})。(?=\n)")
_PLAIN = re.compile(r"[\u4e00-\u9fff“”]{4,12}。(?=[^\n（]{16})")  # beside such: 11.定期更新名录。各地……
_STANDARD = re.compile(  # 基本原则和功能定位|某基金是……
    rf"(?:{any_of(STANDARD_HEADINGS)})(?:[和与及、](?:{any_of((*STANDARD_HEADINGS, *HEADING_LABELS))}))?(?![，、的和与及是为包按应由])"
)
# Who is to do something: 省教育厅将, 县级以上人民政府应当, 申报单位登录
_SUBJECT = r"(?:[国省市县区][\u4e00-\u9fff]{1,8}?(?:厅|局|委|部门|政府|机构|单位)|(?:申报|推荐|承担|依托|用人|承办|主办|牵头|责任|实施|参评)(?:单位|主体|部门|企业))(?:将|要|应|须|可|会同|负责|根据|按照|组织|登录|需|于\d)"
# A label and what it labels, where the break between them is lost: 遴选数量|第一批入库专家
_LABEL = re.compile(
    rf"(?!{any_of(VERB_OPENINGS)}|以上|以下|按照|根据|依照|采取|适用|符合|满足|达到|关于|坚持)(?:[\u4e00-\u9fff]{{2}}|[\u4e00-\u9fff]{{4}})(?:{any_of(HEADING_LABELS)})(?:[及与和、](?:[\u4e00-\u9fff]{{2}}){{0,2}}?(?:{any_of(HEADING_LABELS)}))?(?=[\u4e00-\u9fff\d“《（])(?![及和与是为包按应由在以于从将要须可不已未有分如采的之内外上下中等所达满超化性率向对经凭持（]|{any_of(HEADING_ENDS)}|{any_of(HEADING_LABELS)})"
)
# A scrape that has lost the break between heading and text: "加强组织领导|各级教育部门要……".
_RUN_TOGETHER = re.compile(
    rf"""
    (?:(?!的，)[^。；：！？（《\n]|《[^》\n]{{2,40}}》){{2,28}}?(?:{"|".join(HEADING_ENDS)})(?<![，是]..)
    (?=(?:{"|".join(TEXT_OPENINGS)}|{_SUBJECT}|[\u4e00-\u9fff]{{2,8}}期间，).*[。：])
    """,
    re.VERBOSE,
)
# Somebody is to do something, which begins a sentence whatever stands before it: 进一步拓宽就业渠道|各地要结合实际……
_WHO_MUST = re.compile(
    r"""
    [^。；：！？，（《\n]{4,24}?(?:，[^。；：！？，（《\n]{4,24}?)?(?<!要求|督促|指导|确保|组织|鼓励|支持|引导|推动|帮助|促进|提醒|通知|银行|各地)(?<![对向使让由及与和在、，是局司])
    (?=(?:地方)?各(?:地区?|市|县|区|级[\u4e00-\u9fff]{2,12}?|有关部门|相关部门|部门|单位|学校|高校|乡镇|街道)(?:各部门|、各部门|各单位|（[^）]{1,9}）)?(?:要(?!求)|应(?!急|对)|务必|须).*。)
    """,
    re.VERBOSE,
)
# 强化统筹协调|加强部门协同
_VERBS = re.compile(
    rf"(?:{any_of(VERB_OPENINGS)})[^。；：！？，（\n]{{2,18}}?(?:{any_of(HEADING_ENDS)})(?=(?:{any_of(VERB_OPENINGS)})[^。]*[，、])"
)
# 国家奖学金|奖励对象：……
_BEFORE_LABEL = re.compile(
    rf"[\u4e00-\u9fff（）]{{3,20}}?(?<![下如]列)(?<!以下)(?=(?:[\u4e00-\u9fff]{{2}}(?:{any_of(HEADING_LABELS)}|概念|部门|单位)|联系人|联系电话|电子邮箱)：[^\n]{{8}})"
)
# The text begins with the words with which the heading begins or ends: "2025年工作回顾|2025年是……", "规范商业汇票|商业汇票是……".
_REPEATED = re.compile(
    rf"""
    (?: (?P<named>[\u4e00-\u9fff\d、（）“”]{{4,24}}?)(?=(?:实施|开展|推进|加强|打造)(?P=named))                               # 基础创新工程|实施基础创新工程，……
      | (?P<two>[\u4e00-\u9fff]{{2}})[\u4e00-\u9fff]{{0,4}}(?:{"|".join(HEADING_ENDS)})(?=(?P=two))     # 推荐条件|推荐对象应当……
      | (?P<start>[\u4e00-\u9fff\d、（）“”]{{4,24}}?)[\u4e00-\u9fff\d、（）“”]{{0,12}}?(?:{"|".join(HEADING_ENDS)}|工程|行动|计划)(?=(?P=start))
      | [\u4e00-\u9fff\d、]{{0,16}}?(?P<end>[\u4e00-\u9fff]{{3,10}})(?=(?P=end))
    )(?=.*。)
    """,
    re.VERBOSE,
)
# A blank where the line ended: "年度任务 2026年，全市……。"
_BEFORE_BLANK = re.compile(
    r"(?:[\u4e00-\u9fff、]{4,20}(?<![到至在自从约达于为是条、])|[\u4e00-\u9fff]{2,12}(?=：))(?=：?[ \u3000]{1,2}(?:[\u4e00-\u9fff《]{2}|[12]\d{3}年)[^\n]*[。：])"
)
# A field and what it holds: "主办单位 市教育局、市总工会"; a name before a label: "督查一组|组长：……"
_FIELD = re.compile(
    r"[\u4e00-\u9fff]{0,10}(?:主题|时间|地点|单位|对象|范围|名称|人员|阶段)(?=[ \u3000]{1,2}[\u4e00-\u9fff\d]{2})|[\u4e00-\u9fff]{0,2}时间(?:安排)?(?=[12]\d{3}年|\d{1,2}月|即日起)|[\u4e00-\u9fff]{2}(?:对象|范围)(?=各[市县区地乡]|全[省市县区国])"
    r"|[\u4e00-\u9fff]{2,6}(?:情况|概况)(?=[12]\d{3} ?年[^，。\n]{1,12}，)"  # 案件情况|2012年2月初，……
    r"|[\u4e00-\u9fff]{2,10}(?:职责|分工)(?=[省市州县区旗][\u4e00-\u9fff]{1,10}[办局委部]：)"  # 工作职责|区府办：
    r"|[\u4e00-\u9fff]{2,12}?(?=(?:副?组长|副?主任|[组成]员|牵头单位|责任单位|责任部门|配合单位|完成时限)：)"
)
# A step and its time, where the break behind them is lost: 宣传发动阶段（2021年5月）|通过报纸……
_STEP = re.compile(
    r"[\u4e00-\u9fff、]{2,16}（[^（）\n]{0,4}\d{1,4} ?[年月.][^（）\n]{0,24}）(?=[\u4e00-\u9fff][^\n]{10})(?![的和与及是为至])"
)
# The same as a sentence: 组织实施阶段（2021年4月—11月底）。
_TIMED = re.compile(r"[\u4e00-\u9fff、]{4,16}（[^（）\n]{0,6}\d ?[年月日][^（）\n]{0,24}）(?=。[^\n]{10})")
_BEFORE_ITEMS = re.compile("^[^（）]*(?:下列|如下)[^。；：（）]*$")  # "在下列情形下，可以发行", with items under it
_BRACKETS = re.compile(r"(?:(?<!\s)\s+)?[（〔][^（）〔〕]*(?:[（〔][^（）〔〕]*[）〕][^（）〔〕]*)*[）〕]\s*")
_MARK = re.compile("[（〔][^（）〔〕]*(?:负责|牵头|责任|配合|：)")
_LABELS = re.compile(r"^[^：。，\n]{2,10}：[^。\n]*$\n?", re.MULTILINE)  # 整改时限：2026年6月底
# Names and date under the last clause of a notice
_SIGNED = re.compile(
    rf"(?:\n[\u4e00-\u9fff ]{{2,60}}(?:{ORGAN_ENDING.pattern}))+(?:\n[ ]?{DATE.pattern})\s*$", re.VERBOSE
)
_SIGNATURE = 600  # characters that names and date may take
# A sentence that rules something, not the name of what follows
_RULES = re.compile(
    r"""
    ^本(?!地|土|级|市|省|县|区|科|专)[\u4e00-\u9fff]{2,6}?(?:自(?=\d|[一二]|[公发颁]布|印发|下发|即日|之日|施行)|由(?!来|[易浅点])|所[称指列说]|适用|未[尽作经规])  # 本办法自2025年3月1日起
    | 起(?:施行|实施|执行)$ | 负责解释$ | ^(?:以上|上述)
    | (?<=[\u4e00-\u9fff）]{2})(?:必须(?!完成)|不得|应当|(?<!一切)可以|不予|予以|有权|方可|须(?!知|有)                       # 申请对象必须据实申报
        |(?<![响回供适反相对效顺呼理])应(?=按|及时|在|于|申请|符合|遵守|由|提供|采用|具备|加盖|根据|依))
    | \d个?(?:工作日|日|天|月)(?:以?内)                                                                                  # 审核通过后7个工作日内发放
    | (?:标准为|给予|奖励|补助|补贴|不超过|最高)[^，]{0,12}?\d[万亿]?元                                                        # 补贴标准为本科生10万元
    | (?<=[局厅委办府部室院会心位业])(?:负责(?!任|制|人)|是(?!否|非))                                                        # 市科技局负责实行考核
    | (?<=对象|范围|标准|架构|结构|期限|规模|金额|比例|来源|方式|总额)为(?![了主])                                                # 组织架构为三个层次
    | (?<=人|长|员|任)由[^，]{2,30}担任$                                                                                # 法定代表人由会长担任
    | ，(?:由|经)[^，]{2,24}(?:办理|审核|审批|确定|认定|提出|受理)$                                                            # 申报完毕后，由本人到窗口办理
    """,
    re.VERBOSE,
)
# 科技成果转化收益分配。（一）…
_NAMES = re.compile(r"(?!.*(?:[，；]|应|须|不得|可以|是指|分[为“]|情况))[^。\n]{2,30}。\s*")
_UP_TO_WORDS = re.compile(
    r"(?:[^。；：！？，、（\s]|（[^（）\n]*）){3,24}?(?<!的)(?P<words>面向|聚焦|针对|围绕|依托|各级[\u4e00-\u9fff]{2})"
)
_FEWEST_SHORT = 2  # siblings
_FEWEST = 3  # siblings whose text begins with the same words
_LEAST_VALUE = 4  # characters behind a label: 活动主题|春风送岗到万家
_LEAST_TEXT = 16  # characters of a sentence behind a heading that is glued to it
_INTRODUCES_LIST = re.compile(r"下列|以下|如下|包括|分别为|应当|[为是]：$|(?:应|须|需)(?:具备|符合|提交|满足|提供)：$")
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
    glued = not any(item.is_article or _has_line_of_heading(item) for item in items)
    openings = [_opening(item, glued) for item in items]
    if glued:
        openings = _before_shared_words(items, openings)
    groups: dict[Hashable, list[bool]] = defaultdict(list)
    articles: list[bool] = []
    short = Counter[Hashable]()
    for item, opening in zip(items, openings, strict=True):
        is_named = opening.length > 0 or _may_be_named(item.text)
        groups[item.siblings].append(is_named)
        if item.is_article:
            articles.append(is_named)
        short[item.siblings] += _is_short(item)
    shares = {siblings: sum(group) / len(group) if len(group) > 1 else 1.0 for siblings, group in groups.items()}
    named = sum(articles) > _SHARE * len(articles)  # in the whole document, not only in a chapter with few articles
    lengths = []
    for item, opening in zip(items, openings, strict=True):
        usual = shares[item.siblings] > (_SHARE_OF_ARTICLES if item.is_article else _SHARE)
        usual &= named or not item.is_article
        usual |= short[item.siblings] >= _FEWEST_SHORT and _PLAIN.match(item.text) is not None
        lengths.append(opening.length if opening.kind == "line" or usual else 0)
    return lengths


def _is_short(item: Item) -> bool:
    """Whether an item begins with a few words and a full stop before running text, as headings do in any list."""
    return not item.is_article and _SHORT.match(item.text) is not None


def _before_shared_words(items: Sequence[Item], openings: Sequence[Opening]) -> list[Opening]:
    """The openings; where the text of most siblings begins with the same words behind a heading, all before these words.

    "智能排产调度面向作业排程……", "产线柔性配置面向产线建设……" → 智能排产调度, 产线柔性配置
    """
    found = [None if item.is_article else _UP_TO_WORDS.match(item.text) for item in items]
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for item, match in zip(items, found, strict=True):
        groups[item.siblings].append(match["words"] if match else "")
    shared = {
        siblings: word
        for siblings, group in groups.items()
        for word, count in Counter(filter(None, group)).most_common(1)
        if count >= _FEWEST and count > _SHARE * len(group)
    }
    return [
        Opening(match.start("words"), "line")
        if match and match["words"] == shared.get(item.siblings) and (not opening.length or opening.kind == "sentence")
        else opening
        for item, match, opening in zip(items, found, openings, strict=True)
    ]


def _may_be_named(text: str) -> bool:
    """Whether a clause begins with a short sentence that does not rule anything."""
    sentence = _SENTENCE.match(text)
    return sentence is not None and not _RULES.search(sentence.group().rstrip("。"))


def _has_line_of_heading(item: Item) -> bool:
    """Whether a heading stands on a line of its own above the text of a clause."""
    line, _, rest = item.text.partition("\n")
    return bool(rest) and not line.endswith("：") and _is_line(line.rstrip(), is_article=False)


def _opening(item: Item, glued: bool) -> Opening:
    text = item.text
    line = text.split("\n", 1)[0].rstrip()
    has_more = len(text) > len(line) or item.has_children
    if item.has_children and _BEFORE_ITEMS.search(line):
        return Opening(0, "")
    if not item.is_article and (field := _FIELD.match(line)):
        return Opening(field.end(), "line")
    if _is_line(line, item.is_article):
        label = _LABEL.match(line) if glued and not has_more else None
        if label and len(line) - label.end() >= _LEAST_VALUE:
            return Opening(label.end(), "line")
        whole = has_more or len(line) <= _LONGEST_ALONE
        return Opening(len(line.rstrip("：")) if whole else 0, "line")
    return _of_article(item) if item.is_article else _of_item(item, line, glued)


def _of_item(item: Item, line: str, glued: bool) -> Opening:
    """The heading of an item that has none on a line of its own; where that is so in the whole document, it may be ``glued`` to the text."""
    standard = _TIMED.match(item.text) or _STANDARD.match(item.text) or _LABEL_LINE.match(item.text)
    if standard and not item.text.endswith("；"):
        return Opening(standard.end() - standard.group().endswith("。"), "line")
    if clear := _BEFORE_BLANK.match(line) or _REPEATED.match(line):
        return Opening(clear.end(), "line")
    if glued and (named := _STEP.match(line) or _BEFORE_LABEL.match(line)):
        return Opening(named.end(), "line" if named.re is _STEP else "sentence")
    sentence = _first_sentence(item)
    sure = _RUN_TOGETHER.match(line) or (_WHO_MUST.match(line) if glued else None)
    guessed = _LABEL.match(line) or _VERBS.match(line) if glued and not item.text.endswith("；") else None
    together = sure or guessed
    printed = _SENTENCE.match(item.text)
    if sentence and not (glued and together and printed and printed.end() > together.end() + _LEAST_TEXT):
        return sentence
    if not together or _RULES.search(together.group()):
        return Opening(0, "")
    return Opening(together.end(), "line" if sure else "sentence")


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
    rules = _RULES.search(item.text[:length]) is not None
    if item.has_children and sentence.end() == len(item.text.rstrip()) and not (rules and length > _LONGEST_LABEL):
        return Opening(length, "line")  # 创业种子资金。（1）…
    if rules:
        return Opening(0, "")
    below = _LABELS.sub("", _BRACKETS.sub("", item.text[sentence.end() :]))
    more = (below[:-_SIGNATURE] + _SIGNED.sub("", below[-_SIGNATURE:])).strip()
    return Opening(length, "sentence") if more or item.has_children else None


def _is_line(line: str, is_article: bool) -> bool:
    """Whether a first line is a heading: neither a sentence nor the introduction of a list ("有下列情形之一的：")."""
    if len(line) > _LONGEST_LINE and not _MARK.search(line):
        line = _BRACKETS.sub("", line)  # 生活补贴（分市级和区级两类，以下简称……）
    if re.search("[。；！]|？.", line) or len(line) > _LONGEST_LINE or line[-1:] in ("", "，", "、"):
        return False
    labels = (
        not is_article
        and len(line) <= _LONGEST_LABEL
        and not re.search("，", line)
        and not _INTRODUCES_LIST.search(line)
    )
    return not line.endswith("：") or labels
