"""Traditional characters and the simplified ones that stand for them, one for one (OpenCC's table of characters)."""

from __future__ import annotations

from opencc import OpenCC

# GB 2312 holds what simplified text is written with; a character that stands there too, as 乾 in 乾县, is left as it is. These are in it,
# but no simplified text of today has them.
_TRADITIONAL_ALL_THE_SAME = "後於徵夥"
_FIRST, _LAST = 0x4E00, 0x9FFF


def simplified() -> dict[str, str]:
    """The simplified character of every traditional one that simplified text does not have: 養 → 养, 務 → 务; nothing for 乾."""
    characters = [chr(point) for point in range(_FIRST, _LAST + 1)]
    converted = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {
        character: other
        for character, other in zip(characters, converted, strict=True)
        if character != other
        and _is_common(other)
        and (not _is_common(character) or character in _TRADITIONAL_ALL_THE_SAME)
    }


def _is_common(characters: str) -> bool:
    """Whether it is one character of GB 2312."""
    return len(characters) == 1 and len(characters.encode("gb2312", "ignore")) > 1
