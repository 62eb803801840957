"""The spaCy pipeline, which people look at, and the finders, which a build asks, are one."""

from __future__ import annotations

from itertools import chain

from plans import FOUNDING_PLAN

from kb.extraction import FINDERS, annotate, extract
from kb.parsing import parse
from kb.readers import read


def test_the_pipeline_finds_what_a_build_finds() -> None:
    document, passages = parse(read(FOUNDING_PLAN))
    docs = list(annotate(document, passages))
    parsed = extract(document, passages)
    for kind in FINDERS:
        assert tuple(chain.from_iterable(getattr(doc._, kind) for doc in docs)) == getattr(parsed, kind) != ()
    assert all("".join(word.text_with_ws for word in doc) == doc.text for doc in docs)
    spans = [span.text for doc in docs for span in doc.spans["responsibilities"]]
    assert {"市教育局", "市财政局"} <= set(spans)
