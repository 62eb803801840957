"""The reasons why a quantity is no target, one named rule each."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

from kb.extraction.targets.findings import Finding, Rule
from kb.extraction.targets.statements import BOUNDARY, without_promise
from kb.extraction.vocabulary import (
    CUES,
    EACH,
    ENUMERATION,
    PROMISES_MUCH,
    VERB,
    VERB_LAST,
)

_YEAR_SAID = re.compile(r"(?<![比较以由从对])((?:19|20)\d\d) ?年(?!.{0,6}(?:相比|为基|基础))")
_SCOPE = re.compile(
    r"(?:在|围绕|聚焦|依托|按照|按|根据|通过|利用|针对|覆盖全[省市县]|面向|从|经)$|^(?:在|围绕|聚焦|依托|按照|按|根据|通过|利用|针对|面向|以|从|对于)"
)
_KNOWN = re.compile(
    r"(?:[省市县区]内|(?<![为对使让])[我本][省市县区]|[与同]|现有|提出的[\u4e00-\u9fff]{0,2})$"
)  # 推动省内 8个集群
_COOPERATES = re.compile("[与同]$")
_JOINTLY = re.compile(r"[^，。；]{0,16}(?:开展|签[订署约]|建立|达成|合作|结对|对接)(?!.{0,6}互[联通])")
_COUNTED_THERE = re.compile(r"[^，]{0,24}\d")  # 现有能力1920万吨，其中
_STOCK = re.compile("(?:(?<![发实体出呈])现有|现存|共有|现状)(?![^，。；]{0,12}基础上)")
_ADDS = re.compile("新|[改扩续迁]建|建[设成立]|改造|增|培[育养]|引进|达到|提[升高]|完成|实现|力争|确保")
_MEASURES = re.compile(" ?[\u4e00-\u9fff]{0,4}(?:措施|政策|举措|意见|规定)")
_ISSUES = re.compile("(?:出台|落实|印发|发布|实施|制定|推出|执行|贯彻|细化)[^，。；]*$")
_LINES = re.compile("(?:[线路河渠沟街带管链]|通道|水体|绿道|标准|线索|航线)$")
_PLAN_NAME = re.compile(rf"[\u4e00-\u9fff]{{0,12}}?(?:{VERB.pattern}|项目)[\u4e00-\u9fff]{{0,4}}(?:计划|行动)")
_RATE = re.compile("(?:率|占比|比例|比重)$")
_BENEFIT = re.compile("(?:报销|支付|结算)(?:比例|率|水平)$")
_PLACES = re.compile(r"(?P<place>在|于|覆盖|涵盖)(?!于)[^，；。\d]{2,24}(?:[、和及]|以及)$")
_AROUND = re.compile("围绕|聚焦|依托|面向")
_PASSES = re.compile("(?:经过|通过|历经)$")
_BASIS = re.compile("的?(?:基础上|过程中)")
_DONE = re.compile(rf"(?:{VERB.pattern})了")
_WAS_DONE = re.compile("[^，]{0,12}(?:参加|出席|完成|实现|达到|通过)了")  # 50名代表参加了会议
_ANNOUNCED = re.compile(r"(?:以下|如下|上述|下列|前述|[近上这该])$")
_ACTIONS = re.compile(" ?(?:重点|重大|主要|具体|专项)*(?:攻坚|提升|整治)?(?:专项|行动)")
_LONGEST_LIST = 30  # a list of more items is not announced
_SUMMED_UP = re.compile(r"、[^，。；]*等$")
_RECEIVES = re.compile(r"(?:^|[，：])[ ]*(?:对|凡|每|获|经|被|当年|年度)")
_CONSEQUENCE = re.compile(r"[ ]?的(?:将|可(?!再|持)|应当|予以|给予|方可|一律|不得|视为|按|由)")
_TITLE = re.compile(r"[^，]{0,40}(?:通知|意见|方案|公告|决定|规定|办法|批复|函)$")
_ADJECTIVE = re.compile(" ?[比较更]{0,2}[大好新高全]的?")
_ROUND, _CAMPAIGN = re.compile("[百千万]+(?:家|项|个|名|场|所|座)"), re.compile("(?:行动|工程|计划|活动)$")
_ORDER = re.compile("(?:体系|机制|格局|制度|模式|环境|氛围)$")
_ONE_EACH = re.compile(r"配置|配备|每|各|至少|新建|建成")
_OF_THINGS = frozenset("家所座名人户辆台场间张亩") | {"公里", "人次", "个"}


@lru_cache(maxsize=16)
def _cues(name: str, text: str) -> tuple[list[int], list[int]]:
    """Where the words of a cue begin and end in a text."""
    found = [match.span() for match in CUES[name].finditer(text)]
    return [start for start, _ in found], [end for _, end in found]


def _cued(name: str, text: str, start: int, end: int) -> bool:
    """Whether a word of the cue stands in a stretch of the text."""
    starts, ends = _cues(name, text)
    at = bisect_left(starts, start)
    return at < len(ends) and ends[at] <= end


def _enumerates(finding: Finding) -> bool:
    """从以下3个方面, 等9部门, 3个阶段, 低保、孤儿等6类群体: a list is announced or summed up, nothing promised."""
    s = finding.statement
    if s.reached and BOUNDARY.match(s.after):
        return False  # 突破百万大关
    if s.quantity.unit in ("类", "种") and _SUMMED_UP.search(s.before):
        return True
    if s.quantity.unit in ("个", "项") and not s.quantity.sign and _ACTIONS.match(s.after):
        return True  # 实施10个专项行动
    if s.quantity.kind != "count" or s.quantity.sign or (s.quantity.value or 0) > _LONGEST_LIST:
        return False
    return bool(ENUMERATION.match(s.after.lstrip()) or _ANNOUNCED.search(s.before))


def _of_measures(finding: Finding) -> bool:
    """出台支持发展25条, 实施技能提升100个项目计划: a list of measures or a plan that is named by its number."""
    s = finding.statement
    if s.quantity.unit == "条" and _MEASURES.match(s.after):
        return True
    if s.quantity.unit == "条" and BOUNDARY.match(s.after):
        return bool(_ISSUES.search(s.before) and not _LINES.search(s.before))
    return bool(s.quantity.kind == "count" and _PLAN_NAME.fullmatch(s.after.strip()))


def _stock(finding: Finding) -> bool:
    """现有储备能力1920万吨，其中政府储备420万吨: what is there already, and its parts."""
    s = finding.statement
    if s.reached:
        return False
    there = _STOCK.search(s.sentence_before)
    if there is None or _ADDS.search(s.sentence_before, there.end()):
        return False
    between = s.sentence_before[there.end() :]
    return "，" not in between or _COUNTED_THERE.match(between) is not None


def _formula(finding: Finding) -> bool:
    """续约率=续约数/居民数*100%: how a figure is computed."""
    s = finding.statement
    return s.text[s.quantity.start - 1 : s.quantity.start] in ("*", "×", "＊") or "=" in s.before


def _graded(finding: Finding) -> bool:
    """10EB级数据, 千亿级集群: what class of thing is meant."""
    s = finding.statement
    return s.quantity.kind != "count" and not s.reached and s.after.startswith("级") and not BOUNDARY.match(s.after[1:])


def _figurative(finding: Finding) -> bool:
    """十项攻坚, 三方机制, 四种方式, 建立一个机制: numbers in characters name the thing unless something says that they count."""
    s = finding.statement
    quantity = s.quantity
    if not quantity.chinese or quantity.kind not in ("count", "extent") or (quantity.value or 0) >= 100:
        return False
    if quantity.value == 1 and (_ADJECTIVE.match(s.after) or _ORDER.search(s.after)):
        return True  # 有一个大的发展, 建成一个完整的体系
    if (
        quantity.sign
        or quantity.upper
        or s.reached
        or EACH.search(s.before)
        or (finding.mark and finding.mark.rule == "every")
    ):
        return False
    if quantity.value == 1:
        return not _ONE_EACH.search(s.text, s.start, quantity.start)
    return quantity.unit not in _OF_THINGS or not VERB_LAST.search(s.before)


def _round(finding: Finding) -> bool:
    """培育百家企业, 千名干部下乡活动: 百, 千, 万 without a figure are a way of speaking unless a date says when."""
    s = finding.statement
    if not s.quantity.chinese or s.quantity.sign or s.words or not _ROUND.match(s.text, s.quantity.start):
        return False
    return not finding.due or _CAMPAIGN.search(s.after) is not None


def _bare(finding: Finding) -> bool:
    """2.0, 12345: figures without a measure word count only where a word of reaching stands before them and nothing behind."""
    s = finding.statement
    return s.quantity.kind == "none" and not (s.reached and BOUNDARY.match(s.after))


def _soft(finding: Finding) -> bool:
    """3岁以下, 3年, 5级: ages, durations and grades count only when something reaches them."""
    s = finding.statement
    return s.quantity.kind in ("time", "soft") and not s.reached


def _lasting(finding: Finding) -> bool:
    """不少于3年, 不超过30日: bounds on durations are procedure; only 压缩至3个工作日 and its like are targets."""
    s = finding.statement
    return s.quantity.kind == "time" and not any(word.kind == "reach" for word in s.words)


def _conditional(finding: Finding) -> bool:
    """完成课题5项以上的，…; 达到50%以上的将被列为…: who meets it may get something."""
    s = finding.statement
    if _CONSEQUENCE.match(s.after):
        return True
    return s.after.rstrip().endswith("的") and s.text[s.end : s.end + 1] in ("，", "；", "。", "：")


def _subsidy(finding: Finding) -> bool:
    """给予300万元奖励, 按20%补助: what is paid, and the thresholds for it."""
    s = finding.statement
    if s.quantity.kind in ("money", "time", "none"):
        return _cued("subsidy", s.text, *s.sentence)
    if _cued("subsidy", s.text, s.start, s.end) or (s.quantity.kind == "share" and not s.reached):
        return _cued("subsidy", s.text, *s.sentence)
    receives = _RECEIVES.search(s.sentence_before) or "的，" in s.sentence_after
    return bool(receives and _cued("subsidy", s.text, s.quantity.end, s.sentence[1]))


def _fee(finding: Finding) -> bool:
    """检验费按标准的80%收取, 间接费用比例不超过30%: what is charged or kept back."""
    s = finding.statement
    if s.quantity.kind not in ("share", "money") or (finding.mark is not None and finding.mark.due):
        return False
    if _BENEFIT.search(s.named) and any(word.kind == "reach" for word in s.words):
        return False  # 报销比例达到60%
    return _cued("fee", s.text, *s.sentence)


def _is_set(finding: Finding) -> bool:
    """Whether a date that is to come governs the quantity; 全年 may also tell of the year that is over."""
    return finding.mark is not None and bool(finding.mark.due) and finding.mark.rule != "all-year"


def _past(finding: Finding) -> bool:
    """已建成30所, 同比增长8%, 据预测: what has been reached or is foretold."""
    s = finding.statement
    since = s.sentence[0]
    if _cued("forecast", s.text, since, s.quantity.start):
        return True
    if finding.mark is not None and finding.mark.start >= since and _is_set(finding):
        since = min(finding.mark.end, s.quantity.start)
    cues = ["past"]
    if since == s.sentence[0] and not PROMISES_MUCH.search(s.sentence_before):
        cues.append("compared")
    if any(_cued(cue, s.text, since, s.quantity.start) for cue in cues) or s.sentence_before.endswith("了"):
        return True
    return bool(_DONE.search(s.text, max(since, s.start), s.quantity.start) or _WAS_DONE.match(s.after))


def _earlier(finding: Finding) -> bool:
    """2020年达到60%: in a year before that of issue, or before the one in which the sentence says that its aims are due."""
    s = finding.statement
    if _is_set(finding):
        own = _YEAR_SAID.findall(s.text, s.start, s.quantity.start)
        return bool(own and finding.due[:4].isdigit()) and max(own) < finding.due[:4]
    years = _YEAR_SAID.findall(s.text, s.sentence[0], s.quantity.start)
    return bool(years) and int(max(years)) < finding.setting.issued_year


def _sectioned(finding: Finding) -> bool:
    """Under 工作回顾, 申报条件: the heading says that nothing is promised, and no date contradicts it."""
    return bool(finding.section) and not _is_set(finding)


def _requirement(finding: Finding) -> bool:
    """注册资本不低于…, 申报数量不超过…: conditions of taking part."""
    s = finding.statement
    if _RATE.search(s.named) and any(word.kind == "reach" for word in s.words):
        return False  # 专科以上学历教师占比达到85%
    return _cued("condition", s.text, *s.sentence)


def _procedure(finding: Finding) -> bool:
    """公示5天, 提交材料3份: steps of a procedure."""
    s = finding.statement
    reached = any(word.kind == "reach" for word in s.words)
    return not reached and bool(_cued("procedure", s.text, s.start, s.end))


def _scope(finding: Finding) -> bool:
    """在107个重点集群中优选试点, 推动省内8个集群: where something is done, not how much."""
    s = finding.statement
    before = without_promise(s.before)
    if _PASSES.search(before):
        return True
    if s.words or s.quantity.kind != "count":
        return False
    if _COOPERATES.search(before) and _JOINTLY.match(s.after):
        return False  # 与100家企业开展合作
    known = _KNOWN.search(before) or _BASIS.search(s.after)
    listed = _PLACES.search(before)
    if listed and not VERB.search(before, listed.end("place")):
        return True  # 在高新区、107个集群建立网点
    around = _AROUND.search(before)
    if around and not VERB.search(before, around.end()):
        return True  # 发展重点围绕107个集群
    return bool(known or (_SCOPE.search(before) and not VERB.search(before)))


def _ordinal(finding: Finding) -> bool:
    """三次全会, 二期工程: Chinese numerals before 次, 期 number the thing unless it is to be done so often."""
    s = finding.statement
    if not s.quantity.chinese or s.quantity.unit not in ("次", "期", "批", "类", "版", "面"):
        return False
    return not (s.words or EACH.search(s.before) or (finding.mark and finding.mark.rule == "every"))


def _titles(finding: Finding) -> bool:
    """关于申报17个专项的通知: the line is a title."""
    s = finding.statement
    return bool(_TITLE.match(s.after)) and s.text[s.end : s.end + 1] in ("", "\n")


def _only_ruled(finding: Finding) -> bool:
    """In a regulation or announcement nothing is promised unless a date or 力争, 确保 says so."""
    s = finding.statement
    return not finding.setting.plans and not finding.due and not PROMISES_MUCH.search(s.sentence_before)


AGAINST: tuple[tuple[str, Rule], ...] = (
    ("enumerates", _enumerates), ("measures", _of_measures), ("stock", _stock), ("formula", _formula), ("graded", _graded), ("figurative", _figurative), ("round", _round), ("bare", _bare), ("soft", _soft), ("lasting", _lasting),
    ("conditional", _conditional), ("subsidy", _subsidy), ("fee", _fee), ("past", _past), ("earlier", _earlier), ("section", _sectioned),
    ("requirement", _requirement), ("procedure", _procedure), ("scope", _scope), ("ordinal", _ordinal), ("title", _titles),
    ("ruled", _only_ruled),
)  # fmt: skip
