"""The generation in use: replaced while the server runs, and closed when its last reader is done."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, Thread

from kb.errors import IndexUnusable
from kb.index.folders import at
from kb.index.keeping import Address
from kb.knowledge_base import KnowledgeBase
from kb.messages import Message

_log = logging.getLogger(__name__)

_UNSEEN: Hashable = object()  # the state of no index


@dataclass(slots=True)
class _Opened:
    """An open generation and its readers."""

    knowledge_base: KnowledgeBase
    readers: int = 0
    retired: bool = False  # another generation is in use: the last reader closes this one


class CurrentIndex:
    """Lends the generation that ``indexes/current`` names, and opens another one when that changes.

    When a generation cannot be opened, that is logged and the previous one stays in use; without a previous one, readers get IndexUnusable.
    A generation that is too large to be verified before it is opened is verified behind its readers; they get IndexUnusable from the moment
    that damage is found.
    """

    def __init__(
        self,
        index: Address,
        open_index: Callable[[Address], KnowledgeBase],
        is_verifying: bool = True,
        on_opened: Callable[[KnowledgeBase], object] = lambda _: None,
    ) -> None:
        """``is_verifying`` is false for one of several processes of which another verifies. ``on_opened`` sees each generation once."""
        self._index, self._open, self._is_verifying, self._on_opened = index, open_index, is_verifying, on_opened
        self._kept = at(index)
        self._opened: _Opened | None = None
        self._seen = _UNSEEN
        self._failure = IndexUnusable(self._kept.address, Message("no-index"))
        self._counting, self._opening = Lock(), Lock()
        self._kept.watch(self.refresh)

    @contextmanager
    def reading(self) -> Iterator[KnowledgeBase]:
        """The knowledge base of the current generation, open until the caller is done."""
        self.refresh()
        with self.lending() as opened:
            yield opened

    @contextmanager
    def lending(self) -> Iterator[KnowledgeBase]:
        """The same, without a look for another generation."""
        self._kept.check()
        opened = self._borrow()
        try:
            yield opened.knowledge_base
        finally:
            self._give_back(opened)

    def has_changed(self) -> bool:
        """Whether another generation has been put in use since this one was opened; costs next to nothing."""
        return self._kept.state() != self._seen

    def check_writable(self) -> None:
        """IndexUnusable where a build could write nothing."""
        self._kept.check_writable()

    def refresh(self) -> None:
        """Open the current generation unless it is in use already."""
        state, failure = self._kept.state(), self._failure
        if state == self._seen or not self._opening.acquire(blocking=self._opened is None):
            return  # another thread is opening it; until then the previous generation answers
        try:
            if (
                state != self._seen and self._failure is failure
            ):  # no other thread has opened it, or tried to, meanwhile
                self._seen = state
                self._kept.check()
                self._replace(opened := self._open(self._index))
                self._on_opened(opened)
                if self._is_verifying and self._opened and not self._opened.knowledge_base.status().verified:
                    Thread(target=self._verify, args=(self._opened,), daemon=True).start()
        except IndexUnusable as error:
            if error.reason.code.startswith("database-"):  # may go by itself: the next reader tries again
                self._seen = _UNSEEN
            self._fail(error)
        finally:
            self._opening.release()

    def settle(self) -> None:
        """Return when the current generation is in use, whoever opens it."""
        self.refresh()
        with self._opening:
            return

    def close(self) -> None:
        """Close the generation in use when its last reader is done."""
        self._seen = _UNSEEN
        self._replace(None)
        self._kept.close()

    def _verify(self, opened: _Opened) -> None:
        try:
            opened.knowledge_base.verify()
        except IndexUnusable as error:
            with self._opening:
                # What is in use no more may have been removed meanwhile.
                if self._opened is opened and not self.has_changed():
                    self._replace(None)
                    self._fail(error)

    def _fail(self, error: IndexUnusable) -> None:
        self._failure = error
        _log.warning("index not usable: %s", error, extra={"data": {"code": error.code}})

    def _replace(self, knowledge_base: KnowledgeBase | None) -> None:
        with self._counting:
            old, self._opened = self._opened, _Opened(knowledge_base) if knowledge_base else None
            unused = old is not None and old.readers == 0
            if old is not None:
                old.retired = True
        if old is not None and unused:
            old.knowledge_base.close()

    def _borrow(self) -> _Opened:
        with self._counting:
            if self._opened is None:
                raise IndexUnusable(self._failure.path, self._failure.reason)
            self._opened.readers += 1
            return self._opened

    def _give_back(self, opened: _Opened) -> None:
        with self._counting:
            opened.readers -= 1
            unused = opened.retired and opened.readers == 0
        if unused:
            opened.knowledge_base.close()
