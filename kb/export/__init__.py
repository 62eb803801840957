"""The responsibility ledger (责任分解表) and the list of targets (指标清单), as printable workbooks, Word documents and CSV; due dates as a calendar, new documents as a feed."""

from kb.export.calendar import CALENDAR, write_ics
from kb.export.cells import heading
from kb.export.feed import FEED, write_atom
from kb.export.ledger import ledger, ledger_of, ledger_of_dates, title_of_dates
from kb.export.sheets import write_csv, write_docx, write_xlsx
from kb.export.targets import TARGETS, write_targets_csv, write_targets_xlsx

__all__ = [
    "CALENDAR",
    "FEED",
    "TARGETS",
    "heading",
    "ledger",
    "ledger_of",
    "ledger_of_dates",
    "title_of_dates",
    "write_atom",
    "write_csv",
    "write_docx",
    "write_ics",
    "write_targets_csv",
    "write_targets_xlsx",
    "write_xlsx",
]
