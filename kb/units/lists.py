"""The units of a printed list: split, completed where heads and tails are shared, freed of remarks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kb.lexicon import ORGANS, any_of
from kb.units.bodies import begins_with_place, is_named_place
from kb.units.names import (
    LONGEST_NAME,
    is_group,
    is_plausible,
    is_unit,
    with_other_forms,
    without_remarks,
)
from kb.units.shared_heads import with_shared_heads
from kb.units.shared_tails import is_function, of_other_levels, shares_tail, with_shared_tails

_COUNTED = (  # 省教育厅等14部门, 省民政厅等省级部门
    r"等(?:\d{1,3}|[一二三四五六七八九十]{1,3})?[个家]?(?:[省市县区州]级|[省市县区州]直|中央|国家|职能|主管|行业|成员|牵头|责任|配合|政府)*"
    r"(?:部门|单位|部委|厅局|委办局)(?:和单位)?|等(?!级)[\u4e00-\u9fff]{2,8}(?:部门|单位)|等(?:群团|群众|社会|人民)(?:组织|团体)"  # 省供销社等省级储备部门
)
_CLOSING = re.compile(rf"(?:{any_of(ORGANS['closings'])}|{_COUNTED})$")
_CLOSED = re.compile(rf"(?:{any_of(ORGANS['closings'])}|{_COUNTED})(?=以?及|和|与)")
_LEADING = re.compile(r"(?:并?由|商?请|以及|会同|协同|其中|[和及与并]|\d{1,2}[.、)）]|[①-⑳]| )+")
_CONJUNCTION = re.compile("以及|和|及|与|会同|或者|或")
_ASIDE = re.compile(r"(?:以下)?(?:简称|统称)|下同|以下|不再|其(?![他它余])|包括|含")
_RUN_ON = re.compile(r"((?:全[省市县区])?各(?!级)[^各、]{1,6}(?<![和及与]))(各[^各、]{1,8})")  # 各地各部门
_LEVEL = re.compile(any_of(ORGANS["administrative"]))
_OF_KIND = re.compile(r"等?(?P<kind>(?:行政主管|行政管理|监督管理|主管|行政|监管|管理)?部门)")  # 教育、民政等行政部门
_CLOSES_FUNCTIONS = re.compile("部门|等(?:[有相]关)?单位")  # 教育、财政等部门, 民政、公安等相关单位
_DEPARTMENT, _BESIDE_DEPARTMENTS = "部门", ("单位", "机构", "企业")  # 各有关部门、单位
_LONGEST_FUNCTION = 12  # with its head: 各市工业和信息化
# beside a unit: 县教育局和学校
_PARTY = re.compile(
    rf"(?![其本])[^\W对向将把为由在从按经及和与或以被让使给应要可请]{{0,8}}(?:{any_of(ORGANS['parties'])})"
)
_SHORT_BODIES = frozenset(ORGANS["short_bodies"])
_OPENING, _SHUTTING, _SEPARATORS = "（〔<", "）〕>", "、，；/"
_SIGN = re.compile(rf"[{_OPENING}{_SHUTTING}{_SEPARATORS}\n]")
_FEW = 6
_BARE_LEVELS = ("省", "市", "县", "区", "自治区", "设区的市")
_LAST_ITEM, _FIRST_ITEM = re.compile(r"[^、，。；：/\n（）]*$"), re.compile(r"[^、，。；：/\n（）]*")
_BOTH_LEVELS = re.compile(  # 市、区两级财政, 青石、安平两县人民政府, 青石、安平两县民政局
    r"(?<=[省市县区乡镇])(?<![省市县区乡镇]{2})[两三]级(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]{2})(?<![第十])[两三四五](?=[市县区州镇乡](?:人民政府|政府|党委|管委会|$))|(?<=[\u4e00-\u9fff]{2})两(?=[市县区州][\u4e00-\u9fff]{2,10}局$)"
)
_BROKEN = re.compile(r"\s*\n\s*")  # inside a name, by a page or a line


@dataclass(frozen=True, slots=True)
class Mention:
    """A unit in a list: its completed name and the characters it was read from (places in the passage's text)."""

    name: str
    start: int
    end: int


def split_units(text: str, start: int, end: int) -> list[Mention]:
    """The units of the list ``text[start:end]``, in order.

    "园区和示范区管委会，省财政厅、教育厅等部门" → 园区管委会, 示范区管委会, 省财政厅, 省教育厅
    """
    return _mentions(text, _naming(text, list_items(text, start, end)), end)


def list_items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Bounds of what a list holds one beside the other, units or not."""
    return [piece for a, b in _items(text, start, end) for piece in _conjuncts(text, a, b)]


def _naming(text: str, pieces: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pieces of a list that may name units."""
    kept: list[tuple[int, int]] = []
    for a, b in pieces:
        goes_with_departments = text[a:b] in _BESIDE_DEPARTMENTS and kept and text.endswith(_DEPARTMENT, 0, kept[-1][1])
        if goes_with_departments or _may_name(text[a:b]):
            kept.append((a, b))
    return kept


def _mentions(text: str, kept: Sequence[tuple[int, int]], end: int) -> list[Mention]:
    """The units that the pieces of a list that ends at ``end`` name."""
    names = [_BOTH_LEVELS.sub("", without_remarks(_joined(text[a:b]))) for a, b in kept]
    listed = 0  # 教育、财政、海关等部门
    for i, (_, b) in enumerate(kept):
        behind = text[b : kept[i + 1][0] if i + 1 < len(kept) else end]
        if _CLOSES_FUNCTIONS.search(behind):
            kind = _OF_KIND.match(behind)
            names[listed : i + 1] = _as_departments(names[listed : i + 1], kind["kind"] if kind else _DEPARTMENT)
            listed = i + 1
    several = [[name] for name in names]
    if len(names) > 1:  # one alone shares nothing
        completed = with_shared_heads(with_shared_tails(names))
        several = [[*o, name] for name, o in zip(completed, of_other_levels(names, completed), strict=True)]
    return [
        Mention(name, a, b)
        for alike, (a, b) in zip(several, kept, strict=True)
        for name in (with_other_forms(one, _joined(text[a:b])) for one in alike)
        if 2 <= len(name) <= LONGEST_NAME
    ]


def _as_departments(names: list[str], kind: str) -> list[str]:
    """Functions before 等部门 as departments, where most of them are known as functions: 教育, 海关 → 教育部门, 海关."""
    bare = [name for name in names if is_function(name) or not (is_unit(name) or name in _BARE_LEVELS)]
    known = sum(map(is_function, bare))
    if not known or 2 * known < len(bare):
        return names
    return [name + kind if name in bare and len(name) <= _LONGEST_FUNCTION else name for name in names]


def is_list_of(form: Callable[[str], bool], text: str, start: int, end: int) -> bool:
    """Whether the completed names of the list ``text[start:end]`` have the form, but for parties beside them: 龙头企业, 广大师生."""
    pieces = list_items(text, start, end)
    kept = _naming(text, pieces)
    if not all(piece in kept or _stands_beside(text, piece, pieces[0]) for piece in pieces):
        return False
    names = {(unit.start, unit.end): unit.name for unit in _mentions(text, kept, end)}
    of_form = [piece in names and form(names[piece]) for piece in pieces]
    unsure = [piece for piece in pieces if piece in names and not form(names[piece]) and may_be_body(names[piece])]
    if len(unsure) * _FEW <= len(pieces):  # one unit among many whose form does not tell
        of_form = [is_one or piece in unsure for is_one, piece in zip(of_form, pieces, strict=True)]
    return any(of_form) and all(
        is_one or _stands_beside(text, piece, pieces[0]) for is_one, piece in zip(of_form, pieces, strict=True)
    )


def _stands_beside(text: str, piece: tuple[int, int], first: tuple[int, int]) -> bool:
    """Whether a piece of a list may stand beside bodies: 市 (市、县（区）和有关部门要: nothing says which), parties but at the beginning."""
    named = text[slice(*piece)]
    return named in _BARE_LEVELS or (piece != first and is_party(named))


def may_be_body(name: str) -> bool:
    """Whether a short name ends as those of units do and is none of a party: 青禾基金会; not 龙头企业."""
    return len(name) <= _LONGEST_FUNCTION and is_unit(name) and not is_party(name)


def is_party(piece: str) -> bool:
    """Whether it names some who are no bodies: 学校, 龙头企业, 广大干部职工; not 引进企业."""
    return _PARTY.fullmatch(piece) is not None and (piece in ORGANS["parties"] or is_plausible(piece))


def _joined(piece: str) -> str:
    """A name without the line breaks inside it."""
    return _BROKEN.sub("", piece) if "\n" in piece else piece


def _may_name(piece: str) -> bool:
    bare = without_remarks(_joined(piece))
    return _LEVEL.fullmatch(bare) is not None or (is_plausible(bare) and not _ASIDE.match(bare))


def _items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Bounds of the items between 、，； outside brackets, and between blanks where both sides are units."""
    bounds, depth, at = [], 0, start
    for sign in _SIGN.finditer(text, start, end):
        character, i = sign.group(), sign.start()
        if character in _OPENING:
            depth += 1
        elif character in _SHUTTING:
            depth = max(0, depth - 1)
        elif depth == 0 and (character in _SEPARATORS or not breaks_name(text, at, i, end)):
            bounds.append((at, i))
            at = i + 1
    bounds.append((at, end))
    return [part for a, b in bounds for part in _between_blanks(text, *_trimmed(text, a, b))]


def breaks_name(text: str, start: int, at: int, end: int) -> bool:
    """Whether the line break at ``at`` stands inside the name that begins behind ``start``: 市自然⏎资源和规划局; not 市教育局⏎市财政局."""
    begun, rest = _LAST_ITEM.search(text, max(start, at - LONGEST_NAME), at), _FIRST_ITEM.match(text, at + 1, end)
    if begun is None or rest is None or not rest.group():
        return False
    return not is_unit(begun.group().strip()) and is_unit(begun.group().strip() + rest.group().strip())


def _between_blanks(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """市教育局 市财政局 are two units; 人力资源 和社会保障局 is one, 市教育局 张某 one and a person."""
    if " " not in text[start:end]:
        return [(start, end)]
    words = [(m.start(), m.end()) for m in re.finditer(r"[^ ]+", text[start:end])]
    if len(words) < 2 or not is_unit(text[start + words[0][0] : start + words[0][1]]):
        return [(start, end)]
    return [_trimmed(text, start + a, start + b) for a, b in words if is_unit(text[start + a : start + b])]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The bounds without blanks, leading 由 and the like, and a closing 等部门."""
    while start < end and text[start] in " ：.。":
        start += 1
    while end > start and text[end - 1] in " .。":
        end -= 1
    if (leading := _LEADING.match(text, start, end)) and not _begins_like_conjunction(text[start:end]):
        start = leading.end()
    if closing := _CLOSING.search(text, max(start, end - 12), end):
        end = closing.start()
    return start, end


def _begins_like_conjunction(name: str) -> bool:
    """Whether the first sign of a place is one that joins names: 和平区教育局; not 和县教育局, which are more likely a county's."""
    return name[1:2] not in _BARE_LEVELS and begins_with_place(name)


def _conjuncts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """An item split at 和, 及, 与 where both sides are units, or the left side shares the right one's tail."""
    piece = text[start:end]
    if len(piece) > 4 * LONGEST_NAME:
        return [(start, end)]
    if run := _RUN_ON.fullmatch(piece):
        return [(start, start + run.end(1)), (start + run.start(2), end)]
    if closed := _CLOSED.search(piece):
        conjunction = _CONJUNCTION.match(piece, closed.end())
        after = conjunction.end() if conjunction else closed.end()
        return [(start, start + closed.start()), *_conjuncts(text, start + after, end)]
    for conjunction in _CONJUNCTION.finditer(piece):
        if _parts(piece[: conjunction.start()], piece[conjunction.end() :]):
            return [
                _trimmed(text, start, start + conjunction.start()),
                *_conjuncts(text, *_trimmed(text, start + conjunction.end(), end)),
            ]
    return [(start, end)]


def _parts(left: str, right: str) -> bool:
    """Whether a conjunction between the two parts units: 市教育局 and 市财政局, 各市 and 县政府, 县教育局 and 学校."""
    if _depth(left) > 0:
        return False
    if (
        is_party(right)
        and right not in ("单位", "机构")
        and (is_unit(left) or (right in ORGANS["parties"] and is_plausible(left)))
    ):
        return True
    if is_function(left) and is_function(right) and not is_function(f"{left}和{right}"):  # 商务和民政 before 等部门
        return True
    if shares_tail(without_remarks(left), without_remarks(right)):
        return True
    if right in _BARE_LEVELS and is_unit(left):  # 国务院财政部门或者省、自治区财政部门
        return True
    is_body_left = is_unit(left) or left in _BESIDE_DEPARTMENTS or (bool(left) and is_named_place(left))
    return is_body_left and _begins_with_unit(right)


def _depth(text: str) -> int:
    return sum((c in _OPENING) - (c in _SHUTTING) for c in text)


def _begins_with_unit(piece: str) -> bool:
    """Whether what follows 和 is a unit itself, or one before the next 和; 政府 in 党委和政府 is none."""
    if piece.startswith("其") and not is_group(piece):  # 县级以上人民政府及其有关部门 is one
        return False
    if len(piece) < 3 and not is_group(piece) and piece != "地方" and piece not in _SHORT_BODIES:
        return False
    if piece in ORGANS["shared_tails"] and not is_group(piece):
        return False
    ends = [m.start() for m in _CONJUNCTION.finditer(piece)] + [len(piece)]
    if piece[: ends[0]] in ORGANS["shared_tails"] and not is_group(piece):
        return False
    return any(is_unit(piece[:end]) for end in ends if end >= 2)
