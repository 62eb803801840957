"""What somebody may have meant who typed pinyin, a character that sounds or looks like the right one, or two in the wrong order; told by what the clauses say.

学前教域: no clause has 教域 in it, but many have 教育, which sounds the same. 学前教肓 looks the same, 幼园儿 has all its characters. xueqian jiaoyu: of all characters that are read so, 学前教育
is what follows one another most often in the clauses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import pairwise

import numpy as np

from kb import lexicon
from kb.index.asking import Vocabulary
from kb.index.words import fold, runs
from kb.text.pinyin import alike, readings
from kb.text.segmentation import known_words

_LETTERS = re.compile(r"[a-z]+(?:[ '][a-z]+)*")
_LONGEST = 40  # letters of a stretch of pinyin
_SYLLABLE = 6  # letters of the longest one
_KEPT = 40  # beginnings that are gone on with, of all that may be meant
_ODD_PAIRS = 4  # of a query; with more of them it is no slip, but a way of speaking that no clause has
_TRIED = 4  # characters in the place of a doubtful one
_USUAL = 3  # clauses that have a pair that is no word of the dictionary (托育), for it to be meant


class Spelling:
    """The spelling of one generation's clauses; thread-safe."""

    def __init__(self, words: Vocabulary) -> None:
        self._words = words

    def meant(self, query: str) -> str:
        """The query as it may be meant, "" when nothing is odd about it or nothing better is known.

        "学前教域" → "学前教育"; "xueqian jiaoyu" → "学前教育"
        """
        folded = fold(query)
        meant = _LETTERS.sub(lambda letters: self._decoded(letters[0]) or letters[0], folded)
        if meant == folded:
            meant = self._righted(folded)
        return meant if meant != folded else ""

    # --- characters that sound or look alike, or have changed places ---------------------------------------------------------------

    def _righted(self, text: str) -> str:
        """The text with the characters put right that stand beside none of their neighbours in any clause."""
        stretches = [(start, end) for start, end, is_chinese in runs(text) if is_chinese and end - start > 1]
        odd = [(start, end, self._odd(text[start:end])) for start, end in stretches]
        if not 0 < sum(len(pairs) for *_, pairs in odd) <= _ODD_PAIRS:
            return text
        righted = list(text)
        for start, end, pairs in odd:
            for at in self._doubtful(pairs):
                run = "".join(righted[start:end])
                righted[start:end] = max(self._changed(run, at), default=(0, run))[1]
        return "".join(righted)

    def _odd(self, run: str) -> list[int]:
        """Where the pairs of neighbours begin that no clause has."""
        counts = self._words.frequencies([a + b for a, b in pairwise(run)])
        return np.flatnonzero(counts == 0).tolist()

    @staticmethod
    def _doubtful(odd: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """For each place where something is odd the characters one of which is wrong: that which two odd pairs share, else one of two."""
        left = list(odd)
        while left:
            first = left.pop(0)
            if left and left[0] == first + 1:
                left.pop(0)
                yield (first + 1,)
            else:
                yield (first, first + 1)

    def _changed(self, run: str, doubtful: Sequence[int]) -> Iterator[tuple[int, str]]:
        """The run with one of the characters replaced, or put before or behind its neighbour, and how many clauses have what becomes of it.

        Only what is no part of a word as it is typed is changed, and only into what clauses have.
        """
        alone = [at for at in doubtful if len(_word_at(run, at)) == 1]
        for at in alone:
            for other in self._beside(run[at - 1 : at], self._confused_with(run[at]), run[at + 1 : at + 2]):
                changed = run[:at] + other + run[at + 1 :]
                if count := self._usual(changed, at, at):
                    yield count, changed
        for first in sorted({first for at in alone for first in (at - 1, at) if 0 <= first < len(run) - 1}):
            changed = run[:first] + run[first + 1] + run[first] + run[first + 2 :]
            if changed != run and (count := self._usual(changed, first, first + 1)):
                yield count, changed

    def _usual(self, run: str, first: int, last: int) -> int:
        """How many clauses have what these characters are part of: a word of the dictionary, or pairs that are usual and leave nothing odd; 0 for none."""
        words = [_word_at(run, at) for at in range(first, last + 1)]
        around = [a + b for a, b in pairwise(run[max(0, first - 1) : last + 2])]
        are_words = all(len(word) > 1 for word in words)
        counts = self._words.frequencies([a + b for word in words for a, b in pairwise(word)] if are_words else around)
        least = int(counts.min())
        return least if are_words or least >= _USUAL else 0

    def _beside(self, before: str, others: Sequence[str], behind: str) -> list[str]:
        """Those of the characters that stand beside one of these neighbours most often."""
        if not others:
            return []
        counts = np.zeros(len(others), np.int64)
        for pairs in (
            [before + one for one in others] if before else [],
            [one + behind for one in others] if behind else [],
        ):
            counts = np.maximum(counts, self._words.frequencies(pairs)) if pairs else counts
        return [others[place] for place in np.argsort(-counts, kind="stable")[:_TRIED].tolist() if counts[place]]

    def _confused_with(self, character: str) -> list[str]:
        """The characters that sound or look like this one."""
        sounds = (self._by_sound.get(alike(syllable), ()) for syllable in readings(character))
        return list(
            dict.fromkeys((*(one for of_sound in sounds for one in of_sound), *_looking_like().get(character, ())))
        )

    # --- pinyin --------------------------------------------------------------------------------------

    def _decoded(self, letters: str) -> str:
        """The characters that letters are the pinyin of, "" when they are a word that clauses have, or no pinyin."""
        typed = letters.replace("'", " ").split()
        if sum(map(len, typed)) > _LONGEST or self._words.frequencies(typed).any():
            return ""
        meant = [("", 0.0)]
        for word in typed:
            meant = self._gone_on(meant, word)
        best = min(meant, key=lambda each: (_alone(each[0]), -each[1]), default=("", 0.0))
        return best[0] if len(best[0]) > 1 else ""

    def _gone_on(self, meant: Sequence[tuple[str, float]], word: str) -> list[tuple[str, float]]:
        """Beginnings, with how common their pairs are, continued by all that a word of pinyin may mean."""
        ends: dict[int, list[tuple[str, float]]] = defaultdict(list, {0: list(meant)})
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - _SYLLABLE), end):
                if ends[start] and (characters := self._by_syllable.get(word[start:end])):
                    ends[end] += self._continued(ends[start], characters, is_new_word=not start)
            ends[end] = sorted(ends[end], key=lambda each: -each[1])[:_KEPT]
        return ends[len(word)]

    def _continued(
        self, meant: Sequence[tuple[str, float]], characters: Sequence[str], *, is_new_word: bool
    ) -> Iterator[tuple[str, float]]:
        for before, weight in meant:
            if not before:
                yield from ((one, 0.0) for one in characters)
                continue
            counts = self._words.frequencies([before[-1] + one for one in characters])
            gains = np.log((counts + 0.05) / (self._words.rows + 1))
            for place in np.flatnonzero((counts > 0) | is_new_word).tolist():
                yield before + characters[place], weight + float(gains[place])

    @cached_property
    def _by_syllable(self) -> Mapping[str, Sequence[str]]:
        """The characters that stand in clauses by how they are read."""
        by_syllable: defaultdict[str, list[str]] = defaultdict(list)
        for character in self._words.characters():
            for syllable in readings(character):
                by_syllable[syllable].append(character)
        return dict(by_syllable)

    @cached_property
    def _by_sound(self) -> Mapping[str, Sequence[str]]:
        by_sound: defaultdict[str, list[str]] = defaultdict(list)
        for syllable, characters in self._by_syllable.items():
            by_sound[alike(syllable)] += characters
        return dict(by_sound)


@cache
def _looking_like() -> Mapping[str, str]:
    """For each character those that are taken for it by eye."""
    alike: defaultdict[str, str] = defaultdict(str)
    for group in lexicon.words("lookalikes"):
        for one in group:
            alike[one] += group.replace(one, "")
    return dict(alike)


def _alone(run: str) -> int:
    """How many characters of a run are part of no longer word."""
    return sum(len(word) == 1 for word in known_words(run))


def _word_at(run: str, at: int) -> str:
    """The word of the dictionary that a character of a run is part of."""
    end = 0
    for word in known_words(run):
        end += len(word)
        if at < end:
            return word
    return ""
