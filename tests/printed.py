"""Small PDF and OFD files, drawn by the tests themselves: each text where they put it, in points from the left and the top."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 595, 842  # A4
_MILLIMETRES = 25.4 / 72


@dataclass(frozen=True)
class Text:
    """A text whose baseline begins at a place; Latin letters are half as wide as Chinese ones."""

    x: float
    y: float
    text: str
    size: float = 16
    quarters: int = 0  # of a turn to the left
    angle: float = 0  # degrees, added to that


@dataclass(frozen=True)
class Rule:
    """A straight line."""

    x: float
    y: float
    to_x: float
    to_y: float


@dataclass(frozen=True)
class Picture:
    """A grey picture."""

    x: float
    y: float
    width: float
    height: float


Page = Sequence[Text | Rule | Picture]


def paragraphs(lines: Sequence[str], *, top: float = 100, size: float = 16, columns: int = 28) -> list[Text]:
    """The lines of paragraphs as an office program prints them: the first one indented by two characters, so many in a line."""
    printed = []
    for text in lines:
        at, room, left = 0, columns - 2, 90 + 2 * size
        while at < len(text):
            end, used = at, 0.0
            while end < len(text) and used < room:
                used += 0.5 if text[end].isascii() else 1
                end += 1
            printed.append(Text(left, top, text[at:end], size))
            at, room, left, top = end, columns, 90, top + 1.75 * size
    return printed


def grid(
    rows: Sequence[Sequence[str]], *, left: float, top: float, widths: Sequence[float], row: float = 24
) -> list[Text | Rule]:
    """A ruled table, the text of each cell on as many lines as it has; None of its cells is merged."""
    drawn: list[Text | Rule] = []
    right = left + sum(widths)
    y = top
    for cells in rows:
        drawn.append(Rule(left, y, right, y))
        x = left
        for cell, width in zip(cells, widths, strict=True):
            drawn += [Text(x + 4, y + 15 + 14 * n, line, 10) for n, line in enumerate(cell.split("\n"))]
            x += width
        y += row + 14 * max(cell.count("\n") for cell in cells)
    drawn.append(Rule(left, y, right, y))
    places = [left + sum(widths[:n]) for n in range(len(widths) + 1)]
    return [*drawn, *(Rule(x, top, x, y) for x in places)]


def pdf(*pages: Page, turned: int = 0) -> bytes:
    """A PDF file with these pages, ``turned`` by so many degrees for display."""
    signs = sorted({sign for page in pages for thing in page if isinstance(thing, Text) for sign in thing.text})
    codes = {sign: 1 + n for n, sign in enumerate(signs)}
    widths = [_width(sign) for sign in signs]
    mapping = "\n".join(f"<{code:02X}> <{sign.encode('utf-16-be').hex()}>" for sign, code in codes.items())
    cmap = f"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def 1 begincodespacerange <00> <FF> endcodespacerange {len(signs)} beginbfchar\n{mapping}\nendbfchar endcmap end end"
    glyphs = " ".join(f"/g{code} {6 if _width(sign) == 500 else 5} 0 R" for sign, code in codes.items())
    named = " ".join(f"/g{code}" for code in codes.values())
    font = f"<</Type/Font/Subtype/Type3/FontBBox[0 -150 1000 850]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 1/LastChar {len(signs)}/Widths[{' '.join(map(str, widths))}]/Encoding<</Type/Encoding/Differences[1 {named}]>>/CharProcs<<{glyphs}>>/Resources<<>>/ToUnicode 4 0 R>>"
    kids = b" ".join(b"%d 0 R" % (8 + 2 * n) for n in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(pages)),
        font.encode(),
        _stream(cmap.encode()),
        _stream(b"1000 0 0 -150 1000 850 d1 0 -150 1000 1000 re f"),
        _stream(b"500 0 0 -150 500 850 d1 0 -150 500 1000 re f"),
        b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>stream\n\x80\nendstream",
    ]
    for n, page in enumerate(pages):
        resources = b"<</Font<</F 3 0 R>>/XObject<</I 7 0 R>>>>"
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Rotate %d/Contents %d 0 R/Resources%s>>"
            % (WIDTH, HEIGHT, turned, 9 + 2 * n, resources)
        )
        objects.append(_stream(b"\n".join(_drawn(thing, codes) for thing in page)))
    return _file(objects)


def _width(sign: str) -> int:
    """Of a character, in thousandths of the size of the font."""
    return 500 if sign.isascii() or sign in "“”‘’" else 1000


def _drawn(thing: Text | Rule | Picture, codes: dict[str, int]) -> bytes:
    if isinstance(thing, Rule):
        return b"%f %f m %f %f l S" % (thing.x, HEIGHT - thing.y, thing.to_x, HEIGHT - thing.to_y)
    if isinstance(thing, Picture):
        return b"q %f 0 0 %f %f %f cm /I Do Q" % (thing.width, thing.height, thing.x, HEIGHT - thing.y - thing.height)
    angle = math.radians(90 * thing.quarters + thing.angle)
    cos, sin = round(math.cos(angle), 4), round(math.sin(angle), 4)
    codes_of = "".join(f"{codes[sign]:02X}" for sign in thing.text)
    place = b"%f %f %f %f %f %f Tm" % (cos, sin, -sin, cos, thing.x, HEIGHT - thing.y)
    return b"BT /F %f Tf %s <%s> Tj ET" % (thing.size, place, codes_of.encode())


def _stream(content: bytes) -> bytes:
    return b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)


def _file(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj" % number + one + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def ofd(*pages: Page, namespace: str = "http://www.ofdspec.org/2016", parts: dict[str, str] | None = None) -> bytes:
    """An OFD file with these pages; ``parts`` replace or add parts, in which {ns} stands for the declaration of the namespace."""
    ns = f'xmlns:ofd="{namespace}"'
    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    area = f"<ofd:PageArea><ofd:PhysicalBox>0 0 {WIDTH * _MILLIMETRES} {HEIGHT * _MILLIMETRES}</ofd:PhysicalBox></ofd:PageArea>"
    package = {
        "OFD.xml": "<ofd:OFD {ns}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {{ns}}><ofd:CommonData>{area}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
    } | {
        f"Doc_0/Pages/Page_{n}/Content.xml": f"<ofd:Page {{ns}}><ofd:Content><ofd:Layer>{''.join(map(ofd_object, page))}</ofd:Layer></ofd:Content></ofd:Page>"
        for n, page in enumerate(pages)
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in (package | (parts or {})).items():
            file.writestr(name, content.replace("{ns}", ns))
    return out.getvalue()


def ofd_object(thing: Text | Rule | Picture) -> str:
    """The object that draws a text, a rule or a picture on a page of an OFD file."""
    x, y = thing.x * _MILLIMETRES, thing.y * _MILLIMETRES
    if isinstance(thing, Rule):
        width, height = (thing.to_x - thing.x) * _MILLIMETRES, (thing.to_y - thing.y) * _MILLIMETRES
        return f'<ofd:PathObject Boundary="{x} {y} {width} {height}"><ofd:AbbreviatedData>M 0 0 L {width} {height}</ofd:AbbreviatedData></ofd:PathObject>'
    if isinstance(thing, Picture):
        box = f"{x} {y} {thing.width * _MILLIMETRES} {thing.height * _MILLIMETRES}"
        return f'<ofd:ImageObject Boundary="{box}" ResourceID="7"/>'
    size = thing.size * _MILLIMETRES
    steps = " ".join(str(size * (0.5 if sign.isascii() else 1)) for sign in thing.text[:-1])
    return (
        f'<ofd:TextObject Boundary="{x} {y - size} {size * len(thing.text)} {size}" Size="{size}">'
        f'<ofd:TextCode X="0" Y="{size}" DeltaX="{steps}">{escape(thing.text)}</ofd:TextCode></ofd:TextObject>'
    )
