"""专栏: boxes of a plan. Their items belong to the section that they stand in, or to the whole chapter when the title says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kb.parsing.sequence import ClauseStart

_BOX = re.compile(r"^专\s?栏\s?[\d一二三四五六七八九十]{0,3}\s*[：:]?\s*(?P<title>\S.*)$", re.MULTILINE)
# A title that names no subject of one section: 专栏2  重大工程
_GENERAL = re.compile(r"(?:“[^”\n]{2,6}”)?(?:时期)?(?:重大|重点|主要)(?:工程|项目|任务|行动|专项|举措){1,2}$")
_SUBJECT = 4  # characters at the end of a heading: 构建|省级水网


def with_boxes(text: str, shift: int, starts: Sequence[ClauseStart]) -> list[ClauseStart]:
    """The clauses, those in a box behind the last section of a chapter put under the chapter, where its title is general or the chapter's.

    "第三章 …", "第二节 …", "专栏2 重大工程", "1.…" → 1. is of 第三章
    """
    lifted = list(starts)
    for box in _BOX.finditer(text):
        first = next((k for k, one in enumerate(starts) if one.marker.start > shift + box.start()), 0)
        holder = section = starts[first].parent if first else -1
        while section >= 0 and starts[section].marker.style != "节":
            section = starts[section].parent
        if section < 0 or starts[section].parent < 0:
            continue
        chapter = starts[section].parent
        inside, around = (_subject(text, starts[k].marker.end - shift) for k in (section, chapter))
        of_chapter = around in box["title"] and inside not in box["title"]
        if not (_GENERAL.match(box["title"]) or of_chapter):
            continue
        if any(one.parent == chapter for one in starts[first:]):
            continue  # not the last section
        for k in range(first, len(starts)):
            if starts[k].parent == holder:
                lifted[k] = replace(starts[k], parent=chapter)
    return lifted


def _subject(text: str, at: int) -> str:
    """The last words of the heading that begins at a place."""
    return text[at : text.find("\n", at)].strip()[-_SUBJECT:] or "\n"
