"""A list of targets (指标清单) as a printable workbook and as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kb.export.ledger import date_in_words
from kb.export.tables import ColumnFormat, Table, csv_parts, to_bytes, workbook
from kb.models import ROLES, SIGNS, Target, TargetRow

TARGETS = "指标清单"

_COLUMNS = (
    ColumnFormat("序号", 5.5, 5.5, centred=True, numeric=True),
    ColumnFormat("指标", 30, 30, takes_rest=True),
    ColumnFormat("关系", 6, 6, centred=True),
    ColumnFormat("数值", 10, 8, centred=True, numeric=True),
    ColumnFormat("上限", 8, 6, centred=True, numeric=True),
    ColumnFormat("单位", 8, 8, centred=True),
    ColumnFormat("时限", 12, 9, centred=True),
    ColumnFormat("牵头单位", 16, 9),
    ColumnFormat("责任单位", 24, 9),
    ColumnFormat("配合单位", 16, 9),
    ColumnFormat("原文", 30, 30),
    ColumnFormat("文件", 26, 26),
    ColumnFormat("依据", 12, 12, centred=True),
)


def write_targets_xlsx(title: str, rows: Iterable[TargetRow]) -> bytes:
    """The targets as a workbook to print on A4 landscape, with values as numbers."""
    return to_bytes(workbook(Table(TARGETS, title, _COLUMNS, tuple(_numbered(rows)))))


def write_targets_csv(rows: Iterable[TargetRow]) -> Iterator[bytes]:
    """The targets as CSV that Excel opens, some rows at a time."""
    return csv_parts(_COLUMNS, _numbered(rows))


def _numbered(rows: Iterable[TargetRow]) -> Iterator[tuple[str, ...]]:
    return (_cells(number, row) for number, row in enumerate(rows, start=1))


def _cells(number: int, row: TargetRow) -> tuple[str, ...]:
    target = row.target
    units = {role: dict.fromkeys(r.unit for r in row.responsibilities if r.role == role) for role in ROLES}
    return (
        str(number),
        target.indicator,
        "" if target.value is None else SIGNS[target.comparator],
        _number(target.value),
        _number(target.upper),
        _state(target) or target.unit,
        "，".join(dict.fromkeys(filter(None, (target.per, date_in_words(target.due))))),
        *("、".join(named) for named in units.values()),
        "".join(target.text.split()),
        row.document_title or row.document_id,
        target.clause_id.rpartition("#")[2],
    )


def _number(value: float | None) -> str:
    """60.0 → "60"; 29.79 → "29.79" """
    return "" if value is None else str(int(value)) if value == int(value) else str(value)


def _state(target: Target) -> str:
    return "原文缺数字" if target.damaged else "定性目标" if target.qualitative else ""
