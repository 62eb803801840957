"""Documents, clauses, facts and organisations of one generation (SQLite, only here); dataclasses in and out.

A clause's *row* is its number in the generation, from 0 without gaps: vectors and words know clauses by it.
"""

from kb.index.store.reading import Store
from kb.index.store.tables import FORMAT, Manifest

# The writer is at ``kb.index.store.writing``: it brings the lexicon of organisations, which asking does without.
__all__ = ["FORMAT", "Manifest", "Store"]
