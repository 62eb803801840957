"""Which quantities a document commits somebody to: named reasons against, then named reasons for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from kb.extraction.dates import DueMark
from kb.extraction.statements import Statement, without_promise
from kb.extraction.vocabulary import CUES, EACH, ENUMERATION, PERFORMER, PROMISES_MUCH, VERB
from kb.models import Document

# Documents that rule, report or publish rather than plan: there a quantity is a commitment only when a date or a promise says so.
_PLANS = re.compile(r"方案|计划|规划|意见|措施|要点|行动|工程|纲要|决定|安排|任务|目标|部署|政策")
_RULES = re.compile(
    r"办法|规定|条例|细则|规则|法$|章程|准则|规范|标准|指南|目录|公告|公示|通告|名单|表彰|认定|解读|答记者问|批复|公报|纪要|总结|报告|申报|评选|申请|招聘"
)
_LOST_DIGITS = re.compile(r"〔〕|[^\d%.十百]%|[到至]年(?=底|[\u4e00-\u9fff])")
_YEAR_SAID = re.compile(r"(?<![比较以由从对])((?:19|20)\d\d)年(?!.{0,6}(?:相比|为基))")
_SCOPE = re.compile(
    r"(?:在|围绕|聚焦|依托|按照|按|根据|通过|利用|针对|覆盖全[省市县]|面向|从|经)$|^(?:在|围绕|聚焦|依托|按照|按|根据|通过|利用|针对|面向|以|从|对于)"
)
_BOUNDARY = re.compile(r"^[ ]*(?:$|的?(?:目标|任务|水平|规模|标准|要求)?$)")
_RECEIVES = re.compile(r"(?:^|[，：])[ ]*(?:对|凡|每|获|经|被|当年|年度)")
_OVERALL = re.compile(r"(?:总?规模|总额|总量|总投资|投资额?|面积|容量|产能|产量|里程)(?:合计|累计)?$")
_ONE_EACH = re.compile(r"配置|配备|每|各|至少|新建|建成")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of the document before its sentences are read."""

    plans: bool = True
    digits_lost: bool = False
    issued_year: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """A statement with what governs it: the arguments of every rule."""

    statement: Statement
    setting: Setting
    mark: DueMark | None  # the date that governs it inside its passage
    due: str
    follows: bool  # the quantity right before it in the sentence is a target


Rule = Callable[[Finding], bool]


def setting_of(document: Document) -> Setting:
    """What kind of document this is, whether its scan lost digits, and when it was issued."""
    return _setting(document.title, document.kind, document.text, document.issued_on)


@lru_cache(maxsize=16)
def _setting(title: str, kind: str, text: str, issued_on: str) -> Setting:
    name = title + kind
    issued = int(issued_on[:4]) if issued_on[:4].isdigit() else 0
    return Setting(bool(_PLANS.search(name)) or not _RULES.search(name), bool(_LOST_DIGITS.search(text)), issued)


def rule_for(finding: Finding) -> str:
    """The rule by which a quantity is a target, "" when it is none."""
    if any(reason(finding) for _, reason in AGAINST):
        return ""
    return next((name for name, reason in FOR if reason(finding)), "")


# --- reasons against ------------------------------------------------------------------------------


def _enumerates(finding: Finding) -> bool:
    """从以下3个方面, 等9部门, 3个阶段: a list is announced, nothing promised."""
    s = finding.statement
    if s.quantity.kind != "count":
        return False
    return bool(ENUMERATION.match(s.after.lstrip())) or s.before.endswith(
        ("以下", "如下", "上述", "下列", "前述", "近", "上")
    )


def _bare(finding: Finding) -> bool:
    """2.0, 12345: figures without a measure word count only where a word of reaching stands before them and nothing behind."""
    s = finding.statement
    return s.quantity.kind == "none" and not (s.words and _BOUNDARY.match(s.after))


def _soft(finding: Finding) -> bool:
    """3岁以下, 3年, 5级: ages, durations and grades count only when something reaches them."""
    s = finding.statement
    return s.quantity.kind in ("time", "soft") and not any(word.kind in ("reach", "bound") for word in s.words)


def _lasting(finding: Finding) -> bool:
    """不少于3年, 不超过30日: bounds on durations are procedure; only 压缩至3个工作日 and its like are targets."""
    s = finding.statement
    return s.quantity.kind == "time" and not any(word.kind == "reach" for word in s.words)


def _conditional(finding: Finding) -> bool:
    """完成课题5项以上的，…: who meets it may get something."""
    s = finding.statement
    return (
        s.after.rstrip().endswith("的")
        and s.text[s.end : s.end + 1] in ("，", "；", "。", "：")
        and s.quantity.kind != "share"
    )


def _attribute(finding: Finding) -> bool:
    """20万人口以上的县, 亿元以上企业10家: the quantity tells which, not how many."""
    s = finding.statement
    after = s.after.lstrip()
    if s.quantity.kind == "share" and not without_promise(s.before):
        return False
    if after.startswith("的"):
        return not (_OVERALL.search(s.before) and VERB.search(s.before)) and not _BOUNDARY.match(after)
    if s.quantity.kind in ("money", "extent", "soft", "time") and after and s.quantity.sign in (">=", "<="):
        return not VERB.search(after) or "企业" in after
    return False


def _subsidy(finding: Finding) -> bool:
    """给予300万元奖励, 按20%补助: what is paid, and the thresholds for it."""
    s = finding.statement
    cue = CUES["subsidy"]
    if s.quantity.kind in ("money", "time", "none"):
        return bool(cue.search(s.text, *s.sentence))
    if cue.search(s.text, s.start, s.end):
        return True
    reached = any(word.kind in ("reach", "bound") for word in s.words)
    if s.quantity.kind == "share" and not reached:
        return bool(cue.search(s.text, *s.sentence))
    receives = _RECEIVES.search(s.sentence_before) or "的，" in s.sentence_after
    return bool(receives and cue.search(s.text, s.quantity.end, s.sentence[1]))


def _past(finding: Finding) -> bool:
    """已建成30所, 2020年达到60%: what has been reached."""
    s = finding.statement
    since = s.sentence[0]
    if finding.mark is not None and finding.mark.start >= since and finding.mark.due:
        since = min(finding.mark.end, s.quantity.start)
    if CUES["past"].search(s.text, since, s.quantity.start) or s.text[s.quantity.start - 1] == "了":
        return True
    years = [int(year) for year in _YEAR_SAID.findall(s.text, since, s.quantity.start)]
    return bool(years and finding.setting.issued_year and max(years) < finding.setting.issued_year)


def _requirement(finding: Finding) -> bool:
    """注册资本不低于…, 申报数量不超过…: conditions of taking part."""
    s = finding.statement
    return bool(CUES["condition"].search(s.text, *s.sentence))


def _procedure(finding: Finding) -> bool:
    """公示5天, 提交材料3份: steps of a procedure."""
    s = finding.statement
    reached = any(word.kind == "reach" for word in s.words)
    return not reached and bool(CUES["procedure"].search(s.text, s.start, s.end))


def _scope(finding: Finding) -> bool:
    """在107个重点集群中优选试点: where something is done, not how much."""
    s = finding.statement
    before = without_promise(s.before)
    return not s.words and bool(_SCOPE.search(before)) and not VERB.search(before)


def _rhetorical_one(finding: Finding) -> bool:
    """建立一个机制, 打造一支队伍: 一 in Chinese is an article unless each of a group gets one."""
    s = finding.statement
    if not (s.quantity.chinese and s.quantity.value == 1 and s.quantity.unit not in ("番", "倍")):
        return False
    return not _ONE_EACH.search(s.text, s.start, s.quantity.start)


def _ordinal(finding: Finding) -> bool:
    """三次全会, 二期工程: Chinese numerals before 次, 期 number the thing unless it is to be done so often."""
    s = finding.statement
    if not s.quantity.chinese or s.quantity.unit not in ("次", "期", "批", "类", "版", "面"):
        return False
    return not (s.words or (finding.mark and finding.mark.rule.startswith("every")))


def _only_ruled(finding: Finding) -> bool:
    """In a regulation or announcement nothing is promised unless a date or 力争, 确保 says so."""
    s = finding.statement
    return not finding.setting.plans and not finding.due and not PROMISES_MUCH.search(s.sentence_before)


# --- reasons for ----------------------------------------------------------------------------------


def _lost(finding: Finding) -> bool:
    """学校%设立心理咨询室: the number is gone, the commitment is not."""
    return finding.statement.quantity.damaged


def _reaches(finding: Finding) -> bool:
    """覆盖率达到95%, 不少于30名: a word of reaching or bounding stands right before the number."""
    s = finding.statement
    return any(word.kind in ("reach", "bound") for word in s.words) and bool(
        without_promise(s.before) or s.beside or finding.due
    )


def _changes(finding: Finding) -> bool:
    """能耗下降13%: growth or decline by the number."""
    return any(word.kind == "change" for word in finding.statement.words)


def _does(finding: Finding) -> bool:
    """新建公园157个, 创建3所高中: a verb of doing has the counted thing as its object."""
    s = finding.statement
    if s.quantity.kind in ("none", "soft", "time"):
        return False
    return bool(VERB.search(s.text, s.start, s.quantity.start))


def _for_whom(finding: Finding) -> bool:
    """对300名企业家展开培训: the counted people are who the duty is done for."""
    s = finding.statement
    return (
        s.quantity.kind == "count"
        and without_promise(s.before) in ("对", "为", "组织", "让")
        and bool(VERB.search(s.sentence_after))
    )


def _share_of(finding: Finding) -> bool:
    """50%的县创建为…: a share of the group is to do it."""
    s = finding.statement
    if s.quantity.unit != "%" or len(without_promise(s.before)) > 12:
        return False
    return bool(PERFORMER.search(s.after) or s.after.startswith("覆盖"))


def _each(finding: Finding) -> bool:
    """每个乡镇有1所公办幼儿园: each of a group gets the number."""
    s = finding.statement
    return s.quantity.kind == "count" and bool(EACH.search(s.before))


def _goes_on(finding: Finding) -> bool:
    """…基地3个、研学基地10个、劳动基地20个: the next of a list whose first was promised."""
    s = finding.statement
    if not finding.follows or s.quantity.kind in ("none", "time", "soft"):
        return False
    ends, begins = _BOUNDARY.match(s.after), not without_promise(s.before)
    return bool(ends or begins or s.words) and len(s.before) <= 40


def _dated(finding: Finding) -> bool:
    """到2025年，机械化率60%: a property, its value, and a date in the same sentence."""
    s, mark = finding.statement, finding.mark
    if (
        s.quantity.kind not in ("share", "extent", "count", "money")
        or mark is None
        or not (mark.due or mark.rule == "lost")
    ):
        return False
    return mark.start >= s.sentence[0] and bool(_BOUNDARY.match(s.after)) and len(without_promise(s.before)) >= 2


AGAINST: tuple[tuple[str, Rule], ...] = (
    ("enumerates", _enumerates), ("bare", _bare), ("soft", _soft), ("lasting", _lasting), ("conditional", _conditional),
    ("attribute", _attribute), ("subsidy", _subsidy), ("past", _past), ("requirement", _requirement), ("procedure", _procedure),
    ("scope", _scope), ("one", _rhetorical_one), ("ordinal", _ordinal), ("ruled", _only_ruled),
)  # fmt: skip
FOR: tuple[tuple[str, Rule], ...] = (
    ("lost", _lost), ("reach", _reaches), ("change", _changes), ("verb", _does), ("for", _for_whom), ("share", _share_of),
    ("each", _each), ("list", _goes_on), ("dated", _dated),
)  # fmt: skip
