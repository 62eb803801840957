"""Corrections written into files that people keep: what stands there stays as it stands, and is read as it was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.corpus import read_particulars
from kb.corpus.corrections import corrected_particulars
from kb.models import Particulars
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
        ("a: [", "flow sequence"),
        ("a: !!int x\n", "invalid literal"),
    ):
        with pytest.raises(ValueError, match=why):
            rewritten(text, lambda _: None)
