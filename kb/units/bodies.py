"""Which bodies a sentence can give a duty to, by the form of their names: public ones, and others that it says whose they are."""

from __future__ import annotations

import re
from functools import lru_cache

from kb.lexicon import ORGANS, any_of, table, words
from kb.units.names import (
    COUNTED_PLACES,
    GROUP_OF_PLACES,
    is_plausible,
    is_unit,
    without_remarks,
)

_FUNCTIONS = any_of(ORGANS["functions"])
_PUBLIC = re.compile(rf"(?:{any_of(ORGANS['agencies'])})$")
_PRIVATE = re.compile(rf"(?:{any_of(ORGANS['private_endings'])})$")  # 货币经纪公司
_NOBODY = frozenset(ORGANS["no_agencies"])
_WHOEVER = re.compile(rf"(?:{any_of(ORGANS['whoever'])})$")
# 各参保单位, 市县
_GROUP_OF_BODIES = re.compile(
    r"各(?:行政)?[村社]区?(?:（[村社]区?）)?|各.{0,10}(?:单位|学校|院校|高校)|[市县区州镇乡]{2,3}"
)
_SEVERAL = re.compile("各|全|有关|相关")
_WHOSE = re.compile(
    rf"""
      (?!各种|各类|各项|各方|各界) (?:{any_of([*ORGANS["whose"], *ORGANS["ministries"]])})              # 各|高校, 国网|供电公司
    | (?!{any_of(ORGANS["not_levels"])}) (?:{any_of(ORGANS["levels"])}) (?:级|属|直|直属|管)? (?!民(?![政族宗营航委办])|场)  # 市|交通集团
    | [\u4e00-\u9fff]{{2,8}} (?:{any_of(ORGANS["place_endings"])})                                    # 滨江新区|人民医院
    | [部委厅局] (?=[\u4e00-\u9fff]{{2,12}}[司处科室]$)                                                      # 局|科技司
    """,
    re.VERBOSE,
)
_PARKS = frozenset(ORGANS["parks"])
_INSTITUTIONS = re.compile(rf"(?:所有|全[省市县区])?(?:{any_of(ORGANS['institutions'])})")  # 所有高等学校
_BRANCH = re.compile("(?:大队|中队|支队|分局)$")
# 试点县
_PILOT = re.compile("各?(?:试点|示范|项目|任务|脱贫|帮扶)(?:省|城市|市|县|区|地区|乡镇|学校)(?:人民政府|政府)?")
_SET_UP = re.compile(rf"[^、，。；\n]{{2,}}(?:{any_of(ORGANS['set_up'])})$")  # 领导小组办公室
_SPECIAL = re.compile(  # 湿地公园主管部门; not 有关主管部门
    r"(?!有关|相关|其[他它]|上级|下级|当地|各|行业|业务|赋予|转|便于|定期|组织|第|为|对|向|使|让)[\u4e00-\u9fff]{2,}(?:行政主管|行政管理|监督管理|主管)部门"
)
_TOWN = re.compile(  # 龙潭镇, 柳湾村; not 小城镇, 示范村
    r"[\u4e00-\u9fff]{2,4}(?<![城村小点心色集制])(?:镇|乡|街道)|[\u4e00-\u9fff]{2,3}(?<![农村乡镇县市政然本全各每中范点贫困扶心色传名新制试丽个部该层在属落进明标般统建求对])村"
)
_NO_PLACE = re.compile(rf"{_FUNCTIONS}|会同(?!县)")  # 会同财政部门 is no body of the county 会同
_DIVISION_SIGNS = "省市州盟县区旗"
_PLACE_SIGNS, _LONGEST_PLACE = "省市州盟县区旗镇乡道村", 5
_NAMED = re.compile(  # 青禾农业有限公司, 电信宁安分公司, 柳原水务集团, 柳原一中
    rf"[\u4e00-\u9fff]{{4,24}}(?:{any_of(ORGANS['legal_forms'])})"
    rf"|(?:{any_of(ORGANS['chains'])})[\u4e00-\u9fff]{{2,8}}(?:{any_of(ORGANS['branches'])})"
    rf"|(?!{any_of(ORGANS['no_places'])})[\u4e00-\u9fff]{{2,3}}(?:(?:{any_of(ORGANS['local_kinds'])}){{1,2}}(?:{any_of(ORGANS['local_endings'])})|一中|二中|三中|农商行|农商银行|日报社)"
)
_PLACES = frozenset(
    name
    for line in (*words("divisions"), *(f"- {area}" for area in table("places")["areas"]))
    for name in (line.split()[1], re.sub(r"(?:省|市|地区|盟|县|区)$", "", line.split()[1]))
    if len(name) > 1
)
_NO_NAME = re.compile(
    rf"""
      ^(?:{any_of(ORGANS["before_names"])}|建设(?=[省市县区州国全城])(?!市场))(?!急)                                          # 推进城市医疗集团
    | {any_of(ORGANS["never_in_agencies"])}                                              # 提高县科技部门
    | (?<![省市县区州直属级议组部委厅局关行院府他它]) (?<!^) 各 (?!级)                              # 活动形式各地
    | (?<=.)(?<![预情日晚])报(?![社刊业告警道]|$)                                               # 方案报省文旅厅
    | 或者 | (?<=.)(?:需(?!求)|(?<!报)到) | 推荐(?!单位|部门|机构) | (?<=.)(?:核发|终止) | 组成(?!部门|单位|人?员) | (?<=.)经(?![济开信贸营办管侦理纪验]) | 制[定订](?!部门|机关|单位|主体) | ^我(?![厅局委部院行]) | (?<=国家)将 | 集团组织$ | (?<=.)负责(?!的?(?:部门|单位|机构)) | (?<=[府门关构位厅局委部行会院心办])(?:应(?!急)|将|在(?!线)|到|向|有(?![关限色])|同(?![级心仁江安])|为(?!民))    # 县政府应为学校
    | (?<=.) (?: 向(?![阳前]) | 对(?![外台口]) | (?<![所存])在(?![线编职校册建地岗外]) ) | (?:配合|协助)(?!单位|部门)    # 各省向人社部
    | (?:部门|(?<!事业)单位) (?![和及与、单机（）联协]|网信|党|纪检|内设|办公室|$|[\u4e00-\u9fff]{{2,16}}(?:小组|专班|委员会)$)                                                # 主管部门逐级报请
    | (?:政府|机关|机构) (?:{any_of(ORGANS["after_names"])}) (?![室处局办组科])                 # 市政府组织专班; but 市政府督查室
    | (?<=[府厅局委办部院会室处司署门构心行])                                                  # 两个名称: 有关部门约谈当地政府
      (?: (?![各及其直所属和与或]) [\u4e00-\u9fff]{{1,6}}? (?:当地|同级|本级|上级|下级|有关|相关)
        | (?:会同|联合(?![会国])|组织|约谈|商|牵头(?!部门|单位|机构)) .* [省市县区州]
        | (?:将|要|应|可)?(?:会同|约谈|督促|指导(?![委小组中处站办服])|组织(?![部处科室]|人事)|协调(?![处办科机小])|牵头(?!部门|单位|机构)) ) .{{2}}
    """,
    re.VERBOSE,
)


@lru_cache(maxsize=1 << 14)
def is_body(name: str) -> bool:
    """Whether a name is one of a body that can have duties, or of a group of them.

    "市教育局", "各级党委和政府", "市交通集团", "各高校", "越秀区" → True; "培训机构", "检测公司" → False
    """
    bare = without_remarks(name)
    if bare in _NOBODY:
        return False
    if is_named_place(bare) or bare in _PARKS or _PILOT.fullmatch(bare) or _INSTITUTIONS.fullmatch(bare):
        return is_plausible(bare)
    if not is_unit(bare) or _NO_NAME.search(bare):
        return False
    return _is_public(bare) or (not _WHOEVER.search(bare) and _says_whose(bare))


def _says_whose(name: str) -> bool:
    return _WHOSE.match(name) is not None or _NAMED.fullmatch(name) is not None or begins_with_place(name)


def _is_public(name: str) -> bool:
    """Whether a complete name is one of a public body, or of a group of bodies or places: 教育局, 各参保单位, 各市."""
    if _GROUP_OF_BODIES.fullmatch(name) or (_PUBLIC.search(name) and not _PRIVATE.search(name)):
        return True
    places = COUNTED_PLACES.sub("各", name)
    return GROUP_OF_PLACES.fullmatch(places) is not None and _SEVERAL.match(places) is not None


def is_named_place(name: str) -> bool:
    """Whether a name is that of one division or town, which stands for its government: 越秀区, 龙潭镇; not 济南."""
    return name[-1:] in _PLACE_SIGNS and name[0] != "各" and (name in _PLACES or _TOWN.fullmatch(name) is not None)


def is_division(name: str) -> bool:
    """Whether a name is that of a division of the country with its kind: 济南市, 安平县; not 济南."""
    return name in _PLACES and name[-1:] in _DIVISION_SIGNS


def is_particular(name: str) -> bool:
    """Whether a name says whose the body is, or which one: 市交通集团, 各高校, 民政部门, 领导小组办公室; not 检测公司, 单位."""
    return (
        _SET_UP.match(name) is not None
        or _SPECIAL.fullmatch(name) is not None
        or re.match(_FUNCTIONS, name) is not None
        or _says_whose(name)
    )


def begins_with_place(name: str) -> bool:
    """Whether a name begins with that of a province, city or county: "宁安供电公司" → True; "公安局" → False"""
    return not _NO_PLACE.match(name) and any(name[:n] in _PLACES for n in range(2, _LONGEST_PLACE + 1))


def is_branch_of_place(name: str) -> bool:
    """Whether the place of a branch stands before its kind: "交警宁安大队" → True; "交警大队" → False"""
    branch = _BRANCH.search(name)
    return branch is not None and any(name[branch.start() - n : branch.start()] in _PLACES for n in range(2, 5))
