"""Query understanding: the matter, the role, the years and the documents that a question names, without its question words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from kb import lexicon
from kb.models import Role
from kb.text import normalise
from kb.text.provisions import NUMERAL, Path, level_key
from kb.versions.titles import name_of, number_key, title_letters

_TITLE = re.compile("[《〈]([^《》〈〉]{2,80})[》〉]")
_EXACT = re.compile('["“「＂]([^"“”「」＂]{1,60})["”」＂]')
_EXCLUDED = re.compile(r"(?:^|(?<=\s))[-－﹣−]([^\W\d_][^\s]{0,30})")  # 养老 -机构
_SIGNS = re.compile('[\\s《》〈〉「」“”"]')
_BLANK = re.compile(r"[\s、]")  # 财政部、税务总局公告2020年第8号
_NUMBER = re.compile(  # 滨政发〔2025〕9号, 滨政发(2025)第9号, 公告2020年第8号
    r"(?P<signs>[\u4e00-\u9fffA-Za-z]{2,30})[〔（]?(?P<year>(?:19|20)\d{2})(?:[〕）年]第?|第)(?P<number>\d{1,5})号?"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?=年|[-./]\d|\s|$)")  # 2025年, 2025-06, not 2000万元
# 24年 for 2024年: behind a place, an organ or nothing, or before what a year has; not 有15年教龄, 租期20年, 24年以上
_SHORT_YEAR = re.compile(
    r"""
    (?<! [\d第约近满超过达缴作.] )
    (?: (?<! [^\s，。；：、（“”《和与及至到—\-在省市县区州盟旗镇乡厅局委办部院会] ) (?P<near> 1[5-9] | 2\d | 3[0-5] ) 年
        (?! [以之内来间期后前多限工龄] | 的? (?: .?龄 | 租 | 产权 | 质保 | 保修 | 经[验历] | 历史 | 合同 | 承包 | 从[事业教医] ) )
      | (?P<said> 1[5-9] | 2\d | 3[0-5] ) 年 (?= 度 | [底初末] | 的? [^，。；\s工历经]{0,6} (?: 工作要点 | 要点 | 计划 | 方案 | 政府工作 ) ) )
    """,
    re.VERBOSE,
)
# What ends the name of a law or rule, so that an article may follow without 第: 处罚法33条, but not 稳岗20条措施.
_PROVISION = re.compile(
    rf"""
    (?: 第 | (?<= [法例定则典程释] ) | (?<= 办法 ) ) (?= {NUMERAL} [编章节条] )
    (?P<counted> {NUMERAL} (?: 分编 | [编章节条] ) (?: 之 {NUMERAL} )? (?: 第? {NUMERAL} (?: 分编 | [编章节条] ) (?: 之 {NUMERAL} )? )* )
    (?: 第? {NUMERAL} 款 )?                                                  # a paragraph has no number of its own
    (?: 第? （? (?P<item> {NUMERAL} ) ）? 项 )?                              # 第（二）项
  | (?P<top> [一二三四五六七八九十]{{1,3}} ) [、.，]? （ (?P<sub> {NUMERAL} ) ）   # 三、（二）
    (?: (?P<point> \d{{1,2}} ) (?! \d | 年 ) )?                              # 三、（二）1.
  | 第 (?P<part> {NUMERAL} ) (?: 部分 | 大?点 | 大?项 )
  | (?P<last> [一二三四五六七八九十]{{1,3}} ) 、 $                                 # …方案三、
    """,
    re.VERBOSE,
)
_LEVEL = re.compile(rf"{NUMERAL}(?:分编|[编章节条])(?:之{NUMERAL})?")


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and what it names."""

    text: str  # as it was asked
    words: str  # the part that is matched by words
    role: Role | Literal[""] = ""  # the first that it names
    years: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()  # of documents, as ``number_key`` gives them, for each place where signs may begin
    number: str = ""  # the first of them as it is printed, where it can be nothing else
    works: tuple[str, ...] = ()  # titles in 《》, as ``name_of`` gives them
    letters: str = ""  # its letters and digits only, in which titles are looked for
    provision: Path = ()  # the article, section or item that it names, as ``kb.text.provisions`` gives it, its own levels only
    provision_text: str = ""  # as it is printed: "第二十一条"
    before_provision: str = ""  # the letters before it, which may end in a short title
    # It asks for aims or figures, which what leads up to the tasks of a plan says (总体要求, 主要目标)
    for_aims: bool = False
    for_penalty: bool = False  # it asks how a breach is punished, or by whom
    for_person: bool = False  # it asks for the name of who holds an office, which no document is read for
    exact: tuple[str, ...] = ()  # what stands in quotes: a clause, its headings or its title has it word for word
    excluded: tuple[str, ...] = ()  # what stands behind a minus: none of them has it


def parse_question(text: str) -> Question:
    """The question that a query asks.

    "2025年由市教育局牵头的任务怎么办" → words without 怎么办, role lead, year 2025;
    "“社区食堂” -补贴" → exact 社区食堂, excluded 补贴;
    "依滨政发[2025]第9号" → numbers 依滨政发-2025-9, 滨政发-2025-9, 政发-2025-9
    """
    excluded = tuple(_EXCLUDED.findall(text))
    text = _EXCLUDED.sub("", text).strip() or text
    words = matter_of(text)
    letters, provision, printed, before = _provision(text)
    for frame in _patterns("asking"):
        words = frame.sub(" ", words)
    short_years = [f"20{year['near'] or year['said']}" for year in _SHORT_YEAR.finditer(text)]
    return Question(
        text,
        " ".join((words.strip() or text, *short_years)),
        _role_in(text),
        tuple(dict.fromkeys((*_YEAR.findall(text), *short_years))),
        tuple(_numbers(text)),
        _sure_number(text),
        tuple(filter(None, (name_of(title).work for title in _TITLE.findall(text)))),
        letters,
        provision,
        printed,
        before,
        any(frame.search(text) for frame in _patterns("aims")),
        any(frame.search(text) for frame in _patterns("penalties")),
        asks_for_a_person(text),
        tuple(filter(str.strip, _EXACT.findall(text))),
        excluded,
    )


def _provision(text: str) -> tuple[str, Path, str, str]:
    """The letters of a question, the provision that it names, also as printed, and the letters before that.

    "安全生产法 第21条" → ("安全生产法第21条", ("21条",), "第21条", "安全生产法"); "《养老方案》三、（二）" → …, ("3", "2"), …, "养老方案"
    """
    squashed = _SIGNS.sub("", normalise(text))
    letters = title_letters(text)
    named = _PROVISION.search(squashed)
    if not named:
        return letters, (), "", ""
    before = title_letters(squashed[: named.start()])
    if named["counted"]:
        levels = [*_LEVEL.findall(named["counted"]), *filter(None, (named["item"],))]
    else:
        levels = [
            each for each in (named["top"] or named["part"] or named["last"], named["sub"], named["point"]) if each
        ]
    return letters, tuple(map(level_key, levels)), named[0], before


def _numbers(text: str) -> Iterator[str]:
    for number in _NUMBER.finditer(_BLANK.sub("", normalise(text))):
        for start in range(len(number["signs"]) - 1):
            yield number_key(f"{number['signs'][start:]}〔{number['year']}〕{int(number['number'])}号")


def _sure_number(text: str) -> str:
    """The first document number of a question, "" where what looks like one may be another thing.

    "滨政发[2025]9号说什么" → "滨政发〔2025〕9号"; "地铁2025年1号线" → ""
    """
    read = _BLANK.sub("", normalise(text))
    for number in _NUMBER.finditer(read):
        if ("〔" in number[0] or number[0].endswith("号")) and not read.startswith(_counted(), number.end()):
            return number[0]
    return ""


def in_any_brackets(number: str) -> tuple[str, re.Pattern[str]] | None:
    """The words of a document number, and what finds it in a text without blanks, whatever brackets it has there.

    "滨江市政发〔2025〕9号" → "政发 2025 9", 政发〔2025〕第9号
    """
    read = _NUMBER.search(number)
    if read is None:
        return None
    sign, year, count = re.escape(read["signs"][-2:]), read["year"], int(read["number"])
    return f"{read['signs'][-2:]} {year} {count}", re.compile(rf"{sign}[〔（]?{year}[〕）年]*第?0*{count}号")


def without_courtesy(text: str) -> str:
    """What is asked, without what is said around it; all of it when it asks nothing: "请问学前教育谁负责，谢谢" → "学前教育谁负责"."""
    asked = text
    for courtesy in _patterns("courtesy"):
        asked = courtesy.sub("", asked)
    return asked or text


def asks_for_a_person(question: str) -> bool:
    """Whether a question asks for the name of who holds an office.

    "市长是谁" → True; "河长制由谁负责" → False
    """
    return any(frame.fullmatch(question.strip()) for frame in _patterns("persons"))


def unit_asked_for_its_tasks(question: str) -> tuple[str, Role | Literal[""]]:
    """The name of the unit whose tasks a question asks for, "" for another question; the role that it asks for, "" for any.

    "市教育局负责哪些任务？" → "市教育局", ""; "市财政局牵头的任务" → "市财政局", "lead"
    """
    asked = (frame.fullmatch(question.strip()) for frame in _patterns("tasks"))
    unit = next((found["unit"].strip() for found in asked if found), "")
    return unit, _role_in(question.replace(unit, "", 1)) if unit else ""


def matter_of(question: str) -> str:
    """The matter of a question about responsibility; the whole question when it has no other words.

    "学前教育由哪些部门牵头？" → "学前教育"
    """
    matter = question
    for frame in _patterns("frames"):
        matter = frame.sub("", matter)
    return matter.strip() or question


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(entry["pattern"], re.VERBOSE) for entry in lexicon.table("question_frames")[name])


def _role_in(text: str) -> Role | Literal[""]:
    """The role that is named, the most telling first: "市财政局牵头、配合的任务" → "lead"."""
    return next((role for role, cue in _roles() if cue in text), "")


@cache
def _counted() -> tuple[str, ...]:
    return tuple(lexicon.table("question_frames")["numbers"]["counted"])


@cache
def _roles() -> tuple[tuple[Role, str], ...]:
    return tuple((role, cue) for role, cues in lexicon.table("question_frames")["roles"].items() for cue in cues)
