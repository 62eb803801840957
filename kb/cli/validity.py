"""Whether a document is in force, in a few words."""

from __future__ import annotations

from kb.cli.wording import say
from kb.models import DocumentName, Validity


def standing(validity: Validity) -> str:
    """How a document stands, and by which document; "" for one that is simply in force.

    superseded by a plan → "已被《某市养老服务实施方案》（云政发〔2024〕8号）取代"
    """
    acts = {
        "repealed": ("repealed by", validity.repealed_by),
        "superseded": ("superseded by", validity.superseded_by),
        "amended": ("amended by", validity.amended_by[-1] if validity.amended_by else None),
    }
    phrase, by = acts.get(validity.standing, ("", None))
    if by is not None:
        return say(phrase, title=by.title.strip("《》") or by.id, named=_named(by))
    return "" if validity.standing == "in_force" else say(validity.standing, since=validity.since)


def term(validity: Validity) -> tuple[tuple[str, str], ...]:
    """How long a document holds and which versions of it there are, to stand under its header."""
    return (
        ("effective_from", validity.effective_from),
        ("valid_until", validity.valid_until),
        ("standing", standing(validity)),
        ("versions", "；".join(f"{one.id}（{_named(one)}）" for one in validity.versions)),
    )


def _named(document: DocumentName) -> str:
    """What tells a version from the others: number, date or file."""
    return document.document_number or document.issued_on or document.id
