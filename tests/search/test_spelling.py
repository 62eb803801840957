"""What may be meant by pinyin, by characters that sound or look the same, and by such as have changed places."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.encoders import load_encoder
from kb.knowledge_base import KnowledgeBase
from kb.text.pinyin import alike, readings


@pytest.fixture(scope="module")
def opened(index: Path) -> KnowledgeBase:
    return KnowledgeBase.open(index, load_encoder())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("xueqian jiaoyu", "学前教育"),
        ("xueqianjiaoyu", "学前教育"),
        ("Xueqian Jiaoyu 2025", "学前教育 2025"),
        ("yanglao hulixing chuangwei", "养老护理型床位"),
        ("学前教域", "学前教育"),
        ("学钱教育", "学前教育"),
        ("老旧供水官网", "老旧供水管网"),
        ("养老护里员", "养老护理员"),
        # By eye, in the wrong order, and of a word that no dictionary has.
        ("学前教肓", "学前教育"),
        ("幼园儿收费", "幼儿园收费"),
        ("户理型床位", "护理型床位"),
        # Nothing is odd, nothing better is known, or it is asked for word for word.
        ("学前教育", ""),
        ("xyz", ""),
        ("PUE", ""),
        ("月球基地建设", ""),
        ("“学前教域”", ""),
        ("上幼儿园太贵了怎么办", ""),
        ("谁来管老人吃饭", ""),
        ("教鞭使用规定", ""),
        ("养猫扰民", ""),
    ],
)
def test_another_spelling_is_told_where_clauses_hold_clearly_more(
    opened: KnowledgeBase, typed: str, meant: str
) -> None:
    assert opened.search(typed).did_you_mean == meant


@pytest.mark.parametrize(
    ("character", "syllables"), [("行", {"xing", "hang", "heng"}), ("绿", {"lv", "lu"}), ("a", set())]
)
def test_all_readings_of_a_character(character: str, syllables: set[str]) -> None:
    assert set(readings(character)) == syllables


def test_what_sounds_alike() -> None:
    assert {alike(each) for each in ("sheng", "shen", "sen")} == {"sen"}
    assert alike("zhi") == alike("zi") != alike("ji")
