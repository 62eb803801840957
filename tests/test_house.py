"""The rules of the house: who imports whom, how large things may be, what docs/reference.md says about the program."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from plans import ROOT
from typer.main import get_command

from api.app import create_app
from kb.cli.app import app
from kb.models import Filters
from kb.models.fields import parameters_of

SOURCES = sorted(path for package in ("kb", "api") for path in (ROOT / package).rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

# From the bottom up: a part imports those in lower rows; those in one group of its own row as well when it is a comma, not "|".
LAYERS = (
    "messages | models | processes",
    "errors | validation",
    "access | configuration | facts | lexicon, text | rewriting",
    "units",
    "answering | extraction | organizations | parsing | readers",
    "annotation | corpus",
    "versions",
    "encoders, index",
    "search | export",
    "aggregations | ingest",
    "knowledge_base",
    "assistants, current_index",
    "cli | api | client",
)
API_IMPORTS = {
    "access",
    "assistants",
    "configuration",
    "corpus",
    "current_index",
    "encoders",
    "errors",
    "export",
    "ingest",
    "knowledge_base",
    "messages",
    "models",
    "processes",
    "validation",
    "versions",
}
# Each of these libraries is known in one place only.
ONLY_IN = {
    "faiss": {"index"},
    "sqlite3": {"index"},
    "psycopg": {"index"},
    "psycopg_pool": {"index"},
    "fastapi": {"api"},
    "starlette": {"api"},
    "typer": {"cli"},
    "rich": {"cli"},
    "openpyxl": {"export", "readers"},
    "httpx2": {"client"},
    "lxml": {"readers"},
    "markdown_it": {"readers"},
    "pypdfium2": {"readers"},
    "watchfiles": {"corpus"},
    "prometheus_client": {"api"},
    "mcp": {"assistants"},
    "yaml": {"corpus", "organizations"},
    "ruamel": {"rewriting"},
    "pdfminer": {"readers"},
    "PIL": {"readers"},
    "rapidocr": {"readers"},
    "selectolax": {"readers"},
    "charset_normalizer": {"readers"},
    "spacy": {"annotation"},
    "rjieba": {"text"},
    "pypinyin": {"text"},
    "sentence_transformers": {"encoders"},
    "torch": {"encoders"},
    "onnxruntime": {"encoders"},
}
MAX_LINES, MAX_STATEMENTS, MAX_NESTING, MAX_PARAMETERS = 300, 30, 3, 5
FORBIDDEN_NAMES = re.compile(r"util|helper|manager|common|misc|info(?!rmation)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Import:
    """One import of a module, with the part of the house that it stands in."""

    source: str
    part: str
    module: str


def part_of(module: str) -> str:
    """ "kb.readers.html" → "readers"; "api.app" → "api"; "kb" (the version) → "" """
    package, _, rest = module.partition(".")
    return package if package == "api" else rest.partition(".")[0]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports() -> Iterator[Import]:
    modules = {module_of(path) for path in SOURCES}
    for path in SOURCES:
        source = str(path.relative_to(ROOT))
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [n if (n := f"{node.module}.{alias.name}") in modules else node.module for alias in node.names]
            else:
                continue
            for name in names:
                yield Import(source, part_of(module_of(path)), name)


IMPORTS = tuple(imports())
OWN = tuple(one for one in IMPORTS if one.module.split(".")[0] in {"kb", "api"})


def allowed(part: str) -> set[str]:
    below: set[str] = set()
    for layer in LAYERS:
        for group in layer.split("|"):
            names = {name.strip() for name in group.split(",")}
            if part in names:
                return below | names
        below |= set(re.findall(r"\w+", layer))
    raise AssertionError(f"{part} has no place in LAYERS")


@pytest.mark.parametrize("part", sorted({one.part for one in OWN}))
def test_imports_point_one_way(part: str) -> None:
    if not part:
        pytest.skip("the package itself")
    wrong = [one for one in OWN if one.part == part and part_of(one.module) not in allowed(part) | {""}]
    assert not wrong


def test_api_imports_the_few_things_it_needs() -> None:
    used = {part_of(one.module) for one in OWN if one.part == "api"} - {"api", ""}
    assert used <= API_IMPORTS


@pytest.mark.parametrize("library", sorted(ONLY_IN))
def test_library_is_known_in_one_place(library: str) -> None:
    assert {one.part for one in IMPORTS if one.module.split(".")[0] == library} <= ONLY_IN[library]


def test_what_is_imported_is_declared_and_pinned() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    lines = (
        *PROJECT["project"]["dependencies"],
        *extras["ocr"],
        *extras["postgres"],
        *extras["ray"],
        *extras["storage"],
    )  # these may be missing
    declared = {canonicalize_name(Requirement(line).name) for line in lines}
    constraints = (ROOT / "constraints.txt").read_text("utf-8").split()
    pinned = {canonicalize_name(line.split("==")[0]) for line in constraints if "==" in line}
    distributions = packages_distributions()
    outside = {one.module.split(".")[0] for one in IMPORTS} - {"kb", "api", "_typeshed"} - sys.stdlib_module_names
    needed = {canonicalize_name(distributions.get(name, [name])[0]) for name in outside} - {
        "starlette",
        "anyio",
    }  # fastapi's own
    assert needed <= declared
    assert declared <= pinned
    assert "torch==2.13.0" in constraints


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_module_is_small(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_functions_are_small_and_flat(path: Path) -> None:
    commands = {command.callback for command in app.registered_commands}
    options = {
        command.__name__ for command in commands if command is not None
    }  # a command has a parameter for each option
    for function in functions(tree_of(path)):
        where = f"{path.name}:{function.lineno} {function.name}"
        assert statements(function) <= MAX_STATEMENTS, where
        assert nesting(function.body) <= MAX_NESTING, where
        is_edge = part_of(module_of(path)) == "cli" and function.name in options
        assert is_edge or parameters(function) <= MAX_PARAMETERS or part_of(module_of(path)) == "api", where


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_no_print_no_broad_except_no_vague_names(path: Path) -> None:
    assert not FORBIDDEN_NAMES.search(path.stem)
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"{path.name}:{node.lineno}"
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else ""
            last = node.body[-1]
            is_passed_on = isinstance(last, ast.Raise) and last.exc is None
            assert is_passed_on or caught not in {"", "Exception", "BaseException"}, f"{path.name}:{node.lineno}"


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def statements(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (
        sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1 - (ast.get_docstring(function) is not None)
    )


def nesting(body: list[ast.stmt]) -> int:
    """Levels of blocks inside a body; an ``elif`` is no deeper than its ``if``, a function inside starts anew."""
    deepest = 0
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        blocks = [getattr(node, field, []) for field in ("body", "finalbody")]
        blocks += [handler.body for handler in getattr(node, "handlers", [])]
        blocks += [case.body for case in getattr(node, "cases", [])]
        other = getattr(node, "orelse", [])
        is_elif = len(other) == 1 and isinstance(node, ast.If) and isinstance(other[0], ast.If)
        inside = [1 + nesting(block) for block in blocks if block] + ([nesting(other)] if is_elif else [])
        deepest = max([deepest, *inside, *([1 + nesting(other)] if other and not is_elif else [])])
    return deepest


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    arguments = function.args
    named = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return len([name for name in named if name not in {"self", "cls"}])


# --- what the reference says ----------------------------------------------------------------------

REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")
OPTION = re.compile(r"--[a-z-]+")


def rows_of_table(heading: str) -> list[list[str]]:
    """Cells of the first table under a heading of the reference, without its head."""
    text = REFERENCE.split(f"\n## {heading}\n", 1)[1]
    table = re.search(r"(?m)^\|.*\n\|[-| :]+\n((?:\|.*\n)+)", text)
    assert table is not None
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.group(1).splitlines()]


def test_reference_lists_the_commands_and_their_options() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]  # a group
    rows = {re.findall(r"`kb (\w+)", row[0])[0]: " ".join(row) for row in rows_of_table("Commands")}
    assert rows.keys() == commands.keys()
    shared = {"--lang", "--index", "--model", "--query-prefix", "--json"}
    [filters] = re.findall(r"Filters of a search are (.*?)\. Commands that", REFERENCE, re.DOTALL)
    assert set(OPTION.findall(filters)) == {one.option for one in parameters_of(Filters)}
    for name, command in commands.items():
        mentioned = set(OPTION.findall(rows[name] + (filters if "filters" in rows[name] else "")))
        offered = {option for parameter in command.params for option in parameter.opts if OPTION.fullmatch(option)}
        assert mentioned | shared >= offered, name
        assert mentioned <= offered, name


def test_reference_lists_the_routes(tmp_path: Path) -> None:
    described = create_app(tmp_path).openapi()["paths"]
    offered = {(method.upper(), path) for path, methods in described.items() for method in methods}
    listed = {(row[0].strip("`"), row[1].strip("`")) for row in rows_of_table("Routes")}
    assert {(method, path) for method, path in listed if path.startswith("/api/")} == offered
