"""What is wrong with a value that somebody gives: of its form, and what else pydantic says, as messages of the catalogue."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from types import GenericAlias, MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, StringConstraints

from kb.messages import Message
from kb.models.fields import DATE, NUMERAL, SAYING, YEAR, YEAR_OR_NONE, Parameter


def accepted_type(parameter: Parameter) -> Any:
    """What pydantic admits as the value of a parameter of a query, in an address or as an argument of a tool.

    Where nothing may be said, forms and assistants send "" for it.
    """
    kind, metadata = parameter.value_type, parameter.metadata
    if parameter.choices and (parameter.default == "" or parameter.takes_several):
        kind = Literal[(*parameter.choices, "")]
    if "pattern" in metadata:
        kind = Annotated[kind, StringConstraints(pattern=f"^({metadata['pattern']})?$"), BeforeValidator(narrow)]
    if "max_length" in metadata:
        kind = Annotated[kind, StringConstraints(max_length=metadata["max_length"])]
    return GenericAlias(tuple, (kind, ...)) if parameter.takes_several else kind


def narrow(value: Any) -> Any:
    """A text without the wide signs of a Chinese keyboard; anything else as it is: "２０２５－０６" → "2025-06"."""
    return unicodedata.normalize("NFKC", value) if isinstance(value, str) else value


def validation_message(error: Mapping[str, Any]) -> Message:
    """The message for one of the errors that a ValidationError of pydantic lists; pydantic's own text for the rare ones.

    {"type": "less_than_equal", "ctx": {"le": 100}, …} → "at-most", 100
    """
    if error["type"] == "string_pattern_mismatch":
        return wrong_form(error["ctx"]["pattern"], error["input"])
    known = _OF_TYPE.get(error["type"])
    return known(error.get("ctx", {})) if known else Message("other", text=error["msg"])


def has_form(pattern: str, value: str) -> bool:
    """Whether a value matches a pattern, and, where it must be a date, stands in the calendar: "2025-02-30" does not."""
    if not re.fullmatch(pattern, value):
        return False
    try:
        return pattern != DATE or bool(date.fromisoformat(value + "0001-01-01"[len(value) :]))
    except ValueError:
        return False


def wrong_form(pattern: str, value: str) -> Message:
    """The message for a value that does not match a pattern, anchored and optional or not.

    "^([0-9]{4})?$", "soon" → "no-such-year"
    """
    bare = (
        pattern.removeprefix("^(").removesuffix("$").removesuffix("?").removesuffix(")")
        if pattern[0] == "^"
        else pattern
    )
    known = _OF_PATTERN.get(pattern) or _OF_PATTERN.get(bare)
    return known(value) if known else Message("wrong-form", pattern=pattern)


def _listed(expected: str) -> tuple[str, ...]:
    """ "'lead', 'support' or ''" → ("lead", "support"): that a value may be left out need not be said."""
    return tuple(value.strip("'") for value in expected.replace(" or ", ", ").split(", ") if value != "''")


_OF_PATTERN: Mapping[str, Callable[[str], Message]] = MappingProxyType(
    {
        DATE: lambda value: Message("no-such-date", value=value),
        YEAR: lambda value: Message("no-such-year", value=value),
        NUMERAL: lambda value: Message("no-number", value=value),
        YEAR_OR_NONE: lambda value: Message("no-such-year-or-none", value=value),
        SAYING: lambda value: Message("nul-in-text") if "\0" in value else Message("query-empty"),
    }
)
# type of pydantic's error → message, from what pydantic says of the bounds
_OF_TYPE: Mapping[str, Callable[[Mapping[str, Any]], Message]] = MappingProxyType(
    {
        "missing": lambda _: Message("value-missing"),
        "greater_than": lambda bound: Message("more-than", least=str(bound["gt"])),
        "greater_than_equal": lambda bound: Message("at-least", least=str(bound["ge"])),
        "less_than": lambda bound: Message("less-than", most=str(bound["lt"])),
        "less_than_equal": lambda bound: Message("at-most", most=str(bound["le"])),
        "string_too_short": lambda bound: Message("too-short", least=bound["min_length"]),
        "string_too_long": lambda bound: Message("too-long", most=bound["max_length"]),
        "string_type": lambda _: Message("not-a-text"),
        "string_unicode": lambda _: Message("not-utf8"),
        "tuple_type": lambda _: Message("not-a-list"),
        "list_type": lambda _: Message("not-a-list"),
        "dataclass_type": lambda _: Message("not-an-object"),
        "model_attributes_type": lambda _: Message("not-an-object"),
        "dict_type": lambda _: Message("not-an-object"),
        "int_type": lambda _: Message("not-a-whole-number"),
        "int_parsing": lambda _: Message("not-a-whole-number"),
        "int_parsing_size": lambda _: Message("number-too-large"),
        "int_from_float": lambda _: Message("not-a-whole-number"),
        "float_type": lambda _: Message("not-a-number"),
        "float_parsing": lambda _: Message("not-a-number"),
        "bool_type": lambda _: Message("not-a-switch"),
        "bool_parsing": lambda _: Message("not-a-switch"),
        "literal_error": lambda bound: Message("not-among", values=_listed(bound["expected"])),
        "enum": lambda bound: Message("not-among", values=_listed(bound["expected"])),
        "unexpected_keyword_argument": lambda _: Message("no-such-field"),
        "json_invalid": lambda bound: Message("invalid-json", problem=bound["error"]),
        "value_error": lambda bound: Message("other", text=str(bound["error"])),
    }
)


def are_reversed(first: str, last: str) -> bool:
    """Whether a span of dates ends before it begins; "2026-03" lies in "2026"."""
    return bool(first and last) and first > f"{last}~"
