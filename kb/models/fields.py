"""What fields say of themselves, as metadata of dataclasses: pydantic puts it into the OpenAPI document, commands make options of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

# ISO 8601, as precise as known: "2025", "2025-06", "2025-06-30". Of the days only those that the month has, so that programs that
# make requests by the reference make none that is refused.
_LEAP_YEAR = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
_DAY = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
DATE = f"[0-9]{{4}}(-(0[1-9]|1[0-2]|{_DAY}))?|{_LEAP_YEAR}-02-29"
YEAR = r"[0-9]{4}"
# No text holds a NUL; one that says something holds more than blanks and control characters.
TEXT = r"^[^\x00]*$"
SAYING = r"^[^\x00]*[^\s\x00-\x1f\x7f-\x9f][^\x00]*$"
NUMERAL = r"-?[0-9]{1,15}([.][0-9]{1,6})?"
YEAR_OR_NONE = rf"{YEAR}|none"

# Examples that many fields share: from the founding plan of the corpus.
PLAN, PLAN_TITLE = "xiangtan-jichu-jiaoyu", "湘潭市推进基础教育补短板强弱项实施方案"
CLAUSE, UNIT = f"{PLAN}#二.一.2", "湘潭市教育局"


def doc(description: str, example: Any = None) -> Mapping[str, Any]:
    """What a field holds, and an example unless it holds other nouns."""
    return {"description": description} | ({} if example is None else {"examples": [example]})


# What several nouns have.
START = doc("place of the first character (in characters of the document's text)", 1196)
END = doc("place after the last character (half-open, in characters of the document's text)", 1207)
SOURCE = doc("path of the file relative to the corpus; of a file outside, its name", f"2021/{PLAN}.txt")
TITLE = doc("标题", PLAN_TITLE)
NUMBER = doc("发文字号", "湘政发〔2021〕4号")
LOCALITY = doc("地方: the place that it is of, where the operator says so", "湘潭市")
ISSUED_ON = doc(
    "成文日期, that of the imprint where only it is dated; as precise as printed: 2021, 2021-12, 2021-12-22, "
    "--12-22 when the year is lost",
    "--12-22",
)
RECEIVED_ON = doc(
    "收入日期: day on which the file was first in the corpus with this content; empty when nobody wrote it down",
    "2026-11-30",
)
EFFECTIVE_FROM = doc("施行日期: from when it holds, as precise as printed", "2024-04-01")
VALID_UNTIL = doc("有效期: the last day on which it holds, as the document itself says", "2029-03-31")
PATH = doc(
    "headings from the top down to the clause's own", ["重点任务", "加大资源供给,促进优质均衡", "推进学前教育普惠发展"]
)
PAGE = doc("页码 where the clause begins, from 1; 0 in a format without pages", 3)
OCR = doc(
    "how it was read from a picture: sure; doubtful, also a row of a csv file (compare it with the original); empty: as it stands",
    "",
)
VALIDITY = doc("效力: whether the document is in force, and what other documents do to it")
MISSING = doc(
    "number or article that the query names and that is not here, as printed there; all hits are weak then", ""
)
QUERY = doc("what was asked", "学前教育普惠发展")
UNREAD_PAGES = doc("numbers, from 1, of pages that are pictures and could not be read", [])
COVERAGE = doc(
    "share of the characters of the file, counted apart from the reading, that stand in its clauses, 0 to 1; 1 where nothing was counted",
    0.98,
)
ROLE = doc("lead 牵头, responsible 责任, support 配合", "responsible")


def parameter(chinese: str, english: str, example: Any, **more: Any) -> Mapping[str, Any]:
    """What a field of a query asks, in both languages.

    ``more`` may be ``name``, its name in an address where that is another than the field's; ``option``, its name in a command
    where that is another than the parameter's; ``pattern`` and ``max_length`` of a value (of each, where there are several);
    ``facet``, the field of ``Facets`` that counts its values.
    """
    return {**doc(f"{chinese} ({english})", example), "help": f"{chinese} {english[0].upper()}{english[1:]}", **more}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A field of a query, as those know it who ask."""

    field: str
    name: str  # in an address
    option: str  # in a command
    value_type: Any  # bool, or the type of one value: str, Literal[...]
    default: Any
    takes_several: bool
    metadata: Mapping[str, Any]  # as ``parameter`` gives it

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that it may have beside ""; none: any."""
        return get_args(self.value_type) if get_origin(self.value_type) is Literal else ()


def parameters_of(query: type[Any]) -> tuple[Parameter, ...]:
    """What a query takes: its fields, but for queries inside it."""
    return _parameters(query)  # type: ignore[arg-type]  # a class is hashable


@cache
def _parameters(query: Any) -> tuple[Parameter, ...]:
    hints = get_type_hints(query)
    made = []
    for each in fields(query):
        if each.metadata:
            name = each.metadata.get("name", each.name)
            value_type, takes_several = _value_type(hints[each.name])
            option = each.metadata.get("option", name.replace("_", "-"))
            made.append(
                Parameter(each.name, name, f"--{option}", value_type, each.default, takes_several, each.metadata)
            )
    return tuple(made)


def _value_type(hint: Any) -> tuple[Any, bool]:
    """The type of one value, without the "" that says nothing, and whether there may be several."""
    takes_several = get_origin(hint) is tuple
    if takes_several:
        hint, _ = get_args(hint)
    literals = [value for part in (get_args(hint) or ()) for value in (get_args(part) or (part,)) if value != ""]
    return Literal[tuple(literals)] if literals else hint, takes_several
