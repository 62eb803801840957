"""The responsibility ledger (责任分解表) of a document: as rows, as a printable workbook, as comma-separated text."""

from kb.export.ledger import ledger
from kb.export.sheets import SHEET, write_csv, write_xlsx

__all__ = ["SHEET", "ledger", "write_csv", "write_xlsx"]
