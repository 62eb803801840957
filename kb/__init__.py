"""Policy documents in; clauses, responsible units, targets and a search that points at the source out."""

from __future__ import annotations

__version__ = "0.1.0"
