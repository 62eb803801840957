"""SourceText → Document header and the tree of clauses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any

from kb.models import Document, Particulars, SourceText
from kb.parsing.boxes import with_boxes
from kb.parsing.frame import split_zones
from kb.parsing.header import read_header
from kb.parsing.layout import read_layout
from kb.parsing.markers import Marker, find_markers
from kb.parsing.sequence import select_markers
from kb.parsing.titles import kind_of
from kb.parsing.tree import build_tree
from kb.parsing.unnumbered import styled_headings, year_headings
from kb.text import Passage, Reading, normalise

__all__ = ["parse"]


def parse(source: SourceText, particulars: Particulars | None = None) -> tuple[Document, tuple[Passage, ...]]:
    """The document in a text, and its clauses in reading order, each with its own text; every text can be parsed.

    Given ``particulars`` take precedence over the header of the text.
    """
    layout = read_layout(source)
    reading = layout.reading
    zones = []
    for zone in split_zones(reading.text):
        inside = reading.cut(zone.start, zone.end)
        markers = [] if zone.part == "conclusion" else find_markers(inside, zone.start)
        if zone.part != "conclusion" and (headings := _headings(source, inside, zone.start, markers)):
            markers = sorted((*markers, *headings), key=attrgetter("start"))
        zones.append((zone, with_boxes(inside.text, zone.start, select_markers(markers))))
    plan = next((starts for zone, starts in zones if zone.part == "body" and starts), [])
    body_start = plan[0].marker.start if plan else len(reading)
    document = read_header(source, layout, [zone for zone, _ in zones], body_start)
    document = _with_particulars(document, particulars) if particulars is not None else document
    passages = build_tree(document, reading, zones, layout.rows)
    return replace(document, coverage=_coverage(source.printed, layout.copied, passages)), passages


def _headings(source: SourceText, inside: Reading, shift: int, markers: Sequence[Marker]) -> list[Marker]:
    """The headings without a number in a part of the text."""
    styled = styled_headings(inside, shift, source.headings, markers) if source.headings else []
    return styled or (year_headings(inside, shift) if markers else [])


def _coverage(printed: str, copied: int, passages: Sequence[Passage]) -> float:
    """The share of what a file shows that stands in its clauses, 1 where it was not taken; ``copied`` of it are a second copy.

    Each character counts as often as it is shown: what a table repeats for each of its rows hides nothing that is lost.
    """
    shown = len(printed) - copied
    if shown <= 0:
        return 1.0
    reached = Counter("".join(passage.reading.text for passage in passages))
    return round(min(1.0, sum((Counter(normalise(printed)) & reached).values()) / shown), 3)


def _with_particulars(document: Document, particulars: Particulars) -> Document:
    given: dict[str, Any] = {
        field.name: value for field in fields(particulars) if (value := getattr(particulars, field.name))
    }
    return replace(
        document, **given, kind=kind_of(normalise(particulars.title)) if particulars.title else document.kind
    )
