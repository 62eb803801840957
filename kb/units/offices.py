"""Offices inside an organ (内设机构), and the organ that the name of one says it is in."""

from __future__ import annotations

import re
from functools import lru_cache

from kb.lexicon import ORGANS, any_of
from kb.units.bodies import is_division
from kb.units.names import is_unit

_NAMED = r"[\u4e00-\u9fff]{2,16}(?:(?<!办事)(?<!代表)处|科|股|(?<!公)司|(?<!实验)(?<!工作)室)"  # 就业促进处
_COMMON = "办公室|办公厅|机关党委|机关纪委|党组"
_ALL = r"(?:各|有关|相关){1,2}(?:处室|科室|股室|司局|内设机构|处|科|股|司)"
_OFFICE = re.compile(rf"{_NAMED}|{_COMMON}")
_INSIDE = rf"(?:机关)?(?:{_COMMON}|{_ALL}|(?!办公[室厅]|各|属){_NAMED})"
_SHORT = re.compile(  # 厅|就业促进处, 市局|办公室, 我委|规划处, 厅|监察局; not 部门预算处, 院务管理处
    rf"""(?P<organ>
        (?:[省市县区州总分我本]|自治区)?(?:厅(?!级|属)|局(?!部(?!门)|[域属限长]))
      | [我本总]?(?:委(?![员托派培属管会])|部(?![门分队署级件长属省落])|署(?!名)|院(?![士校前线感务内外属]))
      | (?:中心|总队|支队|大队|学校|学院)(?=办公室|{_ALL})
    )(?:{_INSIDE}|(?<=厅)[\u4e00-\u9fff]{{2,12}}局)""",
    re.VERBOSE,
)
_ORGAN_END = re.compile(r"委员会(?!办公室)|[厅局署行]|委(?![员会托派])|办(?!公)|部(?!门)|(?<!国务)院")
_PARTY_COMMITTEE = re.compile(r"(?:各?[省市县区州盟旗]{0,2}|.*[党工])委")  # its departments are organs themselves
_IN_ORGAN = re.compile(_INSIDE)
_SHORTEST_ORGAN = 3
_OF_ANOTHER = re.compile(  # 省人才处, 市政府办公室综合科; not 市政处, 区域协调处, 政府采购处
    r"[省市县区州](?![政际场容域划县乡属级](?!府))|中央|国家|中国|全国|其[他它]|.*(?:各|有关|相关|办公[室厅].)|.*(?:政府|党委)(?:办|督查|研究)"
)
_LONGEST_PLACE = 6
_DEPARTMENT = re.compile(rf"(?:{any_of(ORGANS['functions'])})局")
_INSTITUTION = re.compile(
    r"(?:局|中心|(?<!法)(?<!检察)院|所|站|馆|队|校|大学|办事处|代表处|实验室|公司|协会|学会)(?:(?:有关|相关|各).{1,4})?$"
)


@lru_cache(maxsize=1 << 14)
def organ_of(name: str) -> str:
    """The organ that an office is in, as its name tells it: 县财政局农业股 → 县财政局; 厅法规处 → 厅; 农业股 → ""."""
    if short := _SHORT.fullmatch(name):
        return short["organ"]
    for end in _ORGAN_END.finditer(name):
        organ = name[: end.end()]
        is_organ = len(organ) >= _SHORTEST_ORGAN and is_unit(organ) and not _PARTY_COMMITTEE.fullmatch(organ)
        if is_organ and _IN_ORGAN.fullmatch(name, end.end()):
            return organ
    return ""


def is_short(organ: str) -> bool:
    """Whether an organ is named by its kind alone, with no name that could be completed: 厅, 市局; not 财政局."""
    return _SHORT.fullmatch(f"{organ}办公室") is not None


@lru_cache(maxsize=1 << 14)
def is_bare_office(name: str) -> bool:
    """Whether a name is that of an office and does not say of what: 就业促进处, 办公室; not 厅法规处, 省社保处, 各处室."""
    if not _OFFICE.fullmatch(name) or not is_unit(name) or organ_of(name):
        return False
    return not _OF_ANOTHER.match(name) and not any(is_division(name[:n]) for n in range(2, _LONGEST_PLACE))


def is_institution(name: str) -> bool:
    """Whether a body is one with a name of its own beside the offices of an organ: 信息中心, 社保中心有关部, 执法支队, 监察局; not 财政局."""
    return not _DEPARTMENT.fullmatch(name) and _INSTITUTION.search(name) is not None
