"""Shared heads in a list of units: the place or level printed before the first one belongs to the bare names behind it too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kb.lexicon import ORGANS, any_of
from kb.units.bodies import begins_with_place, is_branch_of_place
from kb.units.names import is_group, is_unit
from kb.units.offices import is_bare_office, is_institution, is_short, organ_of

_BODY = r"(?=[\u4e00-\u9fff]{2})"
_LEADING = re.compile(any_of(ORGANS["leading"]))
_FUNCTIONS = any_of(ORGANS["functions"])
_NO_LEVEL = rf"(?!{any_of(ORGANS['not_levels'])})"
_SEVERAL_LEVELS = rf"(?:{any_of(ORGANS['several_levels'])})(?!场)"  # 省市场监管局 is of the 省
_LEVEL = re.compile(rf"{_NO_LEVEL}(?!{_SEVERAL_LEVELS})(?P<head>{any_of(ORGANS['levels'])}){_BODY}")  # 省|教育厅
_AT_SOME_LEVEL = re.compile(rf"{_NO_LEVEL}(?:{any_of([*ORGANS['administrative'], *ORGANS['several_levels']])})(?<!地)")
_EACH = re.compile(  # 各县（市、区）|教育局, 相关县|政府, 16个设区的市|政府, 新疆生产建设兵团|教育局
    rf"(?P<head>(?:各级|(?:各(?:有关|相关)?|有关|相关|全[省市县]各|\d{{1,3}}个)(?:{any_of(ORGANS['administrative'])}){{1,4}}"
    rf"(?:（[省市县区州盟旗地乡镇街道自治直辖、]+）)?|新疆生产建设兵团|省(?:财政)?直管县(?:（市）)?)){_BODY}"
)
_PLACE = re.compile(  # 宁安市|教育局, 滨江新区管委会|规划建设局; not 住房和城乡|建设局
    rf"(?!{_FUNCTIONS})(?P<head>(?:(?!各)[\u4e00-\u9fff]){{2,8}}?(?:{any_of(ORGANS['place_endings'])})(?:管委会(?=[\u4e00-\u9fff]{{2,8}}[局委办心]))?){_BODY}"
)
_GROUP_OF_DEPARTMENTS = re.compile(  # 各级|财政部门
    rf"(?!地方金融)(?P<head>(?:地方)?各级|各地|各市|各县|各区|省级|市级|县级|地方|县级以上(?:地方)?(?:各级)?(?:人民政府)?|国务院|当地|同级|本级|有关|相关|[省市县区乡镇]{{2,3}}(?:[两三]?级)?|省|自治区|(?:市|州|盟|县|区|旗)(?:（[市县区旗、]+）)?)(?:{_FUNCTIONS})(?:行政|主管|行政主管|行政管理|监督管理|管理|监管)?部门"
)
_OF_GROUP = re.compile(  # 县级以上人民政府|城市园林绿化主管部门
    r"(?P<head>(?:地方)?各级|[省市县]级|县级以上(?:地方)?(?:各级)?人民政府|国务院)(?!有关|相关|各)[\u4e00-\u9fff]{2,8}(?:行政主管|行政管理|监督管理|主管)部门"
)
_SOME_DEPARTMENT = re.compile(  # 语言文字工作部门; not 有关部门
    rf"(?!国务院|国家|中央|地方|设区|全|有关|相关|其[他它]|各|主管|职能|牵头|责任|成员|上级|下级|同级|本级|当地|所属|直属|{any_of(ORGANS['levels'])})[\u4e00-\u9fff]{{2,8}}(?:工作|行政主管|行政管理|监督管理|主管|行政|监管|管理)部门"
)
_PARTY = re.compile(  # 省委|组织部, 中央|组织部, 各县（市、区）委
    r"(?P<head>各?(?:省|市|县|区|州|盟|旗|自治区){1,2}(?:（[省市县区州盟旗、]+）)?|中央)委?(?<=委|央)(?P<department>.*)"
)
_CENTRE = re.compile(rf"(?!国家(?:税务|安全)[厅局]$)(?:{any_of(ORGANS['centre'])}|.*(?:总局|总署|国家))")
_PROVINCES = ("省", "自治区")
_WITH_DEPARTMENTS = ("省", "自治区", "市", "自治州", "州", "盟", "县", "区", "旗")
_PARTY_DEPARTMENTS = frozenset(ORGANS["party_departments"])
_MINISTRIES = frozenset(ORGANS["ministries"])
_CABINET, _CABINET_OFFICES = re.compile("[\u4e00-\u9fff]{1,6}政府(?=办)"), ("督查室", "政研室")
_STREETS, _TOWNS = re.compile("街道(?:办|办事处|党工委)?"), re.compile("各(?:乡|镇)")
_OFFICE_OF_STREETS = "办事处"
_ALL_OF = re.compile(  # 市政府|各部门, 国家林业局|各司局: what a bare 直属各单位 is of
    r"(?P<body>[\u4e00-\u9fff]*?[府院厅局委部署])(?:机关)?(?:各|有关|相关){1,2}(?:工作部门|部门|部委|委办局|司局|处室|科室|股室)[\u4e00-\u9fff、（）]*"
)
_UNDER = re.compile(r"(?:直属|所属|下属|派出)(?!于)[\u4e00-\u9fff]{2,8}")  # 直属各单位
_OF_EACH = re.compile("(?P<level>[省市州盟县区旗])委[\u4e00-\u9fff]")  # 各市教育局, 市委政法委
_OF_ALL = re.compile("各|新疆生产建设兵团")
_SUPERVISOR = re.compile("[银证保]{1,2}监局")  # one in each province: 各省财政厅、银监局
_OWN_NAME = re.compile(rf"(?:{any_of(ORGANS['own_names'])})$")
_UNDERTAKING = re.compile(rf"(?P<named>.*?)(?:{any_of(ORGANS['undertakings'])})$")  # 供电公司, 滨江啤酒公司
_KIND = re.compile(rf"(?:第[一二三四五六七八九十]+|{_FUNCTIONS}|{any_of(ORGANS['undertaking_kinds'])})+")
_DEPARTMENTS, _BESIDE = re.compile("(?P<head>.*)部门"), ("单位", "机构", "企业")  # 各有关部门、单位
_SET_UP, _ITS_OFFICE = re.compile("(?:小组|指挥部|组委会|委员会|联席会议)$"), ("办公室", "秘书处")  # 领导小组及办公室
_ALL = re.compile("各|全[省市县区]各?")  # 各|中小学
_UNDER_EACH = frozenset(ORGANS["under_each"])
_WITHOUT_HEAD = re.compile(r"(?:(?<!主管)部门|单位|机构|机关|处|科)$")  # groups, and offices inside the issuer
_LONGEST_UNKNOWN = 7  # a longer name of a function that is not known is as likely one of its own


@dataclass(slots=True)
class _Heads:
    """The heads printed so far."""

    departments: str = ""  # 省, 各市, 滨江新区: what a bare 教育厅, 财政局 is of
    government: str = ""  # what a bare 政府, 管委会 behind 党委 is of
    party: str = ""  # 省委, 中央: what a bare 宣传部 is of
    group: str = ""  # 各级, 国务院: what a bare 财政部门 is of
    province: str = ""  # what a bare 厅 behind the departments of cities is of
    cabinet: str = ""  # 市政府: what a bare 督查室 behind 市政府办公室 is of
    organ: str = ""  # 厅, 市财政局: what a bare 人事处 is of
    inside: bool = False  # whether the name before is in that organ: 信息中心 is then of the organ, not of the place

    def complete(self, name: str) -> str:
        """The name with the head that it shares, and its own remembered for the next."""
        if self.organ and is_bare_office(name):
            self.inside = True
            return self.organ + name
        if organ := organ_of(name):
            office = name.removeprefix(organ)
            self.organ = self._of_place(organ) if not is_short(organ) else organ
            if is_short(organ) and not self._remember(f"{organ}办公室"):
                self.departments = ""  # 各市教育局；厅法规处、监察局: the last is no city's
            self.inside = True
            return self.organ + office
        return self._of_place(name)

    def _of_place(self, name: str) -> str:
        """The name of a body with the place, level or group that it shares, and its own remembered for the next."""
        if _LEADING.fullmatch(name) or (name == _OFFICE_OF_STREETS and self.government.endswith("街道")):
            return (self.government or self.departments) + name
        of_each = _OF_EACH.match(name)
        if of_each is not None and self.departments.startswith(f"各{of_each['level']}"):
            return self.departments + name[1:]
        is_own = self._remember(name)
        if self.organ:
            is_beside = is_institution(name) and not (name.endswith("局") and (is_own or is_group(name)))
            if self.inside and is_beside and not is_own:
                return name
            self.inside = False
            if not is_beside and (is_own or is_group(name) or _takes_head(name)):
                self.organ = ""  # 厅法规处、省水利厅、人事处: the last is of neither
        return name if is_own else self._head_of(name) + name

    def _head_of(self, name: str) -> str:
        """The head that a name without one of its own shares."""
        if name in _PARTY_DEPARTMENTS:
            party = self.party or (f"{self.departments}委" if self.departments else "")
            return (self.cabinet if name in _CABINET_OFFICES else "") or party
        if name.endswith("部门") and (re.match(_FUNCTIONS, name) or _SOME_DEPARTMENT.fullmatch(name)):
            return self.group or (self.departments if _OF_ALL.match(self.departments) else "")
        if _SUPERVISOR.fullmatch(name) and _OF_ALL.match(self.departments):
            return self.departments
        if not _takes_head(name):
            if is_bare_office(name):  # 人事处, 信息中心 are both of the issuer
                self.departments = ""
            return ""
        return self.province if name.endswith("厅") else self.departments

    def _remember(self, name: str) -> bool:
        """Whether the name has a head of its own."""
        cabinet = _CABINET.match(name)
        self.cabinet = cabinet.group() if cabinet else self.cabinet
        if (party := _PARTY.fullmatch(name)) is not None:
            self.cabinet = ""
            self.government, self.party = party["head"], name.removesuffix(party["department"])
            self.departments = "" if party["head"] == "中央" else party["head"]
            self.province = party["head"] if party["head"].endswith(_PROVINCES) else self.province
            return True
        if name.endswith("部门") and (of_group := _GROUP_OF_DEPARTMENTS.fullmatch(name) or _OF_GROUP.fullmatch(name)):
            self.group = of_group["head"]
            if self.group.startswith("各") or self.group in _WITH_DEPARTMENTS:
                self.departments = self.group  # 区财政部门和残联
            return True
        head = next(filter(None, (pattern.match(name) for pattern in (_EACH, _LEVEL, _PLACE))), None)
        if head is None:
            return _AT_SOME_LEVEL.match(name) is not None
        rest = name[head.end() :]
        if rest == "委" or _LEADING.fullmatch(rest):
            self.government = head["head"]
            self.departments = self.departments or (head["head"] if head["head"] in _WITH_DEPARTMENTS else "")
        elif is_unit(name) and not _WITHOUT_HEAD.search(name):
            self.departments = self.government = head["head"]
            self.party = head["head"] + ("党委" if rest.startswith("党委") else "委")
        self.province = head["head"] if head["head"].endswith(_PROVINCES) else self.province
        return True


def with_shared_heads(names: Sequence[str]) -> list[str]:
    """Names completed by the place, level or group before: 省财政厅, 教育厅 → 省财政厅, 省教育厅; 各市党委, 政府 → 各市党委, 各市政府.

    A body of the centre, of a named place, or with a name of its own takes none: 市卫健委, 滨江大学, 中心医院 → …, 滨江大学, 市中心医院
    """
    heads = _Heads()
    completed: list[str] = []
    for name in names:
        before = completed[-1] if completed else ""
        if name in _BESIDE and (beside := _DEPARTMENTS.fullmatch(before)):
            completed.append(beside["head"] + name)
        elif _UNDER.fullmatch(name) and (body := _ALL_OF.fullmatch(before)):
            completed.append(body["body"] + name)
        elif name in _ITS_OFFICE and _SET_UP.search(before):
            completed.append(before + name)
        elif _STREETS.fullmatch(name) and _TOWNS.match(before):
            completed.append("各" + name)
        elif name in _UNDER_EACH and (each := _ALL.match(before)) and before[each.end() :] in _UNDER_EACH:
            completed.append(each.group() + name)
        else:
            completed.append(heads.complete(name))
    return completed


@lru_cache(maxsize=1 << 14)
def _takes_head(name: str) -> bool:
    """Whether a name says only what the body is: 融媒体中心, 检察院; not 公安部, 河北证监局, 滨江大学, 有关部门."""
    if not is_unit(name) or is_group(name) or name in _MINISTRIES or _CENTRE.match(name) or _WITHOUT_HEAD.search(name):
        return False
    if _OWN_NAME.search(re.sub("（[^（）]*）", "", name)) or is_branch_of_place(name):  # 村（居）委会
        return False
    if undertaking := _UNDERTAKING.match(name):
        return _KIND.fullmatch(undertaking["named"]) is not None
    return re.match(_FUNCTIONS, name) is not None or (len(name) <= _LONGEST_UNKNOWN and not begins_with_place(name))
