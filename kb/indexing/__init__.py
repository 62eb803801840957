"""From documents to a published generation: store, words and vectors written side by side, then put in use."""

from kb.indexing.entries import ClauseVectors, Entry, EntryMaker, entry_of, passages, searchable
from kb.indexing.publishing import Changes, Origin, publish

__all__ = ["Changes", "ClauseVectors", "Entry", "EntryMaker", "Origin", "entry_of", "passages", "publish", "searchable"]
