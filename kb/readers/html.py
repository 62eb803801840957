"""Web pages: the document's own text, without menus, share bars and footers; by general rules, no site is known by name."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from kb.errors import UnreadableDocument
from kb.lexicon import METADATA_LABELS
from kb.messages import Message
from kb.models import SourceText
from kb.readers.decoding import UndecodableError, decode
from kb.readers.lines import WebLine, is_data_table, lines
from kb.readers.page import INLINE, Element, WebPage, read_page

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""")
_DECLARED_WITHIN = 4096  # bytes

# The content is the smallest element that holds this share of the page's running text: lower, and a long attachment is cut off;
# higher, and an abstract in a side column drags the whole page in.
_CONTENT_SHARE = 0.85
# Elements that are furniture by tag or by their words, unless they hold more of the page's running text than this.
_FURNITURE_TAGS = frozenset(("nav", "header", "footer", "aside"))
_FURNITURE_TAG_SHARE = 0.5
_FURNITURE_NAMES = re.compile(
    r"""(?<![a-z])(?:
    nav|navbar|navigation|menu|topbar|toolbar|sidebar|banner    # what leads elsewhere
    |breadcrumbs?|crumbs?|position|location|curpos              # 当前位置
    |b?share|bds\w*|social|qr\w*|ewm|weixin|print|font-?size    # 分享, 扫一扫, 打印, 字号
    |foot|footer|copyright|copy                                 # 主办单位, 备案号
    |related|relate|recommend|pager|pagination|comments?|search|login|adv?|advert\w*
    )(?![a-z])""",
    re.VERBOSE,
)
_FURNITURE_NAMES_SHARE = 0.3
_FOOTER_MARKS = re.compile(
    r"版权所有|主办单位\s*[:：]|承办单位\s*[:：]|ICP备|公网安备|网站标识码|技术支持\s*[:：]|建议使用.{0,20}浏览器|网站地图"
)
_FOOTER_PROSE = 1000  # characters of running text that a footer has at most
_FOOTER_SIZE = 400  # elements
_FOOTER_MARKS_WITHIN = 30  # a footer begins with its marks; what holds the text and the footer does not

_HEADINGS = frozenset(("h1", "h2", "h3"))
_META_LABEL = re.compile(
    "("
    + "|".join(r"\s*".join(label) for label in sorted(METADATA_LABELS, key=len, reverse=True))  # 索 引 号
    + r")\s*(?:[:：\t]|$)"
)
_META_LABELS = 3  # a box with so many different labels is the metadata box
_MOST_NESTED, _MOST_ATTRIBUTES = 25_000, 5_000
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z][^\s/>]*)(?P<attributes>[^>]*)", re.IGNORECASE)
# Elements that have no end, or whose end is often left out.
_WITHOUT_END = frozenset(
    "p li dd dt tr td th thead tbody option br hr img input meta link col area base embed source param".split()
)
_ATTACHMENT = re.compile(r"\s*(?:附件|附表|附图|附录)")
_NUMBERED = re.compile(r"\s*(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d+[.．、])")
_SITE_NAME = re.compile(r"\s*(?:[_|｜]|\s[-–—]+\s|--|-(?=[^-]*(?:网|网站|政府|门户|平台)$)).*$")
_LINE_IS_LINK = 0.7  # share of linked characters from which on a line is a link, not text that cites something


def read(path: Path, data: bytes) -> SourceText:
    """The page's own text, one paragraph or table row a line; UnreadableDocument when it has none."""
    declared = _DECLARED.search(data[:_DECLARED_WITHIN])
    try:
        markup = decode(data, _encoding(declared.group(1).decode("ascii")) if declared else "")
    except UndecodableError as error:
        raise UnreadableDocument(path, error.message) from error
    _check(path, markup)
    page = read_page(markup)
    found = list(_own_lines(page))
    if not found:
        raise UnreadableDocument(path, Message("page-without-text"))
    text = "\n".join(line.text for line in found)
    return SourceText(path.name, text, hashlib.sha256(data).hexdigest(), _title(page, found))


def _check(path: Path, markup: str) -> None:
    """Refuse markup on which a parser of HTML takes time that grows with the square of its length."""
    depth = 0
    for tag in _TAG.finditer(markup):
        if tag["name"].lower() not in _WITHOUT_END:
            depth += -1 if tag["end"] else 1
        if depth > _MOST_NESTED:
            raise UnreadableDocument(path, Message("nested-too-deep", most=_MOST_NESTED))
        if len(tag["attributes"]) > _MOST_ATTRIBUTES and tag["attributes"].count("=") > _MOST_ATTRIBUTES:
            raise UnreadableDocument(path, Message("too-many-attributes", most=_MOST_ATTRIBUTES))


def _encoding(declared: str) -> str:
    # Pages that call themselves gb2312 use characters of its successors.
    return "gb18030" if declared.lower().startswith(("gb", "x-gb")) else declared


def _own_lines(page: WebPage) -> Iterator[WebLine]:
    """Title and metadata box where they stand before the content, the content, and what belongs to it behind."""
    _drop_furniture(page.body)
    chain = _content_chain(page.body)
    titles = tuple(filter(None, (_SITE_NAME.sub("", title) for title in page.titles)))
    for parent, child in itertools.pairwise(chain):
        for sibling in parent.children[: parent.children.index(child)]:
            yield from _head(sibling, titles)
    yield from _readable(chain[-1])
    for parent, child in zip(chain[-2::-1], chain[:0:-1], strict=True):
        for sibling in parent.children[parent.children.index(child) + 1 :]:
            yield from _tail(sibling, nearest=child is chain[-1])


def _drop_furniture(body: Element) -> None:
    for element in body.elements():
        element.children = [
            child
            for child in element.children
            if isinstance(child, str) or not _is_furniture(child, max(body.prose, 1))
        ]
    body.count()


def _is_furniture(element: Element, whole: int) -> bool:
    share = element.prose / whole
    if element.tag in _FURNITURE_TAGS:
        return share < _FURNITURE_TAG_SHARE
    if element.tag in INLINE:
        return False
    if _FURNITURE_NAMES.search(element.names) and share < _FURNITURE_NAMES_SHARE:
        return True
    return share < 1 and _is_footer(element)


def _is_footer(element: Element) -> bool:
    if element.prose > _FOOTER_PROSE or element.size > _FOOTER_SIZE:
        return False
    text = "\n".join(line.text for line in lines(element))
    marks = list(_FOOTER_MARKS.finditer(text))
    return len({mark.group() for mark in marks}) > 1 and marks[0].start() <= _FOOTER_MARKS_WITHIN


def _content_chain(body: Element) -> list[Element]:
    """The elements from the body down to the smallest that holds nearly all running text."""
    chain = [body]
    enough = _CONTENT_SHARE * body.prose
    while True:
        inner = [
            child for child in chain[-1].children if isinstance(child, Element) and child.tag not in INLINE | {"p"}
        ]
        largest = max(inner, key=lambda child: child.prose, default=None)
        if largest is None or largest.prose < enough or not largest.prose:
            return chain
        if largest.tag == "table" and is_data_table(largest):
            return chain  # a cell with nearly all sentences is not the document without the other cells
        chain.append(largest)


def _head(sibling: Element | str, titles: tuple[str, ...]) -> Iterator[WebLine]:
    """Lines that repeat the page's title (any heading when it has none) and lines of a metadata box."""
    if isinstance(sibling, str):
        return
    found = lines(sibling)
    labels = {label for line in found for label in _META_LABEL.findall(line.text)}
    is_box = len(labels) >= _META_LABELS
    after_label = False
    for line in found:
        is_title = len(line.text) >= 6 and any(line.text in title for title in titles)
        is_title |= not titles and line.tag in _HEADINGS
        label = _META_LABEL.search(line.text)
        if is_title or (is_box and (label or after_label)):
            yield line
        after_label = label is not None and label.end() == len(line.text)


def _tail(sibling: Element | str, *, nearest: bool) -> Iterator[WebLine]:
    """Lists of attachments; beside the content itself, running text as well."""
    if isinstance(sibling, str):
        return
    found = list(_readable(sibling))
    is_text = nearest and sibling.prose > sibling.linked
    if found and (is_text or _ATTACHMENT.match(found[0].text)):
        yield from found


def _readable(element: Element) -> Iterator[WebLine]:
    for line in lines(element):
        is_link = line.linked >= _LINE_IS_LINK * max(len(line.text), 1)
        if not is_link or line.attached or _ATTACHMENT.match(line.text) or _NUMBERED.match(line.text):
            yield line


def _title(page: WebPage, found: list[WebLine]) -> str:
    """The title as it stands on the page when it does, else the page's own without the name of the site."""
    first = [line.text for line in found[:20]]
    for title in filter(None, page.titles):
        for text in first:
            if len(text) >= 6 and title.startswith(text):
                return text
    own = next(filter(None, page.titles), "")
    heading = next((line.text for line in found if line.tag in _HEADINGS), "")
    return _SITE_NAME.sub("", own) or heading
