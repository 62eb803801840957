"""The validity of a document in a few words."""

from __future__ import annotations

from collections.abc import Iterable

from kb.cli.wording import say
from kb.models import DocumentName, Validity


def standing(validity: Validity) -> str:
    """Whether a document is in force, and which document changed that or followed it; "" for one that is in force unchanged.

    superseded by a plan → "已被《某市养老服务实施方案》（云政发〔2024〕8号）取代"
    """
    acts = {
        "repealed": ("repealed by", validity.repealed_by),
        "superseded": ("superseded by", validity.superseded_by),
        "amended": ("amended by", validity.amended_by[-1] if validity.amended_by else None),
    }
    phrase, act = acts.get(validity.standing, ("", None))
    if act is not None:
        return say(phrase, title=act.title.strip("《》") or act.id, named=_identifier(act))
    if validity.standing == "in_force" and (later := validity.followed_by):
        return say("followed by", title=later.title.strip("《》") or later.id, named=_identifier(later))
    return "" if validity.standing == "in_force" else say(validity.standing, since=validity.since)


def term(validity: Validity) -> tuple[tuple[str, str], ...]:
    """Labels and values: the period for which a document is in force, whether it is, and its versions."""
    return (
        ("effective_from", validity.effective_from),
        ("valid_until", validity.valid_until),
        ("standing", standing(validity)),
        ("versions", _list(validity.versions)),
        ("series", _list(validity.series)),
    )


def _list(documents: Iterable[DocumentName]) -> str:
    return "；".join(f"{each.id}（{_identifier(each)}）" for each in documents)


def _identifier(document: DocumentName) -> str:
    """What tells a version from the others: its number, else its date, else its id."""
    return document.document_number or document.issued_on or document.id
