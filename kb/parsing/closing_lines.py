"""Text behind a list that belongs to what the list is part of: 整改时限：…, 责任单位：…, a further paragraph of an article."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from kb.lexicon import any_of, table

_DUTIES = table("duties")
NOUN = any_of(_DUTIES["labels"]["nouns"])  # 单位, 部门
_OTHER = any_of(_DUTIES["labels"]["other"])
ROLE = "|".join(word for words in _DUTIES["roles"].values() for word in words)
_LINE = re.compile(rf" *〔?[\u4e00-\u9fff]{{0,8}}(?:{NOUN}|{_OTHER}) ?〕?：.+")  # 整改时限：6月底
_UNITS = re.compile(rf"^ *〔?[\u4e00-\u9fff]{{0,4}}(?:{ROLE})(?:{NOUN}) ?〕?：", re.MULTILINE)  # 责任单位：
_TIME = re.compile(r"^ *〔?[\u4e00-\u9fff]{0,6}(?:时限|期限|时间) ?〕?：", re.MULTILINE)
_MEASURES = re.compile(r"(?:措施|举措|任务|做法|内容|步骤)(?:如下|包括)?：\s*$")  # 整改措施：
_SOMEBODY = re.compile(rf"(?:{ROLE})(?:{NOUN})?[：）]")  # （市教育局负责）
_BRACKET = re.compile(
    rf" *（(?=[^。\n]*(?:{ROLE})(?:{NOUN})?[：，；）])[^。\n]*）。? *"
)  # （市教育局牵头，市财政局配合）


def closing_lines(text: str, start: int, end: int) -> int:
    """Where the labelled lines, or the bracket on a line of its own, begin that end ``text[start:end]`` and tell units; -1 without.

    "2.改造管网620座。⏎整改时限：6月底⏎责任单位：县住建局⏎" → the place of 整改时限 ·
    "2.改造管网620座。⏎（县住建局牵头）⏎" → the place of （县住建局牵头）
    """
    body = text[start:end].rstrip("\n ")
    line = body.rfind("\n") + 1
    if line and body[line - 2] in "。；" and is_bracket(body[line:]):
        return start + line
    lines = text[start:end].split("\n")
    at = end + 1
    while len(lines) > 1 and (not lines[-1].strip() or _LINE.fullmatch(lines[-1])):
        at -= len(lines.pop()) + 1
    return at if at < end and _UNITS.search(text, at, end) else -1


def runs_of_fields(lines: Sequence[str]) -> list[tuple[int, int]]:
    """The runs of labelled lines that tell units, as half-open ranges of the lines.

    "建好公园。", "责任单位：市城管局", "整改时限：6月底", "修好道路。" → (1, 3)
    """
    runs, start = [], 0
    for labelled, group in groupby(lines, lambda line: _LINE.fullmatch(line) is not None):
        run = list(group)
        if labelled and any(map(_UNITS.match, run)):
            runs.append((start, start + len(run)))
        start += len(run)
    return runs


def is_bracket(closing: str) -> bool:
    """Whether closing lines are one bracket that says who answers: （县住建局牵头，县财政局配合）."""
    return _BRACKET.fullmatch(closing.strip()) is not None


def closes_list(above: str, siblings: Sequence[str], closing: str) -> bool:
    """Whether lines behind the last of several siblings speak of the clause above.

    They do when that announces the list (整改措施：) and no sibling before has such lines, or when they tell the time too, or are
    a bracket, and nobody answers for a sibling.
    """
    if _MEASURES.search(above):
        return not any(_UNITS.search(sibling) for sibling in siblings[:-1])
    return (
        len(siblings) > 1
        and (_TIME.search(closing) is not None or is_bracket(closing))
        and not any(_SOMEBODY.search(sibling) for sibling in siblings[:-1])
    )


_OF_ARTICLE = re.compile(r"(?<=。)\n?(?=有?前[款两三]|违反前款|本条(?:例)?所称|本条第)")  # refers to what stands above


def behind_items(text: str, items: Sequence[tuple[int, int]]) -> int:
    """Where a further paragraph of an article begins behind its items, given their ranges; -1 when there is none.

    "（一）有场所；⏎（二）有人员。⏎前款所称人员，是指……。" → the place of 前款
    """
    start, end = items[-1]
    at = text.find("\n", start, end) + 1
    lined = at and text[at - 2] in "。；" and all("\n" not in text[a:b].strip() for a, b in items[:-1])
    if lined and len(items) > 1 and text[at:end].strip():
        return at
    refers = _OF_ARTICLE.search(text, start, end)
    return refers.end() if refers else -1


def fields_behind(text: str, start: int, end: int, labels: Sequence[str]) -> int:
    """Where the columns with these labels begin that end ``text[start:end]``, the last of them in a bracket; -1 when there are none.

    "（2）补办手续。责任领导：王某。（责任单位：市水务局）" → the place of 责任领导
    """
    at = max((text.rfind(f"（{label}：", start, end) for label in labels if label), default=-1)
    while at > start:
        field = max(start, text.rfind("。", start, at - 1) + 1)
        if text[field:at].partition("：")[0] not in labels:
            break
        at = field
    return at
