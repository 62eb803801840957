"""The same document typed, scanned or exported in another way says the same: forms change, facts do not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from opencc import OpenCC

from kb.extraction import extract
from kb.models import ParsedDocument, SourceText
from kb.parsing import parse
from kb.text.blanks import plainly

DOCUMENTS = {path.stem: path for path in sorted(Path("tests/gold").glob("*/docs/*.txt"))}
# A work report, plans with marks and tables, a list of tasks, measures against what was found, rules.
CHOSEN = (
    "bj-baogao",
    "ld-jiuye",
    "ld-yanglao",
    "yx-yaodian",
    "ah-nonglu",
    "qs-zhenggai",
    "ah-shuzhi",
    "bj-tingche",
)
_CHARACTER, _SIGN = "[\u4e00-\u9fff]", "[0-9A-Za-z%]"
_FIGURES = dict(zip("0123456789", "〇一二三四五六七八九", strict=True))


def _in_sentences(change: Callable[[str], str]) -> Callable[[str], str]:
    """A change of the lines that are no rows of a table."""
    return lambda text: "\n".join(line if "\t" in line or "  " in line else change(line) for line in text.split("\n"))


def _wrapped(text: str, width: int = 32) -> str:
    """A text as it stands on paper: two blanks before each paragraph, a break where a line is full."""
    lines = []
    for line in text.split("\n"):
        whole = f"\u3000\u3000{line.strip()}"
        is_kept = not line.strip() or "\t" in line or "  " in line  # blank lines and rows
        lines += [line] if is_kept else [whole[at : at + width] for at in range(0, len(whole), width)]
    return "\n".join(lines)


def _paged(text: str, lines: int = 9) -> str:
    """A text with the number of each page below it."""
    found = text.split("\n")
    pages = ["\n".join(found[at : at + lines]) for at in range(0, len(found), lines)]
    return "".join(f"{page}\n— {number} —\n" for number, page in enumerate(pages, 1))


FORMS: dict[str, Callable[[str], str]] = {
    "blanks between characters and figures": _in_sentences(
        lambda line: re.sub(f"(?<={_CHARACTER})(?={_SIGN})|(?<={_SIGN})(?={_CHARACTER})", " ", line)
    ),
    "blanks that do not break, before units": _in_sentences(
        lambda line: re.sub(r"(?<=\d)(?=[年月日万亿])", "\xa0", line)
    ),
    "blanks behind commas": _in_sentences(lambda line: re.sub(f"(?<=[，、；])(?={_CHARACTER})", " ", line)),
    "characters set wide": _in_sentences(
        lambda line: (
            line
            if re.search(f"{_CHARACTER}[ \u3000]+{_CHARACTER}", line)  # what parts words, and is not seen any more then
            else re.sub(f"(?<={_CHARACTER})(?={_CHARACTER})", " ", line)
        )
    ),
    "blanks at the end of lines": lambda text: text.replace("\n", "  \n"),
    "characters without a width": lambda text: text.replace("。", "。\u200b"),
    "wide figures": lambda text: text.translate({ord(digit): ord(digit) + 0xFEE0 for digit in _FIGURES}),
    "half-width signs": lambda text: text.translate(str.maketrans("（）：；，", "():;,")),
    "years in characters": _in_sentences(
        lambda line: re.sub(
            r"(?<![\d—-])20\d\d(?=年(?![—-]))", lambda year: "".join(map(_FIGURES.__getitem__, year[0])), line
        )
    ),
    "traditional characters": OpenCC("s2t").convert,
    "wrapped lines": _wrapped,
    "page numbers": _paged,
    "Windows line breaks": lambda text: text.replace("\n", "\r\n"),
}


def read(text: str) -> ParsedDocument:
    return extract(*parse(SourceText("plan.txt", text, "0" * 64)))


def plain(text: str) -> str:
    return re.sub(r"\s|[\u200b]", "", plainly(text).text)


def facts(parsed: ParsedDocument) -> Counter[tuple[object, ...]]:
    """What a document says, without how it is printed."""
    found: Counter[tuple[object, ...]] = Counter(
        ("header", plain(value))
        for value in (parsed.document.title, parsed.document.document_number, parsed.document.issued_on)
    )
    found.update((plain(clause.num), plain(clause.heading)) for clause in parsed.clauses)
    found.update((plain(one.unit), one.role, one.prose) for one in parsed.responsibilities)
    found.update((one.value, one.upper, plain(one.unit), one.comparator, one.due) for one in parsed.targets)
    found.update((plain(one.text), one.due, plain(one.recurrence)) for one in parsed.deadlines)
    return found


# In qp-fenjie each cell of a table has a line.
@pytest.mark.parametrize(("name", "form"), [*product(CHOSEN, FORMS), ("qp-fenjie", "page numbers")])
def test_facts_do_not_change_with_the_form(name: str, form: str) -> None:
    text = DOCUMENTS[name].read_text("utf-8")
    changed = FORMS[form](text)
    assert changed != text
    assert facts(read(changed)) == facts(read(text))
