"""Names of units in a printed list: split, completed where heads and tails are shared, freed of remarks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.lexicon import ORGAN_ENDING, ORGANS

_GROUP = re.compile("|".join(ORGANS["group_heads"]))
_SHARED_TAIL = re.compile(
    rf"(?P<place>[\u4e00-\u9fff]{{1,12}}?)(?P<kind>{'|'.join(ORGANS['place_endings'])})(?P<tail>{'|'.join(ORGANS['shared_tails'])})"
)
_PLACE = re.compile(rf"[\u4e00-\u9fff、（）]{{0,12}}(?:{'|'.join(ORGANS['place_endings'])})")
_CLOSING = re.compile(rf"(?:{'|'.join(sorted(ORGANS['closings'], key=len, reverse=True))})$")
_CLOSED = re.compile(rf"(?:{'|'.join(sorted(ORGANS['closings'], key=len, reverse=True))})(?=以?及|和|与)")
_NOT_IN_NAMES = re.compile("|".join(map(re.escape, ORGANS["not_in_names"])))
_LEADING = re.compile(r"(?:并?由|请|以及|会同|协同|联合|其中)")
_CONJUNCTION = re.compile("以及|和|及|与|会同")
_ALTERNATIVES = re.compile(r"[省市县区州盟旗乡镇街道、]+")  # 各县（市、区）: part of the name, no remark
_ASIDE = re.compile(r"(?:以下)?(?:简称|统称)|下同|以下|不再")
_HEAD = re.compile(r"(?P<level>自治区|省|市|县|区|州|盟|旗)(?!级|直|政府|人民政府|委|属)")
_BARE = re.compile(rf"(?:{'|'.join(sorted(ORGANS['functions'], key=len, reverse=True))})(?:厅|局|委|办|委员会|办公室)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A unit in a list: its completed name and the characters it was read from (places in the passage's text)."""

    name: str
    start: int
    end: int


def is_unit(name: str) -> bool:
    """Whether a name is complete by its form: it ends as names of organs do, or names a group of them.

    "市教育局" → True; "各市" → True; "济南" → False
    """
    bare = _without_remarks(name)
    return len(bare) >= 2 and (
        _GROUP.match(bare) is not None or any(match.end() == len(bare) for match in ORGAN_ENDING.finditer(bare))
    )


def split_units(text: str, start: int, end: int) -> list[Mention]:
    """The units of the list ``text[start:end]``, in order.

    "园区和示范区管委会，省财政厅、教育厅等部门" → 园区管委会, 示范区管委会, 省财政厅, 省教育厅
    """
    pieces = [piece for a, b in _items(text, start, end) for piece in _conjuncts(text, a, b)]
    pieces = [(a, b) for a, b in pieces if _plausible(text[a:b])]
    names = _with_shared_heads(_with_shared_tails([_without_remarks(text[a:b]) for a, b in pieces]))
    return [Mention(name, a, b) for name, (a, b) in zip(names, pieces, strict=True) if 2 <= len(name) <= 40]


def _items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Bounds of the items between 、，； outside brackets."""
    bounds, depth, at = [], 0, start
    for i in range(start, end):
        character = text[i]
        if character in "（〔":
            depth += 1
        elif character in "）〕":
            depth = max(0, depth - 1)
        elif character in "、，；/\n" and depth == 0:
            bounds.append((at, i))
            at = i + 1
    bounds.append((at, end))
    return [_trimmed(text, a, b) for a, b in bounds]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The bounds without blanks, leading 由 and the like, and a closing 等部门."""
    while start < end and text[start] in " 　：.。":
        start += 1
    while end > start and text[end - 1] in " 　.。":
        end -= 1
    if leading := _LEADING.match(text, start, end):
        start = leading.end()
    if closing := _CLOSING.search(text[start:end]):
        end = start + closing.start()
    return start, end


def _conjuncts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """An item split at 和, 及, 与 where both sides are units, or the left side shares the right one's tail."""
    piece = text[start:end]
    if closed := _CLOSED.search(piece):
        conjunction = _CONJUNCTION.match(piece, closed.end())
        assert conjunction is not None
        return [(start, start + closed.start()), *_conjuncts(text, start + conjunction.end(), end)]
    for conjunction in _CONJUNCTION.finditer(piece):
        if piece.count("（", 0, conjunction.start()) > piece.count("）", 0, conjunction.start()):
            continue
        left, right = piece[: conjunction.start()], piece[conjunction.end() :]
        shares = _PLACE.fullmatch(left) is not None and _SHARED_TAIL.fullmatch(right) is not None
        both = (
            len(left) >= 3
            and len(right) >= 3
            and is_unit(left)
            and is_unit(right)
            and right not in ORGANS["shared_tails"]
        )
        if shares or both:
            return [
                _trimmed(text, start, start + conjunction.start()),
                *_conjuncts(text, *_trimmed(text, start + conjunction.end(), end)),
            ]
    return [(start, end)]


def _plausible(piece: str) -> bool:
    bare = _without_remarks(piece)
    return 2 <= len(bare) <= 40 and not _ASIDE.match(bare) and not _NOT_IN_NAMES.search(bare)


def _without_remarks(name: str) -> str:
    """The name without bracketed remarks: 各市（含定州市）政府 → 各市政府; 各县（市、区）政府 stays."""
    kept = re.sub(r"[（〔]([^（）〔〕]*)[）〕]?", lambda m: m.group() if _ALTERNATIVES.fullmatch(m[1]) else "", name)
    return re.sub(r"[）〕\s]+$", "", kept) if kept.count("（") < kept.count("）") or kept[-1:].isspace() else kept


def _with_shared_tails(names: Sequence[str]) -> list[str]:
    """Place names completed by the tail of the next unit: 济南, 青岛市政府 → 济南市政府, 青岛市政府."""
    completed = list(names)
    tail: re.Match[str] | None = None
    for i in range(len(names) - 1, -1, -1):
        name = names[i]
        if is_unit(name):
            tail = _SHARED_TAIL.fullmatch(name)
        elif tail is not None and _PLACE.fullmatch(name):
            own_kind = name.endswith(tail["kind"]) or name[-1] not in "州岛"  # 广州 is short for 广州市, 大理州 is a 州
            completed[i] = name + ("" if own_kind else tail["kind"]) + tail["tail"]
        elif tail is not None and len(name) <= 5:
            completed[i] = name + tail["kind"] + tail["tail"]
    return completed


def _with_shared_heads(names: Sequence[str]) -> list[str]:
    """Bare departments completed by the level of the unit before: 省财政厅, 教育厅 → 省财政厅, 省教育厅."""
    completed = []
    level = ""
    for name in names:
        if head := _HEAD.match(name):
            level = head["level"]
        elif not _BARE.fullmatch(name):
            level = ""
        completed.append(name if head else level + name)
    return completed
