"""What names of units look like: their endings, groups, places and levels."""

from __future__ import annotations

import re
from functools import lru_cache

from kb.lexicon import ORGAN_ENDING, ORGANS, OTHER_FORM, any_of

LONGEST_NAME = 40
_GROUP = re.compile(any_of(ORGANS["group_heads"]))
_ENDS = re.compile(rf"(?:{ORGAN_ENDING.pattern}|{any_of(ORGANS['offices'])})$")
GROUP_OF_PLACES = re.compile(
    rf"(?:各(?:级|类|有关|相关)?|全[省市县区]各?|有关|相关|其他|所在|属地)?(?:{any_of(ORGANS['administrative'])}|地区|地方|方面)+(?:（[省市县区州盟旗地乡镇街道村社自治直辖、]+）)?"
)
COUNTED_PLACES = re.compile(rf"^(?:全[省市县])?\d{{1,3}}个(?={any_of(ORGANS['administrative'])})")  # 16个设区的市
_PLACE = re.compile(rf"[\u4e00-\u9fff]{{1,12}}(?:{any_of(ORGANS['place_endings'])})")
_NEVER = re.compile(
    rf"{any_of(ORGANS['never_in_names'])}|[。！？!?|…*—]|第[一二三四五六七八九十百]+[条章]|(?<!自)由|(?<![重主首机纪概])要(?![素塞])|^[^\u4e00-\u9fffA-Z“]"
)
# 的 and 奖励 in names
_IN_NAMES = re.compile(
    "(?<=设区)的(?=市)|负有[^的、，]{2,24}职责的(?=部门|机关|机构)|奖励(?=(?:工作|评审|监督)?(?:委员会|办公室))"
)
_SELDOM = re.compile(any_of(ORGANS["seldom_in_names"]))
_WORKING_BODY = re.compile(rf"(?:{any_of(ORGANS['working_bodies'])})$")
_NO_ORGAN = re.compile(rf"(?:{any_of(ORGANS['not_organs'])})$")
_NOBODY = frozenset(ORGANS["nobody"])
# 各县（市、区）, 各部门（单位）: part of the name, no remark
_ALTERNATIVES = re.compile(r"[省市县区州盟旗地乡镇街道村居社、]+|自治区、直辖市|单位|部门")
_BRACKETS_OR_BLANK = re.compile("[（）〔〕<> ]")
_REMARK = re.compile(r"[（〔<]([^（）〔〕<>]*)[）〕>]?")
_OTHER_WORD = re.compile(r"（[^（）]{1,6}）$")  # 各部门（单位）, 各村（社区）
_LATIN = re.compile(r"[0-9A-Za-z]")


@lru_cache(maxsize=1 << 14)
def is_unit(name: str) -> bool:
    """Whether a name is complete by its form: it ends as names of organs do, or names a group of them.

    "市教育局" → True; "各市" → True; "济南" → False; "目前仅在28所高校开办" → False
    """
    bare = COUNTED_PLACES.sub("", without_remarks(name))
    if not is_plausible(bare) or _NO_ORGAN.search(bare) or _LATIN.search(bare):
        return False
    if GROUP_OF_PLACES.fullmatch(bare):
        return len(bare) >= 2
    if not _ENDS.search(_OTHER_WORD.sub("", bare)):
        return False
    return bare not in _NOBODY


def is_place(name: str) -> bool:
    """Whether a name is that of a place, which stands for its government in a list: "石家庄市" → True"""
    return len(name) >= 2 and _PLACE.fullmatch(without_remarks(name)) is not None and is_plausible(name)


@lru_cache(maxsize=1 << 14)
def is_plausible(name: str) -> bool:
    """Whether nothing in a list item says that it is no name.

    "轻纺城燃气公司" → True; "湘江流域" → True; "推进办学条件改善" → False; "省推进职能转变领导小组办公室" → True
    """
    bare = without_remarks(name)
    bare = COUNTED_PLACES.sub("", bare)
    if (
        not 2 <= len(bare) <= LONGEST_NAME
        or bare.count("（") != bare.count("）")
        or _NEVER.search(_IN_NAMES.sub("", bare))
        or bare in _NOBODY
    ):
        return False
    return not (_SELDOM.search(bare) and not _WORKING_BODY.search(bare))


def with_other_forms(name: str, printed: str) -> str:
    """A completed name with what a place may call the body instead, as printed: 各省财政厅, 财政厅（局） → 各省财政厅（局）."""
    bare = without_remarks(printed)
    if "（" not in printed or not name.endswith(bare):
        return name
    forms = [(form.group(), printed[: form.start()]) for form in OTHER_FORM.finditer(printed)]
    for form, before in reversed(forms):
        at = len(name) - len(bare) + len(without_remarks(before))
        name = name[:at] + form + name[at:]
    return name


def is_group(name: str) -> bool:
    """Whether a name stands for several units: 各市, 有关部门."""
    return _GROUP.match(name) is not None


def without_remarks(name: str) -> str:
    """The name without bracketed remarks: 各市（含定州市）政府 → 各市政府; 各县（市、区）政府 stays."""
    if name.isalpha() or not _BRACKETS_OR_BLANK.search(name):
        return name
    kept = _REMARK.sub(lambda m: m.group() if _ALTERNATIVES.fullmatch(m[1]) else "", name)
    if kept.count("（") < kept.count("）") or kept[-1:].isspace():
        return re.sub(r"[）〕\s]+$", "", kept)
    return kept
