"""A table as a Word document to print on A4 landscape and to write into."""

from __future__ import annotations

import io
from collections.abc import Sequence

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from kb.export.cells import printable
from kb.export.tables import ColumnFormat, Table, widths_of

_PAPER, _MARGIN = (Mm(297), Mm(210)), Mm(13)
_TITLE, _HEADER, _BODY = ("宋体", Pt(18)), ("宋体", Pt(9)), ("仿宋", Pt(9))


def to_docx(table: Table) -> bytes:
    """The table under its title; the row of headers is repeated on every page, no row is parted by the end of one."""
    document = Document()
    document.core_properties.title, document.core_properties.author = printable(table.title)[:255], ""
    _set_up_page(document)
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(title, table.title, _TITLE, bold=True)
    widths = widths_of(table)
    grid = document.add_table(rows=0, cols=len(table.columns))
    grid.style = "Table Grid"
    grid.autofit = False
    scale = (_PAPER[0] - 2 * _MARGIN) / sum(widths)
    lengths = [int(width * scale) for width in widths]
    for column, length in zip(grid.columns, lengths, strict=True):
        column.width = Emu(length)
    for number, texts in enumerate([tuple(column.title for column in table.columns), *table.rows]):
        row = grid.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
        _fill(row.cells, texts, table.columns, lengths, is_header=number == 0)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _fill(
    cells: Sequence[_Cell],
    texts: Sequence[str],
    columns: Sequence[ColumnFormat],
    lengths: Sequence[int],
    *,
    is_header: bool,
) -> None:
    for cell, text, column, length in zip(cells, texts, columns, lengths, strict=True):
        cell.width = Emu(length)
        paragraph = cell.paragraphs[0]
        if is_header or column.centred:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _write(paragraph, text, _HEADER if is_header else _BODY, bold=is_header)


def _write(paragraph: Paragraph, text: str, font: tuple[str, Pt], *, bold: bool) -> None:
    run = paragraph.add_run(printable(text))
    run.bold, run.font.size = bold, font[1]
    run.font.name = font[0]
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font[0])
    paragraph.paragraph_format.space_after = Pt(0)


def _set_up_page(document: WordDocument) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = _PAPER
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in ("第 ", "PAGE", " 页 共 ", "NUMPAGES", " 页"):
        if text.isupper():
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), text)
            footer._p.append(field)
        else:
            footer.add_run(text)
