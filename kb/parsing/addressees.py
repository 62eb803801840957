"""主送机关: whom a document is addressed to, before the first colon that closes a paragraph above the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product

from kb.lexicon import FUNCTION, ORGAN_ENDING
from kb.parsing.document_numbers import skip_number
from kb.parsing.frame import paragraphs
from kb.parsing.titles import running_title_end
from kb.text import Reading, normalise
from kb.units.lists import list_items
from kb.units.names import GROUP_OF_PLACES, is_place, without_remarks
from kb.units.shared_heads import with_shared_heads
from kb.units.shared_tails import with_shared_tails

_HEAD_PARAGRAPHS = 25
_DEPUTIES = re.compile(r"[\u4e00-\u9fff·]{2,4}等\d{1,3}[位名](?:代表|委员)")  # 李某某等15位代表
_FEW, _LONGEST = 0.2, 20  # the share of addressees whose form may be unknown, and their length
_OFFICE = rf"(?:{FUNCTION})(?:（[^（）]{{1,6}}）)?(?:厅|局|委(?:员会)?|办|主管部门|行政部门|部门)|党委[\u4e00-\u9fff]{{2,4}}[部办]|互联网信息办|团委|总工会|妇联|残联|科协|工商联|文联|红十字会"
_DEPENDENT = re.compile(rf"单位|部门|企业|机构|.|{_OFFICE}")
_REMARK = re.compile("（[^（）]*）")
_OF_LEVEL = re.compile("[省市州盟县区旗](?=委[\u4e00-\u9fff])")  # 各市|市|委政法委
# What stands before a colon without being addressed: （牵头单位：, 各市于6月20日18：00前
_NOBODY = re.compile(
    r"（|第.{1,4}条|各位|同志|附件|联系|.*\d\s?[年月日时]|.*于\d|(?:牵头|责任|配合|主办|承办|协办)(?:单位|部门)$"
)
_AND_STATE = re.compile("(?<=党委|工委)和(?=(?:人民政府|政府|办事处)$)")  # 各乡镇党委|和|人民政府
_ZONE = re.compile("(?!.*区[和及与]).{2,12}(?:新区|开发区|经开区|园区|示范区)")  # 安和高新区、临泽经开区管委会
# 《某办法》的通知|各市教育局
_TITLE_END = re.compile(r"[^。，、；：\n]*的(?:通知|决定|(?:实施|若干|指导)?意见|通报|批复|函)\s?(?=[\u4e00-\u9fff])")


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
    for group in re.finditer("[^，；]+", _mask_brackets(reading.text[start:colon])):
        a, b = start + group.start(), start + group.end()
        pieces.extend(_names(reading, a, b) or [reading.verbatim(a, b).strip()])
    return tuple(piece for piece in pieces if piece)


def _names(reading: Reading, start: int, end: int) -> list[str]:
    """What stands between two commas as names, each with the head that it shares; nothing when one of them would not be complete.

    各市（含甲市）教育局、财政局 → 各市（含甲市）教育局, 各市（含甲市）财政局; 各省、自治区教育厅、财政厅 → 各省、自治区教育厅, 各省、自治区财政厅;
    各省教育、财政部门 → nothing
    """
    items = _items(reading.text, start, end)
    plain = [without_remarks(reading.text[a:b]) for a, b in items]
    if _are_zones(plain):
        return [*(f"{name}管委会" for name in plain[:-1]), plain[-1]]
    whole = with_shared_tails(plain)
    completed = with_shared_heads(whole)
    if not _are_complete(plain, whole, completed):
        return []
    names: list[str] = []
    # Each name with its tail, and what is printed of it and of those that share the tail.
    above: list[tuple[str, str]] = []
    first = 0
    for at, (_, stop) in enumerate(items):
        if whole[at].endswith(plain[at]):
            printed = reading.verbatim(items[first][0], stop)
            names.append(_headed(printed, completed[at], whole[at], above))
            above.extend((name, printed) for name in whole[first : at + 1])
            first = at + 1
    return names


def _items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Bounds of the names of a list, those of party and state apart: 各乡镇党委和人民政府 are two; none where 等 closes it."""
    bounds: list[tuple[int, int]] = []
    for a, b in list_items(text, start, end):
        both = _AND_STATE.search(text, a, b)
        bounds.extend([(a, both.start()), (both.end(), b)] if both else [(a, b)])
    return bounds if bounds and not text[bounds[-1][1] : end].strip() else []


def _are_zones(names: Sequence[str]) -> bool:
    """Whether all are parks that share 管委会: 安和高新区, 临泽经开区管委会."""
    bare = [*names[:-1], *(name.removesuffix("管委会") for name in names[-1:])]
    return len(names) > 1 and bare[-1] != names[-1] and all(map(_ZONE.fullmatch, bare))


def _are_complete(plain: Sequence[str], whole: Sequence[str], completed: Sequence[str]) -> bool:
    """Whether names are full with head and tail, and only places take the tail: not 各省教育、财政部门, 有关部门、财政局."""
    places = all(
        full.endswith(name) or is_place(name) or GROUP_OF_PLACES.fullmatch(name)
        for name, full in zip(plain, whole, strict=True)
    )
    return places and all(map(is_full_name, completed)) and not any(map(_DEPENDENT.fullmatch, completed[1:]))


def _headed(printed: str, completed: str, whole: str, above: Sequence[tuple[str, str]]) -> str:
    """A name as printed, with its head as that is printed above: 财政局 → 各市（含甲市）财政局, 各省、自治区财政局."""
    if completed == whole:
        return printed
    if _OF_LEVEL.match(whole):  # 各市|教育局, 市|委政法委
        whole, printed = whole[1:], printed[1:]
    head = completed.removesuffix(whole)
    heads = (head, head.removesuffix("委"))  # 各市财政局, 编办: a list may leave 委 out
    for shared, (name, text) in product(heads, reversed(above)):
        if name.startswith(shared):
            tail = name.removeprefix(shared)
            ends = (at for at in range(len(text) - 1, 0, -1) if without_remarks(normalise(text[at:])) == tail)
            return text[: next(ends, 0)] + printed
    return head + printed


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
    return (
        is_full_name(name)
        or is_place
        or _DEPUTIES.fullmatch(name) is not None
        or name.startswith("有关")
        or "各" in name
    )
