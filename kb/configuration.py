"""Settings of a file (``kb.toml``), handed on as variables of the environment, so that they rank behind options and the environment."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from types import MappingProxyType

from kb.errors import ConfigurationUnusable
from kb.messages import Message, reason_of

FILE = "kb.toml"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

# What a value is when it is right: its text for the environment; "" when it is wrong.
_Reading = Callable[[Path, object], str]


def _text(_: Path, value: object) -> str:
    return value if isinstance(value, str) else ""


def _place(folder: Path, value: object) -> str:
    return str(folder / value) if isinstance(value, str) and value else ""


def _place_or_name(folder: Path, value: object) -> str:
    return _place(folder, value) if isinstance(value, str) and (folder / value).exists() else _text(folder, value)


def _switch(_: Path, value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else ""


def _whole(least: int, most: int) -> _Reading:
    def read(_: Path, value: object) -> str:
        right = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return str(value) if right else ""

    return read


def _one_of(*words: str) -> _Reading:
    return lambda _, value: value if isinstance(value, str) and value in words else ""


# setting (as the options are called) → how it is read, and what is expected
_SETTINGS: Mapping[str, tuple[_Reading, Message]] = MappingProxyType({
    "corpus": (_place, Message("expected-folder")), "index": (_place, Message("expected-folder")),
    "thesaurus": (_place, Message("expected-file")), "model": (_place_or_name, Message("expected-folder-or-name")),
    "reranker": (_place_or_name, Message("expected-folder-or-name")), "query_prefix": (_text, Message("expected-text")),
    "host": (_text, Message("expected-address")), "port": (_whole(0, 65535), Message("expected-number", least=0, most=65535)),
    "workers": (_whole(0, 64), Message("expected-number", least=0, most=64)), "watch": (_switch, Message("expected-switch")),
    "api_key": (_text, Message("expected-text")), "keep": (_whole(2, 1000), Message("expected-number", least=2, most=1000)),
    "log": (_one_of(*_LEVELS), Message("expected-one-of", values=_LEVELS)),
    "lang": (_one_of("zh", "en"), Message("expected-one-of", values=("zh", "en"))),
})  # fmt: skip


def apply(environment: MutableMapping[str, str]) -> None:
    """Set KB_… for every setting of the file that the environment does not have yet.

    The file is the one that KB_CONFIG names, else ``kb.toml`` in the folder that the corpus lies in, where there is one.
    ConfigurationUnusable names the setting that is wrong.
    """
    named = environment.get("KB_CONFIG", "")
    beside = Path(environment.get("KB_CORPUS") or "corpus").absolute().parent / FILE
    if named or beside.is_file():
        for name, value in read(Path(named) if named else beside).items():
            environment.setdefault(f"KB_{name.upper()}", value)


def read(path: Path) -> dict[str, str]:
    """The settings of a file by name, each as the environment would say it; folders are those beside the file.

    'port = 8080' → {"port": "8080"}; 'corpus = "policies"' in /srv/kb.toml → {"corpus": "/srv/policies"}
    """
    try:
        said = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigurationUnusable(path, Message("cannot-be-read", reason=reason_of(error))) from error
    except UnicodeDecodeError as error:
        raise ConfigurationUnusable(path, Message("not-utf8")) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationUnusable(path, Message("not-toml", problem=str(error))) from error
    if unknown := sorted(said.keys() - _SETTINGS.keys()):
        wrong = Message("unknown-settings", names=tuple(unknown), settings=tuple(_SETTINGS))
        raise ConfigurationUnusable(path, wrong)
    return {name: _read(path, name, value) for name, value in said.items()}


def _read(path: Path, name: str, value: object) -> str:
    reading, expected = _SETTINGS[name]
    text = reading(path.absolute().parent, value)
    if not text:
        raise ConfigurationUnusable(path, Message("wrong-setting", name=name, expected=expected, value=repr(value)))
    return text
