"""Shared tails in a list of units: the kind of body printed behind the last place, level or function belongs to those before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from kb.lexicon import ORGANS, any_of
from kb.units.bodies import is_division
from kb.units.names import is_unit

_CORPS = "新疆生产建设兵团"
_PROVINCES = ("省", "自治区", "直辖市", "计划单列市", _CORPS)
_NOT_UNDER_EACH = ("省", "省直管县", _CORPS)
_TAILS = any_of(ORGANS["shared_tails"])
_LEVELS = any_of(ORGANS["administrative"])
_ALTERNATIVES = r"(?:（[省市县区州盟旗地乡镇街道自治直辖、]+）)?"
_FUNCTIONS = any_of(ORGANS["functions"])
_OFFICE = rf"(?:{_FUNCTIONS})(?:厅|局|委|办)"
_DEPARTMENTS = rf"(?:{_FUNCTIONS})(?:行政|主管|行政主管|行政管理|监督管理|管理|监管)?部门"
_PLACE_WITH_TAIL = re.compile(  # 青岛市政府, 青岛市教育局, 青岛市教育部门
    rf"(?P<place>[\u4e00-\u9fff]{{1,12}}?)(?P<kind>{any_of(ORGANS['place_endings'])})(?P<tail>{_TAILS}|(?P<office>{_OFFICE}|{_DEPARTMENTS}))"
)
_PLACE = re.compile(rf"[\u4e00-\u9fff、（）]{{0,12}}(?:{any_of(ORGANS['place_endings'])})")
_EACH = r"(?P<each>各有关|各相关|各|全[省市县]各|有关|相关|\d{1,3}个)"
_THERE = "(?:所在地|所在)?"
_LEVEL_WITH_TAIL = re.compile(  # 县（市、区）政府, 县（市）人民政府房地产管理部门, 新疆生产建设兵团财政局
    rf"(?!{any_of(ORGANS['not_levels'])}){_THERE}{_EACH}?(?P<level>{_CORPS}|{_LEVELS})(?:{_LEVELS}){{0,2}}{_ALTERNATIVES}"
    rf"(?P<tail>(?:级|两级)?(?:{_TAILS}|(?:人民政府)?(?![直属])[\u4e00-\u9fff]{{2,16}}(?:部门|机构|机关)|(?P<office>{_OFFICE}|{any_of(ORGANS['short_bodies'])})))"
)
_LEVEL = re.compile(rf"{_THERE}{_EACH}?(?P<level>{_LEVELS})(?:{_LEVELS}){{0,3}}{_ALTERNATIVES}级?")  # 各市, 县, 省级
_DEPARTMENT = re.compile(  # 县级财政部门
    rf"(?P<head>[\u4e00-\u9fff]{{0,8}}?)(?:{_FUNCTIONS})(?P<tail>(?:(?:行政|主管|行政主管|行政管理|监督管理|管理|监管)?部门|厅局?|局|委))"
)
_ANY_DEPARTMENT = re.compile(r"[\u4e00-\u9fff]{2,6}(?P<tail>部门)")
_CHAIN = re.compile(any_of(ORGANS["chains"]))
# 电信宁安分公司
_BRANCH = re.compile(rf"(?:{_CHAIN.pattern})(?P<tail>[\u4e00-\u9fff]{{2,8}}(?:{any_of(ORGANS['branches'])}))")
_LONGEST_FUNCTION = 6
_FUNCTION = re.compile(
    rf"(?P<head>各级|各地|各市|各县|各区|省级|市级|县级|(?:县级以上(?:地方)?(?:各级)?|[省市县区])人民政府|[省市县区]{_ALTERNATIVES}|国务院|地方|当地|同级|本级|有关|相关)?(?:{_FUNCTIONS})"
)


def shares_tail(left: str, right: str) -> bool:
    """Whether the name on the left of 和 ends with the tail of that on the right.

    "园区", "示范区管委会" → True; "各市", "省直管县（市）政府" → True; "教育", "财政部门" → True
    """
    if _PLACE.fullmatch(left) and _PLACE_WITH_TAIL.fullmatch(right):
        return True
    if _LEVEL.fullmatch(left) and (_LEVEL.fullmatch(right) or _LEVEL_WITH_TAIL.fullmatch(right)):
        return True
    whole = _DEPARTMENT.fullmatch(f"{left}和{right}")
    return not whole and _FUNCTION.fullmatch(left) is not None and _DEPARTMENT.fullmatch(right) is not None


@lru_cache(maxsize=1 << 12)
def is_function(name: str) -> bool:
    """Whether a name is only what a department is for: "教育", "各级财政" → True; "教育局" → False"""
    return _FUNCTION.fullmatch(name) is not None


def with_shared_tails(names: Sequence[str]) -> list[str]:
    """Names completed by the tail of a later one: 济南, 青岛市政府 → 济南市政府, 青岛市政府; 各市, 县政府 → 各市政府, 各县政府."""
    completed = _of_divisions(_of_branches(_under_each(names)))
    place = level = department = None
    for i in range(len(names) - 1, -1, -1):
        name = completed[i]
        bare = _LEVEL.fullmatch(name)
        if level is not None and bare and not _is_own(bare, level):
            tail = level["tail"]
            has_own = name.endswith("级") or bare["level"].startswith("设区")
            completed[i] = name + (tail.removeprefix("级") if has_own else tail)
            place = department = None
        elif department is not None and not bare and _is_function(name, names):
            completed[i] = name + department["tail"]
            level = _LEVEL_WITH_TAIL.fullmatch(completed[i])  # 市、区民政、财政部门
        elif place is not None and place["office"] and (group := _LEVEL.fullmatch(name)) and group["each"]:
            completed[i] = name + place["tail"]
        elif place is not None and _is_bare(name) and (_PLACE.fullmatch(name) or len(name) <= 5):
            completed[i] = _with_place_tail(name, place)
            place = _PLACE_WITH_TAIL.fullmatch(completed[i]) or place  # 滨江、宁安市，安平县政府: 滨江 is a 市
        else:
            place, level = _PLACE_WITH_TAIL.fullmatch(name), _LEVEL_WITH_TAIL.fullmatch(name)
            department = _DEPARTMENT.fullmatch(name) or _ANY_DEPARTMENT.fullmatch(name)
            place = None if level is not None else place
    return completed


def _of_branches(names: Sequence[str]) -> list[str]:
    """Firms that are all of one place: 移动, 联通, 电信宁安分公司 → 移动宁安分公司, 联通宁安分公司, 电信宁安分公司."""
    completed = list(names)
    tail = ""
    for i in range(len(names) - 1, -1, -1):
        branch = _BRANCH.fullmatch(names[i])
        tail = branch["tail"] if branch else tail if _CHAIN.fullmatch(names[i]) else ""
        completed[i] = names[i] if branch else names[i] + tail
    return completed


def _of_divisions(names: Sequence[str]) -> list[str]:
    """Divisions of one kind, which stands behind the last one: 保定, 唐山, 沧州市 → 保定市, 唐山市, 沧州市."""
    completed = list(names)
    kind = ""
    for i in range(len(names) - 1, -1, -1):
        is_short = kind and is_division(names[i] + kind)
        completed[i] = names[i] + kind if is_short else names[i]
        kind = completed[i][-1:] if is_division(completed[i]) else ""
    return completed


def _under_each(names: Sequence[str]) -> list[str]:
    """Levels behind one 各: 各市, 县, 区政府 → 各市, 各县, 各区政府; 相关县, 区政府 → 相关县, 相关区政府."""
    completed: list[str] = []
    each = None  # the level with 各 that the next one may follow
    for name in names:
        bare = _LEVEL.fullmatch(name)
        level = bare or _LEVEL_WITH_TAIL.fullmatch(name)
        follows = each is not None and level is not None and not level["each"] and not _is_own(each, level)
        if each is not None and follows and level is not None and level["level"] not in _NOT_UNDER_EACH:
            completed.append((each["each"] if each["each"].endswith("关") else "各") + name)
        else:
            completed.append(name)
            each = bare if bare is not None and bare["each"] else each if follows else None
    return completed


def of_other_levels(printed: Sequence[str], completed: Sequence[str]) -> list[list[str]]:
    """What each name stands for beside its completed form: in 各县, 区民政局, 残联 the last is 各区残联 and 各县残联."""
    others: list[list[str]] = []
    heads: list[str] = []  # of the levels that share a tail
    for short, full in zip(printed, completed, strict=True):
        level = _LEVEL_WITH_TAIL.fullmatch(full)
        is_headed = len(heads) > 1 and full.startswith(heads[-1] + short)
        others.append([head + full.removeprefix(heads[-1]) for head in heads[:-1]] if is_headed else [])
        if level is not None and not is_headed:
            is_bare = _LEVEL.fullmatch(short) is not None
            follows = bool(heads) and completed[len(others) - 2] == heads[-1] + level["tail"]
            heads = [*(heads if follows else ()), full.removesuffix(level["tail"])] if is_bare or follows else []
        elif not is_headed:
            heads = []
    return others


def _is_own(bare: re.Match[str], level: re.Match[str]) -> bool:
    """Whether a level with a tail stands for itself: 各县、市教育局, 各市、市教育局; not 各市、县教育局, 各县、市政府."""
    if bare["level"] == level["level"]:
        return True
    is_office = level.re is _LEVEL_WITH_TAIL and level["office"] is not None
    return is_office and _rank(bare["level"]) > _rank(level["level"])


def _rank(level: str) -> int:
    """0 for provinces, 1 for cities, 2 for counties, 3 for what is below."""
    if level in _PROVINCES:
        return 0
    return next((rank for rank, ends in enumerate(("市州盟地", "县区旗"), 1) if level[-1] in ends), 3)


def _is_function(name: str, names: Sequence[str]) -> bool:
    """Whether a name is what a department is for; one that is not known is where most others of its list are."""
    if is_function(name):
        return True
    known = sum(map(is_function, names))
    return len(name) <= _LONGEST_FUNCTION and not is_unit(name) and 2 * known >= len(names) - 1 > 0


def _is_bare(name: str) -> bool:
    """Whether a tail may be missing: 济南, 园区; not 市教育局, 各市."""
    return not is_unit(name) or (_PLACE.fullmatch(name) is not None and not name.startswith("各"))


def _with_place_tail(name: str, place: re.Match[str]) -> str:
    if not _PLACE.fullmatch(name):
        return name + place["kind"] + place["tail"]
    own_kind = name.endswith(place["kind"]) or name[-1] not in "州岛"  # 广州 is short for 广州市, 大理州 is a 州
    return name + ("" if own_kind else place["kind"]) + place["tail"]
