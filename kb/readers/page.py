"""HTML → a tree of the visible elements, each with the number of characters of running text in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

# Elements whose content is not displayed as text.
_INVISIBLE = frozenset(
    "script style noscript template svg math iframe object embed canvas audio video select button input textarea "
    "head title meta link map dialog".split()
)
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr o:p q ruby s samp small span strike "
    "strong sub sup time tt u var wbr".split()
)
_MOST_SPAN = 1000  # the limit for colspan in the HTML standard
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# Running text has ends of sentences, or commas between longer parts; menu entries, labels and dates have neither.
_SENTENCE = re.compile(r"[。；！？]|.{8,}[，,].{8,}")


@dataclass(slots=True, eq=False)
class Element:
    """One element; ``children`` are elements and text in document order."""

    tag: str
    names: str = ""  # classes, id and role, in lower case
    href: str = ""
    spans: tuple[int, int] = (1, 1)  # rowspan and colspan of a table cell
    children: list[Element | str] = field(default_factory=list)
    # the lines of running text that end in this element, without links
    running: list[str] = field(default_factory=list)
    own_linked: int = 0  # characters of the link, 0 when the element is none
    unfinished: list[str] = field(default_factory=list)  # text of lines that may continue behind this element
    prose: int = 0  # characters of running text in this element and its descendants
    linked: int = 0  # own_linked of this element and its descendants
    size: int = 1  # number of elements, itself included

    def close(self, parent: Element | None) -> None:
        """Count the lines that end with this element, and pass the unfinished text on to its parent."""
        if self.tag == "a" and self.href:
            self.own_linked = len("".join(self.unfinished))
        elif self.tag not in INLINE or parent is None:
            self.running = list(filter(_SENTENCE.search, "".join(self.unfinished).split("\n")))
        else:
            parent.unfinished += self.unfinished
        self.unfinished = []

    def count(self) -> None:
        """Set prose, linked and size of this element and its descendants."""
        for element in reversed(list(self.elements())):
            inside = [child for child in element.children if isinstance(child, Element)]
            element.prose = sum(map(len, element.running)) + sum(child.prose for child in inside)
            element.linked = element.own_linked + sum(child.linked for child in inside)
            element.size = 1 + sum(child.size for child in inside)

    def elements(self) -> Iterator[Element]:
        """This element and its descendants in document order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [child for child in reversed(element.children) if isinstance(child, Element)]


@dataclass(frozen=True, slots=True)
class WebPage:
    """The visible body of a web page, and the titles in its metadata: those for the document, then that of the page."""

    body: Element
    titles: tuple[str, ...]


def read_page(markup: str) -> WebPage:
    """The web page of any markup, malformed markup included."""
    parser = LexborHTMLParser(markup)
    body = Element("body")
    if parser.body is not None:
        _fill(body, parser.body)
        body.count()
    return WebPage(body, tuple(_titles(parser)))


def _fill(top: Element, node: LexborNode) -> None:
    # A loop instead of recursion: malformed pages nest thousands of elements.
    open_elements = [(top, node.iter(include_text=True))]
    while open_elements:
        element, children = open_elements[-1]
        child = next(children, None)
        if child is None:
            open_elements.pop()
            element.close(open_elements[-1][0] if open_elements else None)
        elif (tag := child.tag or "-") == "-text":
            text = child.text(deep=False)
            element.children.append(text)
            element.unfinished.append(" ".join(text.split()) if element.tag != "pre" else text)
        elif tag == "br":
            element.children.append(Element("br"))
            element.unfinished.append("\n")
        elif not tag.startswith(("-", "!")) and tag not in _INVISIBLE and not _is_hidden(child):
            inside = _element(child)
            element.children.append(inside)
            open_elements.append((inside, child.iter(include_text=True)))


def _element(node: LexborNode) -> Element:
    attributes = node.attributes
    names = " ".join(attributes.get(key) or "" for key in ("class", "id", "role")).lower()
    spans = (_span(attributes.get("rowspan")), _span(attributes.get("colspan")))
    return Element(node.tag or "", names, attributes.get("href") or "", spans)


def _span(attribute: str | None) -> int:
    """The rows or columns of a rowspan or colspan, 1..1000; 1 when it is no number."""
    digits = (attribute or "").strip()
    return min(max(int(digits), 1), _MOST_SPAN) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 1


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return "hidden" in attributes or _HIDDEN.search(attributes.get("style") or "") is not None


def _titles(parser: LexborHTMLParser) -> Iterator[str]:
    for meta in parser.css("meta"):
        if (meta.attributes.get("name") or "").lower() in {"articletitle", "og:title", "dc.title"}:
            yield " ".join((meta.attributes.get("content") or "").split())
    title = parser.css_first("title")
    if title is not None:
        yield " ".join(title.text().split())
