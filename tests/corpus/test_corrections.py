"""Corrections written into files that people keep: what stands there stays as it stands, and is read as it was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.corpus import read_particulars
from kb.corpus.corrections import corrected_particulars, is_described, names_said, with_names, without_names
from kb.models import Organization, Particulars, UnitNames
from kb.rewriting import rewritten


@pytest.mark.parametrize(
    "value", ["yes", "1:30", "0o17", "2026", "2026-02-30", "null", "a: b # c", "=", "~", "某“方案”"]
)
def test_what_is_corrected_is_read_as_it_was_given(tmp_path: Path, value: str) -> None:
    (tmp_path / "a.yaml").write_text(corrected_particulars("", {"title": value, "issuers": (value,)}), "utf-8")
    assert read_particulars(tmp_path / "a.yaml") == Particulars(title=value, issuers=(value,))


def test_what_is_not_corrected_stays_as_it_stands() -> None:
    kept = (
        "title: \"yes\"  # 按红头\nissued_on: 2026-1-05\nvalid_until: '2026'\nlocality:\nissuers: [1_0, 1:99, 青石县]\n"
    )
    assert corrected_particulars(kept, {"url": "x"}) == f'{kept}url: "x"\n'


def test_what_cannot_be_rewritten_is_refused_by_one_kind_of_error() -> None:
    for text, why in (
        ("a: 1\na: 2\n", "duplicate key"),
        ("a: [", "flow node"),
        ("a: !!int x\n", "invalid literal"),
    ):
        with pytest.raises(ValueError, match=why):
            rewritten(text, lambda _: None)


def group(document: str) -> Organization:
    return Organization(f"领导小组@{document}", "领导小组", aliases=("小组",))


def test_units_of_one_name_in_two_documents_are_corrected_apart(tmp_path: Path) -> None:
    file, first, second = tmp_path / "organizations.yaml", group("甲"), group("乙")
    file.write_text(
        "organizations:\n- name: 领导小组  # 两份文件\n  members: [市教育局]\n  documents: [甲, 乙]\n", "utf-8"
    )
    before = file.read_text("utf-8")
    assert is_described(tmp_path, second)
    file.write_text(with_names(before, first, "滨江市数字领导小组", ("数字办",)), "utf-8")
    assert names_said(tmp_path, first) == UnitNames()  # it is called otherwise now
    renamed = Organization("滨江市数字领导小组", "滨江市数字领导小组")
    assert names_said(tmp_path, renamed) == UnitNames("滨江市数字领导小组", ("领导小组", "数字办"))
    assert names_said(tmp_path, second) == UnitNames("领导小组")
    file.write_text(with_names(file.read_text("utf-8"), second, "", ("乙组",)), "utf-8")
    assert names_said(tmp_path, second).aliases == ("乙组",)
    assert names_said(tmp_path, renamed).aliases == ("领导小组", "数字办")
    file.write_text(without_names(file.read_text("utf-8"), renamed), "utf-8")
    assert names_said(tmp_path, second).aliases == ("乙组",)
    assert names_said(tmp_path, renamed) == UnitNames()
    assert without_names(file.read_text("utf-8"), group("丙")) == file.read_text("utf-8")
    assert "documents: [乙]" in without_names(before, first)


def test_other_names_stay_unless_they_are_given() -> None:
    unit = Organization("滨江市文化局", "滨江市文化局")
    named = with_names("", unit, "", ("市文馆", "市文办"))
    assert "aliases:\n  - 滨江市文化局\n  - 市文馆\n  - 市文办\n" in with_names(named, unit, "滨江市文旅局", None)
    assert "市文馆" not in with_names(named, unit, "", ())
    assert "小组" in with_names("", group("甲"), "", ("办",))  # a new entry knows it by what is printed
