"""Numbers that announce a list, belong to a name, or say where something is done: no targets, one named rule each."""

from __future__ import annotations

import re

from kb.extraction.targets.findings import Finding
from kb.extraction.targets.quantities import scale_of
from kb.extraction.targets.statements import BOUNDARY, without_promise
from kb.extraction.vocabulary import EACH, ENUMERATION, VERB, VERB_LAST
from kb.text import numerals

_SCOPE = re.compile(
    r"(?:在|围绕|聚焦|依托|按照|按|根据|通过|利用|针对|覆盖全[省市县]|面向|从|经)$|^(?:在|围绕|聚焦|依托|按照|按|根据|通过|利用|针对|面向|以|从|对于)"
)
# 推动省内 8个集群
_KNOWN = re.compile(r"(?:[省市县区]内|(?<![为对使让])[我本][省市县区]|[与同]|现有|提出的[\u4e00-\u9fff]{0,2})$")
_COOPERATES = re.compile("[与同]$")
_JOINTLY = re.compile(r"[^，。；]{0,16}(?:开展|签[订署约]|建立|达成|合作|结对|对接)(?!.{0,6}互[联通])")
_MEASURES = re.compile(" ?[\u4e00-\u9fff]{0,4}(?:措施|政策|举措|意见|规定)")
_ISSUES = re.compile("(?:出台|落实|印发|发布|实施|制定|推出|执行|贯彻|细化)[^，。；]*$")
_LINES = re.compile("(?:[线路河渠沟街带管链]|通道|水体|绿道|标准|线索|航线)$")
_PLAN_NAME = re.compile(rf"[\u4e00-\u9fff]{{0,12}}?(?:{VERB.pattern}|项目)[\u4e00-\u9fff]{{0,4}}(?:计划|行动)")
_PLACES = re.compile(r"(?P<place>在|于|覆盖|涵盖)(?!于)[^，；。\d]{2,24}(?:[、和及]|以及)$")
_DONE_TO = re.compile(rf"(?:{VERB.pattern})[出到]?的$")
_WHOLE, _PLACES_AFTER = (
    re.compile("(?:对|在|到|为)全[省市县区州]$"),
    re.compile(" ?(?:乡镇|街道|部门|[县区市州](?!级))"),
)
_AROUND = re.compile("围绕|聚焦|依托|面向")
_WITHIN = re.compile("[\u4e00-\u9fff]{1,10}?(?:[内中里]|期间)")  # 在一个周期内
_PASSES = re.compile("(?:经过|通过|历经)$")
_BASIS = re.compile("的?(?:基础上|过程中)")
_ANNOUNCED = re.compile(r"(?:以下|如下|上述|下列|前述|[近这该]|(?<!以)上|方面)$")
_ACTIONS = re.compile(
    " ?(?:重点|重大|主要|具体|专项)*(?:攻坚|提升|整治)?(?:专项|行动)|[\u4e00-\u9fff]{0,4}(?:攻坚|提升|整治)行动"
)
_LONGEST_LIST = 30  # a list of more items is not announced
_SUMMED_UP = re.compile(r"、[^，。；]*等$")
_TITLE = re.compile(r"[^，]{0,40}(?:通知|意见|方案|公告|决定|规定|办法|批复|函)$")
_ADJECTIVE = re.compile(" ?(?:[比较更]{1,2}[大好新高全]|[大好新高全]的|大(?:发展|提升|突破)|新(?:台阶|高度|水平))")
_ROUND, _CAMPAIGN = re.compile("[百千万]+(?:家|项|个|名|场|所|座)"), re.compile("(?:行动|工程|计划|活动)$")
_ORDER = re.compile("(?:体系|机制|格局|制度|模式|环境|氛围)$")
_ONE_EACH = re.compile(r"配置|配备|每|各|至少|新建|建成")
_ALL_HAVE = re.compile("[都均各每]|至少")
_AGAIN = re.compile(" ?(?:供水|污染|创业|加压|分配|装修|能源|全会)")
_OF_THINGS = frozenset("家所座名人户辆台场间张亩") | {"公里", "人次", "个"}


def enumerates(finding: Finding) -> bool:
    """从以下3个方面, 等9部门, 3个阶段, 低保、孤儿等6类群体: a list is announced or summed up, nothing promised."""
    s = finding.statement
    kinds, listed = s.quantity.unit in ("类", "种"), s.sentence_after.startswith("：")
    if kinds and (_SUMMED_UP.search(s.before) or (listed and s.sentence_before.endswith("有"))):
        return True  # 主要模式有三类：
    if s.reached and BOUNDARY.match(s.after):
        return False  # 突破百万大关
    if s.quantity.unit in ("个", "项") and not s.quantity.sign and _ACTIONS.match(s.after):
        return True  # 实施10个专项行动
    if s.quantity.kind != "count" or s.quantity.sign or (s.quantity.value or 0) > _LONGEST_LIST:
        return False
    if listed and s.quantity.unit in ("个", "项", "条", "类") and not s.reached:
        return True  # 激励方面4项：…
    return bool(ENUMERATION.match(s.after.lstrip()) or _ANNOUNCED.search(s.before))


def of_measures(finding: Finding) -> bool:
    """出台支持发展25条, 实施技能提升100个项目计划: a list of measures or a plan that is named by its number."""
    s = finding.statement
    if s.quantity.unit == "条" and _MEASURES.match(s.after):
        return True
    if s.quantity.unit == "条" and BOUNDARY.match(s.after):
        return bool(_ISSUES.search(s.before) and not _LINES.search(s.before))
    return bool(s.quantity.kind == "count" and _PLAN_NAME.fullmatch(s.after.strip()))


def graded(finding: Finding) -> bool:
    """10EB级数据, 千亿级集群: what class of thing is meant."""
    s = finding.statement
    return s.quantity.kind != "count" and not s.reached and s.after.startswith("级") and not BOUNDARY.match(s.after[1:])


def figurative(finding: Finding) -> bool:
    """十项攻坚, 三方机制, 四种方式, 建立一个机制: numbers in characters name the thing unless something says that they count."""
    s = finding.statement
    quantity = s.quantity
    scale = numerals.scale(scale_of(quantity.unit))
    if not quantity.chinese or quantity.kind not in ("count", "extent") or (quantity.value or 0) * scale >= 100:
        return False
    joined = s.before.endswith("为") and not BOUNDARY.match(s.after)  # 整合为一个互联互通的系统
    if quantity.value == 1 and (_ADJECTIVE.match(s.after) or _ORDER.search(s.after) or joined):
        return True  # 有一个大的发展, 建成一个完整的体系
    bounded = any(word.kind == "bound" for word in s.words) or _ALL_HAVE.search(s.text, s.start, quantity.start)
    some = quantity.value == 1 and not bounded  # 实现一个窗口对外, 只有一个; but 县县都有一个
    if (
        quantity.sign
        or quantity.upper
        or (s.reached and not some)
        or EACH.search(s.before)
        or (finding.mark and finding.mark.rule == "every")
    ):
        return False
    if quantity.value == 1:
        return not _ONE_EACH.search(s.text, s.start, quantity.start)
    if quantity.value and quantity.value >= 10 and quantity.unit in _OF_THINGS and BOUNDARY.match(s.after):
        return not VERB.match(without_promise(s.before))  # 新增规上企业二十户
    return quantity.unit not in _OF_THINGS or not VERB_LAST.search(s.before)


def round_number(finding: Finding) -> bool:
    """培育百家企业, 千名干部下乡活动: 百, 千, 万 without a figure are a way of speaking unless a date says when."""
    s = finding.statement
    if not s.quantity.chinese or s.quantity.sign or s.words or not _ROUND.match(s.text, s.quantity.start):
        return False
    return not finding.due or _CAMPAIGN.search(s.after) is not None


def scope(finding: Finding) -> bool:
    """在107个重点集群中优选试点, 推动省内8个集群: where something is done, not how much."""
    s = finding.statement
    before = without_promise(s.before)
    if _PASSES.search(before) or (before.endswith("在") and _WITHIN.match(s.after)):
        return True
    if s.words or s.quantity.kind != "count":
        return False
    if _COOPERATES.search(before) and _JOINTLY.match(s.after):
        return False  # 与100家企业开展合作
    done = _DONE_TO.search(before)  # 修复的11个历史遗留矿山
    whole = _WHOLE.search(before) and _PLACES_AFTER.match(s.after)  # 对全县12个乡镇
    known = (
        whole or _KNOWN.search(before) or _BASIS.search(s.after) or (done and not VERB.search(before, 0, done.start()))
    )
    listed = _PLACES.search(before)
    if listed and not VERB.search(before, listed.end("place")):
        return True  # 在高新区、107个集群建立网点
    around = _AROUND.search(before)
    made = around and VERB_LAST.search(before[: around.start()])  # 搭建面向企业的平台50个
    if around and not made and not VERB.search(before, around.end()):
        return True  # 发展重点围绕107个集群
    return bool(known or (_SCOPE.search(before) and not VERB.search(before)))


def ordinal(finding: Finding) -> bool:
    """三次全会, 二期工程: Chinese numerals before 次, 期 number the thing unless it is to be done so often."""
    s = finding.statement
    if not s.quantity.chinese or s.quantity.unit not in ("次", "期", "批", "类", "版", "面"):
        return False
    if s.quantity.unit == "次" and _AGAIN.match(s.after):
        return True  # 二次供水
    return not (s.words or EACH.search(s.before) or (finding.mark and finding.mark.rule == "every"))


def titles(finding: Finding) -> bool:
    """关于申报17个专项的通知: the line is a title."""
    s = finding.statement
    return bool(_TITLE.match(s.after)) and s.text[s.end : s.end + 1] in ("", "\n")
