"""专栏: boxes of a plan. Their items belong to the section that they stand in, or to the whole chapter when the title says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kb.parsing.sequence import ClauseStart

# A title that names no subject of one section: 专栏2  重大工程
_GENERAL_BOX = re.compile(
    r"^专\s?栏\s?[\d一二三四五六七八九十]{0,3}\s*[：:]?\s*(?:“[^”\n]{2,6}”)?(?:时期)?(?:重大|重点|主要)(?:工程|项目|任务|行动|专项|举措){1,2}$",
    re.MULTILINE,
)


def with_boxes(text: str, shift: int, starts: Sequence[ClauseStart]) -> list[ClauseStart]:
    """The clauses, those in a box of a general title behind the last section of a chapter put under the chapter.

    "第三章 …", "第二节 …", "专栏2 重大工程", "1.…" → 1. is of 第三章
    """
    lifted = list(starts)
    for box in _GENERAL_BOX.finditer(text):
        first = next((k for k, one in enumerate(starts) if one.marker.start > shift + box.start()), 0)
        section = starts[first].parent if first else -1
        if section < 0 or starts[section].marker.style != "节" or starts[section].parent < 0:
            continue
        chapter = starts[section].parent
        if any(one.parent == chapter for one in starts[first:]):
            continue  # not the last section
        for k in range(first, len(starts)):
            if starts[k].parent == section:
                lifted[k] = replace(starts[k], parent=chapter)
    return lifted
