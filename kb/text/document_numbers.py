"""发文字号 (GB/T 9704, 7.2.5): where the signs of the issuing organ begin in a number that is printed without a blank before it."""

from __future__ import annotations

import re

# Another document is cited: 根据国办发〔2016〕82号.
CITING_WORDS = "根据|按照|依据|依照|遵照|对照|比照|参照|落实|执行|贯彻|通过|详见|关于|印发|下发|转发"
TITLE_ENDS = "通知|意见|决定|批复|通报|方案|计划|规定|办法"  # …的通知滨政发〔2025〕9号
# What may stand right before the signs, and can be no part of them: a letterhead, the end of a title, the words of a sentence.
_BEFORE_SIGNS = re.compile(
    rf"""
    .*(?:
        文件|公报|特急|加急
      | {TITLE_ENDS}
      | 办公[厅室]|委员会|人民政府|管委会|[\u4e00-\u9fff]{{3}}[局厅]          # 某市财政局某财综〔2018〕47号
      | {CITING_WORDS}
      | [^人]部门|发布|修改|废止|以及|同时|替代|代替|[的和与及由见以按将对照]|经(?![信开贸发济委管办研普商联作])
    )(?=..)
    """,
    re.VERBOSE,
)

_COUNTED_ON = re.compile("令|公告|通告")  # 某市人民政府令第19号: the whole name of the organ is part of the number


def signs_begin(number: str) -> int:
    """Where the signs of the organ begin in what is printed before 号.

    "根据国办发〔2016〕82号" → 2; "安平市水利局文件安水发〔2022〕9号" → 8; "滨政发〔2025〕9号" → 0;
    "滨江市人民政府令第19号" → 0
    """
    if _COUNTED_ON.search(number):
        return 0
    before = _BEFORE_SIGNS.match(re.split("[〔（]", number, maxsplit=1)[0])
    return before.end() if before else 0
