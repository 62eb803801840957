"""SourceText → Document header and the tree of clauses."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from kb.models import Document, Particulars, SourceText
from kb.parsing.frame import divide
from kb.parsing.header import read_header
from kb.parsing.layout import read_layout
from kb.parsing.markers import find_markers
from kb.parsing.sequence import place_markers
from kb.parsing.titles import kind_of
from kb.parsing.tree import build_tree
from kb.text import Passage, normalise

__all__ = ["parse"]


def parse(source: SourceText, said: Particulars | None = None) -> tuple[Document, tuple[Passage, ...]]:
    """The document that a text holds, and its clauses in reading order, each with its own text; never refuses a text.

    What is ``said`` of the document goes before what it says itself.
    """
    layout = read_layout(source.text)
    reading = layout.reading
    zones = []
    for zone in divide(reading.text):
        inside = reading.cut(zone.start, zone.end)
        markers = [] if zone.part == "conclusion" else find_markers(inside, zone.start)
        zones.append((zone, place_markers(markers)))
    plan = next((placed for zone, placed in zones if zone.part == "body" and placed), [])
    body_start = plan[0].marker.start if plan else len(reading)
    document = read_header(source, layout, [zone for zone, _ in zones], body_start)
    document = _told(document, said) if said is not None else document
    return document, build_tree(document, reading, zones)


def _told(document: Document, said: Particulars) -> Document:
    told: dict[str, Any] = {field.name: value for field in fields(said) if (value := getattr(said, field.name))}
    return replace(document, **told, kind=kind_of(normalise(said.title)) if said.title else document.kind)
