"""The finders as spaCy components, which every pipeline knows by entry points once this package is installed.

``spacy.blank("zh").add_pipe("kb_targets")``: a component reads the text of a Doc as the parser reads that of a file, so it knows the
clauses, the title and the date. What it finds stands in ``doc.spans["kb_targets"]``, and as values of ``kb.models`` in

* ``doc._.kb_document``, ``doc._.kb_clauses``, ``doc._.kb_targets``, …: the document, its clauses, its facts; empty where nothing has looked
* ``span._.kb_fact``: the clause or fact that the span was made from; None for any other span

They are kept with the Doc as plain data, ``doc._.kb_data``, which is saved as other extensions are (``DocBin(store_user_data=True)``).
Ids of clauses have no document before the ``#``, since a text has no name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.util import DummyTokenizer, get_words_and_spaces
from spacy.vocab import Vocab

from kb.models import FACT_KINDS, Clause, Document, Fact, ParsedDocument, Responsibility, SourceText

if TYPE_CHECKING:
    from kb.text import Passage

Noun = Clause | Fact
_Component = Callable[[Doc], Doc]
_KINDS: dict[str, TypeAdapter[Any]] = {
    "clauses": TypeAdapter(list[Clause]),
    **{kind.name: TypeAdapter(list[kind.noun]) for kind in FACT_KINDS},  # type: ignore[name-defined]  # a type made here
}
_DOCUMENT = TypeAdapter(Document)
# Texts whose clauses are remembered: the components of a pipeline see a Doc one after the other.
_REMEMBERED = 4


def annotate(parsed: ParsedDocument) -> Doc:
    """A Doc with one token a character and everything that was read out of a document, as the components write it."""
    characters, spaces = get_words_and_spaces(list(parsed.document.text), parsed.document.text)
    doc = Doc(Vocab(), words=characters, spaces=spaces)
    _write_document(doc, parsed.document)
    for kind in _KINDS:
        _write(doc, kind, getattr(parsed, kind))
    return doc


def doc_bin(parsed: ParsedDocument) -> bytes:
    """A DocBin with that one Doc and its values, which ``DocBin().from_bytes`` and ``from_disk`` read."""
    return DocBin(docs=[annotate(parsed)], store_user_data=True).to_bytes()


def label_of(noun: Noun) -> str:
    """The label of its span: "LEAD", "RESPONSIBLE", "SUPPORT", "TARGET", "DEADLINE", "CITATION", "CLAUSE"."""
    return (noun.role if isinstance(noun, Responsibility) else type(noun).__name__).upper()


# --- components -------------------------------------------------------------------------------------


def _factory(kind: str) -> Callable[..., _Component]:
    def create(nlp: Language, name: str) -> _Component:
        return partial(_find, kind)  # unlike a closure it can be pickled

    assigns = ["doc.spans", "doc._.kb_document", "doc._.kb_clauses", f"doc._.kb_{kind}", "span._.kb_fact"]
    Language.factory(f"kb_{kind}", assigns=assigns, func=create)
    return create


_FACTORIES = {kind: _factory(kind) for kind in _KINDS}


def __getattr__(name: str) -> Callable[..., _Component]:
    """``clauses``, ``targets`` and so on: the factories, as the entry points name them."""
    if name not in _FACTORIES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _FACTORIES[name]


def _find(kind: str, doc: Doc) -> Doc:
    from kb import extraction  # half a second, and each pipeline in this environment imports this module

    document, passages = _parsed(doc.text, doc._.kb_data.get("document", {}).get("id", ""))
    if "clauses" not in doc._.kb_data:
        _write_document(doc, document)
        _write(doc, "clauses", [passage.clause for passage in passages])
    if kind != "clauses":
        _write(doc, kind, extraction.find(kind, document, passages))
    return doc


@lru_cache(maxsize=_REMEMBERED)
def _parsed(text: str, id_: str) -> tuple[Document, tuple[Passage, ...]]:
    from kb.parsing import parse

    return parse(SourceText(name="", text=text, sha256="", id=id_))


# --- words ------------------------------------------------------------------------------------------


class _Words(DummyTokenizer):
    """Tokens are jieba's words; together with the spaces between them they are the text."""

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab

    def __call__(self, text: str) -> Doc:
        from kb.text.segmentation import segment

        tokens, spaces = get_words_and_spaces(segment(text), text)
        return Doc(self._vocab, words=tokens, spaces=spaces)


def create_words() -> Callable[[Language], DummyTokenizer]:
    """The tokenizer that ``[nlp.tokenizer] @tokenizers = "kb.Words.v1"`` names: words of jieba, names of departments whole."""
    return lambda nlp: _Words(nlp.vocab)


# --- what a Doc holds -------------------------------------------------------------------------------


def _write(doc: Doc, kind: str, nouns: Sequence[Noun]) -> None:
    """The nouns as data, and a span for each, whose id says which it is; a span has whole tokens, those cut by a border too."""
    name = f"kb_{kind}"
    doc._.kb_data[kind] = _KINDS[kind].dump_python(list(nouns), mode="json")
    places = [(noun.start, noun.end, label_of(noun), f"{name}/{number}") for number, noun in enumerate(nouns)]
    spans = [
        doc.char_span(start, end, label, span_id=id_, alignment_mode="expand") for start, end, label, id_ in places
    ]
    doc.spans[name] = [span for span in spans if span]


def _write_document(doc: Doc, document: Document) -> None:
    doc._.kb_data["document"] = _DOCUMENT.dump_python(document, mode="json", exclude={"text"})


def _document(doc: Doc) -> Document | None:
    held = doc._.kb_data.get("document")
    return _DOCUMENT.validate_python({**held, "text": doc.text}) if held is not None else None


def _nouns(kind: str, doc: Doc) -> tuple[Any, ...]:
    return tuple(_KINDS[kind].validate_python(doc._.kb_data.get(kind, ())))


def _fact(span: Span) -> Any:
    name, _, number = span.id_.partition("/")
    kind = name.removeprefix("kb_")
    if kind not in _KINDS or (held := span.doc._.kb_data.get(kind)) is None:
        return None
    nouns = _KINDS[kind].validate_python(held[int(number) :][:1])
    # In a Doc that was put together from several the number may be another's.
    return next((noun for noun in nouns if span.start_char <= noun.start and noun.end <= span.end_char), None)


Doc.set_extension("kb_data", default={}, force=True)  # copied for each Doc
Doc.set_extension("kb_document", getter=_document, force=True)
for _kind in _KINDS:
    Doc.set_extension(f"kb_{_kind}", getter=partial(_nouns, _kind), force=True)
Span.set_extension("kb_fact", getter=_fact, force=True)
