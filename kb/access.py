"""Keys of the HTTP interface, hashed in a file, and the log of changes, a JSON object a line."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock
from pydantic import TypeAdapter, ValidationError

from kb.errors import AuditLogUnusable, KBError
from kb.messages import Message, reason_of
from kb.models import AccessKey, AuditEntry, Scope
from kb.models.fields import DATE
from kb.validation import has_form

_KEYS = TypeAdapter(tuple[AccessKey, ...])
_ENTRY = TypeAdapter(AuditEntry)
_WHOLE_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_BYTES = 10_000_000  # of a log; then it is put aside
_LOGS = 9  # put aside, the newest being .1


class Keys:
    """The keys of a file as it is now, and one from the settings; looked up by their hashes, which tells nothing by its time."""

    def __init__(self, path: Path | None = None, configured: str = "") -> None:
        """``configured`` is a key that may do everything; "" for none."""
        self._path = path
        self._configured = AccessKey("KB_API_KEY", "admin", _hash(configured.encode()), "") if configured else None
        self._read: tuple[tuple[int, int] | None, dict[str, AccessKey]] = (None, {})

    def __bool__(self) -> bool:
        return self._configured is not None or bool(self._of_file())

    def find(self, sent: bytes) -> AccessKey | None:
        """The key of these bytes, expired or not; None for a key that is none."""
        sha256 = _hash(sent)
        if self._configured is not None and self._configured.sha256 == sha256:
            return self._configured
        return self._of_file().get(sha256)

    def _of_file(self) -> dict[str, AccessKey]:
        if self._path is None:
            return {}
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return {}
        mark = found.st_mtime_ns, found.st_ino
        if self._read[0] != mark:
            self._read = mark, {key.sha256: key for key in read_keys(self._path)}
        return self._read[1]


def has_expired(key: AccessKey) -> bool:
    """Whether the last day of the key is over."""
    return "" < key.expires_on < _today()


def refusal(key: AccessKey | None, sent: bytes) -> Message | None:
    """Why what was sent, and the key that was found for it, open nothing; None for a key that is good."""
    if key is None:
        return Message("wrong-key") if sent else Message("no-key")
    return Message("key-expired", name=key.name, day=key.expires_on) if has_expired(key) else None


def read_keys(path: Path) -> tuple[AccessKey, ...]:
    """The keys of a file, in its order; none when there is no file. KBError when it cannot be read."""
    try:
        return _KEYS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise KBError(Message("keys-unusable", path=path, reason=reason_of(error))) from error
    except ValidationError as error:
        raise KBError(Message("keys-unusable", path=path, reason=Message("not-keys"))) from error


def add_key(path: Path, name: str, scope: Scope, expires_on: str = "") -> str:
    """A new key, which is kept nowhere; KBError when there is one of that name, or the day is over or none."""
    with _changing(path):
        keys = read_keys(path)
        if any(key.name == name for key in keys):
            raise KBError(Message("key-there-already", name=name))
        secret = secrets.token_urlsafe(32)
        key = AccessKey(name, scope, _hash(secret.encode()), _today(), expires_on)
        if expires_on and not (_WHOLE_DAY.fullmatch(expires_on) and has_form(DATE, expires_on)):
            raise KBError(Message("not-a-date", value=expires_on))
        if has_expired(key):
            raise KBError(Message("key-expired", name=name, day=expires_on))
        _write(path, (*keys, key))
    return secret


def revoke_key(path: Path, name: str) -> None:
    """Remove the key of that name; KBError when there is none."""
    with _changing(path):
        keys = read_keys(path)
        if all(key.name != name for key in keys):
            raise KBError(Message("no-key-of-name", name=name))
        _write(path, tuple(key for key in keys if key.name != name))


def record(log: Path, entry: AuditEntry) -> None:
    """Add an entry to the log; KBError when it cannot be written. A full log is put aside as .1, that as .2, and so on."""
    line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
    with _changing(log):
        if log.exists() and log.stat().st_size + len(line.encode()) > _MOST_BYTES:
            _put_aside(log)
        with log.open("a", encoding="utf-8") as out:
            out.write(line)
            out.flush()
            os.fsync(out.fileno())


@contextmanager
def recorded(log: Path, entry: AuditEntry) -> Iterator[None]:
    """Make a change that is in the log before it is made, so that none is ever missing there; when it fails, that is added.

    AuditLogUnusable, and no change, when the log cannot be written.
    """
    try:
        record(log, entry)
    except KBError as error:
        raise AuditLogUnusable(error.message) from error
    try:
        yield
    except BaseException as failure:
        record(log, replace(entry, time=_now(), failed=_code(failure)))
        raise


def _code(error: BaseException) -> str:
    """The code of what an error says, over HTTP too, else its kind."""
    why = error.message if isinstance(error, KBError) else getattr(error, "detail", None)
    return why.cause.code if isinstance(why, Message) else type(error).__name__


def last_entries(log: Path, most: int) -> tuple[AuditEntry, ...]:
    """The last entries, the newest first; KBError names the file and line of one that is none."""
    lines: deque[tuple[Path, int, bytes]] = deque(maxlen=most)
    for path in (*(_aside(log, number) for number in range(_LOGS, 0, -1)), log):
        lines.extend(_lines(path))
    return tuple(_read_entry(*line) for line in reversed(lines))


def _lines(path: Path) -> Iterator[tuple[Path, int, bytes]]:
    if path.exists():
        with path.open("rb") as read:
            for number, line in enumerate(read, 1):
                yield path, number, line


def _read_entry(path: Path, number: int, line: bytes) -> AuditEntry:
    try:
        return _ENTRY.validate_json(line)
    except ValidationError as error:
        raise KBError(Message("audit-line-damaged", path=path, number=number)) from error


def entry(who: str, action: str, what: tuple[str, ...], address: str = "") -> AuditEntry:
    """An entry of this moment."""
    return _ENTRY.validate_python({"time": _now(), "who": who, "action": action, "what": what, "address": address})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _today() -> str:
    return datetime.now().astimezone().date().isoformat()


def _put_aside(log: Path) -> None:
    for number in range(_LOGS, 0, -1):
        older = _aside(log, number - 1) if number > 1 else log
        if older.exists():
            older.replace(_aside(log, number))


def _aside(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")


def _hash(key: bytes) -> str:
    # Keys are made of 256 random bits: no dictionary holds them, so a slow hash would only cost time.
    return hashlib.sha256(key).hexdigest()


def _write(path: Path, keys: tuple[AccessKey, ...]) -> None:
    written = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(_KEYS.dump_json(keys, indent=1))
        out.flush()
        os.fsync(out.fileno())
    written.replace(path)


@contextmanager
def _changing(path: Path) -> Iterator[None]:
    """One program at a time changes a file; KBError when the system refuses."""
    try:
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=10):
            yield
    except OSError as error:
        raise KBError(Message("output-cannot-be-written", path=path, reason=reason_of(error))) from error
