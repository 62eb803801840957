"""主送机关: whom a document is addressed to, before the first colon that closes a paragraph above the text."""

from __future__ import annotations

import re

from kb.lexicon import FUNCTION, ORGAN_ENDING
from kb.parsing.document_numbers import skip_number
from kb.parsing.frame import paragraphs
from kb.parsing.titles import running_title_end
from kb.text import Reading, normalise

_HEAD_PARAGRAPHS = 25
_FEW, _LONGEST = 0.2, 20  # the share of addressees whose form may be unknown, and their length
_OFFICE = rf"(?:{FUNCTION})(?:（[^（）]{{1,6}}）)?(?:厅|局|委(?:员会)?|办|主管部门|行政部门|部门)|党委[\u4e00-\u9fff]{{2,4}}[部办]|互联网信息办|团委|总工会|妇联|残联|科协|工商联|文联|红十字会"
_DEPENDENT = re.compile(rf"单位|部门|{_OFFICE}")
_BARE = re.compile(
    rf"{_OFFICE}|人民政府|政府|管委会|(?:(?![各省市州县区旗直驻属局有])[\u4e00-\u9fff]){{1,4}}[局委办联]"
    r"|(?:(?![各省市州县区旗直驻属局有])[\u4e00-\u9fff]){2,8}(?:管理中心|服务中心|联合会)|委(?:[\u4e00-\u9fff]{2,4}部|办公室)"
)
_REMARK = re.compile("（[^（）]*）")
_OF_PARTY = re.compile("[省市州盟县区旗](?=委[\u4e00-\u9fff])")  # 各|市|委政法委
# What stands before a colon without being addressed: （牵头单位：, 各市于6月20日18：00前
_NOBODY = re.compile(r"（|各位|同志|附件|联系|.*\d\s?[年月日时]|.*于\d|(?:牵头|责任|配合|主办|承办|协办)(?:单位|部门)$")
_LEVELS = "省|自治区|直辖市|计划单列市|设区市|市|州|盟|县|区|旗|兵团"
_WITH_HEAD = re.compile(  # 各市（含甲市）|教育局, 某生产建设兵团|民政局
    rf"(?P<head>[\u4e00-\u9fff]{{0,8}}兵团|各?(?:(?!{FUNCTION})[\u4e00-\u9fff]){{0,10}}?(?:{_LEVELS})+)(?P<remark>（[^（）]*）)?(?:{_OFFICE}|党委|党工委|委)"
)
_OF_ZONE = re.compile(  # 安和新区|公共服务局, 安和新区管委会|公安局
    r"(?P<head>(?:(?!各)[\u4e00-\u9fff]){2,6}?(?:新区|开发区|高新区|经开区|示范区)(?:管委会)?)(?P<remark>（[^（）]*）)?[\u4e00-\u9fff]{2,8}[局委办]"
)
_OF_STREETS = re.compile("街道(?:办事处|党工委)")  # 各乡镇人民政府、街道办事处
_PARTY_AND_STATE = re.compile(
    "(?P<head>各.{1,12}?)(?P<party>党委|党工委)和(?P<state>人民政府|政府|办事处)"
)  # 各乡镇党委和人民政府
_ZONE = re.compile("(?!.*区[和及与]).{2,12}(?:新区|开发区|经开区|园区|示范区)")  # 安和高新区、临泽经开区管委会
_TITLE_END = re.compile(
    r"[^。，、；：\n]*的(?:通知|决定|(?:实施|若干|指导)?意见|通报|批复|函)\s?(?=[\u4e00-\u9fff])"
)  # 《某办法》的通知|各市教育局


def read_addressees(head: Reading) -> tuple[str, ...]:
    """The organs and groups that a document is addressed to, those that share a head each with it.

    "各市教育局、财政局，省直各部门：" → 各市教育局, 各市财政局, 省直各部门
    """
    text = head.text
    flattened = "\n" not in text.strip()
    for first, stop in list(paragraphs(text))[:_HEAD_PARAGRAPHS]:
        start = skip_number(text, first)
        start = skip_number(text, start + running_title_end(text[start:stop]))
        if title_end := _TITLE_END.match(text, start, stop):
            start = skip_number(text, title_end.end())
        colon = text.find("：", start, stop)
        inside = colon != stop - 1 and not flattened and start == first
        if colon < 0 or inside or re.search("[。《》]", text[start:colon]):
            continue
        pieces = _split(head, start, colon)
        unknown = [piece for piece in pieces if not _is_addressee(normalise(piece))]
        few = len(unknown) <= _FEW * len(pieces) and all(len(piece) <= _LONGEST for piece in unknown)
        if pieces and few and pieces[0] not in unknown:
            return pieces
    return ()


def _split(reading: Reading, start: int, colon: int) -> tuple[str, ...]:
    pieces: list[str] = []
    for match in re.finditer("[^，；]+", _mask_brackets(reading.text[start:colon])):
        a, b = start + match.start(), start + match.end()
        inner = [(a + m.start(), a + m.end()) for m in re.finditer("[^、]+", match.group())]
        names = [reading.verbatim(x, y).strip() for x, y in inner]
        pieces.extend(_completed(names) or [reading.verbatim(a, b).strip()])
    return tuple(piece for piece in pieces if piece)


def _completed(names: list[str]) -> list[str]:
    """Names between 、 with the head that they share; nothing when they are not complete names each.

    各市教育局, 财政局 → 各市教育局, 各市财政局; 各乡镇党委和人民政府 → 各乡镇党委, 各乡镇人民政府;
    园区, 示范区管委会 → nothing
    """
    plain = [normalise(name) for name in names]
    if both := _PARTY_AND_STATE.fullmatch(plain[0]) if len(plain) == 1 else None:
        return [both["head"] + both["party"], both["head"] + both["state"]]
    if plain[-1].endswith("管委会") and all(map(_ZONE.fullmatch, [*plain[:-1], plain[-1].removesuffix("管委会")])):
        return [*(f"{name}管委会" for name in names[:-1]), names[-1]] if len(names) > 1 else []
    if plain[0].startswith("各"):
        names = [f"各{name}" if _OF_STREETS.fullmatch(name) else name for name in names]
        plain = [normalise(name) for name in names]
    names = _with_heads(names)
    plain = [normalise(name) for name in names]
    dependent = any(_DEPENDENT.fullmatch(_REMARK.sub("", name)) for name in plain[1:])
    return names if len(names) > 1 and not dependent and all(map(is_full_name, plain)) else []


def _with_heads(names: list[str]) -> list[str]:
    """The names, each that has no head with that of the last name before it that has one.

    各市教育局, 市委编办, 临泽新区公共服务局, 审计局 → 各市教育局, 各市委编办, 临泽新区公共服务局, 临泽新区审计局
    """
    completed: list[str] = []
    head = level = ""
    for name in names:
        plain = normalise(name)
        shared = _OF_PARTY.match(plain) if level and plain.startswith(level) else None
        rest = name[shared.end() :] if shared else name
        if head and _BARE.fullmatch(_REMARK.sub("", normalise(rest))):
            completed.append(head + rest)
            continue
        own = _OF_ZONE.fullmatch(plain) or _WITH_HEAD.fullmatch(plain)
        head, level = (own["head"] + (own["remark"] or ""), own["head"][-1:]) if own else ("", "")
        completed.append(name)
    return completed


def _mask_brackets(text: str) -> str:
    """The text with brackets masked by ＃, so that "各市（含甲、乙市）" is not split; same length."""
    return _REMARK.sub(lambda m: "＃" * len(m.group()), text)


def is_full_name(name: str) -> bool:
    """Whether a name ends like an organ and is more than 各县 or 市."""
    bare = _REMARK.sub("", name)
    return any(match.end() == len(bare) for match in ORGAN_ENDING.finditer(bare)) and not re.fullmatch(
        r"各?(?:省|市|县|区|自治区|直辖市)", bare
    )


def _is_addressee(name: str) -> bool:
    if _NOBODY.match(name):
        return False
    is_place = re.fullmatch(r"[\u4e00-\u9fff]{2,8}[镇乡县区市]|[\u4e00-\u9fff]{2,8}街道", name) is not None
    return is_full_name(name) or is_place or name.startswith("有关") or "各" in name
