"""What stands on a page, whatever the format, and what becomes of it: lines, tables, or a page that nobody can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.readers.grid import Rule, Table, ruled_tables
from kb.readers.legible import MEANINGLESS, meaningless
from kb.readers.printed import TextRun, printed_lines
from kb.readers.sheets import Sheet
from kb.readers.unruled import unruled_tables

MOST_OUTLINES = 20_000  # a page with more is a drawing
# A page with so few characters (none; a page number, 附件; a stamp on a scan) is a picture when pictures cover so much of it, and one
# with few when it has many outlines.
_NONE, _LITTLE, _FEW = (1, 0.05), (12, 0.4), (50, 0.8)
_OUTLINES = 400
_NOTE_RULE = (
    0.12,
    0.45,
)  # of the width of the page: Word draws 5 cm above its footnotes, LibreOffice a quarter of the text
_UNSEEN = "\0"  # for a character that is drawn askew and not read


@dataclass(frozen=True, slots=True)
class PageContent:
    """What stands on a page; ``slanted`` counts characters that are neither upright nor turned by a quarter (watermarks)."""

    width: float
    height: float
    characters: list[TextRun]  # in the order in which they are drawn
    rules: list[Rule]
    outlines: int
    pictures: float  # share of the page that they cover
    unmapped: int = 0  # characters in a font that does not say which they are
    slanted: int = 0


def is_picture(content: PageContent) -> bool:
    """Whether the text of a page has to be recognised: it is a picture, outlines, or in a font without a character mapping."""
    text = _text(content)
    if any(len(text) < most and content.pictures > covered for most, covered in (_NONE, _LITTLE, _FEW)):
        return True
    if len(text) < _LITTLE[0]:
        return _OUTLINES < content.outlines <= MOST_OUTLINES
    return max(meaningless(text), content.unmapped / len(text)) > MEANINGLESS


def sheet_of(content: PageContent, before: Sheet | None = None, *, is_unread: bool = False) -> Sheet:
    """The lines and tables of a page behind another one; of one that nobody can read, those lines that say something."""
    tables = ruled_tables(content.rules, content.characters)
    outside = _outside(tables, content.characters)
    if unruled := unruled_tables(outside, before.last_table if before and not tables else None):
        outside = _outside(unruled, outside)
        tables = sorted([*tables, *unruled], key=lambda table: (table.top, table.left))
    lines = printed_lines(outside)
    if is_unread:
        lines = [line for line in lines if meaningless(line.text) <= MEANINGLESS]
    printed = _text(content) + _UNSEEN * content.slanted
    return Sheet(
        content.height,
        tuple(lines),
        tuple(tables),
        is_unread=is_unread,
        printed=printed,
        note_rule=_note_rule(content, tables),
    )


def _note_rule(content: PageContent, tables: Sequence[Table]) -> float | None:
    """The height of the last short rule outside the tables of a page, None when there is none."""
    shortest, longest = (share * content.width for share in _NOTE_RULE)
    short = [rule.top for rule in content.rules if shortest < rule.right - rule.left < longest]
    return max((top for top in short if not any(table.top <= top <= table.bottom for table in tables)), default=None)


def _outside(tables: Sequence[Table], runs: Sequence[TextRun]) -> list[TextRun]:
    return [run for run in runs if not any(table.holds(run) for table in tables)]


def _text(content: PageContent) -> str:
    return "".join(run.text for run in content.characters if run.text.strip())
