"""The responsibility ledger (责任分解表) of a document, a unit or a search: as rows, as a printable workbook, as comma-separated text."""

from kb.export.cells import SHEET
from kb.export.ledger import ledger, ledger_of
from kb.export.sheets import write_csv, write_xlsx

__all__ = ["SHEET", "ledger", "ledger_of", "write_csv", "write_xlsx"]
