"""Dates stated in a document: of enactment or last revision, and its period of validity (施行日期, 有效期)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from kb.lexicon import KINDS
from kb.text.numerals import number, year

_YEAR = r"(?:\d{4}|二[〇零一二三四五六七八九]{3})"
_NUMERAL = r"\d{1,2}|[一二三四五六七八九十]{1,3}"


def _day(name: str) -> str:
    """The pattern of a printed date, with the groups ``<name>_year``, ``<name>_month`` and ``<name>_day``."""
    month, day = rf"\ ?年\ ?(?P<{name}_month>{_NUMERAL})", rf"\ ?月\ ?(?P<{name}_day>{_NUMERAL})\ ?日"
    return rf"\ ?(?P<{name}>(?P<{name}_year>{_YEAR})(?:{month}(?:{day}|\ ?月)|\ ?年))"


# "自2024年3月4日起", "自印发之日起30日后"
_FROM = rf"""
    (?:自|从)\ ?(?:{_day("start")}|(?P<issue>印发|发布|公布|颁布|颁发|下发|发文|签发|印制|通过|批准)(?:(?:之|当)?日)?)\ ?(?:起|开始|始)?
    (?:(?P<later>{_NUMERAL})\ ?(?P<later_unit>日|天|个月)(?:之)?后)?
"""
_TAKES_EFFECT = r"起?\ ?(?:正式|试?)?(?:施行|实施|执行|实行|生效|试行)"
_LASTS = rf"""
    (?:有效期|施行期|实施期|执行期|试行期|暂行期)限?\ ?(?:
        (?:为|是|：|定为|暂定)?\ ?(?P<count>{_NUMERAL}|两)\ ?(?P<unit>年|个月)
        | (?:为|是|：)?\ ?(?:自|从)?\ ?(?:{_day("since")}\ ?(?:起)?\ ?(?:至|到|—+|-))?\ ?(?:截?止?至|截止到?|至|到|止)?{_day("end")}
    )
    | (?:有效|施行|实施|执行)(?:截?止?至|截止到?|到){_day("last")}
"""
# How a document refers to itself as the subject of a sentence; not 依照本办法, 本办法施行前.
_ITSELF = rf"(?<![据照与和及行反对在按入])本(?:[\u4e00-\u9fff]{{0,6}}?)(?:{'|'.join(KINDS)}|政策|文件|令|工作指引)(?:有关规定|各项政策)?"
_STATEMENT = re.compile(
    rf"""
    (?: {_ITSELF}
        | (?:现|特)(?:予|此)?以?(?:公布|发布|颁布|印发|公告)(?:给你们|如下)?，[^。；\n]{{0,14}}?   # 现予公布，
        | (?:^|[\n。])\ ?(?:第[^条\n]{{1,6}}条|[一二三四五六七八九十]{{1,3}}、|（[一二三四五六七八九十]{{1,3}}）|\d{{1,2}}[.、])?\ ?(?=自)
    )
    [，\ ]?(?:由[^，。；\n]{{2,40}}解释，)?(?:[^，。；\n自从有第“]{{0,8}})
    (?:
        (?P<effect>{_FROM}\ ?{_TAKES_EFFECT}) (?:[，。；]?\ ?(?:[^，。；\n“有]{{0,10}})(?P<lasts>{_LASTS}))?
        | (?P<period>{_LASTS.replace("(?P<", "(?P<own_")}) (?:[，。；]\ ?(?P<then>{_FROM.replace("(?P<", "(?P<then_")}\ ?{_TAKES_EFFECT}))?
    )
    """,
    re.VERBOSE,
)

# The legislative history under the title of a law, one line or bracket per act: "2018年1月23日 某省…常务委员会…第二次修正".
_ACT = re.compile(
    rf"(?:^|[\n（；，]|(?<=[过布准正订行]) |(?<=[过布准正订行])(?=根据))\ {{0,4}}(?:根据|经|于|依据)?\ ?{_day('on')}"
    r"[^\n。；（）]{0,200}?(?:通过|修[正订改]|公布|发布|颁布|批准)(?!的)"
)


@dataclass(frozen=True, slots=True)
class Term:
    """The first and the last day of validity; ISO, as precise as printed, "" when not stated."""

    effective_from: str = ""
    valid_until: str = ""


def enacted_on(head: str) -> str:
    """The latest date in the legislative history under the title of a law, "" when there is none.

    "某省水条例\n2011年5月27日某省人大常委会通过\n2018年1月23日某省人大常委会修正" → "2018-01-23"
    """
    dates = (_iso(match.groupdict(default="0"), "on") for match in _ACT.finditer(head) if match["on_day"])
    return max(dates, default="")


def read_term(text: str, issued_on: str) -> Term:
    """The period of validity that a normalised text states for itself; of several dates the latest.

    "本办法自2021年1月1日起施行，有效期5年。" → 2021-01-01 to 2025-12-31; "许可证有效期3年" → Term("", "")
    """
    terms = list(_terms(text, issued_on))
    return Term(max((t.effective_from for t in terms), default=""), max((t.valid_until for t in terms), default=""))


def _terms(text: str, issued_on: str) -> Iterator[Term]:
    issued = issued_on if issued_on[:1].isdigit() else ""
    for match in _STATEMENT.finditer(text):
        if _is_quoted(text, match.start()):
            continue
        groups = {name: value for name, value in match.groupdict().items() if value is not None}
        prefix = "then_" if match["period"] else ""
        first_day = _first_day(groups, prefix, issued)
        end = _last_day(groups, "own_" if match["period"] else "", first_day or issued)
        yield Term(first_day, end)


def _is_quoted(text: str, at: int) -> bool:
    """Whether an offset lies between “ and ”: the amended wording of another document."""
    paragraph = text[max(0, at - 2000) : at]
    return paragraph.rfind("“") > paragraph.rfind("”")


def _first_day(groups: dict[str, str], prefix: str, issued: str) -> str:
    start = (
        _iso(groups, f"{prefix}start") if f"{prefix}start" in groups else issued if f"{prefix}issue" in groups else ""
    )
    later = groups.get(f"{prefix}later")
    if not later or len(start) < len("2021-01-01"):
        return start
    count = int(number(later) or 0)
    if groups[f"{prefix}later_unit"] == "个月":
        return _add_months(start, count)
    return str(date.fromisoformat(start) + timedelta(days=count))


def _last_day(groups: dict[str, str], prefix: str, first_day: str) -> str:
    for name in ("end", "last"):
        if prefix + name in groups:
            return _iso(groups, prefix + name)
    count = groups.get(f"{prefix}count")
    if not count or not first_day:
        return ""
    months = int(number(count.replace("两", "二")) or 0) * (12 if groups[f"{prefix}unit"] == "年" else 1)
    end = _add_months(first_day, months)
    return str(date.fromisoformat(end) - timedelta(days=1)) if len(end) == len("2021-01-01") else end


def _add_months(iso: str, months: int) -> str:
    """The date so many months later, as precise as the given one.

    ("2021-03-15", 24) → "2023-03-15"; ("2021", 12) → "2022"
    """
    parts = [int(part) for part in iso.split("-")]
    counted = parts[0] * 12 + (parts[1] - 1 if len(parts) > 1 else 0) + months
    shifted = counted // 12, counted % 12 + 1
    if len(parts) < 3:
        return f"{shifted[0]:04d}" if len(parts) == 1 else f"{shifted[0]:04d}-{shifted[1]:02d}"
    day = min(parts[2], calendar.monthrange(*shifted)[1])
    return f"{shifted[0]:04d}-{shifted[1]:02d}-{day:02d}"


def _iso(groups: dict[str, str], name: str) -> str:
    """A printed date in ISO form, without the parts that are not valid: 2023年2月30日 → "2023-02"."""
    printed = year(groups[f"{name}_year"])
    if printed is None:
        return ""
    month, day = (int(number(groups.get(f"{name}_{part}", "0")) or 0) for part in ("month", "day"))
    if not 1 <= month <= 12:
        return f"{printed:04d}"
    last = calendar.monthrange(printed, month)[1] if printed else 0
    return f"{printed:04d}-{month:02d}" + (f"-{day:02d}" if 1 <= day <= last else "")
