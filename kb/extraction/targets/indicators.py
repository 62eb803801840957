"""The indicator (指标) of a target: what its quantity measures (MeasEval: measured property and entity)."""

from __future__ import annotations

import re
from itertools import pairwise

from kb.extraction.targets.masking import DATE
from kb.extraction.targets.statements import Statement, without_promise
from kb.extraction.vocabulary import CLOSING, VERB
from kb.text import Passage

_DOES = re.compile(rf"新?(?:{VERB.pattern})(?:[、和或]?(?:{VERB.pattern}))*")
_OWN_VERB = re.compile(rf"^(?:{VERB.pattern})|新增|净增")  # 城镇新增就业 needs no verb of the item before
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
_WHOSE = re.compile(rf"^.*?{_OF_WHOM.pattern[:-1]}(?=[\u4e00-\u9fff]{{4}})")
_IMPROVES = re.compile(r"^(?:不断|持续|进一步|稳步|逐步|大力|着力)?(?:提升|提高|降低|增强|扩大|优化|改善|增加|减少)")
_AT_LEAST = re.compile("至少|最少|最多|至多")
_YEARS_LAST = re.compile(r"(?<![比较以由于])(?:20\d\d年[、和及与]?)+$")
_REMARK = re.compile(r"^（[^）]*）")
_SIGNS = {"（": "）", "《": "》", "“": "”", "〔": "〕", "(": ")"}
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

    def indicator(self, statement: Statement, end: int, *, follows: bool) -> str:
        """What is measured, as printed, without the number and the words of reaching; never empty.

        "新建公园157个" → 新建公园 · "能耗下降13%" → 能耗下降 · "种植、收获机械化率分别达到65%和55%" → 种植机械化率, 收获机械化率
        """
        subject = self._cleaned(statement, statement.start, statement.head_end)
        change = self._reading.verbatim(statement.head_end, statement.property_end)
        noun = _REMARK.sub(
            "", self._reading.verbatim(statement.quantity.end, end).replace("(", "（").replace(")", "）")
        )
        noun = CLOSING.sub("", noun).lstrip(" 的")
        if self._names and follows and not subject:
            subject, change = self._names.pop(0), change or self._change
        elif names := _shared_out(statement, subject):
            subject, *self._names = names
            self._change = change
        else:
            self._names = []
        said = statement.text[statement.head_end : statement.quantity.start].strip()  # 达到, 不少于
        if noun and statement.before.endswith(("与", "同")):
            subject += statement.before[-1]  # 加强与100家企业开展合作
        if not (subject or noun):
            subject = self._told_before(statement) or self._heading
        elif subject and not noun and self._subject.startswith(subject):
            subject = self._subject  # 2023年新建学校10所，2024年新建12所
        elif not noun and statement.quantity.kind == "share" and statement.beside and _OF_WHOM.search(subject):
            subject += _WHOSE.sub("", self._measured)
            change = "" if subject.endswith(change) else change
        elif follows and statement.quantity.kind != "share" and not said and not _has_own(subject):
            subject = self._verb + subject
        does = _DOES.match(subject)
        self._verb = does[0] if does else ""
        share = change if any(word.kind == "ratio" for word in statement.words) else ""
        self._subject = _REACHES.sub("", subject + share + noun)
        self._measured = subject + change
        whole = self._reading.verbatim(statement.quantity.start, statement.quantity.end)
        return _balanced((subject + change + noun)[-_LONGEST:]) or whole

    def _cleaned(self, statement: Statement, start: int, end: int) -> str:
        """The printed characters of a stretch without dates, opening and closing words."""
        start = end - len(without_promise(statement.text[start:end]))
        closing = CLOSING.search(statement.text, start, end)
        end = closing.start() if closing else end
        dates = [at for at in range(start, end) if statement.text[at] == DATE]
        edges = [start - 1, *dates, end]
        printed = "".join(self._reading.verbatim(a + 1, b) for a, b in pairwise(edges)).strip()
        return _YEARS_LAST.sub("", _AT_LEAST.sub("", printed))

    def _told_before(self, statement: Statement) -> str:
        """What a bare value measures: what the sentence has named, else what was measured last."""
        nearby = self._nearby(statement)
        measured = _IMPROVES.sub("", nearby)
        return measured if _WHOLE_NAME.search(measured) else self._subject or nearby

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
            named, comma = self._cleaned(statement, max(low, before), comma), before - 1
        return named


def _has_own(subject: str) -> bool:
    """Whether a subject takes no verb from the item before it."""
    return bool(_OWN_VERB.search(subject) or _WHOLE.match(subject))


def _shared_out(statement: Statement, subject: str) -> list[str]:
    """The subjects that 分别 gives one number each, [] when there are not as many numbers."""
    if "分别" not in statement.text[statement.start : statement.quantity.start]:
        return []
    names = [name for name in _JOINING.split(subject.replace("分别", "")) if name]
    stop = re.search("[，。；：\n]|$", statement.text[statement.quantity.end :][:80])
    rest = statement.text[statement.quantity.end :][: stop.start() if stop else 0]
    if len(names) < 2 or len(names) != 1 + len(_ITEM.findall(rest)):
        return []
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
