"""The reasons why a quantity is no target, one named rule each."""

from __future__ import annotations

import re

from kb.extraction.setting import PROMISES_NOTHING
from kb.extraction.targets.findings import Finding, Rule
from kb.extraction.targets.names import (
    enumerates,
    figurative,
    graded,
    of_measures,
    ordinal,
    round_number,
    scope,
    titles,
)
from kb.extraction.targets.past import earlier, is_set, past, stock
from kb.extraction.targets.statements import BOUNDARY
from kb.extraction.vocabulary import EACH, EACH_UNIT, PROMISES_MUCH, VERB_LAST, cued

_PROPOSES = re.compile("(?:推荐|申报|报送)[^。；]{0,40}$")
_PAPERS, _HANDS_IN = ("份", "张"), re.compile("报送|提交|报[省市县部局]|复印件|附|材料")
_RATE = re.compile("(?:率|占比|比例|比重|份额)$")
_YIELD = re.compile("(?:生产率|产值|产出|增加值|税收|收入|利润|销售额|效益)$")  # 劳动生产率达到12万元/人
_BENEFIT = re.compile("(?:报销|支付|结算|自付)(?:比例|率|水平)(?=达|提|降|减|增|下|上|保|稳|控|由|从)")
_RECEIVES = re.compile(
    r"(?:^|[，：、])[ ]*(?:对|凡|每|获|经|被|当年|年度)|每新?(?:招收|引进|增加|吸纳|培养|录用|新增|认定)$"
)
_TO_DO_BY_EACH = re.compile("建成|建设|新建|设置|设立|配备|配置|改造|培育|打造|创建|建有|有")
_PAID_FOR = re.compile(r"[^，。；]{0,24}，[^，。；]{0,12}(?:按照?|对|给予|补助)?每")
_PAID_TO, _RECEIVERS = re.compile("(?:发放|落实)[^，。；]{0,16}(?:补贴|补助|救助金)$"), ("户", "人", "名", "人次")
_CONSEQUENCE = re.compile(r"[ ]?的(?:将|可(?!再|持)|应当|予以|给予|方可|一律|不得|视为|按|由)|之日")
# 营业面积达到5000平方米，奖励5万元
_EARNS = re.compile("，(?:按照?[^，。；]{0,12})?(?:再|另|均|可|分别|一次性|最高)*(?:给予|奖励|奖补|补助|补贴|享受)")
# 面积超过2万平方米的公共建筑应当配套…, 处理超过1000万人信息的单位，应当…
_BOUND_TO = re.compile(
    r"[\u4e00-\u9fff]{0,8}的[\u4e00-\u9fff（）〓、]{1,16}，?(?:应当|应(?![用急届对收缴保])|须|必须|需(?!求)|不得|可以|可(?![再持靠观行能])|方可|一律|视为|由|按照?)(?![有要一])"
)
_WANTED = re.compile("计划|力争|确保|争取|目标|[将拟要]")
# 带动3人以上就业的借款人，最高贷款额度…
_WHO = re.compile(
    r"[\u4e00-\u9fff]{0,8}的[\u4e00-\u9fff]{0,8}(?:人|者|企业|单位|机构|组织|项目|人员|户)，[^。；]{0,16}(?:给予|最高|可|应|奖|补|享受)"
)
_MEAN_TIME = re.compile("平均[\u4e00-\u9fff]{0,6}(?:时间|时长|用时|耗时)$|(?:时间|时长|用时|耗时)平均$")
_GIVES = re.compile("新增|新发放|完成|实现|达到")
_TAKES = re.compile("(?:经过|通过|利?用)〒")  # 经过3年的投入，增加至3亿元
_FORESEEN = re.compile("预计|预测|预期|将[达超有]")


def _formula(finding: Finding) -> bool:
    """续约率=续约数/居民数*100%: how a figure is computed."""
    s = finding.statement
    return s.text[s.quantity.start - 1 : s.quantity.start] in ("*", "×", "＊") or "=" in s.before


def _bare(finding: Finding) -> bool:
    """2.0, 12345: figures without a measure word count only where a word of reaching stands before them and nothing behind."""
    s = finding.statement
    if s.text[s.quantity.start : s.quantity.end] == "万":
        return True  # 成达万、西达渝铁路
    return s.quantity.kind == "none" and not (s.reached and BOUNDARY.match(s.after))


def _soft(finding: Finding) -> bool:
    """3岁以下, 3年, 5级: ages, durations and grades count only when something reaches them."""
    s = finding.statement
    return s.quantity.kind in ("time", "soft") and not s.reached


def _lasting(finding: Finding) -> bool:
    """不少于3年, 不超过30日: bounds on durations are procedure; only 压缩至3个工作日 and its like are targets."""
    s = finding.statement
    if finding.setting.plans and s.reached and _MEAN_TIME.search(s.before):
        return False  # 办电平均时间不超过5天
    return s.quantity.kind == "time" and not any(word.kind == "reach" for word in s.words)


def _conditional(finding: Finding) -> bool:
    """完成课题5项以上的，…; 达到50%以上的将被列为…: who meets it may get something."""
    s = finding.statement
    if _CONSEQUENCE.match(s.after):
        return True
    if (s.quantity.sign or any(word.kind == "bound" for word in s.words)) and (
        _BOUND_TO.match(s.sentence_after) or _WHO.match(s.sentence_after)
    ):
        return True
    if s.reached and s.quantity.kind in ("count", "extent") and not finding.due and _EARNS.match(s.sentence_after):
        return True
    return s.after.rstrip().endswith("的") and s.text[s.end : s.end + 1] in ("，", "；", "。", "：")


def _subsidy(finding: Finding) -> bool:
    """给予300万元奖励, 按20%补助: what is paid, and the thresholds for it."""
    s = finding.statement
    if s.after.endswith("基金") or ("元/" in s.quantity.unit and s.reached and _YIELD.search(s.named)):
        return False  # 设立总规模1亿元的风险补偿基金
    index = s.quantity.kind == "none" and s.words and s.words[0].kind == "bound"  # PUE值不高于1.25
    if s.quantity.kind in ("money", "time", "none") and not index:
        # 贷款额度最高30万元，2025年新发放贷款45亿元; in a work report: 给予500万元补贴，实际利用外资10亿美元
        apart = finding.setting.ahead or (s.quantity.kind == "money" and is_set(finding) and _GIVES.search(s.before))
        return cued("subsidy", s.text, *((s.start, s.end) if apart else s.sentence))
    if s.quantity.kind == "count" and _PAID_TO.search(s.before) and s.quantity.unit.endswith(_RECEIVERS):
        return False  # 发放住房租赁补贴2000户: how many are to get it
    if cued("subsidy", s.text, s.start, s.end) or index:
        return cued("subsidy", s.text, s.start, s.end)
    if s.quantity.kind == "share" and not s.reached:
        changes = any(word.kind == "change" for word in s.words)  # 检查频次下降30%，罚款案件…
        return cued("subsidy", s.text, s.sentence[0], s.end if changes else s.sentence[1])
    receives = "的，" in s.sentence_after or (_RECEIVES.search(s.sentence_before) and not _is_quota(finding))
    return bool(receives and cued("subsidy", s.text, s.quantity.end, s.sentence[1]))


def _is_quota(finding: Finding) -> bool:
    """Whether each of a group is to have so many, and what is paid is said of others: 每个县至少建成1所，对每个托位给予1万元补助."""
    s = finding.statement
    if not EACH.search(s.before) or not _TO_DO_BY_EACH.search(s.text, s.start, s.quantity.start):
        return False
    return s.at_least is not None or _PAID_FOR.match(s.sentence_after) is not None


def _fee(finding: Finding) -> bool:
    """检验费按标准的80%收取, 间接费用比例不超过30%: what is charged or kept back."""
    s = finding.statement
    if s.quantity.kind not in ("share", "money") or (finding.mark is not None and finding.mark.due):
        return False
    if s.after.endswith("基金"):
        return False  # 设立总规模1亿元的风险补偿基金
    kinds = {word.kind for word in s.words}
    if kinds & {"reach", "change", "bound"}:
        if "bound" not in kinds and _BENEFIT.search(s.text, s.start, s.quantity.start):
            return False  # 报销比例达到60%, 自付比例降低5个百分点
        if _RATE.search(s.named):
            return cued("fee", s.text, s.start, s.end)  # 覆盖率达到90%，个人缴费…: a fee is said of another part
    return cued("fee", s.text, *s.sentence)


def _sectioned(finding: Finding) -> bool:
    """Under 工作回顾, 申报条件: the heading says that nothing is promised, and no date contradicts it."""
    if finding.section not in PROMISES_NOTHING:
        return False
    if finding.section == "conditions" or finding.mark is None or not is_set(finding):
        return not is_set(finding)
    before = finding.statement.sentence_before
    # 2014年, 今年 of a report is the year that is over.
    promised = finding.mark.rule == "until" or _WANTED.search(before)
    return not promised or _FORESEEN.search(before) is not None


def _requirement(finding: Finding) -> bool:
    """注册资本不低于…, 申报数量不超过…: conditions of taking part."""
    s = finding.statement
    reached = any(word.kind == "reach" for word in s.words)
    if reached and (_RATE.search(s.named) or (finding.follows and s.quantity.kind == "share")):
        return False  # 专科以上学历教师占比达到85%，2027年达到90%
    if any(word.kind == "change" for word in s.words):
        return False  # 对同一企业的检查频次下降30%
    if s.sign == "<=" and s.quantity.kind == "count" and _PROPOSES.search(s.sentence_before):
        return True  # 各市推荐的企业不超过20家
    return cued("condition", s.text, s.sentence[0], s.end)


def _procedure(finding: Finding) -> bool:
    """公示5天, 提交材料3份: steps of a procedure."""
    s = finding.statement
    reached = any(word.kind == "reach" for word in s.words)
    if s.quantity.value == 100 and s.quantity.unit == "%":
        return False  # 检查结果公示100%
    if s.quantity.unit in _PAPERS and _HANDS_IN.search(s.text, s.start, s.end):
        return True  # 将活动图片2张报送省厅
    end = s.quantity.start if s.quantity.kind == "count" and VERB_LAST.search(s.before) else s.end
    return not reached and bool(cued("procedure", s.text, s.start, end))  # 开展2次公示检查


def _only_ruled(finding: Finding) -> bool:
    """In a regulation or announcement nothing is promised unless a date or 力争, 确保 says so; 每年 is a duty for ever."""
    s = finding.statement
    if finding.setting.plans or finding.due[:4].isdigit() or PROMISES_MUCH.search(s.sentence_before):
        return False
    return not (_TAKES.search(s.sentence_before) or _obliges(finding))


def _obliges(finding: Finding) -> bool:
    """Whether a rule asks each of a group for so much: 每个区应当设置至少1个中心, 每处建筑面积不少于200平方米."""
    s = finding.statement
    if s.quantity.kind not in ("count", "extent", "money") or s.sign not in (">=", "="):
        return False
    if finding.follows:
        return True
    each = EACH.search(s.text, s.sentence[0], s.quantity.start) or EACH_UNIT.search(s.text[s.start : s.quantity.start])
    asked = s.at_least or any(word.kind == "bound" for word in s.words) or _TO_DO_BY_EACH.search(s.before)
    return bool(each and asked)


AGAINST: tuple[tuple[str, Rule], ...] = (
    ("enumerates", enumerates), ("measures", of_measures), ("stock", stock), ("formula", _formula), ("graded", graded), ("figurative", figurative), ("round", round_number), ("bare", _bare), ("soft", _soft), ("lasting", _lasting),
    ("conditional", _conditional), ("subsidy", _subsidy), ("fee", _fee), ("past", past), ("earlier", earlier), ("section", _sectioned),
    ("requirement", _requirement), ("procedure", _procedure), ("scope", scope), ("ordinal", ordinal), ("title", titles),
    ("ruled", _only_ruled),
)  # fmt: skip
