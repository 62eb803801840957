"""A document as a page of marked text, drawn by displaCy: units by their role, targets, deadlines and citations."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

from spacy import displacy

from kb.annotation.components import label_of
from kb.facts import every_fact
from kb.models import FACT_KINDS, ParsedDocument

# Also those of displaCy itself, by an entry point of this package.
COLORS = {
    "LEAD": "#6fc276",
    "RESPONSIBLE": "#b5deb5",
    "SUPPORT": "#cfe36f",
    "TARGET": "#f7b267",
    "DEADLINE": "#8ecae6",
    "CITATION": "#d0b8e8",
}
_CHINESE = {
    **{kind.noun.__name__.upper(): kind.chinese for kind in FACT_KINDS},
    "LEAD": "牵头",
    "RESPONSIBLE": "责任",
    "SUPPORT": "配合",
    "TARGET": "指标",
}
# Without white space between the tokens, which would show.
_TEMPLATE = {
    "span": '<span class="token">{text}{span_slices}{span_starts}</span>',
    "slice": '<span class="bar" style="background:{bg};top:{top_offset}px"></span>',
    "start": '<span class="bar" style="background:{bg};top:{top_offset}px"><span class="label" style="background:{bg}">{label}</span></span>',
}
# No character of any text; displaCy writes a space behind what is not marked, which Chinese has not
_NO_SPACE = "\ufdd0"
_BLANK_LINES = re.compile(r"\n\s*\n")
_STYLE = """
body { margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem 4rem; font: 16px/1.9 "Noto Serif CJK SC", "Source Han Serif SC", SimSun, serif; color: #1a1a1a; }
h1 { font-size: 1.4em; line-height: 1.4; margin: 0; }
header p { margin: .4em 0 0; font-size: .875em; color: #555; }
ul { display: flex; flex-wrap: wrap; gap: .4em 1em; margin: 1em 0; padding: .6em 0; border-block: 1px solid #ddd; list-style: none; font-size: .875em; }
ul span { border-radius: 3px; padding: .1em .4em; }
.spans { white-space: pre-line; overflow-wrap: anywhere; }
.token { position: relative; }
.bar { position: absolute; left: -1px; width: calc(100% + 2px); height: 3px; }
.label { position: absolute; z-index: 1; top: 0; left: 0; border-radius: 3px; padding: 2px 4px; font: 11px/1 sans-serif; white-space: nowrap; }
"""
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title><style>{style}</style></head>
<body>
<header><h1>{title}</h1><p>{about}</p></header>
<ul aria-label="图例">{legend}</ul>
<main>{text}</main>
</body>
</html>
"""
_LAYOUT = {"top_offset": 24, "top_offset_step": 9, "template": _TEMPLATE}


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    label: str


def draw(parsed: ParsedDocument) -> str:
    """A whole HTML page, with nothing to load: the text as it is printed, each fact underlined in its colour and named."""
    document = parsed.document
    marks = {_Mark(fact.start, fact.end, label_of(fact)) for fact in every_fact(parsed)}
    blocks = list(_blocks(parsed, sorted(marks, key=lambda mark: (mark.start, -mark.end, mark.label))))
    colors = {_CHINESE[label]: color for label, color in COLORS.items()}
    text = displacy.render(blocks, style="span", manual=True, jupyter=False, options={**_LAYOUT, "colors": colors})
    legend = "".join(f'<li><span style="background:{color}">{label}</span></li>' for label, color in colors.items())
    dated = document.issued_on.removeprefix("--")  # --12-22: the year is lost
    about = " · ".join(filter(None, (document.document_number, "、".join(document.issuers), dated)))
    return _PAGE.format(
        title=escape(document.title or document.source),
        style=_STYLE,
        about=escape(about),
        legend=legend,
        text=text.replace(f"{_NO_SPACE} ", ""),
    )


def _blocks(parsed: ParsedDocument, marks: Sequence[_Mark]) -> Iterator[dict[str, Any]]:
    """What displaCy draws, a block from each clause to the next: drawing takes time with the square of a block's length."""
    borders = sorted({0, len(parsed.document.text), *(clause.start for clause in parsed.clauses)})
    for start, end in pairwise(borders):
        yield _block(parsed.document.text, start, end, [mark for mark in marks if start <= mark.start < end])


def _block(text: str, start: int, end: int, marks: Sequence[_Mark]) -> dict[str, Any]:
    """Tokens, a single character where something is marked so that lines can break, and the marks in numbers of tokens."""
    marked = {place for mark in marks for place in range(mark.start, mark.end)}
    edges = [start, *(place for place in range(start + 1, end) if place in marked or place - 1 in marked), end]
    pieces = [(text[one:other], one in marked) for one, other in pairwise(edges)]
    tokens = [piece if is_marked else _BLANK_LINES.sub("\n", piece) + _NO_SPACE for piece, is_marked in pieces]
    spans = [
        {
            "start_token": bisect_left(edges, mark.start),
            "end_token": bisect_left(edges, mark.end),
            "label": _CHINESE[mark.label],
        }
        for mark in marks
    ]
    return {"tokens": tokens, "spans": spans}
