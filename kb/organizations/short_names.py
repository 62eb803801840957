"""Short names that a document gives to bodies: 滨江市数据局（以下简称“数据局”）."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kb.lexicon import ORGAN_ENDING
from kb.text import normalise

_DECLARED = re.compile(
    r"""
    (?P<name>[\u4e00-\u9fff]{4,40}) [”»]? （ [^（）]{0,12}? (?:以下|下)?简?称 [为：]? \s*
    [“"‘'「《]? (?P<short>[\u4e00-\u9fff]{2,16}) [”"’'」》]? [，）]
    """,
    re.VERBOSE,
)
# What may stand before the name without a sign: 成立滨江市校车管理领导小组.
_BEFORE = re.compile("(?:.*?(?:成立|设立|组建|设|由|是|为|经|向|报|在|对|请|委托|授权|根据|依托))?")


def short_names(text: str) -> Mapping[str, str]:
    """The name behind each short name that the text declares.

    "由滨江市数据局（以下简称“数据局”）负责" → {"数据局": "滨江市数据局"}
    """
    found: dict[str, str] = {}
    for declared in _DECLARED.finditer(normalise(text)) if "称" in text else ():
        name, short = declared["name"], declared["short"]
        before = _BEFORE.match(name)
        name = name[before.end() :] if before else name
        if len(name) > len(short) and _is_name(name) and _is_name(short) and set(short) <= set(name):
            found.setdefault(short, name)
    return found


def _is_name(name: str) -> bool:
    return any(ending.end() == len(name) for ending in ORGAN_ENDING.finditer(name))
