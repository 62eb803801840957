"""A candidate of a target with its context: the argument of every rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kb.extraction.deadlines.calendar import DueMark
from kb.extraction.setting import Setting
from kb.extraction.targets.statements import Statement


@dataclass(frozen=True, slots=True)
class Finding:
    """A statement with the document, the section and the date that govern it."""

    statement: Statement
    setting: Setting
    section: str  # what the headings above say of it
    mark: DueMark | None  # the date that governs it inside its passage
    due: str
    follows: bool  # the quantity right before it in the sentence is a target


Rule = Callable[[Finding], bool]
