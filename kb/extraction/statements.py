"""A quantity in its surroundings: the words before and after it, its sentence, what else is counted beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.extraction.quantities import Quantity, find_quantities
from kb.extraction.vocabulary import LONGEST_BEFORE, PROMISE, WORDS_BEFORE, ComparatorWord
from kb.models import Comparator

# Brackets, titles and short quotations are passed over: what is counted in them is a remark or a name.
_PASSED_OVER = re.compile(r"（[^（）\n]{0,120}）|《[^《》\n]{0,80}》|[“\"][^“”\"\n]{1,24}[”\"]|〔[^〔〕\n]{0,20}〕")
_FILLER = "〓"
_SENTENCE = re.compile(r"[^。；！？\n]+")
_STOP = re.compile(r"[，：。；！？\n]")
_PARTING = re.compile(r" ?(?:以及|[、和及与并])")
_FILLERS_BEFORE = re.compile(r"(?:[ 了各共均再又总]|全部|分别|总体|每年|每天|人均)+$")
_LOOK_BEHIND = 240  # characters of a sentence that are looked at before a quantity


@dataclass(frozen=True, slots=True)
class Statement:
    """One quantity of a sentence; all places count in ``text``, whose brackets and quotations are blotted out."""

    text: str
    sentence: tuple[int, int]
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
    def sign(self) -> Comparator:
        """The comparator: what follows the number decides, then the nearest word before it that is no mere 达到."""
        if self.quantity.sign:
            return self.quantity.sign
        return next((word.sign for word in self.words if word.sign != "="), "=")


def blotted(text: str) -> str:
    """The text with brackets, titles and short quotations made unreadable, same length."""
    return _PASSED_OVER.sub(lambda match: match[0][0] + _FILLER * (len(match[0]) - 2) + match[0][-1], text)


def statements(text: str, *, digits_lost: bool = False) -> Iterator[Statement]:
    """Every quantity of a normalised text with its surroundings, in order; where a scan lost digits, the lost ones too."""
    quantities = find_quantities(text, digits_lost=digits_lost)
    if not quantities:
        return
    text = blotted(text)
    at = 0
    for sentence in _SENTENCE.finditer(text):
        beside: Quantity | None = None
        while at < len(quantities) and quantities[at].start < sentence.end():
            quantity, at = quantities[at], at + 1
            if quantity.start < sentence.start() or text[quantity.start] == _FILLER or _is_article(quantity):
                continue
            after = quantities[at].start if at < len(quantities) else len(text)
            yield _statement(text, sentence.span(), quantity, beside, after)
            beside = quantity


def _is_article(quantity: Quantity) -> bool:
    """Whether it is the 一批, 一套, 一系列 that only says "some"."""
    return quantity.chinese and quantity.value == 1 and quantity.unit in ("批", "套", "类", "种", "条", "支", "项")


def _statement(
    text: str, sentence: tuple[int, int], quantity: Quantity, beside: Quantity | None, next_start: int
) -> Statement:
    low = max(sentence[0], quantity.start - _LOOK_BEHIND)
    start = max(low, text.rfind("，", low, quantity.start) + 1, text.rfind("：", low, quantity.start) + 1)
    if beside is not None and beside.end > start:
        start = _item_start(text, beside.end, quantity.start)
    stop = _STOP.search(text, quantity.end, min(sentence[1] + 1, quantity.end + _LOOK_BEHIND))
    end = min(stop.start() if stop else sentence[1], max(next_start, quantity.end))
    if end == next_start and _PARTING.match(text, quantity.end):
        end = quantity.end
    words, head_end = _comparators(text, start, quantity.start)
    return Statement(text, sentence, start, end, quantity, words, head_end, beside)


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
        fillers = _FILLERS_BEFORE.search(text, max(start, end - 6), end)
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
        words.append(WORDS_BEFORE[text[tail_end - size : tail_end]])
        end = tail_end - size
    return tuple(word for word in words if word.kind != "stop"), end


def without_promise(text: str) -> str:
    """The text without 确保, 力争, 全年 … at its beginning."""
    text = text.strip(" —〓")
    match = PROMISE.match(text)
    return text[match.end() :] if match else text
