"""Short names that a document gives to bodies: 滨江市数据局（以下简称“数据局”）."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kb.lexicon import ORGAN_ENDING
from kb.organizations.divisions import places_in
from kb.organizations.places import RELATIVE
from kb.text import normalise

_DECLARED = re.compile(
    r"""
    (?P<name>[\u4e00-\u9fff]{4,40}) [”»]? （ [^（）]{0,12}? (?:以下|下)?简?称 [为：]? \s*
    [“"‘'「《]? (?P<short>[\u4e00-\u9fff]{2,16}) [”"’'」》]? [，）]
    """,
    re.VERBOSE,
)
_BEFORE = re.compile(
    "成立|设立|组建|下设|(?<!自)由|委托|授权|是?指|第[一二三四五六七八九十百]+条"
)  # 成立|滨江市校车管理领导小组
_CENTRE = re.compile("国家|中国|全国|中华|中央|国务院")
_WITH_OTHERS = re.compile("及其.*")  # 国家外汇管理局|及其分支局
_NO_HEAD = re.compile("[和及与为向经对被同应月将]|人民政府")
_LONGEST = 20  # longer ones with no place in them hold other words


def short_names(text: str) -> Mapping[str, str]:
    """The name behind each short name that the text declares.

    "由滨江市数据局（以下简称“数据局”）负责" → {"数据局": "滨江市数据局"}
    """
    found: dict[str, str] = {}
    for declared in _DECLARED.finditer(normalise(text)) if "称" in text else ():
        name, short = _without_what_precedes(declared["name"]), declared["short"]
        if len(name) > len(short) and _is_name(name) and _is_name(short) and set(short) <= set(name):
            found.setdefault(short, name)
    return found


def _without_what_precedes(name: str) -> str:
    """ "规范滨江市数据局" → "滨江市数据局"; "" when nothing tells where the name begins."""
    verbs = list(_BEFORE.finditer(name))
    name = _WITH_OTHERS.sub("", name[verbs[-1].end() :] if verbs else name)
    heads = [found.start for found in places_in(name)] + [head.start() for head in _CENTRE.finditer(name)]
    if heads and not RELATIVE.match(name):
        name = name[min(heads) :]
    elif len(name) > _LONGEST or _NO_HEAD.match(name):
        return ""
    return "" if "的" in name else name


def _is_name(name: str) -> bool:
    return any(ending.end() == len(name) for ending in ORGAN_ENDING.finditer(name))
