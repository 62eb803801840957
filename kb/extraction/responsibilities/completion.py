"""Names of a list made whole: heads and tails that several of them share are printed once."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.extraction.responsibilities.names import is_unit
from kb.extraction.vocabulary import any_of
from kb.lexicon import ORGANS

_TAILS = any_of(ORGANS["shared_tails"])
_LEVELS = any_of(ORGANS["administrative"])
_ALTERNATIVES = r"(?:（[省市县区州盟旗地乡镇街道、]+）)?"
_FUNCTIONS = any_of(ORGANS["functions"])
_PLACE_WITH_TAIL = re.compile(  # 青岛市政府
    rf"(?P<place>[\u4e00-\u9fff]{{1,12}}?)(?P<kind>{any_of(ORGANS['place_endings'])})(?P<tail>{_TAILS})"
)
_PLACE = re.compile(rf"[\u4e00-\u9fff、（）]{{0,12}}(?:{any_of(ORGANS['place_endings'])})")
_LEVEL_WITH_TAIL = re.compile(  # 县（市、区）政府, 县（市）人民政府房地产管理部门
    rf"(?:{_LEVELS}){{1,3}}{_ALTERNATIVES}(?P<tail>(?:级|两级)?(?:{_TAILS}|(?:人民政府)?[\u4e00-\u9fff]{{2,16}}部门))"
)
_LEVEL = re.compile(rf"(?P<each>各|全[省市县]各)?(?:{_LEVELS}){{1,4}}{_ALTERNATIVES}")  # 各市, 县
_DEPARTMENT = re.compile(  # 县级财政部门
    rf"(?P<head>[\u4e00-\u9fff]{{0,8}}?)(?:{_FUNCTIONS})(?P<tail>(?:(?:行政|主管|行政主管|监管)?部门|厅局?|局|委))"
)
_ANY_DEPARTMENT = re.compile(r"[\u4e00-\u9fff]{2,6}(?P<tail>部门)")
_LONGEST_FUNCTION = 6
_FUNCTION = re.compile(
    rf"(?P<head>各级|各地|各市|各县|各区|省级|市级|县级|省|市|县|区|国务院|地方|有关|相关)?(?:{_FUNCTIONS})"
)
_HEAD = re.compile(rf"(?!{any_of(ORGANS['not_levels'])})(?P<level>{any_of(ORGANS['levels'])})(?=[\u4e00-\u9fff]{{2}})")
_BARE = re.compile(
    rf"(?:{_FUNCTIONS})(?:厅|局|委|办|委员会|办公室)|[\u4e00-\u9fff]{{2,6}}厅|[\u4e00-\u9fff]{{2,3}}(?<!证监)(?<!银监)(?<!保监)(?<!总)(?<!分)(?<!国家)局"
)
_PARTY = re.compile(r"(?P<party>(?:省|市|县|区|州|自治区)委|中央)(?=[\u4e00-\u9fff]{2})")
_PARTY_DEPARTMENTS = frozenset(ORGANS["party_departments"])
_GROUP_HEAD = re.compile(
    r"各级|各地|各市|各县|各区|省级|市级|县级|地方|县级以上(?:地方)?(?:各级)?(?:人民政府)?|国务院|有关|相关"
)


def shares_tail(left: str, right: str) -> bool:
    """Whether the name on the left of 和 ends with the tail of that on the right.

    "园区", "示范区管委会" → True; "各市", "省直管县（市）政府" → True; "教育", "财政部门" → True
    """
    if _PLACE.fullmatch(left) and _PLACE_WITH_TAIL.fullmatch(right):
        return True
    if _LEVEL.fullmatch(left) and _LEVEL_WITH_TAIL.fullmatch(right):
        return True
    whole = _DEPARTMENT.fullmatch(f"{left}和{right}")
    return not whole and _FUNCTION.fullmatch(left) is not None and _DEPARTMENT.fullmatch(right) is not None


def with_shared_tails(names: Sequence[str]) -> list[str]:
    """Names completed by the tail of a later one: 济南, 青岛市政府 → 济南市政府, 青岛市政府; 各市, 县政府 → 各市政府, 各县政府."""
    completed = list(names)
    place = level = department = None
    below = -1  # the bare level that waits for its 各
    for i in range(len(names) - 1, -1, -1):
        name = names[i]
        if level is not None and (head := _LEVEL.fullmatch(name)):
            completed[i] = name + level["tail"]
            if head["each"]:
                completed[i + 1 : below + 1] = [_under_each(later) for later in completed[i + 1 : below + 1]]
            place = department = None
        elif department is not None and _is_function(name, names):
            completed[i] = name + department["tail"]
        elif place is not None and _is_bare(name) and (_PLACE.fullmatch(name) or len(name) <= 5):
            completed[i] = _with_place_tail(name, place)
        else:
            place, level = _PLACE_WITH_TAIL.fullmatch(name), _LEVEL_WITH_TAIL.fullmatch(name)
            department = _DEPARTMENT.fullmatch(name) or _ANY_DEPARTMENT.fullmatch(name)
            below = i if level is not None else -1
            place = None if level is not None else place
    return completed


def _is_function(name: str, names: Sequence[str]) -> bool:
    """Whether a name is what a department is for; one that is not known is where most others of its list are."""
    if _FUNCTION.fullmatch(name):
        return True
    known = sum(_FUNCTION.fullmatch(other) is not None for other in names)
    return len(name) <= _LONGEST_FUNCTION and not is_unit(name) and 2 * known >= len(names) - 1 > 0


def _is_bare(name: str) -> bool:
    """Whether a tail may be missing: 济南, 园区; not 市教育局, 各市."""
    return not is_unit(name) or (_PLACE.fullmatch(name) is not None and not name.startswith("各"))


def _under_each(name: str) -> str:
    return name if name.startswith(("各", "省")) else f"各{name}"


def _with_place_tail(name: str, place: re.Match[str]) -> str:
    if not _PLACE.fullmatch(name):
        return name + place["kind"] + place["tail"]
    own_kind = name.endswith(place["kind"]) or name[-1] not in "州岛"  # 广州 is short for 广州市, 大理州 is a 州
    return name + ("" if own_kind else place["kind"]) + place["tail"]


def with_shared_heads(names: Sequence[str]) -> list[str]:
    """Bare departments completed by the level, party committee or group before: 省财政厅, 教育厅 → 省财政厅, 省教育厅."""
    completed = []
    level = party = group = province = ""
    for name in names:
        whole = name
        if of_party := _PARTY.match(name):
            party, level, group = of_party["party"], of_party["party"].removesuffix("委").removeprefix("中央"), ""
        elif head := _HEAD.match(name):
            level, group = head["level"], ""
            party = party if party.startswith(level) else ""
        elif party and name in _PARTY_DEPARTMENTS:
            whole = party + name
        elif level and _BARE.fullmatch(name):
            whole = level + name
        elif province and name.endswith("厅") and _BARE.fullmatch(name):
            whole = province + name
        elif group and (department := _DEPARTMENT.fullmatch(name)) and not department["head"]:
            whole = group + name
        else:
            level = party = ""
            department = _DEPARTMENT.fullmatch(name)
            group = department["head"] if department and _GROUP_HEAD.fullmatch(department["head"]) else ""
        province = level if level in ("省", "自治区") else province
        completed.append(whole)
    return completed
