"""Provisions: the printed numbers of clauses in a form for comparison."""

from __future__ import annotations

import pytest

from kb.text.provisions import level_key, path_of


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("第九条", "9条"),
        ("第9条", "9条"),
        ("9条", "9条"),
        ("第一百二十条之一", "120条1"),
        ("120条之1", "120条1"),
        ("第三分编", "3分编"),
        ("三", "3"),
        ("（二）", "2"),
        ("①", "1"),
        ("附件", "附件"),
        ("", ""),
    ],
)
def test_one_level(number: str, key: str) -> None:
    assert level_key(number) == key


def test_the_path_of_a_clause() -> None:
    assert path_of("安平市养犬管理条例#第二章.第九条.二") == ("2章", "9条", "2")
    assert path_of("a#b#三.（二）~2") == ("3", "2")
