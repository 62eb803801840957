"""A quantity in its surroundings: the words before and after it, its sentence, what else is counted beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.extraction.targets.masking import DATE, FILLER, masked
from kb.extraction.targets.qualifiers import COUNTED, Candidate, is_qualifier
from kb.extraction.targets.quantities import Quantity, find_quantities
from kb.extraction.vocabulary import (
    BOUNDS,
    LONGEST_BEFORE,
    MEASURES,
    OPENING,
    VERB_LAST,
    WORDS_BEFORE,
    ComparatorWord,
)
from kb.lexicon import any_of
from kb.models import Comparator

_SENTENCE = re.compile(r"[^。；！？\n]+")
_STOP = re.compile(r"[，：。；！？\n]")
_PARTING = re.compile(r" ?(?:以及|[、和及与并或])")
_FILLERS_BEFORE = re.compile(
    rf"(?:[ 了各共均再又总〒]|〒的|(?:19|20)\d\d ?年[底末]?的|全部|分别|总体|每年|每天|人均|每[百千万]*(?:{any_of(MEASURES)}|名[\u4e00-\u9fff]{{1,4}}))+$"
)
_FILLERS = 14  # characters of them that are looked at
_REMARKS = re.compile(rf"(?:\s*[（〔]{FILLER}*[）〕])*")
MARKER = re.compile(
    r"[ 〓]*(?:（?[一二三四五六七八九十\d〓]{1,3}[）、.](?!\d)|[①-⑳]|[一二三四五六七八九十]是|第[一二三四五六七八九十]，|第[一二三四五六七八九十百零]{1,6}条|[-—●◆■·*]+)[ ]*"
)
_BASE = re.compile(rf"(?P<bound>{any_of(BOUNDS)})[\u4e00-\u9fff]{{1,10}}的?$")  # 不低于总数的 20%
_EXCEEDS = re.compile(r"(?:[高低快慢优]于|超过|领先)[\u4e00-\u9fff]{2,12}$")
_AT_LEAST = re.compile(r"(?P<bound>至少|最少|最多|至多)[^，。；、\d]{0,12}$")  # 每县至少建设 1所
_RISES = re.compile(r"[^，。；\d]{0,8}[到至为] ?\d")
_SHARED_OUT = re.compile(r"分别[^，。；]{0,40}\d[\d.]*[万亿]?[\u4e00-\u9fff]{1,3}、$")
_LOOK_BEHIND = 240  # characters of a sentence that are looked at before a quantity
_SURROUNDINGS = 400  # characters of a sentence that are looked at on either side of a quantity
# What closes a value that is said of something: 达到60%的目标, 控制在3%。
BOUNDARY = re.compile(
    r"[ ]*(?:的?(?:目标|任务|水平|规模|标准|要求|指标|(?:生产)?能力|产能|大关|关口|台阶|门槛)?(?:[，、；。：（）]|$)|[和与及并]|/\d)"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One quantity of a sentence; all places count in ``text``, whose brackets and quotations are masked out."""

    text: str
    sentence: tuple[int, int]  # as much of it as lies near
    start: int  # where the part of the sentence begins that speaks of this quantity
    end: int  # where it ends
    quantity: Quantity
    words: tuple[ComparatorWord, ...]  # right before the number, nearest first
    head_end: int  # where those words begin: text[start:head_end] is what is measured or done
    beside: Quantity | None  # the quantity before it in the same sentence

    @property
    def before(self) -> str:
        """What stands between the beginning of the part and the comparator words."""
        return self.text[self.start : self.head_end]

    @property
    def named(self) -> str:
        """What is measured: the same with the words of change and share that belong to it."""
        return self.text[self.start : self.property_end]

    @property
    def after(self) -> str:
        """What stands between the quantity and the end of its part."""
        return self.text[self.quantity.end : self.end]

    @property
    def sentence_before(self) -> str:
        """The sentence up to the number."""
        return self.text[self.sentence[0] : self.quantity.start]

    @property
    def sentence_after(self) -> str:
        """The sentence from the quantity on."""
        return self.text[self.quantity.end : self.sentence[1]]

    @property
    def reached(self) -> bool:
        """Whether a word of reaching or bounding stands right before the number."""
        return any(word.kind in ("reach", "ratio", "bound") for word in self.words)

    @property
    def property_end(self) -> int:
        """Where the name of what is measured ends: 能耗下降 13%, 营业收入占比 达到60%."""
        end = self.head_end
        while size := next((s for s in range(LONGEST_BEFORE, 0, -1) if self.text[end : end + s] in WORDS_BEFORE), 0):
            if WORDS_BEFORE[self.text[end : end + size]].kind not in ("change", "ratio"):
                break
            end += size
        return end

    @property
    def sign(self) -> Comparator:
        """The comparator: what follows the number decides, then the nearest word before it that is no mere 达到."""
        if self.quantity.sign:
            return self.quantity.sign
        if self.quantity.upper is not None and self.words and self.words[0].kind == "reach":
            return "="  # 控制在1.2—1.8: a range, no bound
        said = next((word.sign for word in self.words if word.sign != "="), None)
        return said or self.at_least or "="

    @property
    def at_least(self) -> Comparator | None:
        """The bound that stands apart from the number: 每县至少建设1所."""
        bound = _AT_LEAST.search(self.text, self.start, self.quantity.start)
        return BOUNDS[bound["bound"]] if bound else None


def statements(text: str, dates: Sequence[tuple[int, int]], *, digits_lost: bool = False) -> Iterator[Statement]:
    """Every quantity of a normalised text with its surroundings, in order.

    ``dates`` are places whose numbers are dates; where a scan lost digits, the lost quantities are found too. Quantities that
    only tell which thing is meant (年营业收入100亿元以上的企业) are left to the noun that they belong to.
    """
    quantities = find_quantities(text, digits_lost=digits_lost)
    if not quantities:
        return
    text = masked(text, dates)
    kept = [one for one in quantities if text[one.start] not in (FILLER, DATE) and not _is_article(one)]
    at = 0
    for sentence in _SENTENCE.finditer(text):
        inside: list[Quantity] = []
        while at < len(kept) and kept[at].start < sentence.end():
            if kept[at].start >= sentence.start():
                inside.append(kept[at])
            at += 1
        yield from _of_sentence(text, sentence.span(), inside)


def _is_article(quantity: Quantity) -> bool:
    """Whether it is the 一批, 一套, 一系列 that only says "some"."""
    return quantity.chinese and quantity.value == 1 and quantity.unit in ("批", "套", "类", "种", "条", "支", "项")


def _of_sentence(text: str, sentence: tuple[int, int], quantities: Sequence[Quantity]) -> Iterator[Statement]:
    starts = [quantity.start for quantity in quantities] + [len(text)]
    counted = [
        quantity for i, quantity in enumerate(quantities) if not _tells_which(text, sentence, quantity, starts[i + 1])
    ]
    for i, quantity in enumerate(counted):
        after = counted[i + 1].start if i + 1 < len(counted) else len(text)
        yield _statement(text, sentence, quantity, counted[i - 1] if i else None, after)


def _tells_which(text: str, sentence: tuple[int, int], quantity: Quantity, next_start: int) -> bool:
    """Whether a quantity is said of the noun behind it: 主营业务收入超10亿元的企业, 20万人口以上的县."""
    low = max(sentence[0], quantity.start - _LOOK_BEHIND)
    start = max(low, *(text.rfind(sign, low, quantity.start) + 1 for sign in "，：、"))
    limit = min(sentence[1], quantity.end + _LOOK_BEHIND)
    stop = _STOP.search(text, quantity.end, limit)
    end = stop.start() if stop else limit
    words, head_end = _comparators(text, start, quantity.start)
    if quantity.kind == "class" and COUNTED.search(text, start, quantity.start):
        return True  # 3个百亿级
    if BOUNDARY.match(text, quantity.end, end + 1) or quantity.damaged:
        return quantity.kind == "none" and not words
    if text[quantity.start - 1] == "、" and _SHARED_OUT.search(text, low, quantity.start):
        return False  # 分别安排60万元、40万元、5万元经费
    if quantity.kind == "share" and VERB_LAST.search(text, start, quantity.start):
        return False  # 实现90%的研发投入出自企业
    if _RISES.match(text, quantity.end, end + 8) and any(sign in text[start : quantity.start] for sign in "由从"):
        return False  # 由20个工作日压缩到5个
    alone = next_start >= end or any(sign in text[quantity.end : next_start] for sign in "、和及")
    return is_qualifier(Candidate(quantity, words, text[start:head_end], text[quantity.end : end].lstrip(), alone))


def _statement(
    text: str, sentence: tuple[int, int], quantity: Quantity, beside: Quantity | None, next_start: int
) -> Statement:
    low = max(sentence[0], quantity.start - _LOOK_BEHIND)
    start = max(low, text.rfind("，", low, quantity.start) + 1, text.rfind("：", low, quantity.start) + 1)
    if beside is not None and beside.end > start:
        start = _item_start(text, beside.end, quantity.start)
    # A remark in front belongs to the sentence before: …。（责任单位：市教育局）修缮校舍8处。
    remarks = _REMARKS.match(text, start, quantity.start)
    start = remarks.end() if remarks else start
    if marker := MARKER.match(text, start, quantity.start):
        start = marker.end()
    stop = _STOP.search(text, quantity.end, min(sentence[1] + 1, quantity.end + _LOOK_BEHIND))
    end = min(stop.start() if stop else sentence[1], max(next_start, quantity.end))
    if end == next_start and _PARTING.match(text, quantity.end):
        end = quantity.end
    words, head_end = _comparators(text, start, quantity.start)
    if quantity.unit.endswith("百分点") and _EXCEEDS.search(text, start, quantity.start):
        words = (ComparatorWord("change", "="), *words)  # 高于全国平均2个百分点
    elif quantity.kind == "share" and not words and (base := _BASE.search(text, start, quantity.start)):
        words, head_end = (ComparatorWord("bound", BOUNDS[base["bound"]]),), base.start()
    done = quantity.kind == "count" and without_promise(text[start : quantity.start]) == "突破"
    if done and not BOUNDARY.match(text, quantity.end, end):  # 突破2项关键技术: something done, no bound
        words, head_end = (), quantity.start
    near = max(sentence[0], quantity.start - _SURROUNDINGS), min(sentence[1], quantity.end + _SURROUNDINGS)
    return Statement(text, near, start, end, quantity, words, head_end, beside)


def _item_start(text: str, low: int, high: int) -> int:
    """Where the next item of a list begins: behind the 、 that follows a quantity (甲3个、乙和丙2个) or its noun (3个甲和乙、2个丙)."""
    if parted := _PARTING.match(text, low):
        return parted.end()
    for sign in "、和及与":
        if (at := text.rfind(sign, low, high)) >= 0:
            return at + 1
    return low


def _comparators(text: str, start: int, end: int) -> tuple[tuple[ComparatorWord, ...], int]:
    """The comparator words right before a number and where they begin."""
    words: list[ComparatorWord] = []
    while end > start and len(words) < 4:
        fillers = _FILLERS_BEFORE.search(text, max(start, end - _FILLERS), end)
        tail_end = fillers.start() if fillers else end
        size = next(
            (
                s
                for s in range(LONGEST_BEFORE, 0, -1)
                if tail_end - s >= start and text[tail_end - s : tail_end] in WORDS_BEFORE
            ),
            0,
        )
        if not size:
            break
        word = WORDS_BEFORE[text[tail_end - size : tail_end]]
        if word.kind == "stop":
            break
        words.append(word)
        end = tail_end - size
    return tuple(words), end


def without_promise(text: str) -> str:
    """The text without 确保, 力争, 全年, dates and joining words at its beginning."""
    match = OPENING.match(text)
    return text[match.end() :] if match else text
