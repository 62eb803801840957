"""Clauses → facts: a finder for each kind of fact, and a spaCy pipeline of the same finders, each a component.

A build asks the finders themselves. The pipeline, which cuts the text into words besides, is for those who want to see what was
found: it reads one clause's own text at a time (``Doc._.passage``), its spans stand in a span group named like their kind, and
displaCy draws any of its Docs: ``displacy.render(doc, style="span", options={"spans_key": "targets"})``.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kb.extraction.citations import find_citations
from kb.extraction.deadlines import find_deadlines
from kb.extraction.responsibilities import find_responsibilities
from kb.extraction.responsibilities.declarations import Declaration, find_declarations
from kb.extraction.targets import find_targets
from kb.models import (
    Citation,
    Deadline,
    Document,
    ParsedDocument,
    Responsibility,
    Target,
)
from kb.text import Passage

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["annotate", "extract", "pipeline"]

Fact = Responsibility | Target | Deadline | Citation
_Finder = Callable[[Passage, Document, Sequence[Declaration]], Sequence[Fact]]
FINDERS: dict[str, _Finder] = {
    "responsibilities": lambda passage, _, declarations: find_responsibilities(passage, declarations),
    "targets": lambda passage, document, _: find_targets(passage, document),
    "deadlines": lambda passage, document, _: find_deadlines(passage, document),
    "citations": lambda passage, document, _: find_citations(passage, document),
}
_WITHOUT_TEXT_LIMIT = 1 << 40  # clauses have no length limit; spaCy's guards models that we do not use


def extract(document: Document, passages: Sequence[Passage]) -> ParsedDocument:
    """The document with every fact that its clauses state."""
    declarations = _declarations(passages)
    found: dict[str, list[Any]] = {kind: [] for kind in FINDERS}
    for passage in passages:  # one after the other: what several finders ask of a passage is remembered for a while
        for kind, find in FINDERS.items():
            found[kind].extend(find(passage, document, declarations))
    facts: dict[str, Any] = {kind: tuple(several) for kind, several in found.items()}
    return ParsedDocument(document, tuple(passage.clause for passage in passages), **facts)


def annotate(document: Document, passages: Sequence[Passage]) -> Iterator[Doc]:
    """One Doc a passage, in order, with its facts in ``doc._`` and ``doc.spans`` under the name of their kind."""
    nlp = pipeline()
    declarations = _declarations(passages)
    for passage in passages:
        doc = nlp.make_doc(passage.reading.text)
        doc._.passage, doc._.document, doc._.declarations = passage, document, declarations
        for _, component in nlp.pipeline:
            doc = component(doc)
        yield doc


@cache
def pipeline() -> Language:
    """The spaCy pipeline (blank Chinese, jieba words, one component a kind of fact); made once."""
    from kb.extraction.segmentation import segmenter

    spacy = _spacy()
    from spacy.lang.zh import Segmenter
    from spacy.tokens import Doc

    for name in ("passage", "document", "declarations", *FINDERS):
        Doc.set_extension(name, default=None, force=True)
    nlp: Language = spacy.blank("zh")
    # Set by hand, not by configuration: spaCy would load the dictionary of another jieba first.
    tokenizer: Any = nlp.tokenizer
    tokenizer.segmenter, tokenizer.jieba_seg = Segmenter.jieba, segmenter()
    nlp.max_length = _WITHOUT_TEXT_LIMIT
    for kind, find in FINDERS.items():
        spacy.Language.component(kind, func=_component(kind, find))
        nlp.add_pipe(kind)
    return nlp


def _declarations(passages: Sequence[Passage]) -> list[Declaration]:
    return [declaration for passage in passages for declaration in find_declarations(passage)]


def _component(kind: str, find: _Finder) -> Callable[[Doc], Doc]:
    def component(doc: Doc) -> Doc:
        passage = doc._.passage
        facts = find(passage, doc._.document, doc._.declarations)
        setattr(doc._, kind, facts)
        offsets = passage.reading.offsets
        places = [(bisect_left(offsets, fact.start), bisect_left(offsets, fact.end)) for fact in facts]
        spans = [
            doc.char_span(start, end, label=fact.rule, alignment_mode="expand")
            for fact, (start, end) in zip(facts, places, strict=True)
        ]
        doc.spans[kind] = [span for span in spans if span is not None]
        return doc

    return component


def _spacy() -> ModuleType:
    """spaCy, imported without torch: its machine-learning half would load it for a second, and nothing here uses that half."""
    hidden = "torch" not in sys.modules
    if hidden:
        sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        import spacy
    finally:
        if hidden:
            del sys.modules["torch"]
    return spacy
