"""From when until when a document holds, read out of its own words; and when it was enacted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.parsing.validity import enacted_on, read_term
from kb.text import normalise

ISSUED = "2020-05-06"
ROWS = [
    ("本办法自2021年1月1日起施行，有效期5年。", "2021-01-01", "2025-12-31"),
    ("第十三条本办法有效期5年，自2012年9月10日起施行。", "2012-09-10", "2017-09-09"),
    ("七、本通知自印发之日起施行，有效期两年。", "2020-05-06", "2022-05-05"),
    ("第二十六条 本办法自2018年6月1日起施行，有效期至2023年5月31日。", "2018-06-01", "2023-05-31"),
    ("本政策有效期自2021年1月1日至2023年12月31日。", "", "2023-12-31"),
    ("本措施自发布之日起实施，有效期至2027年12月31日", "2020-05-06", "2027-12-31"),
    ("本办法由市科技局负责解释，自印发之日起施行，有效期3年。", "2020-05-06", "2023-05-05"),
    ("本办法自公布之日起施行。有效期三年。", "2020-05-06", "2023-05-05"),
    ("《甲条例》已经市人大常委会通过，现予公布，自2022年10月1日起施行。", "2022-10-01", ""),
    ("本办法自公布之日起30日后施行。", "2020-06-05", ""),
    ("本规定自印发之日起执行，试行期一年。", "2020-05-06", "2021-05-05"),
    ("本意见自2017年1月起执行，执行期暂定三年。", "2017-01", "2020-01"),
    # What is said of something else, or by another document.
    ("许可证有效期3年。", "", ""),
    ("国债承销团成员资格有效期为3年，期满后，依照本办法再次审批。", "", ""),
    ("本办法施行前已取得的许可证，有效期至2025年12月31日。", "", ""),
    ("本办法第二十四条规定自2024年1月1日起实施。", "", ""),
    ("第九条修改为：“本办法自公布之日起施行，有效期五年。”", "", ""),
]


@pytest.mark.parametrize(("text", "begins", "ends"), ROWS)
def test_term_of_a_text(text: str, begins: str, ends: str) -> None:
    term = read_term(normalise(text), ISSUED)
    assert (term.effective_from, term.valid_until) == (begins, ends)


def test_what_counts_from_an_unknown_day_is_unknown() -> None:
    for issued in ("", "--12-22"):
        term = read_term("本办法自印发之日起施行，有效期5年。", issued)
        assert (term.effective_from, term.valid_until) == ("", "")


def test_the_last_act_of_a_law_s_history_is_its_date() -> None:
    head = "某省水条例\n2011年5月27日 某省人大常委会会议通过\n2018年1月23日 某省人大常委会《关于修改〈某省林条例〉的决定》第一次修正\n"
    assert enacted_on(normalise(head)) == "2018-01-23"
    in_brackets = "某市条例\n（2019年4月25日某市人大常委会通过，经2019年7月25日某省人大常委会批准）\n"
    assert enacted_on(normalise(in_brackets)) == "2019-07-25"
    assert enacted_on("某市方案\n根据2019年3月1日印发的文件，制定本方案。") == ""


@given(st.text(alphabet="本办法自从至起施行，。有效期年月日0123456789一二三两公布之印发试行“”第条\n ", max_size=80))
@settings(max_examples=300)
def test_no_text_raises(text: str) -> None:
    term = read_term(text, ISSUED)
    assert all(date == "" or date[:4].isdigit() for date in (term.effective_from, term.valid_until))
