"""Duties in running text: a body as the subject of what is to be done, or the agent by whom it is done."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from kb.extraction.responsibilities.companions import (
    END,
    LONGEST_LIST,
    SIGNS,
    bodies_of,
    companions,
    next_sign,
    parted,
)
from kb.extraction.responsibilities.marks import Duty, with_heads_before
from kb.extraction.responsibilities.predicates import (
    PREDICATE,
    is_obliged,
    role_in,
    says_what_to_do,
    was_done,
)
from kb.extraction.vocabulary import section_named
from kb.lexicon import ORGANS, any_of, table
from kb.units.bodies import begins_with_place, is_body, is_named_place, is_particular
from kb.units.lists import Mention, is_list_of
from kb.units.names import GROUP_OF_PLACES

_PROSE = table("duties")["prose"]
_LONGEST_SENTENCE = 400
_STOPS = "。；！？\n"
_BRACKETED = re.compile(r"（[^（）\n]{0,80}）")
_VERB_IN_LIST = re.compile(  # 市住建局牵头、市城管局配合; not 部门牵头、社会参与的工作机制
    "、(?<=(?:牵头|负责|配合|协助|参与)、)(?![^。；\n]{0,80}?的[\u4e00-\u9fff]{0,10}(?:机制|格局|体系|体制|制度|局面|网络|模式))"
)
_OPENING = re.compile(
    rf"(?:\s|[（(]?(?:[一二三四五六七八九十]{{1,3}}|\d{{1,3}})[）)、.．]+|[①-⑳]|第[一二三四五六七八九十百零]{{1,6}}条|—+|{_PROSE['titled']}|{any_of(_PROSE['openings'])}|{_PROSE['times']})*"
)
_SET_UP = re.compile("(?:成立|设立|组建|下设)")  # 成立领导小组，负责
_NOT_FIRST = re.compile(_PROSE["not_first"])
_AGENT = re.compile(
    r"(?=[由请])(?:(?<![自理缘经已])(?<!(?<![理董监人])事)(?<!其[他它])由(?:所?涉及的?|所[在属]的|[\u4e00-\u9fff]{2,12}?(?:所在|住所|发生|户籍|注册)地的)?|(?<=[，。；：\n ])请(?!示|求|假|购)|^请)"
)
_NO_AGENT = re.compile(rf"{_PROSE['not_by']}")
# 省政府|财政部门
_GOES_ON = re.compile(rf"(?:{any_of(ORGANS['functions'])})[\u4e00-\u9fff]{{0,4}}(?:部门|机构|[局厅委办])")
_ASSIGNS = re.compile(any_of(_PROSE["assigns"]))
_PARTY = re.compile(
    "(?:企业|学校|公园|校园|幼儿园|单位|机构|部门|地区|各地|实验室|中心|开发区|园区|高新区|[高院]校|[学医]院|研究院|公司|集团|分行|支行|协会)$"
)
_WHICH = re.compile(  # 收到通知的机关, 有条件的县（市、区）
    r"(?![在向从由将把以按经与和使让给据因凡如若该这那其此所是至到被但而并且也又还及或]|根据|通过|关于|随着|围绕)(?:负责)?(?:(?!对(?!口)|(?<!行)为|应当|必须|不得|可以|负责|会同)[^，。；：\n的是由向或]){2,24}(?<!设区)的(?:(?:(?![是由为对将把或]|会同|(?:部门|机关|政府|单位)[和与及])[\u4e00-\u9fff]){0,8}(?:机关|部门)|县（市、区）|县（市）|市（县、区）|市县|县区|[市县区]|乡镇|街道|地方|地区)"
)
_PAYS = re.compile(  # 县财政给予补助, 安排资金2亿元, 按10%予以补助
    "(?:承担|负担|分担|给予|予以|补助|对|投入|安排(?=[^，。；]{0,14}元)|通过[^，。；]{0,12}转移支付|按[^，。；]{2,40}(?:补助|奖励|奖补))"
)
_SUPPORTS = re.compile(r"[^，。；]{0,40}(?:补贴|补助|奖[励补])")  # 市县继续对企业给予补贴
# （一）区应急局, not （一）动员部署
_HEADS = re.compile("[省市县区州盟旗乡镇]|各|国家|中共|[\u4e00-\u9fff]{2,4}[省市县区州]")
_LEVELS = frozenset(ORGANS["levels"])
# 教育部办公厅关于印发…的通知
_TITLE = re.compile(r"[^，。；\n《]{0,80}关于[^。；\n]{2,80}的(?:通知|公告|意见|决定|函|批复|公示)")
_MAKES = re.compile(r"[^，。；\n]{1,16}(?:作为|列为|纳入|视为|当作|摆在|放在|贯穿)")  # 我厅将|信息工作作为重点
_YEAR, _LONGEST_DATE = re.compile(r"(?<!\d)(?P<year>20\d\d)年(?:\d{1,2}月)?(?:\d{1,2}日)?，?由?$"), 16
_AHEAD = re.compile(_PROSE["ahead"])  # headings
_REPORT = re.compile("(?:总结|情况(?:的)?(?:报告|通报)|年度报告|年报|述职报告)$")  # titles
_QUOTED = re.compile(r"《[^《》\n]{0,80}》|“[^“”\n]{1,60}”")


@dataclass(frozen=True, slots=True)
class _Subject:
    """Where a list of bodies stands that has a duty."""

    start: int
    end: int
    predicate: re.Match[str] | None  # None: an agent, of whom anything may be said
    rule: str


def headed_by(text: str, heading: str) -> tuple[Mention, ...]:
    """The bodies of a heading that names nothing else, above what they have to do: （一）区应急局 ⏎ 1.编制预案。"""
    start = text.find(heading) if heading else -1
    if start < 0 or not _HEADS.match(heading) or not is_list_of(is_body, text, start, start + len(heading)):
        return ()
    bodies = bodies_of(text, start, start + len(heading))
    return bodies if all(_heads_tasks(body.name) for body in bodies) else ()


def _heads_tasks(name: str) -> bool:
    """Whether what stands below a name are its tasks, and not what is said of it: 区应急局; not 国家重点实验室, 沿海地区."""
    return is_particular(name) and not _PARTY.search(name)


def tells_of_the_past(title: str, headings: tuple[str, ...]) -> bool:
    """Whether title or headings say that what stands below was found or done: 存在问题, 工作成效; not 存在问题及整改措施."""
    reports = _REPORT.search(title) is not None or section_named(headings) == "past"
    return reports and not any(map(_AHEAD.search, headings))


def find_prose_duties(
    text: str, taken: Sequence[tuple[int, int]], *, past: bool = False, year: str = ""
) -> tuple[Duty, ...]:
    """The duties that running text gives to bodies, in order, outside of the marks (``taken``).

    Where a section tells of the ``past``, or a sentence of a year before that of the document, only what is asked for by a word of
    its own (要, 应当) is a duty.

    "省教育厅要会同省财政厅制定办法" → 省教育厅 responsible, 省财政厅 support
    """
    flat = _BRACKETED.sub(lambda remark: "＿" * len(remark.group()), _VERB_IN_LIST.sub("，", text))
    subjects = sorted([*_agents(text, flat), *_subjects(text, flat)], key=lambda one: (one.start, -one.end))
    if not subjects:
        return ()
    closed = sorted([*taken, *(quoted.span() for quoted in _QUOTED.finditer(text))])
    ends = [end for _, end in closed]
    sentences: list[list[Duty]] = []
    done, lead = 0, -1
    for subject in subjects:
        if subject.start < done or _is_inside(subject, closed, ends):
            continue
        if (past or _is_of_year_before(year, text, subject.start)) and not _is_asked(subject):
            continue
        low = max(0, subject.start - _LONGEST_SENTENCE)
        led = lead >= max(low, *(text.rfind(sign, low, subject.start) for sign in _STOPS))
        duties = [duty for duty in _duties(text, flat, subject, led=led) if duty.mentions]
        sentences[len(sentences) - led :] = [[*(sentences[-1] if led else ()), *duties]]
        done, lead = subject.end, subject.start if duties and duties[-1].role == "lead" else lead
    return tuple(duty for duties in sentences for duty in _with_levels(duties))


def _with_levels(duties: Sequence[Duty]) -> Iterator[Duty]:
    """The duties of a sentence, bureaus with the level of those before: 市教育局 lead, 财政局 support → …, 市财政局."""
    for duty, headed in zip(duties, with_heads_before(duties), strict=True):
        pairs = zip(duty.mentions, headed.mentions, strict=True)
        of_level = (full if full.name.removesuffix(bare.name) in _LEVELS else bare for bare, full in pairs)
        yield replace(duty, mentions=tuple(of_level))


def _is_of_year_before(year: str, text: str, start: int) -> bool:
    """Whether a year before that of the document stands before a subject: 2019年，|市科技局, 于2018年7月由|市版权局."""
    said = _YEAR.search(text, max(0, start - _LONGEST_DATE), start)
    return said is not None and said["year"] < year


def _is_asked(subject: _Subject) -> bool:
    """Whether words of its own ask for what a subject does: 县教育局要整改; not 县教育局组织培训3次."""
    said = subject.predicate
    return said is not None and (said.lastgroup in ("modal", "office", "later") or is_obliged(said))


def _is_inside(subject: _Subject, closed: Sequence[tuple[int, int]], ends: Sequence[int]) -> bool:
    """Whether a subject begins in a mark or a quotation."""
    at = bisect_right(ends, subject.start)
    return at < len(closed) and closed[at][0] <= subject.start


def _agents(text: str, flat: str) -> Iterator[_Subject]:
    """Those by whom something is done: 由市人才办代管, 请各县区于6月底前报送."""
    for agent in _AGENT.finditer(flat):
        start = agent.end()
        ends = [end.start() for end in END.finditer(flat, start + 2, next_sign(SIGNS + "由", flat, start))]
        end = next((at for at in reversed(ends) if is_list_of(is_body, text, start, at)), 0)
        rule = "prose_agent" if end else "prose_which"
        end = end or next((at for at in reversed(ends) if _tells_which(text, start, at)), 0)
        if (
            not end
            or text[start] == "该"
            or _NO_AGENT.match(flat, end)
            or _GOES_ON.match(flat, end)
            or begins_with_place(text[end : end + 5])
            or was_done(flat, start, end)
        ):
            continue
        if agent.group() != "请" or not _NOT_FIRST.match(text, start, end):
            yield _Subject(start, end, None, rule)


def _subjects(text: str, flat: str) -> Iterator[_Subject]:
    """Those of whom it is said what they are to do: 市教育局要建立台账."""
    predicates = ((_start(flat, found.start()), found) for found in PREDICATE.finditer(flat))
    for start, several in groupby(predicates, key=lambda pair: pair[0]):
        low = len(flat)
        for _, found in reversed(list(several)) if start >= 0 else ():  # 省委组织部, not 省委 that 组织
            subject = _subject(text, flat, start, found) if found.start() < low else None
            if subject is None:
                continue
            if not _TITLE.match(text, subject.end) and says_what_to_do(text, subject.start, found):
                yield subject
            set_up = _SET_UP.search(flat, start, subject.start)  # 市教育局、市财政局组建|专班，负责
            low = set_up.end() if set_up and set_up.group() != "设立" else 0


def _subject(text: str, flat: str, start: int, predicate: re.Match[str]) -> _Subject | None:
    """The list of bodies before a predicate; None when something else is the subject."""
    end = predicate.start()
    clause = start
    start = _OPENING.match(text, start, end).end()  # type: ignore[union-attr]  # it may match nothing
    if predicate.lastgroup in ("listed", "headed") and not _is_heading(flat, clause, start, predicate):
        return None
    set_up = _SET_UP.search(flat, start, end) if flat[end] == "，" else None
    start = set_up.end() if set_up else start
    if _tells_which(text, start, end):
        return _Subject(start, end, predicate, "prose_which") if _assigns(predicate) else None
    if _NOT_FIRST.match(text, start, end) or text.find("关于", start, end) >= 0:
        return None
    if not is_list_of(is_body, text, start, end):
        return None
    if not set_up and not _may_act(text[start:end], predicate):
        return None
    while start == clause > 0 and flat[clause - 1] == "，":  # 市教育局、市财政局，各县区政府要
        clause = _start(flat, clause - 1)
        opening = _OPENING.match(text, clause, end)
        if clause < 0 or opening is None or not is_list_of(is_body, text, opening.end(), start - 1):
            break
        start = opening.end()
    return _Subject(start, end, predicate, "prose_modal" if predicate["modal"] else "prose_verb")


def _tells_which(text: str, start: int, end: int) -> bool:
    """Whether the words before a predicate say which bodies of a kind are meant: 收到通知的机关, 有条件的县（市、区）."""
    return text.find("的", start + 2, end) > 0 and _WHICH.fullmatch(text, start, end) is not None


def _assigns(predicate: re.Match[str]) -> bool:
    """Whether a predicate gives a duty to whoever it is, and tells of none fulfilled: 要, 应当, 为牵头单位, 负责."""
    if predicate.lastgroup in ("modal", "office", "later") or is_obliged(predicate):
        return True
    kind = predicate.lastgroup or 0
    verb = predicate.end() if kind == "future" else predicate.start(kind)
    return _ASSIGNS.match(predicate.string, verb) is not None


def _is_heading(flat: str, clause: int, start: int, predicate: re.Match[str]) -> bool:
    """Whether the names before ： or 。 head what follows: 1.市教育局。负责; not …救助管理站。推动, nor those that a letter is sent to."""
    begins = start > clause or clause == 0 or flat[clause - 1] == "\n"
    if predicate["headed"]:
        return begins
    return "\n" not in predicate.group() or (begins and "各" not in flat[start : predicate.start()])


def _may_act(names: str, predicate: re.Match[str]) -> bool:
    """Whether verbs without 要 are said of bodies that are particular enough: a town's 推进 mostly tells what it achieved."""
    last = re.split("[、，和及与]", names)[-1]
    if _assigns(predicate) or (names[0] == "各" and is_named_place(last)):
        return True
    if predicate.lastgroup == "promise":
        return _SUPPORTS.match(predicate.string, predicate.end()) is None
    if names.endswith("财政") and _PAYS.match(predicate.string, predicate.start()):
        return False
    if names.startswith("我"):  # 我局组织开展 tells what was done
        return predicate["future"] is not None and _MAKES.match(predicate.string, predicate.end()) is None
    if is_named_place(last) or (
        GROUP_OF_PLACES.fullmatch(last) and not (names.startswith(("各", "全")) or last[0] == "各")
    ):
        return False
    return is_particular(names) or is_particular(names.partition("、")[0])


def _duties(text: str, flat: str, subject: _Subject, *, led: bool) -> Iterator[Duty]:
    # 办公室设在市教育局，负责: the office has no staff of its own.
    if subject.predicate and subject.predicate["seated"]:
        host = subject.predicate.start() + len("设在"), text.index("，", subject.predicate.start())
        if is_list_of(is_body, text, *host):
            yield Duty("responsible", bodies_of(text, *host), subject.rule)
            return
    if subject.rule == "prose_which":
        whoever = Mention(text[subject.start : subject.end], subject.start, subject.end)
        yield Duty(role_in(text, subject.end, subject.predicate, led=led), (whoever,), subject.rule)
        return
    head = parted(text, subject.start, subject.end)
    named = bodies_of(text, subject.start, head.start() if head else subject.end)
    yield Duty(role_in(text, subject.end, subject.predicate, led=led), named, subject.rule)
    if head:
        yield Duty("support", bodies_of(text, head.end(), subject.end), "prose_joined")
    if found := companions(text, flat, subject.predicate.end() if subject.predicate else subject.end + 2):
        yield Duty("support", found, "prose_joined")


def _start(flat: str, end: int) -> int:
    """Where the words between two signs begin that end there; -1 when they are too many to be a list."""
    low = max(0, end - LONGEST_LIST)
    start = max([flat.rfind(sign, low, end) for sign in f"{SIGNS} "]) + 1  # a blank parts a heading from its text
    return -1 if start == 0 and low > 0 else start
