"""Short names that a document declares for units: 滨江市数据局（以下简称“数据局”）."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kb.lexicon import ORGAN_ENDING
from kb.organizations.divisions import places_in
from kb.organizations.jurisdiction import LEADING_LEVEL_WORD
from kb.text import normalise

_DECLARED = re.compile(
    r"""
    (?P<name>[\u4e00-\u9fff]{4,40}) [”»]? （ [^（）]{0,12}? (?:以下|下)?简?称 [为：]? \s*
    [“"‘'「《]? (?P<short>[\u4e00-\u9fff]{2,16}) [”"’'」》]? [，）]
    """,
    re.VERBOSE,
)
# Words right before a name: 成立|滨江市校车管理领导小组.
_BEFORE = re.compile("成立|设立|组建|下设|(?<!自)由|委托|授权|是?指|第[一二三四五六七八九十百]+条")
_CENTRAL = re.compile("国家|中国|全国|中华|中央|国务院")
_WITH_OTHERS = re.compile("及其.*")  # 国家外汇管理局|及其分支局
_NO_START = re.compile("[和及与为向经对被同应月将]|人民政府")
_LONGEST = 20  # a longer name without a place in it has other words before it


def short_names(text: str) -> Mapping[str, str]:
    """The name behind each short name that the text declares.

    "由滨江市数据局（以下简称“数据局”）负责" → {"数据局": "滨江市数据局"}
    """
    names: dict[str, str] = {}
    for declared in _DECLARED.finditer(normalise(text)) if "称" in text else ():
        name, short = _without_what_precedes(declared["name"]), declared["short"]
        if len(name) > len(short) and _is_name(name) and _is_name(short) and set(short) <= set(name):
            names.setdefault(short, name)
    return names


def _without_what_precedes(name: str) -> str:
    """ "规范滨江市数据局" → "滨江市数据局"; "" when nothing tells where the name begins."""
    verbs = list(_BEFORE.finditer(name))
    name = _WITH_OTHERS.sub("", name[verbs[-1].end() :] if verbs else name)
    starts = [place.start for place in places_in(name)] + [word.start() for word in _CENTRAL.finditer(name)]
    if starts and not LEADING_LEVEL_WORD.match(name):
        name = name[min(starts) :]
    elif len(name) > _LONGEST or _NO_START.match(name):
        return ""
    return "" if "的" in name else name


def _is_name(name: str) -> bool:
    """Whether the text ends as names of organs do: 滨江市数据局."""
    return any(ending.end() == len(name) for ending in ORGAN_ENDING.finditer(name))
