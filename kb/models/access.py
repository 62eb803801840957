"""Who may do what over HTTP, and who has done what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from kb.models.fields import doc

__all__ = ["SCOPES", "AccessKey", "AuditEntry", "AuditedAction", "Scope"]

Scope = Literal["read", "write", "admin"]  # each may do what those before it may
SCOPES: tuple[Scope, ...] = get_args(Scope)
AuditedAction = Literal["upload", "remove", "restore", "correct", "cancel", "rollback", "add-key", "revoke-key"]


@dataclass(frozen=True, slots=True)
class AccessKey:
    """密钥: its name and scope; of the key itself only the hash is kept."""

    name: str = field(metadata=doc("name of the key", "督查室"))
    scope: Scope = field(metadata=doc("read, write or admin; each may do what those before it may", "write"))
    sha256: str = field(metadata=doc("hash of the key", "9f2c…"))
    created_on: str = field(metadata=doc("when it was made (ISO)", "2026-11-30"))
    expires_on: str = field(
        default="", metadata=doc("last day on which it is good (ISO); empty: for ever", "2027-12-31")
    )

    def may(self, scope: Scope) -> bool:
        """Whether the key is enough for what needs that scope."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """审计: one change that somebody is about to make, or that it has failed."""

    time: str = field(metadata=doc("when (ISO, UTC)", "2026-11-30T03:00:00+00:00"))
    who: str = field(metadata=doc("name of the key, or user of the computer", "督查室"))
    action: AuditedAction = field(
        metadata=doc("upload, remove, restore, correct, cancel, rollback, add-key or revoke-key", "upload")
    )
    what: tuple[str, ...] = field(metadata=doc("files, ids or names that it was about", ["2026/方案.docx"]))
    address: str = field(default="", metadata=doc("address of the client; empty: at the computer itself", "10.1.2.3"))
    failed: str = field(
        default="",
        metadata=doc("why it failed after all, by its code; empty: what was about to be done", ""),
    )
