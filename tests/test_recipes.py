"""The recipes for a kind of fact and for a search filter, followed to the letter in a copy of the program."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from plans import ROOT

pytestmark = pytest.mark.slow  # the copy is read, tested and served by processes of its own

PLAN = """某市校舍改造方案

一、主要任务

（一）改造校舍。市财政安排专项资金500万元，用于校舍改造。（市教育局负责）
"""
FUND = {"text": "安排专项资金500万元", "rule": "set-aside", "amount": 5_000_000.0}
# Everything that is asked of the copy, in one process: what a reading, an index, the server and its reference say.
ASK = """
import json, sqlite3, sys
from pathlib import Path
from starlette.testclient import TestClient
from api.app import create_app
from kb.encoders import load_encoder
from kb.index import generations
from kb.index.checking import check
from kb.ingest.build import build

build(Path("texts"), Path("indexes"), load_encoder())
folder = generations.in_use(Path("indexes"))
with TestClient(create_app(Path("indexes"))) as client:
    json.dump({
        "table": sqlite3.connect(folder / "knowledge.sqlite").execute("SELECT text, rule, amount FROM funds").fetchall(),
        "problems": list(check(folder)),
        "document": client.get("/api/v1/documents/plan").json(),
        "search": client.get("/api/v1/search", params={"q": "改造校舍"}).json(),
        "narrowed": {kind: client.get("/api/v1/search", params={"q": "改造校舍", "kind": kind}).json()["total"] for kind in ("方案", "意见")},
        "reference": client.get("/openapi.json").json(),
    }, sys.stdout)
"""


def snippets(recipe: str) -> list[str]:
    """The code blocks of a recipe, in their order."""
    text = (ROOT / "docs" / recipe).read_text("utf-8")
    blocks = re.findall(r"^ *```\w+\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [dedent(block) for block in blocks]


def insert(file: Path, before: str, text: str) -> None:
    """Put a text before the one place of another."""
    source = file.read_text("utf-8")
    assert source.count(before) == 1, (file, before)
    file.write_text(source.replace(before, text + before), "utf-8")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in {".py", ".toml", ".jsonl", ".md"}
    }


def add_kind(home: Path, *recipe: str) -> None:
    noun, field, finder, import_, entry, component, cases = recipe
    facts, finders = home / "kb/models/facts.py", home / "kb/extraction/__init__.py"
    insert(facts, "def _kind(", f"{noun}\n\n")
    insert(facts, "\n\n@dataclass(frozen=True, slots=True)\nclass FactKind:", f"    {field}")
    insert(facts, '    "Facts",\n', '    "Fund",\n')
    (home / "kb/extraction/funds.py").write_text(finder, "utf-8")
    insert(finders, "from kb.extraction.responsibilities import", import_)
    insert(finders, "}\n\n\ndef extract(", f"    {entry}")
    insert(home / "pyproject.toml", "\n[project.entry-points.spacy_tokenizers]", component)
    (home / "tests/cases/funds.jsonl").write_text(cases, "utf-8")


def add_filter(home: Path, *recipe: str) -> None:
    field, condition, word = recipe
    insert(home / "kb/models/queries.py", "\n\nEVERYTHING = Filters()", f"    {field}")
    insert(home / "kb/index/store/filters.py", "}\n# What is asked of a clause:", f"    {condition}")
    insert(home / "docs/reference.md", "`--in-force`, and, to be repeated", f"{word.strip()} ")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program, in which the recipes were followed: they touch five files and three."""
    home = tmp_path_factory.mktemp("copy")
    for part in ("kb", "api", "tests"):
        shutil.copytree(ROOT / part, home / part, ignore=shutil.ignore_patterns("__pycache__", "embedded", "static"))
    for part in ("kb/encoders/embedded", "api/static"):
        (home / part).symlink_to(ROOT / part)
    (home / "docs").mkdir()
    for file in ("pyproject.toml", "docs/reference.md"):
        shutil.copy(ROOT / file, home / file)
    before = contents(home)
    add_kind(home, *snippets("add-a-fact-kind.md"))
    between = contents(home)
    add_filter(home, *snippets("add-a-search-filter.md"))
    assert len(between.items() - before.items()) == 5
    assert len(contents(home).items() - between.items()) == 3
    (home / "texts").mkdir()
    (home / "texts" / "plan.txt").write_text(PLAN, "utf-8")
    return home


def run(home: Path, *arguments: str) -> str:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(home), str(home / "tests"))), "KB_LANG": "zh"}
    command = [sys.executable, *arguments]
    ran = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def of_fund(fact: dict[str, Any]) -> dict[str, Any]:
    return {name: fact[name] for name in FUND}


def test_a_reading_shows_it(copy: Path) -> None:
    kb = ("-c", "from kb.cli import main; main()", "parse", "texts/plan.txt")
    parsed = json.loads(run(copy, *kb, "--json"))
    assert [of_fund(fact) for fact in parsed["funds"]] == [FUND]
    assert re.search(r"资金 +安排专项资金500万元", run(copy, *kb))


@pytest.fixture(scope="module")
def told(copy: Path) -> dict[str, Any]:
    """What an index and a server of the copy tell."""
    answers: dict[str, Any] = json.loads(run(copy, "-c", ASK))
    return answers


def test_an_index_and_the_server_have_it(told: dict[str, Any]) -> None:
    assert told["table"] == [list(FUND.values())]
    assert told["problems"] == []
    assert [of_fund(fact) for fact in told["document"]["funds"]] == [FUND]
    assert [of_fund(fact) for fact in told["search"]["hits"][0]["facts"]["funds"]] == [FUND]
    assert told["document"]["responsibilities"]
    schemas = told["reference"]["components"]["schemas"]
    assert schemas["Fund"]["properties"]["amount"]["description"] == "in yuan"
    assert schemas["ParsedDocument"]["properties"]["funds"]["items"] == {"$ref": "#/components/schemas/Fund"}


def test_addresses_and_commands_take_the_filter(copy: Path, told: dict[str, Any]) -> None:
    assert told["narrowed"]["方案"] > 0 == told["narrowed"]["意见"]
    described = told["reference"]["paths"]["/api/v1/who"]["get"]["parameters"]
    assert "只看这一文种 (only documents of this kind)" in {parameter["description"] for parameter in described}
    search = ("-c", "from kb.cli import main; main()", "search", "改造校舍", "--json", "--kind")
    assert json.loads(run(copy, *search, "方案"))["total"] == told["narrowed"]["方案"]
    assert json.loads(run(copy, *search, "意见"))["total"] == 0


def test_its_cases_are_run(copy: Path) -> None:
    rows = ("tests/extraction/test_kinds.py", "-k", "funds or component")
    assert re.search(r"5 passed", run(copy, "-m", "pytest", "-q", "--noconftest", *rows))
