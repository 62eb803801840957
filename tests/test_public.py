"""What ``import kb`` offers, and the example in the README, which must say what the program says."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
from plans import ROOT

import kb


def test_public_names_are_there() -> None:
    assert len(set(kb.__all__)) == len(kb.__all__)
    assert all(getattr(kb, name) is not None for name in kb.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        kb.nothing  # noqa: B018 - asking for it is the test


def test_the_readme_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")
    monkeypatch.chdir(tmp_path)
    readme = (ROOT / "README.md").read_text("utf-8")
    examples = re.findall(r"```python\n(>>> .*?)```", readme, re.DOTALL)
    assert len(examples) == 1
    test = doctest.DocTestParser().get_doctest(examples[0], {}, "README.md", "README.md", 0)
    said: list[str] = []
    outcome = doctest.DocTestRunner().run(test, out=said.append)
    assert outcome.attempted == 6
    assert not outcome.failed, "".join(said)
