"""SourceText → Document header and the tree of clauses."""

from __future__ import annotations

from kb.models import Document, SourceText
from kb.parsing.frame import divide
from kb.parsing.header import read_header
from kb.parsing.layout import read_layout
from kb.parsing.markers import find_markers
from kb.parsing.sequence import place_markers
from kb.parsing.tree import build_tree
from kb.text import Passage

__all__ = ["parse"]


def parse(source: SourceText) -> tuple[Document, tuple[Passage, ...]]:
    """The document that a text holds, and its clauses in reading order, each with its own text; never refuses a text."""
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
    return document, build_tree(document.id, reading, zones)
