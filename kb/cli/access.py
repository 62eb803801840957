"""Commands on who may change what over HTTP, and who has."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from kb.cli.options import AsJson, Lang
from kb.cli.output import print_json, print_text
from kb.cli.wording import say
from kb.errors import WrongUsage
from kb.messages import Message
from kb.models import AccessKey, AuditEntry, Scope

KeysFile = Annotated[Path, typer.Option("--keys", envvar="KB_KEYS", help="密钥文件 File of the keys")]
AuditLog = Annotated[Path, typer.Option("--audit", envvar="KB_AUDIT", help="审计日志 File of the audit log")]

DEFAULT_KEYS = Path("keys.json")
DEFAULT_AUDIT = Path("audit.jsonl")


@dataclass(frozen=True, slots=True)
class KeyList:
    """The keys of the file, without what could be sent."""

    keys: tuple[AccessKey, ...]


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made just now."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """Entries of the audit log, the newest first."""

    entries: tuple[AuditEntry, ...]


def keys(
    action: Annotated[
        Literal["list", "add", "revoke"],
        typer.Argument(metavar="[list|add|revoke]", help="列出、新增、作废 What to do"),
    ] = "list",
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="密钥的名称 Name of the key")] = "",
    scope: Annotated[
        Scope,
        typer.Option("--scope", help="权限：read 查询，write 加入和删除文件，admin 还能看审计 What it may do"),
    ] = "write",
    expires: Annotated[
        str, typer.Option("--expires", help="最后一天，如 2027-12-31 Last day on which it is good")
    ] = "",
    file: KeysFile = DEFAULT_KEYS,
    audit_log: AuditLog = DEFAULT_AUDIT,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """列出、新增、作废网页和接口的密钥；新密钥只显示一次。 List, make and revoke keys; a new one is shown once."""
    from kb.access import add_key, entry, read_keys, recorded, revoke_key

    if action != "list" and not name:
        raise WrongUsage(Message("argument-missing", name="NAME"))
    if action == "list":
        found = read_keys(file)
        if as_json:
            print_json(KeyList(found))
        else:
            print_text(*(_line(key) for key in found) if found else (say("no keys"),))
        return
    with recorded(audit_log, entry(getpass.getuser(), f"{action}-key", (name,))):
        if action == "add":
            secret = add_key(file, name, scope, expires)
        else:
            revoke_key(file, name)
    if action == "add":
        if as_json:
            print_json(NewKey(name, secret))
        else:
            print_text(say("new key", name=name, key=secret))
    else:
        print_text(say("key revoked", name=name))


def audit(
    log: AuditLog = DEFAULT_AUDIT,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="最多显示几条 Most entries to show")] = 50,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """谁在什么时候改了什么：上传、删除、恢复版本、密钥，新的在前。 Who has changed what, the newest first."""
    from kb.access import last_entries

    found = last_entries(log, limit)
    if as_json:
        print_json(AuditTrail(found))
    else:
        print_text(*(_entry_line(each) for each in found) if found else (say("no entries"),))


def _line(key: AccessKey) -> str:
    until = say("key until", day=key.expires_on) if key.expires_on else say("key for ever")
    return f"{key.name}  {key.scope}  {key.created_on}  {until}"


def _entry_line(entry: AuditEntry) -> str:
    what = say("separator").join(entry.what)
    failed = say("audit failed", code=entry.failed) if entry.failed else ""
    return "  ".join(filter(None, (entry.time, entry.who, say(f"audit {entry.action}"), what, entry.address, failed)))
