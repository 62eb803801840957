"""The catalogue of messages: complete, in both languages, and deaf to what names and values hold."""

from __future__ import annotations

import ast
import errno
import os
import pickle
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from string import Formatter

import pytest
import yaml
from plans import ROOT

from kb.cli.wording import _PHRASES
from kb.errors import (
    AuditLogUnusable,
    BuildInProgress,
    ConfigurationUnusable,
    IndexUnusable,
    InvalidQuery,
    KBError,
    ModelUnusable,
    NotInKnowledgeBase,
    RerankerUnusable,
    ThesaurusUnusable,
    UnreadableDocument,
    WrongUsage,
)
from kb.messages import Language, Message, catalogue, not_yaml, program_error, reason_of, translate
from kb.models.fields import DATE, SAYING, YEAR, YEAR_OR_NONE
from kb.validation import validation_message

# --- the catalogue ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Raised:
    """A place of the sources where a message is made."""

    where: str
    code: str
    values: frozenset[str]


def raised() -> Iterator[Raised]:
    for path in sorted(path for package in ("kb", "api") for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message":
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                [code] = node.args
                assert isinstance(code, ast.Constant), f"{where}: the code must stand there"
                values = [keyword.arg for keyword in node.keywords]
                assert None not in values, f"{where}: the values must stand there"
                yield Raised(where, code.value, frozenset(map(str, values)))


RAISED = tuple(raised())


def placeholders(template: str) -> set[str]:
    """The names in a sentence, of which none may be told how to look: values decide that."""
    found = [field for field in Formatter().parse(template) if field[1] is not None]
    assert all((spec, conversion) == ("", None) for _, _, spec, conversion in found), template
    return {str(name) for _, name, _, _ in found}


@pytest.mark.parametrize("code", catalogue())
def test_a_message_has_both_languages_with_the_same_placeholders(code: str) -> None:
    entry = catalogue()[code]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    assert entry.keys() == {"zh", "en"}
    assert placeholders(entry["zh"]) - {"zh"} == placeholders(entry["en"]) - {"en"}
    assert not re.search("[\u4e00-\u9fff]", entry["en"])
    said = re.sub(r"\{\w+\}", "", entry["zh"])
    assert re.search("[\u4e00-\u9fff]", said) or not re.search("[a-z]", said.replace("PDF", "").replace("RTF", ""))


@pytest.mark.parametrize("one", RAISED, ids=lambda one: f"{one.where} {one.code}")
def test_what_is_raised_is_in_the_catalogue(one: Raised) -> None:
    assert one.code in catalogue(), one.where
    assert one.values == set().union(*map(placeholders, catalogue()[one.code].values())), one.where


def test_what_is_in_the_catalogue_is_raised_somewhere() -> None:
    assert catalogue().keys() == {one.code for one in RAISED}


@pytest.mark.parametrize("phrase", _PHRASES)
def test_words_of_the_terminal_have_the_same_placeholders_in_both_languages(phrase: str) -> None:
    chinese, english = _PHRASES[phrase]
    assert placeholders(chinese) == placeholders(english)


# --- values -----------------------------------------------------------------------------------------

HOSTILE = (
    "report (the file is empty).docx",
    "{x}.txt",
    "{0}{path}{{}}.txt",
    "100%s%(reason)s.txt",
    "two\nlines\r.txt",
    "a  b\t.txt",
    r"back\slash\1.txt",
    "“引号”：文件是空的.txt",
    "no such file: encrypted",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_come_through_untouched(name: str) -> None:
    error = UnreadableDocument(name, Message("encrypted"))
    assert str(error) == f"{name}: encrypted"
    assert translate(error.message, "zh") == f"无法读取 {name}：文件已加密"
    assert error.path == Path(name)
    nested = Message("at-line", line=3, reason=Message("unit-twice", name=name, line=2))
    assert translate(nested, "zh") == f"第 3 行：{name} 已在第 2 行写过"
    similar = NotInKnowledgeBase("unit", name, [name, "市教育局"])
    assert str(similar) == f"no unit '{name}'; similar names: {name}, 市教育局"
    assert translate(similar.message, "zh") == f"知识库中没有单位“{name}”；名称相近的有：{name}、市教育局"


@pytest.mark.parametrize(
    ("message", "chinese", "english"),
    [
        (Message("too-many-bytes", count=123_456_789, most=1000), "有 123,456,789 字节，最多读 1,000 字节", "has 123,456,789 bytes; 1,000 are read at most"),
        (Message("unknown-format", formats=(".doc", ".pdf")), "不支持这种格式（可读 .doc、.pdf）", "not a format that can be read (.doc, .pdf)"),
        (Message("not-text", kind=Message("pdf")), "不是文本，而是 PDF 文件", "not text but a PDF file"),
        (Message("no-concept"), '缺少 {"concept": "…", "spoken": ["…"]}', 'no {"concept": "…", "spoken": ["…"]}'),
        (Message("name-taken", other=Path("甲/a.txt")), "与 甲/a.txt 同名，只读其中一个，请改名", "another file, 甲/a.txt, has the same name; only one of them is read, so rename this one"),
    ],
)  # fmt: skip
def test_values_are_put_in_as_the_language_writes_them(message: Message, chinese: str, english: str) -> None:
    assert translate(message, "zh") == chinese
    assert translate(message, "en") == str(message) == english


def test_the_code_of_a_message_is_that_of_its_innermost_reason() -> None:
    assert Message("encrypted").cause.code == "encrypted"
    assert Message("at-line", line=1, reason=Message("in-field", field="a", reason=Message("one-value"))).cause.code == "one-value"  # fmt: skip
    assert UnreadableDocument("a.pdf", Message("part-cannot-be-read", part="b", reason=Message("encrypted"))).code == "encrypted"  # fmt: skip
    assert NotInKnowledgeBase("clause", "x", ["y"]).code == "no-clause"


def test_messages_are_equal_and_keys_by_what_they_say() -> None:
    assert Message("no-unit", name="甲") == Message("no-unit", name="甲") != Message("no-unit", name="乙")
    assert {Message("no-unit", name="甲"): 1}[Message("no-unit", name="甲")] == 1


# --- texts of libraries -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "chinese", "english"),
    [
        (FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "a"), "文件不存在", "no such file"),
        (PermissionError(errno.EACCES, "x"), "没有权限", "no permission"),
        (OSError(errno.ENOSPC, "x"), "磁盘已满", "no space left on the disk"),
        (OSError(errno.EADDRINUSE, "x (while attempting to bind)"), "端口已被占用，请用 --port 换一个", "the port is in use; choose another one with --port"),
        (OSError(errno.ELOOP, "Too many levels"), "Too many levels", "Too many levels"),
        (OSError("only a text"), "only a text", "only a text"),
        (ValueError("two\n  lines {x} %s"), "two lines {x} %s", "two lines {x} %s"),
        (RuntimeError(), "RuntimeError", "RuntimeError"),
    ],
)  # fmt: skip
def test_common_errors_of_the_system_are_translated_and_others_shown_as_they_are(
    error: Exception, chinese: str, english: str
) -> None:
    assert (translate(reason_of(error), "zh"), str(reason_of(error))) == (chinese, english)


def test_a_mistake_of_the_program_is_named() -> None:
    assert str(program_error(KeyError("x"))) == "KeyError: 'x'"
    assert translate(program_error(KeyError("x")), "zh") == "程序出错（KeyError：'x'）"


def test_what_is_no_yaml_says_where() -> None:
    with pytest.raises(yaml.YAMLError) as error:
        yaml.safe_load("a: 1\nb: [")
    assert re.fullmatch(r"line 2: not YAML \(.+\)", str(not_yaml(error.value)))
    assert str(not_yaml(yaml.YAMLError("odd"))) == "not YAML (odd)"


def test_rare_errors_of_pydantic_are_shown_as_they_are() -> None:
    said = {"type": "frozen_set_type", "msg": "Input should be a valid frozenset", "loc": ("a",)}
    assert validation_message(said) == Message("other", text="Input should be a valid frozenset")


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        (YEAR, "no-such-year"),
        (f"^({YEAR})$", "no-such-year"),
        (f"^({DATE})?$", "no-such-date"),
        (f"^({YEAR_OR_NONE})?$", "no-such-year-or-none"),
        (SAYING, "query-empty"),
        ("^x+$", "wrong-form"),
    ],
)
def test_the_form_of_a_value_is_said_in_words(pattern: str, code: str) -> None:
    said = {"type": "string_pattern_mismatch", "msg": "…", "input": "soon", "ctx": {"pattern": pattern}}
    assert validation_message(said).code == code
    assert "[0-9]" not in translate(validation_message(said), "zh")


def test_the_pattern_of_dates_is_the_calendar() -> None:
    for year in ("1900", "2000", "2023", "2024", "2100"):
        for month, day in product(range(14), range(33)):
            value = f"{year}-{month:02}-{day:02}"
            try:
                stands = bool(date.fromisoformat(value))
            except ValueError:
                stands = False
            assert bool(re.fullmatch(DATE, value)) == stands, value


# --- errors -----------------------------------------------------------------------------------------

ERRORS = (
    KBError(Message("build-killed")),
    UnreadableDocument(Path("a.pdf"), Message("encrypted")),
    IndexUnusable(Path("indexes"), Message("no-index")),
    ConfigurationUnusable(Path("kb.toml"), Message("not-utf8")),
    WrongUsage(Message("two-documents-at-most")),
    BuildInProgress(Path("indexes")),
    NotInKnowledgeBase("document", "plan", ["plan-2"]),
    InvalidQuery("query", Message("query-empty")),
    ModelUnusable("bge", Message("no-folder")),
    ThesaurusUnusable(Path("own.jsonl"), Message("at-line", line=4, reason=Message("concept-empty"))),
    RerankerUnusable("bge", Message("several-figures", count=3)),
    AuditLogUnusable(Message("disk-full")),
)


def test_all_errors_are_tried_here() -> None:
    assert {type(error) for error in ERRORS} == {KBError, *KBError.__subclasses__()}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_passes_between_processes_with_all_it_says(error: KBError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (again.message, again.code, vars(again)) == (error.message, error.code, vars(error))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_speaks_both_languages(error: KBError, language: Language) -> None:
    assert bool(re.search("[\u4e00-\u9fff]", translate(error.message, language))) == (language == "zh")
