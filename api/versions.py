"""What the reference says about versions of a document: which is in force, and how two differ."""

from __future__ import annotations

from typing import Any

VERSION_FIELDS: dict[str, tuple[str, Any]] = {
    "amended_by": ("documents that amend it, oldest first", []),
    "effective_from": ("施行日期: from when it holds, as precise as printed", "2024-04-01"),
    "valid_until": ("有效期: the last day on which it holds, as the document itself says", "2029-03-31"),
    "in_force": ("only documents that are in force today", True),
    "repealed_by": ("the document that repeals it (废止)", None),
    "since": ("from when it stands so, as precise as known", ""),
    "Citation.issued_on": ("when the cited document was issued or last revised, when the clause says so", ""),
    "Citation.since": ("from when it repeals or amends, when the clause says so", ""),
    "standing": (
        "in_force 有效, pending 尚未施行, amended 已修改, superseded 已被新版取代, repealed 已废止, expired 已失效; on the day of the question",
        "in_force",
    ),
    "superseded_by": ("the newest version of it that is in effect", None),
    "validity": ("效力: whether the document is in force, and what other documents do to it", None),
    "versions": ("all versions of it, oldest first, itself among them; empty: it is the only one", []),
    "DocumentName.id": ("id of the document", "xiangtan-jichu-jiaoyu"),
    "changes": ("what has changed, in the order of the newer document", None),
    "responsibilities_added": ("units that the newer version names and the older does not", None),
    "responsibilities_removed": ("units that the older version names and the newer does not", None),
    "targets_added": ("targets of the newer version that the older does not have", None),
    "targets_removed": ("targets of the older version that the newer does not have", None),
    "words_added": ("what has come: spans in new.text", None),
    "words_removed": ("what is gone: spans in old.text", None),
    "old": ("the clause in the older version; null when it is new", None),
    "new": ("the clause in the newer version; null when it was removed", None),
    "old_id": ("id of the older document", "xiangtan-jichu-jiaoyu"),
    "new_id": ("id of the newer document", "xiangtan-jichu-jiaoyu"),
    "ClauseChange.kind": ("added, removed or changed", "changed"),
}
