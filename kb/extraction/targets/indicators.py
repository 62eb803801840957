"""The indicator (指标) of a target: what its quantity measures (MeasEval: measured property and entity)."""

from __future__ import annotations

import re
from itertools import pairwise

from kb.extraction.targets.masking import DATE
from kb.extraction.targets.statements import MARKER, Statement, without_promise
from kb.extraction.vocabulary import CLOSING, IMPROVED, VERB
from kb.text import Passage

_DOES = re.compile(rf"新?(?:{VERB.pattern})(?:[、和或]?(?:{VERB.pattern}))*")
# 城镇新增就业, 平川区改造 need no verb of the item before.
_OWN_VERB = re.compile(
    rf"^(?:{VERB.pattern})|新增|净增|^建(?![筑档制材议国])|^[\u4e00-\u9fff]{{1,4}}(?<![小户园片社山库景城街校老厂灾牧矿林城新地])[省市县区州](?:{VERB.pattern})"
)
# Verbs that begin a part of their own, 整改问题厕所86座, unless they begin a noun: 维修站, 种植面积
_OTHER_VERB = re.compile(
    "(?:整改|收集|采集|整理|维修|更新|更换|加装|录制|拍摄|编写|编印|印发|出版|发表|申请|排查|修订|铺设|敷设|架设|栽植|栽种|种植|补植|硬化"
    "|亮化|疏浚|清淤|加固|拓宽|翻建|重建|接入|派出|派驻|发布|推介|验收|查处|办理|走访|回收|收储|归集|保存|调解)"
    "(?![站点员队栏室率量]|中心|机构|基地|面积|平台|项目|小区|示范|大户|企业|任务|工程)"
)
# 市科技局要建设, 石门乡要在7月底前建成: who is told to do it
_TOLD = re.compile(
    rf"^(?!每)(?:[\u4e00-\u9fff]{{1,12}}?(?:[局委办厅院处站所校]|部门|单位|公司|中心|街道|[省市县区州旗乡镇村]))?(?:要|应当?|必?须|将)(?:于|在)?(?=新?(?:{VERB.pattern}))"
)
_COMPARED = re.compile(r"[比较](?: ?20\d\d ?年[底末]?|上年度?|去年|基期|“?十[二三四五]五”?(?:期?末)?)")
_COMPARED_LAST, _PARTS = re.compile(f"相?(?:{_COMPARED.pattern})$"), re.compile("[。；：！？\\n]|\\d")
_WHOLE = re.compile("总|投资|面积|建筑|占地|规模|年[产销]")  # what is said of the thing counted before, and not done
_REACHES = re.compile(r"^(?:实现|完成|达到|保持)")
_JOINING = re.compile(r"、|(?<![谐平缓饱总共])和(?![谐平])|(?<![普涉触危顾])及(?![格时])|与(?!会)|以及")
_ITEM = re.compile(r"(?:[、和及与]|以及) ?[^，。；、和及与\d]{0,6}\d")
_WHOLE_NAME = re.compile(r"(?:[率值额量数比重例积入模度力]|指数|水平|人口|企业|家|个|数量|以上)$")
_SHARED_TAIL = re.compile(
    r"[\u4e00-\u9fff]{2,6}?(?P<tail>[\u4e00-\u9fff]{1,6}(?:率|比重|比例|占比|产量|面积|规模|收入|水平|数量|产值|总量|排放量))$"
)
# Whose share it is, where only that is said: 城市污水处理率达到98%、县城达到95%.
_OF_WHOM = re.compile(
    r"(?:城市|县城|城镇|建制镇|乡镇|农村|县域|省会|城区|地区|[省市县区镇乡村]|企业|机构|学校|园区|医院)$"
)
_URBAN_AND_RURAL = re.compile("城乡(?=[\u4e00-\u9fff]{4})")
_WHOSE = re.compile(rf"^.*?{_OF_WHOM.pattern[:-1]}(?=[\u4e00-\u9fff]{{4}})")
_IMPROVES = re.compile(r"^(?:不断|持续|进一步|稳步|逐步|大力|着力)?(?:提升|提高|降低|增强|扩大|优化|改善|增加|减少)")
_AT_LEAST = re.compile("至少|最少|最多|至多")
_YEARS_LAST = re.compile(r"(?<![比较以由于])(?:20\d\d年[、和及与]?)+$")
_REMARK = re.compile(r"^（(?:[^（）]|（[^（）]*）)*）")
_SIGNS = {"（": "）", "《": "》", "“": "”", "〔": "〕", "(": ")"}
_YEARLY = re.compile("年均|分别|每年|同比|均|[ ，]")
_LONGEST = 60  # characters


class Naming:
    """Names the statements of one passage, in order.

    A list shares its verb; 分别 distributes the subjects; 其中 and 2024年达到… continue the subject before.
    """

    def __init__(self, passage: Passage) -> None:
        self._reading = passage.reading
        self._heading = passage.clause.heading
        self._verb = ""  # of the list that is being read
        self._subject = ""  # what was measured last
        self._measured = ""  # the same with the word of change: 研发投入增幅
        self._names: list[str] = []  # subjects that 分别 still has to share out
        self._change = ""  # 增长 in 分别增长6%、8%
        self._named: list[tuple[Statement, str]] = []  # what the sentence has measured so far
        self._unsure = False  # whether 分别 shares out what nothing names

    def indicator(self, statement: Statement, end: int, *, follows: bool) -> str:
        """What is measured, as printed, without the number and words of reaching; "" where 分别 leaves it open.

        "新建公园157个" → 新建公园 · "能耗下降13%" → 能耗下降 · "种植、收获机械化率分别达到65%和55%" → 种植机械化率, 收获机械化率
        """
        subject = self._cleaned(statement, statement.start, statement.head_end)
        change = self._reading.verbatim(statement.head_end, statement.property_end)
        noun = _REMARK.sub(
            "", self._reading.verbatim(statement.quantity.end, end).replace("(", "（").replace(")", "）")
        )
        noun = CLOSING.sub("", noun).lstrip(" 的")
        shared = self._distributed(statement, subject, change, follows=follows)
        if shared is None:
            return ""
        subject, change = self._completed(statement, *shared, noun, follows=follows)
        does = _DOES.match(subject)
        self._verb = does[0] if does else ""
        share = change if any(word.kind == "ratio" for word in statement.words) else ""
        self._subject = _COMPARED_LAST.sub("", _REACHES.sub("", subject + share + noun))
        self._measured = subject + change
        if self._named and self._named[-1][0].quantity.end <= statement.sentence[0]:
            self._named = []
        self._named.append((statement, subject))
        whole = self._reading.verbatim(statement.quantity.start, statement.quantity.end)
        return _balanced((subject + change + noun)[-_LONGEST:]) or whole

    def _distributed(self, statement: Statement, subject: str, change: str, *, follows: bool) -> tuple[str, str] | None:
        """The subject and the word of change with what 分别 shares out; None when nothing tells whose number it is."""
        bare = follows and not subject
        if self._unsure and bare:
            return None
        if self._names and bare:
            return self._names.pop(0), change or self._change
        self._names, self._unsure = [], False
        if names := _shared_out(statement, subject) or self._shared_back(statement, subject):
            subject, *self._names = names
            self._change = change
        elif not _YEARLY.sub("", subject) and _numbers_shared(statement) > 1 and DATE not in statement.before:
            self._unsure = True
            return None
        return subject, change

    def _completed(
        self, statement: Statement, subject: str, change: str, noun: str, *, follows: bool
    ) -> tuple[str, str]:
        """The subject with what the words before it say of it too, and the word of change."""
        said = statement.text[statement.head_end : statement.quantity.start].strip()  # 达到, 不少于
        if noun and statement.before.endswith(("与", "同")):
            subject += statement.before[-1]  # 加强与100家企业开展合作
        if not noun and _COMPARED.fullmatch(subject):
            return self._compared_before(statement) + subject, change  # 达到70%，较2020年提高12个百分点
        if not noun and subject in ("建", "再建"):
            return self._subject or subject, change  # 年底前再建2座
        if not (subject or noun):
            return self._told_before(statement) or self._heading, change
        if subject and not noun and self._subject.startswith(subject):
            return self._subject, change  # 2023年新建学校10所，2024年新建12所
        if not noun and statement.quantity.kind == "share" and statement.beside and _OF_WHOM.search(subject):
            subject += _WHOSE.sub("", self._measured)
            return subject, "" if subject.endswith(change) else change
        if follows and statement.quantity.kind != "share" and not said and not _has_own(statement, subject):
            subject = self._verb + subject
        return subject, change

    def _cleaned(self, statement: Statement, start: int, end: int) -> str:
        """The printed characters of a stretch without dates, opening and closing words."""
        start = end - len(without_promise(statement.text[start:end]))
        closing = CLOSING.search(statement.text, start, end)
        end = closing.start() if closing else end
        dates = [at for at in range(start, end) if statement.text[at] == DATE]
        edges = [start - 1, *dates, end]
        printed = "".join(self._reading.verbatim(a + 1, b) for a, b in pairwise(edges)).strip()
        return _TOLD.sub("", _YEARS_LAST.sub("", _AT_LEAST.sub("", printed)), count=1)

    def _shared_back(self, statement: Statement, subject: str) -> list[str]:
        """The subjects that 分别 returns to: 游客达2000万人次、收入达180亿元，分别增长12%和15%; 甲率、乙率，分别达到9%、8%."""
        count, yearly = _numbers_shared(statement), subject.replace("分别", "")
        if count < 2 or _YEARLY.sub("", subject):
            return []
        if statement.beside is None and (near := _parted(self._nearby(statement), count)):
            return [name + yearly for name in near]
        besides = [None, *(one.quantity for one, _ in self._named)]
        linked = all(one.beside is beside for (one, _), beside in zip(self._named, besides, strict=False))
        # Of this sentence, or of the one before it: 到2023年，甲率达50%，乙率达70%；到2025年，分别达到60%、80%.
        here = statement.beside is besides[-1]
        before = statement.beside is None and bool(self._named) and self._follows_on(statement)
        return (
            [name + yearly for _, name in self._named]
            if linked and len(self._named) == count and (here or before)
            else []
        )

    def _follows_on(self, statement: Statement) -> bool:
        """Whether only a semicolon parts a sentence from the one that was measured last."""
        start, last = statement.sentence[0], self._named[-1][0]
        return statement.text[start - 1 : start] == "；" and not _PARTS.search(statement.text, last.end, start - 1)

    def _compared_before(self, statement: Statement) -> str:
        """What was measured right before 较2020年提高, "" when something unnamed stands between."""
        beside = statement.beside
        if beside is not None and not (self._named and self._named[-1][0].quantity is beside):
            return ""
        return _COMPARED_LAST.sub("", self._told_before(statement))

    def _told_before(self, statement: Statement) -> str:
        """What a bare value measures: what the sentence has named, else what was measured last."""
        nearby = self._nearby(statement)
        measured = IMPROVED.sub("", _IMPROVES.sub("", nearby))
        whole = _WHOLE_NAME.search(measured) or IMPROVED.search(nearby)
        return measured if measured and whole else self._subject or nearby

    def _nearby(self, statement: Statement) -> str:
        """The part of the sentence before a statement that does not say what it measures."""
        low, beside = statement.sentence[0], statement.beside
        if beside is not None:
            low = statement.text.find("，", beside.end, statement.start) + 1 or statement.start
        comma = statement.text.rfind("，", low, max(low, statement.start))
        named = ""
        for _ in range(2):  # 机械化水平，到2027年，达到90%: past a date
            if named or comma <= low:
                break
            before = statement.text.rfind("，", low, comma) + 1
            begin = max(low, before)
            marker = MARKER.match(statement.text, begin, comma)
            named, comma = self._cleaned(statement, marker.end() if marker else begin, comma), before - 1
        return named


def _has_own(statement: Statement, subject: str) -> bool:
    """Whether a subject takes no verb from the item before it."""
    beside = statement.beside
    parted = beside is not None and "，" in statement.text[beside.end : statement.quantity.start]
    return bool(_OWN_VERB.search(subject) or _WHOLE.match(subject) or (parted and _OTHER_VERB.match(subject)))


def _numbers_shared(statement: Statement) -> int:
    """How many numbers 分别 before a quantity shares out, 0 without that word."""
    if "分别" not in statement.text[statement.start : statement.quantity.start]:
        return 0
    stop = re.search("[，。；：\n]|$", statement.text[statement.quantity.end :][:80])
    rest = statement.text[statement.quantity.end :][: stop.start() if stop else 0]
    return 1 + len(_ITEM.findall(rest))


def _shared_out(statement: Statement, subject: str) -> list[str]:
    """The subjects that 分别 gives one number each, [] when there are not as many numbers."""
    return _parted(subject.replace("分别", ""), _numbers_shared(statement))


def _parted(subject: str, count: int) -> list[str]:
    """So many names of a list, each whole; [] when there are not as many."""
    names = [name for name in _JOINING.split(subject) if name]
    if count == 2 and len(names) == 1 and (both := _URBAN_AND_RURAL.search(names[0])):
        before, after = names[0][: both.start()], names[0][both.end() :]
        names = [f"{before}城镇{after}", f"{before}农村{after}"]
    if count < 2 or len(names) != count:
        return []
    if all(_OF_WHOM.search(name) for name in names[:-1]) and _WHOSE.match(names[-1]):
        return [name + _WHOSE.sub("", names[-1]) for name in names[:-1]] + names[-1:]
    return [name if _WHOLE_NAME.search(name) else name + _tail(names[-1], name[-1]) for name in names]


def _tail(last: str, closing: str) -> str:
    """What the last of several names shares with those before: 银行业、证券业参评机构数量 → 参评机构数量."""
    if 0 < (at := last.find(closing)) < len(last) - 1:
        return last[at + 1 :]
    shared = _SHARED_TAIL.search(last)
    return shared["tail"] if shared else ""


def _balanced(text: str) -> str:
    """The text without brackets that it only opens or only closes."""
    text = text.strip(" ，、；：。")
    for left, right in _SIGNS.items():
        if text.count(left) != text.count(right):
            text = text.replace(left, "").replace(right, "")
    return text.strip()
