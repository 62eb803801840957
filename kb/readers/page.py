"""HTML → a small tree of what a person would see, each element with the amount of running text in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

# Shown as no text, whatever stands in them.
_UNSEEN = frozenset(
    "script style noscript template svg math iframe object embed canvas audio video select button input textarea "
    "head title meta link map dialog".split()
)
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr o:p q ruby s samp small span strike "
    "strong sub sup time tt u var wbr".split()
)
_MOST_COVERED = 1000  # HTML's own bound for columns
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# Running text ends sentences or runs on over commas; menu entries, labels and dates do neither.
_SENTENCE = re.compile(r"[。；！？]|.{8,}[，,].{8,}")


@dataclass(slots=True, eq=False)
class Element:
    """One element; ``children`` are elements and text in the order of the page."""

    tag: str
    names: str = ""  # its classes, id and role, in small letters
    href: str = ""
    covers: tuple[int, int] = (1, 1)  # rows and columns that a cell takes
    children: list[Element | str] = field(default_factory=list)
    own_prose: int = 0  # characters of running text in lines that end here, links left out
    own_linked: int = 0
    loose: list[str] = field(default_factory=list)  # text of lines that go on outside this element
    prose: int = 0  # the same with everything inside
    linked: int = 0
    size: int = 1  # elements, itself included

    def close(self, parent: Element | None) -> None:
        """Count the lines that end with this element, and hand the rest to its parent."""
        if self.tag == "a" and self.href:
            self.own_linked = len("".join(self.loose))
        elif self.tag not in INLINE or parent is None:
            self.own_prose = sum(map(_running, "".join(self.loose).split("\n")))
        else:
            parent.loose += self.loose
        self.loose = []

    def count(self) -> None:
        """Sum up prose, links and size of this element and of all inside it."""
        for element in reversed(list(self.elements())):
            inside = [child for child in element.children if isinstance(child, Element)]
            element.prose = element.own_prose + sum(child.prose for child in inside)
            element.linked = element.own_linked + sum(child.linked for child in inside)
            element.size = 1 + sum(child.size for child in inside)

    def elements(self) -> Iterator[Element]:
        """This element and all inside it, in the order of the page."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [child for child in reversed(element.children) if isinstance(child, Element)]


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page as it is seen, and the titles that it gives itself, the most exact first."""

    body: Element
    titles: tuple[str, ...]


def read_page(markup: str) -> WebPage:
    """The page of some HTML, however broken."""
    parser = LexborHTMLParser(markup)
    body = Element("body")
    if parser.body is not None:
        _fill(body, parser.body)
        body.count()
    return WebPage(body, tuple(_titles(parser)))


def _fill(top: Element, node: LexborNode) -> None:
    # A loop, not a recursion: broken pages nest thousands deep.
    open_elements = [(top, node.iter(include_text=True))]
    while open_elements:
        element, rest = open_elements[-1]
        child = next(rest, None)
        if child is None:
            open_elements.pop()
            element.close(open_elements[-1][0] if open_elements else None)
        elif (tag := child.tag or "-") == "-text":
            text = child.text(deep=False)
            element.children.append(text)
            element.loose.append(" ".join(text.split()) if element.tag != "pre" else text)
        elif tag == "br":
            element.children.append(Element("br"))
            element.loose.append("\n")
        elif not tag.startswith(("-", "!")) and tag not in _UNSEEN and not _is_hidden(child):
            inside = _element(child)
            element.children.append(inside)
            open_elements.append((inside, child.iter(include_text=True)))


def _element(node: LexborNode) -> Element:
    attributes = node.attributes
    names = " ".join(attributes.get(key) or "" for key in ("class", "id", "role")).lower()
    covers = (_covered(attributes.get("rowspan")), _covered(attributes.get("colspan")))
    return Element(node.tag or "", names, attributes.get("href") or "", covers)


def _covered(said: str | None) -> int:
    """How many rows or columns an attribute says, within reason."""
    said = (said or "").strip()
    return min(max(int(said), 1), _MOST_COVERED) if said.isascii() and said.isdigit() and len(said) < 6 else 1


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return "hidden" in attributes or _HIDDEN.search(attributes.get("style") or "") is not None


def _running(line: str) -> int:
    return len(line) if _SENTENCE.search(line) else 0


def _titles(parser: LexborHTMLParser) -> Iterator[str]:
    for meta in parser.css("meta"):
        if (meta.attributes.get("name") or "").lower() in {"articletitle", "og:title", "dc.title"}:
            yield " ".join((meta.attributes.get("content") or "").split())
    title = parser.css_first("title")
    if title is not None:
        yield " ".join(title.text().split())
