"""Web pages: the text of the document, without menus, share bars and footers. The rules are general; none names a site."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from kb.errors import UnreadableDocument
from kb.lexicon import KIND, METADATA_LABELS
from kb.messages import Message
from kb.models import SourceText
from kb.readers.decoding import UndecodableError, decode
from kb.readers.lines import WebLine, is_data_table, lines
from kb.readers.page import INLINE, Element, WebPage, read_page
from kb.readers.tables import rows_of

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""")
_DECLARED_WITHIN = 4096  # the bytes in which a declared encoding is looked for

# The content is the smallest element with this share of the page's running text. With a lower share a long attachment is lost; with a
# higher one an abstract in a side column makes the whole page the content.
_CONTENT_SHARE = 0.85
# Page furniture: elements with such a tag or such a word in their names, unless they have this share of the running text.
_FURNITURE_TAGS = frozenset(("nav", "header", "footer", "aside"))
_FURNITURE_TAG_SHARE = 0.5
_FURNITURE_NAMES = re.compile(
    r"""(?<![a-z])(?:
    nav|navbar|navigation|menu|topbar|toolbar|sidebar|banner    # navigation
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
_FOOTER_PROSE = 1000  # most characters of running text in a footer
_FOOTER_SIZE = 400  # most elements in a footer
_FOOTER_MARKS_WITHIN = 30  # characters: a footer begins with a mark, an element with text and footer does not

_HEADINGS = frozenset(("h1", "h2", "h3"))
_META_LABEL = re.compile(
    "("
    + "|".join(r"\s*".join(label) for label in sorted(METADATA_LABELS, key=len, reverse=True))  # 索 引 号
    + r")\s*(?:[:：\t]|$)"
)
_META_LABELS = 3  # the least number of different labels in a metadata box
_MOST_NESTED, _MOST_ATTRIBUTES = 25_000, 5_000
_MOST_TABLES = 200  # inside each other
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z][^\s/>]*)(?P<attributes>[^>]*)", re.IGNORECASE)
# Elements without an end tag, or whose end tag is often left out.
_WITHOUT_END = frozenset(
    "p li dd dt tr td th thead tbody option br hr img input meta link col area base embed source param".split()
)
_ATTACHMENT = re.compile(r"\s*(?:附件|附表|附图|附录)")
_NUMBERED = re.compile(r"\s*(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d+[.．、])")
_SITE_NAME = re.compile(r"\s*(?:[_|｜]|\s[-–—]+\s|--|-(?=[^-]*(?:网|网站|政府|门户|平台)$)).*$")
_DOCUMENT_TITLE = re.compile(rf"(?:{KIND})(?:[（(][^（）()]{{1,12}}[）)])?$")
_NUMBER = re.compile(r"[（(]?[\u4e00-\u9fffA-Z]{2,14}\s?[〔\[［（(]\s?\d{4}\s?[〕\]］）)]\s?第?\s?\d{1,5}\s?号[）)]?")
_LINE_IS_LINK = 0.7  # least share of linked characters in a line that is a link; a line of text that cites has less


def read(path: Path, data: bytes) -> SourceText:
    """The text of the document on the page, one paragraph or table row a line; UnreadableDocument when it has none."""
    declared = _DECLARED.search(data[:_DECLARED_WITHIN])
    try:
        markup = decode(data, _encoding(declared.group(1).decode("ascii")) if declared else "")
    except UndecodableError as error:
        raise UnreadableDocument(path, error.message) from error
    _check(path, markup)
    page = read_page(markup)
    printed = "".join("".join(line.split()) for element in page.body.elements() for line in element.running)
    own_lines = list(_own_lines(page))
    if not own_lines:
        raise UnreadableDocument(path, Message("page-without-text"))
    text = "\n".join(line.text for line in own_lines)
    return SourceText(
        path.name,
        text,
        hashlib.sha256(data).hexdigest(),
        _title(page, own_lines),
        rows=rows_of(line.text for line in own_lines),
        printed=printed,
    )


def _check(path: Path, markup: str) -> None:
    """UnreadableDocument for markup so deeply nested, or with so many attributes, that parsing takes quadratic time."""
    depth = tables = 0
    for tag in _TAG.finditer(markup):
        name, step = tag["name"].lower(), -1 if tag["end"] else 1
        depth += step * (name not in _WITHOUT_END)
        tables = max(0, tables + step * (name == "table"))
        if depth > _MOST_NESTED or tables > _MOST_TABLES:
            most = _MOST_NESTED if depth > _MOST_NESTED else _MOST_TABLES
            raise UnreadableDocument(path, Message("nested-too-deep", most=most))
        if len(tag["attributes"]) > _MOST_ATTRIBUTES and tag["attributes"].count("=") > _MOST_ATTRIBUTES:
            raise UnreadableDocument(path, Message("too-many-attributes", most=_MOST_ATTRIBUTES))


def _encoding(declared: str) -> str:
    # Pages that declare gb2312 use characters of its successors too.
    return "gb18030" if declared.lower().startswith(("gb", "x-gb")) else declared


def _own_lines(page: WebPage) -> Iterator[WebLine]:
    """The lines of the title and metadata box before the content, of the content, and of the attachments behind it."""
    _drop_furniture(page.body)
    chain = _content_chain(page.body)
    titles = tuple(filter(None, (_SITE_NAME.sub("", title) for title in page.titles)))
    before = [
        sibling
        for parent, child in itertools.pairwise(chain)
        for sibling in parent.children[: parent.children.index(child)]
        if isinstance(sibling, Element)
    ]
    named = any(_repeats(line, titles) for sibling in before for line in lines(sibling))
    for element in before:
        yield from _head(element, titles, named=named)
    yield from _with_fields(_readable(chain[-1]))
    for parent, child in zip(chain[-2::-1], chain[:0:-1], strict=True):
        for sibling in parent.children[parent.children.index(child) + 1 :]:
            yield from _tail(sibling, nearest=child is chain[-1])


def _drop_furniture(body: Element) -> None:
    """Remove the page furniture from the tree."""
    for element in body.elements():
        element.children = [
            child
            for child in element.children
            if isinstance(child, str) or not _is_furniture(child, max(body.prose, 1))
        ]
    body.count()


def _is_furniture(element: Element, page_prose: int) -> bool:
    share = element.prose / page_prose
    if element.tag in _FURNITURE_TAGS:
        return share < _FURNITURE_TAG_SHARE
    if element.tag in INLINE:
        return False
    if _FURNITURE_NAMES.search(element.names) and share < _FURNITURE_NAMES_SHARE:
        return True
    return share < 1 and _is_footer(element)


def _is_footer(element: Element) -> bool:
    """Whether the element is short, and begins with a mark of footers and has another: 主办单位：… ICP备…"""
    if element.prose > _FOOTER_PROSE or element.size > _FOOTER_SIZE:
        return False
    text = "\n".join(line.text for line in lines(element))
    marks = list(_FOOTER_MARKS.finditer(text))
    return len({mark.group() for mark in marks}) > 1 and marks[0].start() <= _FOOTER_MARKS_WITHIN


def _content_chain(body: Element) -> list[Element]:
    """The elements from the body down to the content, each in the one before."""
    chain = [body]
    least_prose = _CONTENT_SHARE * body.prose
    while True:
        inner = [
            child for child in chain[-1].children if isinstance(child, Element) and child.tag not in INLINE | {"p"}
        ]
        largest = max(inner, key=lambda child: child.prose, default=None)
        if largest is None or largest.prose < least_prose or not largest.prose:
            return chain
        if largest.tag == "table" and is_data_table(largest):
            return chain  # the cell with most of the text is not the whole document
        chain.append(largest)


def _repeats(line: WebLine, titles: tuple[str, ...]) -> bool:
    return len(line.text) >= 6 and any(line.text in title for title in titles)


def _head(sibling: Element, titles: tuple[str, ...], *, named: bool) -> Iterator[WebLine]:
    """Lines before the content that repeat a title of the page, a number alone, and lines of a metadata box.

    Where none repeats a title (``named``), headings: all when the page has no title, else those that end like a document's.
    """
    all_lines = [part for line in lines(sibling) for part in _fields(line)]
    labels = {label for line in all_lines for label in _META_LABEL.findall(line.text)}
    is_box = len(labels) >= _META_LABELS
    after_label = False
    for line in all_lines:
        is_heading = line.tag in _HEADINGS and (not titles or (not named and _DOCUMENT_TITLE.search(line.text)))
        label = _META_LABEL.search(line.text)
        is_field = is_box and (label or after_label)
        if _repeats(line, titles) or is_heading or _NUMBER.fullmatch(line.text) or is_field:
            yield line
        after_label = label is not None and label.end() == len(line.text)


def _fields(line: WebLine) -> Iterator[WebLine]:
    """The row of a metadata box by its fields: "索引号\\t1137\\t发文机关\\t某市" → "索引号：1137", "发文机关：某市"."""
    cells = line.text.split("\t")
    starts = [k for k, cell in enumerate(cells) if _label(cell) in METADATA_LABELS]
    if len(cells) == 1 or not starts or starts[0]:
        yield line
        return
    for k, end in itertools.pairwise([*starts, len(cells)]):
        yield replace(line, text=f"{_label(cells[k])}：{' '.join(cells[k + 1 : end])}")


def _label(cell: str) -> str:
    """What a cell of a metadata box says, if it is a label: "文　号：" → "文号"."""
    return "".join(cell.split()).rstrip("：:")


def _with_fields(content: Iterable[WebLine]) -> Iterator[WebLine]:
    """The lines of the content, a metadata box among them by its fields: rows of labels and values alone, three fields or more."""
    for is_row, group in itertools.groupby(content, _is_row_of_box):
        rows = tuple(group)
        is_box = is_row and sum(row.text.count("\t") + 1 for row in rows) >= 2 * _META_LABELS
        yield from itertools.chain.from_iterable(map(_fields, rows)) if is_box else rows


def _is_row_of_box(line: WebLine) -> bool:
    labels = set(map(_label, line.text.split("\t")[::2])) - {""}
    return "\t" in line.text and labels <= METADATA_LABELS.keys()


def _tail(sibling: Element | str, *, nearest: bool) -> Iterator[WebLine]:
    """Lines of a list of attachments behind the content; in a sibling of the content (``nearest``) running text too."""
    if isinstance(sibling, str):
        return
    readable = list(_readable(sibling))
    is_text = nearest and sibling.prose > sibling.linked
    if readable and (is_text or _ATTACHMENT.match(readable[0].text)):
        yield from readable


def _readable(element: Element) -> Iterator[WebLine]:
    """The lines of an element without lines that only lead elsewhere."""
    for line in lines(element):
        is_link = line.linked >= _LINE_IS_LINK * max(len(line.text), 1)
        if not is_link or line.attached or _ATTACHMENT.match(line.text) or _NUMBERED.match(line.text):
            yield line


def _title(page: WebPage, own_lines: list[WebLine]) -> str:
    """The line with which a title of the page begins, else the first title without the name of the site, else a heading."""
    first = [line.text for line in own_lines[:20]]
    for title in filter(None, page.titles):
        for text in first:
            if len(text) >= 6 and title.startswith(text):
                return text
    title = next(filter(None, page.titles), "")
    heading = next((line.text for line in own_lines if line.tag in _HEADINGS), "")
    named = next((line.text for line in own_lines if line.tag in _HEADINGS and _DOCUMENT_TITLE.search(line.text)), "")
    return named or _SITE_NAME.sub("", title) or heading
