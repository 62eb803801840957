"""Corpora of any size for the benchmark: real documents as far as they reach, then documents put together from their sentences.

Without the collections of real texts beside the project, a seeded generator writes documents in the form of such texts out of the
wordings of the thesaurus. The same seed and size always give the same files.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from kb.search import thesaurus

DATA = Path(__file__).parent.parent.parent / "shared/data"
SEED = 8
_COLLECTIONS = ("laws.jsonl.gz", "policies.jsonl.gz")
_SENTENCE = re.compile(r"[^。；]*[。；]")
_LONGEST = 60_000  # characters of a document: longer ones are whole collections
_NUMBER = re.compile(
    r"^[ \t\u3000#>*]*(?:第[一二三四五六七八九十百千零〇0-9]+[章节条]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]"
    r"|[0-9]+[.．、]|[（(][0-9]+[）)])",
    re.MULTILINE,
)
_CLAUSES_A_NUMBER = 1.09  # measured on 2,090 documents: passages without a number are clauses too
_KEPT = 0.5  # share of the sentences of a recombined document that stay its own
_CHINESE = "一二三四五六七八九"
_PLACES = ("云溪", "青石", "滨江", "南岭", "东湖", "白沙", "望城", "金川")
_BUREAUS = ("发展改革委", "教育局", "财政局", "民政局", "住房城乡建设局", "卫生健康委", "农业农村局", "工业和信息化局")
_SHAPES = (
    "加快推进{0}，完善{1}，健全{2}工作机制。",
    "到{year}年底，全市{0}覆盖率达到{n}%以上，{1}基本建立。",
    "支持有条件的地方开展{0}试点，形成可复制可推广的{1}经验。",
    "每年新增{0}{n}个，改造提升{1}{n}处。",
    "加强{0}监督检查，对{1}中的突出问题及时整改。",
    "统筹{0}和{1}，把{2}纳入年度重点任务。",
)


def write_corpus(folder: Path, clauses: int, seed: int = SEED) -> None:
    """Write text files with about so many clauses into a new folder."""
    folder.mkdir(parents=True)
    held = 0.0
    for number, text in enumerate(documents(seed)):
        (folder / f"d{number:06}.txt").write_text(text, "utf-8")
        held += clauses_in(text)
        if held >= clauses:
            return


def clauses_in(text: str) -> float:
    """About how many clauses a text has, by its printed numbers."""
    return _CLAUSES_A_NUMBER * (len(_NUMBER.findall(text)) + 1)


def documents(seed: int = SEED) -> Iterator[str]:
    """Documents without end."""
    chance = random.Random(seed)
    real = list(_real_texts()) if (DATA / _COLLECTIONS[0]).exists() else []
    if not real:
        while True:
            yield _written(chance)
    chance.shuffle(real)
    yield from real
    pool = [sentence for text in chance.sample(real, min(len(real), 1500)) for sentence in _SENTENCE.findall(text)]
    pool = [sentence for sentence in pool if 8 <= len(sentence) <= 120 and "\n" not in sentence]
    number = 0
    while True:
        for text in real:
            number += 1
            yield _recombined(text, number, pool, chance)


def _real_texts() -> Iterator[str]:
    for name in _COLLECTIONS:
        with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
            yield from (text for line in lines if len(text := json.loads(line)["text"]) <= _LONGEST)


def _recombined(text: str, number: int, pool: list[str], chance: random.Random) -> str:
    """The document under another title, with half of its whole sentences from others; printed numbers stay, so ids stay apart."""
    title, _, rest = text.lstrip("#> \n").partition("\n")
    lines = [f"{title[:60]}（第{number}号）"]
    for line in rest.split("\n"):
        mark = _NUMBER.match(line)
        start = mark.end() if mark else 0
        pieces = _SENTENCE.findall(line[start:])
        tail = line[start + sum(map(len, pieces)) :]
        kept = [one if chance.random() < _KEPT else chance.choice(pool) for one in pieces]
        lines.append(line[:start] + "".join(kept) + tail)
    return "\n".join(lines)


# --- without real texts ------------------------------------------------------------------------------


@cache
def _matters() -> tuple[str, ...]:
    return tuple(wording for concept in thesaurus.built_in() for wording in concept.official)


def _written(chance: random.Random) -> str:
    """A plan of a city, in the usual form."""
    matters, place = _matters(), chance.choice(_PLACES)
    lines = [f"{place}市{chance.choice(matters)}和{chance.choice(matters)}实施方案（{chance.randrange(10**6)}号）", ""]
    lines.append(f"为做好{chance.choice(matters)}工作，制定本方案。")
    for part in range(chance.randint(2, 5)):
        lines.append(f"{_CHINESE[part]}、{chance.choice(matters)}")
        lines.extend(
            f"（{_CHINESE[section]}）{chance.choice(matters)}。{_paragraph(chance)}{_units(chance)}"
            for section in range(chance.randint(2, 8))
        )
    return "\n".join(lines)


def _paragraph(chance: random.Random) -> str:
    sentences = []
    for shape in chance.sample(_SHAPES, chance.randint(2, 4)):
        chosen = chance.sample(_matters(), 3)
        sentences.append(shape.format(*chosen, year=chance.randint(2025, 2035), n=chance.randint(2, 99)))
    return "".join(sentences)


def _units(chance: random.Random) -> str:
    lead, *others = chance.sample(_BUREAUS, chance.randint(2, 4))
    return f"（市{lead}牵头，{'、'.join(f'市{other}' for other in others)}配合）"
