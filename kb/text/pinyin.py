"""Chinese characters in pinyin, without tones."""

from __future__ import annotations

import os
import re
import unicodedata
from functools import cache, lru_cache
from types import ModuleType

_TONES = re.compile("[\u0300\u0301\u0304\u030c]")
_ALIKE = re.compile("(?<=^[zcs])h|g$")  # what many do not tell apart: zh and z, ing and in


@lru_cache(maxsize=20_000)
def spelled(text: str) -> str:
    """The text in pinyin, each syllable with a capital; Latin letters and figures stay, punctuation is left out.

    "湘潭市教育局" → "XiangTanShiJiaoYuJu"; "《5G方案》" → "5GFangAn"
    """
    syllables = _pypinyin().lazy_pinyin(re.sub(r"[\W_]+", "", text))
    return "".join(syllable[:1].upper() + syllable[1:] for syllable in syllables)


@lru_cache(maxsize=20_000)
def initials(text: str) -> str:
    """The initials of the pinyin, in small letters; Latin letters and figures stay.

    "市人社局" → "srsj"
    """
    capitals = "".join(filter(str.isupper, spelled(text)))
    if len(capitals) == len(text):  # every character is spelled
        return capitals.lower()
    pinyin = _pypinyin()
    return "".join(pinyin.lazy_pinyin(text, style=pinyin.Style.FIRST_LETTER)).lower()


@lru_cache(maxsize=20_000)
def readings(character: str) -> tuple[str, ...]:
    """All syllables that a character is read as, v in the place of ü.

    "行" → "xing", "hang", "heng"
    """
    marked = unicodedata.normalize("NFD", _pypinyin().constants.PINYIN_DICT.get(ord(character), ""))
    read = _TONES.sub("", marked).replace("u\u0308", "v")
    return tuple(dict.fromkeys(read.split(",") if read else ()))


def alike(syllable: str) -> str:
    """What a syllable and those that sound much like it have in common.

    "sheng", "shen", "sen" → "sen"
    """
    return _ALIKE.sub("", syllable)


@cache
def _pypinyin() -> ModuleType:
    """The library; its dictionaries are large and most processes need no pinyin, so it is imported on the first call."""
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")  # without a copy of the dictionaries, which nobody changes here
    import pypinyin  # noqa: PLC0415

    return pypinyin
