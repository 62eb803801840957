"""The reasons why a quantity is a target, one named rule each; a reason against it (``exclusions``) goes first."""

from __future__ import annotations

import re

from kb.extraction.targets.exclusions import AGAINST
from kb.extraction.targets.findings import Finding, Rule
from kb.extraction.targets.qualifiers import BUILDS
from kb.extraction.targets.statements import BOUNDARY, Statement, without_promise
from kb.extraction.vocabulary import EACH, IMPROVED, PERFORMER, UNDERGOES, VERB

_WHOM = re.compile(
    r"(?:^|[〒 ，、]|确保|力争)(?:对|为|将|把|组织|让|深入|(?:加强|深化|扩大|推动|强化)?[与同])(?:[全我][省市县区])?[约近超]?$"
)
_BECOMES = re.compile(r"[^，。；]{0,16}(?:为|成|[到至])\s*\d")  # 将7家供应站整合为3家
# 各乡镇收储任务为：东河镇9000吨，西岭乡6500吨
_QUOTA = re.compile(
    r"(?:任务|目标|指标|计划|名额|投资|数量|任务量|计划数)(?:分解|分配|安排)?(?:分别)?[为是]?：(?:[^，、；：。\d]{2,12}\d[^，、；：。]{0,12}[，、])*$"
)
_READY = re.compile(r"[^。；]{0,80}，(?:均|都|全部)(?:须|应|要)?[^，。；]{0,16}(?:备齐|完成|到位|建成|配齐|落实)")
_RATE_LAST = re.compile(
    "[\u4e00-\u9fff]{2}(?:率|占比|比例|覆盖面|公[示开]|办结|覆盖|达标|整改|销号|兑现|回访|建档|签约|配备|持证|联网|检测|落实|处[理置]|签订|安装|参保|入学)$"
)
_PROPERTY = re.compile("[量率额值]$|(?:面积|规模|人数|总数|收入|支出|比重|占比|里程|产能)$")
_DOERS = re.compile(rf"[\u4e00-\u9fff“”]{{1,10}}?(?:{PERFORMER.pattern})[^，。；的]{{2,}}")
_AS_BASIS = re.compile("按照?(?:原|本人|上年|当地|其)[^，]{0,6}$")
_PER_HEAD = re.compile("(?:[全我本]?[省市县区])?(?:城镇|农村|城乡)?人均")
_PUSHES = re.compile("加快|确保|力争|推动|争取|促进|完成|实现")
_COUNTED_BEFORE = re.compile(r"[\d两三四五六七八九十][个家条]")
_NUMBERED = 4  # characters of the number of a task
_ALL = re.compile(r"(?!的|股|国有|控股|出资|持股|归|由)[\u4e00-\u9fff]{2}")


def rule_for(finding: Finding) -> str:
    """The rule by which a quantity is a target, "" when it is none."""
    if any(reason(finding) for _, reason in AGAINST):
        return ""
    return next((name for name, reason in FOR if reason(finding)), "")


def _lost(finding: Finding) -> bool:
    """学校%设立心理咨询室: the number is gone, the commitment is not."""
    return finding.statement.quantity.damaged


def _reaches(finding: Finding) -> bool:
    """覆盖率达到95%, 不少于30名: a word of reaching or bounding stands right before the number."""
    s = finding.statement
    return s.reached and bool(without_promise(s.named) or s.beside or finding.due or _improved(s))


def _improved(statement: Statement) -> bool:
    """Whether the part before says how what it names changes: 覆盖率稳步提升，达到60%."""
    text, start = statement.text, statement.start - 1
    return text[max(0, start) : start + 1] == "，" and IMPROVED.search(text, max(0, start - 16), start) is not None


def _changes(finding: Finding) -> bool:
    """能耗下降13%: growth or decline by the number."""
    return any(word.kind == "change" for word in finding.statement.words)


def _does(finding: Finding) -> bool:
    """新建公园157个, 创建3所高中: a verb of doing has the counted thing as its object."""
    s = finding.statement
    if s.quantity.kind in ("none", "soft", "time", "class"):
        return False
    return bool(VERB.search(s.text, s.start, s.quantity.start))


def _for_whom(finding: Finding) -> bool:
    """对300名企业家展开培训, 为全省1万名聋人安装助听器: the counted people are who the duty is done for."""
    s = finding.statement
    return (
        s.quantity.kind == "count"
        and bool(_WHOM.search(s.text[s.start : s.quantity.start]))
        and bool(VERB.search(s.sentence_after))
        and not _BECOMES.match(s.sentence_after)
    )


def _share_of(finding: Finding) -> bool:
    """50%的县创建为…: a share of the group is to do it."""
    s = finding.statement
    if s.quantity.unit not in ("%", "成", "") or s.quantity.kind != "share" or len(without_promise(s.before)) > 12:
        return False
    if _AS_BASIS.search(s.before):
        return False  # 按照原工资100%享受养老金
    if s.quantity.value == 100 and _ALL.match(s.after.lstrip()):
        return True
    return bool(PERFORMER.search(s.after) or s.after.startswith("覆盖"))


def _of_size(finding: Finding) -> bool:
    """打造千亿级产业, 规模达到百亿级: how large a thing is to become."""
    s = finding.statement
    if s.quantity.kind != "class" or _COUNTED_BEFORE.search(s.before) or s.after.endswith("突破"):
        return False
    return s.reached or BUILDS.search(s.before) is not None


def _takes_part(finding: Finding) -> bool:
    """Among the aims: 100家企业通过认证: so many are to do it."""
    s = finding.statement
    if finding.section != "aims" or s.quantity.kind != "count" or s.quantity.chinese or without_promise(s.before):
        return False
    return _DOERS.match(s.after) is not None


def _undergoes(finding: Finding) -> bool:
    """60万吨焦化产能退出: what is counted is to go, to move or to be finished."""
    s = finding.statement
    if s.quantity.kind not in ("count", "extent") or not UNDERGOES.match(s.after):
        return False
    if s.text[s.end : s.end + 1].isdigit():
        return False  # 11个市分别建设1个
    return bool(finding.due or _PUSHES.search(s.before) or VERB.search(s.before))


def _often(finding: Finding) -> bool:
    """每季度至少移交一次: at least so often in each period."""
    s, mark = finding.statement, finding.mark
    if mark is None or mark.rule != "every" or s.quantity.unit not in ("次", "场", "期", "场次", "轮次", "批次"):
        return False
    return s.at_least is not None or any(word.kind == "bound" for word in s.words)


def _each(finding: Finding) -> bool:
    """每个乡镇有1所公办幼儿园: each of a group gets the number."""
    s = finding.statement
    return s.quantity.kind == "count" and bool(EACH.search(s.before))


def _allotted(finding: Finding) -> bool:
    """各乡镇收储任务为：东河镇9000吨，…; 清溪镇砂石料1200立方米，均须于5月31日前备齐: to each its part of the task."""
    s = finding.statement
    if s.quantity.kind not in ("count", "extent", "money") or not BOUNDARY.match(s.after):
        return False
    if len(without_promise(s.before)) < 2:
        return False
    return bool(_QUOTA.search(s.text, s.sentence[0], s.start) or _READY.match(s.sentence_after))


def _whole_rate(finding: Finding) -> bool:
    """培训合格率100%: all of them, said of a rate in a plan."""
    s = finding.statement
    if not finding.setting.plans or finding.setting.reports or s.quantity.value != 100 or s.quantity.unit != "%":
        return False
    return bool(_RATE_LAST.search(s.named) and BOUNDARY.match(s.after))


def _goes_on(finding: Finding) -> bool:
    """…基地3个、研学基地10个、劳动基地20个: the next of a list whose first was promised."""
    s = finding.statement
    if not finding.follows or s.quantity.kind in ("none", "time", "soft"):
        return False
    if s.quantity.kind == "class" and s.beside and s.beside.kind != "class":
        return False  # 1个千亿级
    ends, begins = BOUNDARY.match(s.after), not without_promise(s.before)
    return bool(ends or begins or s.words) and len(s.before) <= 40


def _dated(finding: Finding) -> bool:
    """到2025年，机械化率60%: a property, its value, and a date in the same sentence, or before it for 760万亩以上."""
    s, mark = finding.statement, finding.mark
    if (
        finding.section == "aims"
        and s.quantity.kind in ("extent", "money")
        and _PER_HEAD.match(without_promise(s.named))
    ):
        return bool(BOUNDARY.match(s.after))  # 人均公园绿地面积14平方米
    if s.quantity.kind not in ("share", "extent", "count", "money") or mark is None:
        return False
    if not (mark.due or mark.rule in ("lost", "every")) or mark.rule == "all-year":
        return False
    if mark.start < s.sentence[0] and not s.quantity.sign:
        return False
    if s.quantity.chinese and s.quantity.value == 1:
        return False  # 每年复核一次: a step of a procedure
    return bool(BOUNDARY.match(s.after)) and len(without_promise(s.named)) >= 2


def _in_work_report(finding: Finding) -> bool:
    """到位资金500亿元以上, 肉牛饲养量29.5万头 in what a work report plans for its year: a property and its value."""
    s = finding.statement
    if not finding.setting.ahead or not finding.due[:4].isdigit() or s.quantity.chinese:
        return False
    named = without_promise(s.named)
    valued = s.quantity.kind in ("share", "extent", "count", "money") and BOUNDARY.match(s.after) is not None
    return valued and (_PROPERTY.search(named) is not None or (len(named) >= 2 and s.quantity.sign is not None))


def _by_label(finding: Finding) -> bool:
    """污水处理率95.5%。（责任单位：市水务局；完成时限：2026年6月）: a rate whose own mark says by when, or that is all that its task says."""
    s = finding.statement
    if s.quantity.kind != "share" or finding.mark is not None:
        return False
    alone = finding.setting.plans and len(s.sentence_before) - len(s.before) <= _NUMBERED
    said = finding.due[:4].isdigit() or alone
    return said and _RATE_LAST.search(s.named) is not None and s.text.startswith("。（", s.end)


FOR: tuple[tuple[str, Rule], ...] = (
    ("lost", _lost), ("reach", _reaches), ("change", _changes), ("verb", _does), ("for", _for_whom), ("share", _share_of),
    ("size", _of_size), ("group", _takes_part), ("undergoes", _undergoes),
    ("each", _each), ("often", _often), ("allotted", _allotted), ("list", _goes_on), ("dated", _dated), ("all", _whole_rate), ("label", _by_label),
    ("report", _in_work_report),
)  # fmt: skip
