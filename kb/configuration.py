"""Settings: what the options of a command leave open the environment says (KB_…), else the file ``kb.toml``, else the default."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError

from kb.errors import ConfigurationUnusable, KBError
from kb.messages import Language, Message, reason_of

FILE = "kb.toml"
_LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

# A type, and what is expected where a value is not of it.
_Folder = Annotated[str, Field(min_length=1), Message("expected-folder")]
_Model = Annotated[str, Field(min_length=1), Message("expected-folder-or-name")]
_Text = Annotated[str, Message("expected-text")]

# Not one that is also the beginning of an address of the server itself: a proxy may take it off, or not.
_SUB_PATH = re.compile(r"^(?!/(?:api|docs|static|mcp|metrics)(?:/|\Z))(?:/(?=[^.])[A-Za-z0-9._~-]+)+\Z")
_SITE = r"https?://(?:\*\.)?[A-Za-z0-9.-]+(?::[0-9]+)?"
_ADDRESS = re.compile(r"^https?://[!-~]+\Z")
_SITES = re.compile(rf"^{_SITE}(?:,[ ]*{_SITE})*\Z")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, called as the options of the commands are."""

    corpus: _Folder = "corpus"
    index: _Folder = "indexes"
    thesaurus: Annotated[str, Field(min_length=1), Message("expected-file")] = ""
    model: _Model = ""
    reranker: _Model = ""
    query_prefix: _Text = ""
    host: Annotated[str, Field(min_length=1), Message("expected-address")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535), Message("expected-number", least="0", most="65535")] = 8000
    workers: Annotated[int | None, Field(ge=0, le=64), Message("expected-number", least="0", most="64")] = None
    watch: Annotated[bool, Message("expected-switch")] = False
    allowed_hosts: _Text = ""  # names, separated by commas
    root_path: Annotated[str, Field(pattern=_SUB_PATH), Message("expected-sub-path")] = ""
    frame_ancestors: Annotated[str, Field(pattern=_SITES), Message("expected-sites")] = ""  # separated by commas
    webhook: Annotated[str, Field(pattern=_ADDRESS), Message("expected-http-address")] = ""
    rate: Annotated[int, Field(ge=1, le=10**9), Message("expected-number", least="1", most="1000000000")] = 6000
    at_once: Annotated[int, Field(ge=1, le=10**6), Message("expected-number", least="1", most="1000000")] = 100
    title: Annotated[str, Field(max_length=40), Message("expected-text")] = ""
    api_key: _Text = ""
    read: Annotated[Literal["all", "key"], Message("expected-one-of", values=("all", "key"))] = "all"
    user_header: _Text = ""
    proxies: _Text = ""  # addresses, separated by commas
    keys: Annotated[str, Field(min_length=1), Message("expected-file")] = "keys.json"
    audit: Annotated[str, Field(min_length=1), Message("expected-file")] = "audit.jsonl"
    keep: Annotated[int, Field(ge=2, le=1000), Message("expected-number", least="2", most="1000")] = 2
    log: Annotated[_LogLevel | None, Message("expected-one-of", values=get_args(_LogLevel))] = None
    lang: Annotated[Language | None, Message("expected-one-of", values=get_args(Language))] = None


_SETTINGS = TypeAdapter(Settings)
_NAMES = tuple(field.name for field in fields(Settings))


def settings(environment: Mapping[str, str]) -> Settings:
    """What the environment says, else the file, else the default; an empty variable says the default.

    ConfigurationUnusable names the setting of the file that is wrong, KBError the variable.
    """
    said = {name: value for name in _NAMES if (value := environment.get(_variable(name)))}
    try:
        told = _SETTINGS.validate_strings(said)
    except ValidationError as error:
        raise KBError(_wrong(error, _variable)) from error
    return replace(told, **of_file(environment))


def of_file(environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings of the file by name, without those that the environment says something of.

    The file is the one that KB_CONFIG names, else ``kb.toml`` in the folder that the corpus lies in, where there is one.
    """
    named = environment.get("KB_CONFIG", "")
    beside = Path(environment.get("KB_CORPUS") or "corpus").absolute().parent / FILE
    said = read_file(Path(named) if named else beside) if named or beside.is_file() else {}
    return {name: value for name, value in said.items() if _variable(name) not in environment}


def read_file(path: Path) -> dict[str, Any]:
    """The settings of a file by name; ConfigurationUnusable names the one that is wrong.

    'port = 8080' → {"port": 8080}; 'corpus = "policies"' in /srv/kb.toml → {"corpus": "/srv/policies"}
    """
    said = _read_toml(path)
    if unknown := sorted(said.keys() - set(_NAMES)):
        raise ConfigurationUnusable(path, Message("unknown-settings", names=tuple(unknown), settings=_NAMES))
    try:
        # Strictly (true is no number), pydantic makes a dataclass of JSON only.
        told = _SETTINGS.validate_json(json.dumps(said, default=str), strict=True)
    except ValidationError as error:
        raise ConfigurationUnusable(path, _wrong(error, str)) from error
    return {name: _from(path.absolute().parent, name, getattr(told, name)) for name in said}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigurationUnusable(path, Message("cannot-be-read", reason=reason_of(error))) from error
    except UnicodeDecodeError as error:
        raise ConfigurationUnusable(path, Message("not-utf8")) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationUnusable(path, Message("not-toml", problem=str(error))) from error


def _from(folder: Path, name: str, value: Any) -> Any:
    """A path as it counts from the folder of the file; a model is a path where there is one, else a name, an index may be a database."""
    if name == "index" and "://" in value:
        return value
    if name in {"corpus", "index", "thesaurus", "keys", "audit"} or (
        name in {"model", "reranker"} and (folder / value).exists()
    ):
        return str(folder / value)
    return value


def _variable(name: str) -> str:
    return f"KB_{name.upper()}"


def _wrong(error: ValidationError, called: Callable[[str], str]) -> Message:
    """What is expected of the first setting that is wrong, and what was said."""
    first = error.errors()[0]
    name = str(first["loc"][0])
    metadata = get_type_hints(Settings, include_extras=True)[name].__metadata__
    expected = next(one for one in metadata if isinstance(one, Message))
    return Message("wrong-setting", name=called(name), expected=expected, value=repr(first["input"]))
