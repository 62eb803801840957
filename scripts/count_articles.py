"""Count how many articles (第X条) of a collection of laws the parser finds, against a plain expression that knows nothing of it.

usage: count_articles.py LAWS.jsonl.gz [--sample N] [--errors]

LAWS.jsonl.gz holds one JSON object a line with "id" and "text". An article is a 第X条 (or 第X条之一) that begins a line, Markdown marks
looked through, and is followed by a blank, the line's end, a bracket or a bold mark; the entries of a table of contents and lines
quoted in 「《“ are none by this rule. Prints the share found as clauses and the share of 第X条 clauses that are no such article.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
from pathlib import Path

from kb.models import SourceText
from kb.parsing import parse

ARTICLE = re.compile(
    r"^[ \t\u3000\xa0#>*_\-]*(第[一二三四五六七八九十百千零〇○Ｏ0-9０-９]+条(?:之[一二三四五六七八九十]+)?)(?=[\s\u3000\xa0*【（(\[]|$)",
    re.MULTILINE,
)


def starts(text: str) -> tuple[set[int], set[int]]:
    """Offsets of the articles by the plain expression, and of those that the parser holds for clauses."""
    plain = {match.start(1) for match in ARTICLE.finditer(text)}
    _, passages = parse(SourceText("law.txt", text, ""))
    parsed = {p.clause.start for p in passages if re.fullmatch(r"第.*条(?:之.+)?", p.clause.num)}
    return plain, parsed


def main() -> None:
    """Read the command line and print the figures."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("laws", type=Path)
    options.add_argument("--sample", type=int, default=0, help="so many texts, drawn by chance with a fixed seed")
    options.add_argument("--errors", action="store_true", help="print every place where the two differ")
    given = options.parse_args()
    with gzip.open(given.laws, "rt", encoding="utf-8") as lines:
        laws = [json.loads(line) for line in lines]
    if given.sample:
        laws = random.Random(3).sample(laws, min(given.sample, len(laws)))
    articles = found = extra = 0
    for law in laws:
        plain, parsed = starts(law["text"])
        articles, found, extra = articles + len(plain), found + len(plain & parsed), extra + len(parsed - plain)
        for label, places in (("missed", plain - parsed), ("extra", parsed - plain)) if given.errors else ():
            for at in sorted(places):
                sys.stdout.write(f"{law['id']}\t{label}\t{at}\t{law['text'][max(0, at - 30) : at + 40]!r}\n")
    sys.stdout.write(
        f"{len(laws)} texts, {articles} articles: {found / articles:.4%} found, {extra / articles:.4%} extra\n"
    )


if __name__ == "__main__":
    main()
