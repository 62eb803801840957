"""A kind of fact by itself is what a whole reading finds of that kind."""

from __future__ import annotations

from plans import FOUNDING_PLAN

from kb.extraction import FINDERS, extract, find
from kb.parsing import parse
from kb.readers import read_document


def test_one_kind_alone_is_what_all_together_find() -> None:
    document, passages = parse(read_document(FOUNDING_PLAN))
    parsed = extract(document, passages)
    for kind in FINDERS:
        assert find(kind, document, passages) == getattr(parsed, kind) != ()
