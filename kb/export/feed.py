"""New and changed documents as a feed (Atom, RFC 4287) that mail programs, WPS and intranet portals subscribe to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from kb.export.cells import printable
from kb.export.ledger import date_in_words
from kb.models import DocumentSummary

FEED = "新收入的文件"
_ATOM = "http://www.w3.org/2005/Atom"
_UNKNOWN = "1970-01-01"  # the feed wants a day also of what came before days were written down


def write_atom(name: str, address: str, documents: Sequence[DocumentSummary], link: Callable[[str], str]) -> bytes:
    """The documents, the newest first, as a feed of that name at that address; ``link`` gives the page of a document by its id.

    A document whose content has changed is a new entry.
    """
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed")
    _add(feed, "id", f"urn:uuid:{uuid5(NAMESPACE_URL, address)}")
    _add(feed, "title", name)
    _add(feed, "updated", _moment(max((document.received_on for document in documents), default="")))
    _add(feed, "link", rel="self", href=address)
    _add(_add(feed, "author"), "name", "policy-kb")
    for document in documents:
        entry = _add(feed, "entry")
        _add(entry, "id", f"urn:uuid:{uuid5(NAMESPACE_URL, f'{document.id} {document.received_on}')}")
        _add(entry, "title", document.title or document.source)
        _add(entry, "updated", _moment(document.received_on))
        _add(entry, "link", href=link(document.id))
        _add(entry, "summary", _summary(document))
        for issuer in document.issuers:
            _add(_add(entry, "author"), "name", issuer)
    content: bytes = ET.tostring(feed, "utf-8", xml_declaration=True)
    return content


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    added = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    added.text = printable(text) or None
    return added


def _moment(day: str) -> str:
    return f"{day or _UNKNOWN}T00:00:00Z"


def _summary(document: DocumentSummary) -> str:
    said = (document.document_number, date_in_words(document.issued_on), document.kind, f"{document.clauses}个条款")
    counted = (f"{document.responsibilities}项责任", f"{document.targets}个指标")
    return "，".join(filter(None, (*said, *counted)))
