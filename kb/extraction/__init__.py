"""Clauses → facts, composed as one spaCy pipeline: a component for each kind of fact, its spans in a span group of that name.

The pipeline reads one clause's own text at a time (``Doc._.passage``); displaCy draws any of its Docs:
``displacy.render(doc, style="span", options={"spans_key": "targets"})``.
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
from kb.extraction.declarations import find_declarations
from kb.extraction.responsibilities import find_responsibilities
from kb.extraction.segmentation import segmenter
from kb.extraction.targets import find_targets
from kb.models import Citation, Deadline, Document, ParsedDocument, Responsibility, Target
from kb.text import Passage

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["annotate", "extract", "pipeline"]

KINDS = ("responsibilities", "targets", "deadlines", "citations")
Fact = Responsibility | Target | Deadline | Citation
_WITHOUT_TEXT_LIMIT = 1 << 40  # clauses have no length limit; spaCy's guards models that we do not use


@cache
def pipeline() -> Language:
    """The spaCy pipeline (blank Chinese, jieba words, one component a kind of fact); made once."""
    spacy = _spacy()
    from spacy.lang.zh import Segmenter
    from spacy.tokens import Doc

    for name in ("passage", "document", "declarations", *KINDS):
        Doc.set_extension(name, default=None, force=True)
    nlp: Language = spacy.blank("zh")
    # Set by hand, not by configuration: spaCy would load the dictionary of another jieba first.
    tokenizer: Any = nlp.tokenizer
    tokenizer.segmenter, tokenizer.jieba_seg = Segmenter.jieba, segmenter()
    nlp.max_length = _WITHOUT_TEXT_LIMIT
    finders: dict[str, Callable[[Doc], Sequence[Fact]]] = {
        "responsibilities": lambda doc: find_responsibilities(doc._.passage, doc._.declarations),
        "targets": lambda doc: find_targets(doc._.passage, doc._.document),
        "deadlines": lambda doc: find_deadlines(doc._.passage, doc._.document),
        "citations": lambda doc: find_citations(doc._.passage, doc._.document),
    }
    for kind in KINDS:
        spacy.Language.component(kind, func=_component(kind, finders[kind]))
        nlp.add_pipe(kind)
    return nlp


def annotate(document: Document, passages: Sequence[Passage]) -> Iterator[Doc]:
    """One Doc a passage, in order, with its facts in ``doc._`` and ``doc.spans`` under the name of their kind."""
    nlp = pipeline()
    declarations = [declaration for passage in passages for declaration in find_declarations(passage)]
    for passage in passages:
        doc = nlp.make_doc(passage.reading.text)
        doc._.passage, doc._.document, doc._.declarations = passage, document, declarations
        for _, component in nlp.pipeline:
            doc = component(doc)
        yield doc


def extract(document: Document, passages: Sequence[Passage]) -> ParsedDocument:
    """The document with every fact that its clauses state."""
    docs = list(annotate(document, passages))
    return ParsedDocument(
        document,
        tuple(passage.clause for passage in passages),
        responsibilities=tuple(fact for doc in docs for fact in doc._.responsibilities),
        targets=tuple(fact for doc in docs for fact in doc._.targets),
        deadlines=tuple(fact for doc in docs for fact in doc._.deadlines),
        citations=tuple(fact for doc in docs for fact in doc._.citations),
    )


def _component(kind: str, find: Callable[[Doc], Sequence[Fact]]) -> Callable[[Doc], Doc]:
    def component(doc: Doc) -> Doc:
        facts = find(doc)
        setattr(doc._, kind, facts)
        offsets = doc._.passage.reading.offsets
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
