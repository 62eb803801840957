"""落款: signatures with issuers and date, under a text or between a notice and the plan that it forwards (GB/T 9704, 7.3.5)."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from itertools import pairwise

from kb.lexicon import FUNCTION, KIND, ORGAN_ENDING, ORGANS, any_of, words
from kb.text.numerals import number, year

DATE = re.compile(
    r"""
    (?=[\d一二三四五六七八九十])
    (?:(?P<year>\d{4}|[二一][〇零0O一二三四五六七八九]{3})[ ]{0,2}年[ ]{0,2})?   # 2021年, 二〇二一年; may be missing
    (?P<month>\d{1,2}|十[一二]?|[一二三四五六七八九])[ ]{0,2}月[ ]{0,2}
    (?P<day>\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[ ]{0,2}日
    """,
    re.VERBOSE,
)
# A month alone, as plans are dated under their title: 2026年3月.
MONTH = re.compile(
    r"(?P<year>\d{4}|二[〇零0O一二三四五六七八九]{3})[ ]?年[ ]?(?P<month>\d{1,2}|十[一二]?|[一二三四五六七八九])[ ]?月(?P<day>)$"
)
# 2024-05-06
_FIGURES = re.compile(
    r"(?<=\n) ?(?P<year>(?:19|20)\d\d)(?P<sign>[-./])(?P<month>0?[1-9]|1[0-2])(?P=sign)(?P<day>0?[1-9]|[12]\d|3[01])(?= ?(?:\n|$))"
)
# Text after a date that does not end a signature: "……3月1日起施行", "……印发" in the imprint (版记).
_NO_SIGNATURE = re.compile(
    r" {0,4}(?:[起前后以至—\-～，、》）开施实的会召第修通上下]|印发|电|(?:公布|发布|颁布|颁发|批准|制定|下发)(?:实施|施行)?的)"
)
_SENTENCE_END = "。！？：；）”》"
_SIGNERS = re.compile(rf"[\u4e00-\u9fff（）]{{2,300}}?(?:{ORGAN_ENDING.pattern})")  # perhaps several, joined
_SIGNER = re.compile(rf"[\u4e00-\u9fff（）]{{2,40}}?(?:{ORGAN_ENDING.pattern})")
# A 令 is signed by a person: "省长 张某某".
_ROLE = r"(?:[省市区县州厅部局行署院会]\s*长|主\s*席|总\s*理|主\s*任|委\s*员\s*长|检\s*察\s*长)"
_PERSON = re.compile(
    rf"(?:[\u4e00-\u9fff]{{0,12}}{_ROLE}[：\s]*[\u4e00-\u9fff]{{1,4}}(?:\s+[\u4e00-\u9fff]{{1,2}})?\s*){{1,4}}"
)
# A scrape has joined the names to a telephone number or an address: 010-84661125|某市教育局
_AFTER_CONTACT = re.compile(r"(?:\d{5}|\.(?:cn|com|net))(?P<organs>[\u4e00-\u9fff ]{4,300})$")
_OFFICE = re.compile(rf"{_ROLE}\s?$")
_PLACE = re.compile(r"[\u4e00-\u9fff]{1,6}?[省市州县区]")
_PLACE_INSIDE = re.compile(r"(?<=[行局署会])[\u4e00-\u9fff]{2,4}?[省市州县区]")  # 中国人民银行|某市|分行
_STAMPED = re.compile(r"（(?P<organs>[\u4e00-\u9fff]{2,40}?)(?:代章|章)）\s*$")  # （某局办公室代章）
_SEAL = re.compile("（[盖公印]?章）")
_BARE_LEVEL = re.compile(
    rf"[省市县区州](?=(?:{FUNCTION})(?:厅|局|委|办)|委[\u4e00-\u9fff]{{2,4}}[部室]|政府办公室)"
)  # 省|科技厅, 区|委办公室
_SPREAD = re.compile(r"(?<!\S)[\u4e00-\u9fff](?:\s+[\u4e00-\u9fff](?!\S))+")  # 公 安 部
_PROVINCE = re.compile("|".join(line.split()[1] for line in words("divisions") if line.split()[0].endswith("0000")))
# 某省某省组织部: a table of names, read column by column
_DISORDERED = re.compile(r"(?:中共)?([\u4e00-\u9fff]{2,4}[省市县])\1")
_NEXT_ORGAN = rf"国家|中国|中华|{any_of(ORGANS['academies'])}|中共|中央|共青团|全国|最高|国务院|海关总署|(?:税务|金融监管|市场监管|广电|体育)总局|[银证保]监会|银保监会|(?:{FUNCTION})(?:部|厅|局|委|总局)"
_NAME_END = re.compile(  # where one may end, and whether another begins there
    rf"(?<=..[部委局署厅会行院办室府央联])(?=(?P<next>(?:中共)?(?:{_PROVINCE.pattern})|(?<![省市县区党]委)(?<!国务院)(?<!府)(?:{_NEXT_ORGAN})|(?<=国务院)中央军委|(?<=[省市县区]委)中国)?)"
)
# Ends of attachment titles, and closing formulas; the name of an organ that begins with its place may follow.
_ATTACHMENT_END = re.compile(
    rf"(?:{KIND}|名单|文件|[^代发]表|清单|台账|模板|样式|特此(?:通知|公告|通告|函告|批复|决定)|(?<=[项况题])无|（[^（）]{{1,12}}）)"
)
_ORGAN_START = re.compile(
    rf"(?!的)(?:国家|中国|中共|中央|全国|{_PLACE.pattern})[\u4e00-\u9fff]{{0,30}}(?:{ORGAN_ENDING.pattern})"
)
# Before a date on a line of its own: the end of a sentence, or the last title of an attachment note.
_ENDS_TEXT = re.compile(r"(?:[。！？）”》]|(?:^|\n)(?:附(?:\s?件：?|：)|\d{1,2}[.、])[^\n]{0,90})\n+$")
_NOTHING_AFTER = re.compile(r"\s*(?:$|附\s?件|（此件|《[^《》\n]{4,60}》(?:政策)?解读|更多信息)")
_SIGNED_BELOW = re.compile(r"(?>[\u4e00-\u9fff]{2,12}?[厅局委部办] ?){2,6}为")  # the authors of the plan, and its text
_NOTE_BEFORE = re.compile(rf"附\s?件\s?：[^\n。；]{{4,80}}(?:{KIND})$")
_PLAN_AFTER = re.compile(rf"[^。；：，\n]{{4,40}}(?:{KIND})(?:（[^（）]{{1,12}}）)?\s?第一[章条]")
# 责任单位：市住建局, above the signature: who does the last task signs nothing.
_LABEL_BEFORE = re.compile(
    r"(?:牵\s*头|责\s*任|配\s*合|主\s*办|协\s*办|承\s*办|落\s*实|实\s*施|负\s*责|督\s*办)\s*(?:单\s*位|部\s*门|科\s*室|股\s*室|领\s*导|人)\s*(?:：\s*|\n\s*)$"
)
_CLAUSE = re.compile(r"\s*(?:[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）)")
_MONTHS, _LEAP_YEAR = 12, 2024
_LABEL_REACH = 24  # characters that a label before a name may take
_NOTE_REACH = 90  # characters of an attachment note before a date
_REACH = 600  # characters that the names before a date may take


@dataclass(frozen=True, slots=True)
class Signature:
    """The issuers (as printed) and the date under a text; no issuers when a person or nobody signed."""

    start: int
    end: int
    issuers: tuple[str, ...]
    date: re.Match[str]


def signatures(text: str) -> list[Signature]:
    """The signatures in a normalised text: names of organs between the end of a sentence and a date.

    "……认真执行。某省人民政府办公厅2023年6月29日为深入……" → issuers ("某省人民政府办公厅",);
    "……施行。\n市长 李某\n2019年8月12日\n" → no issuers
    """
    result = []
    dates = sorted((*DATE.finditer(text), *_FIGURES.finditer(text)), key=lambda date: date.start())
    for date in dates:
        if _NO_SIGNATURE.match(text, date.end()):
            continue
        floor = _floor(text, date.start())
        start, issuers, signed = _names(text, max(floor, date.start() - _REACH), date.start())
        alone = (
            start == date.start()
            and (start == 0 or text[start - 1] == "\n")
            and text[date.end() : date.end() + 1] in ("", "\n")
        )
        glued = start == date.start() and text[start - 1 : start] == "。" and _ends_text(text, date.end())
        if (
            signed
            or (date["year"] and (glued or _below_attachment(text, date)))
            or (alone and date["year"] and date.re is DATE and _ENDS_TEXT.search(text, max(0, start - _REACH), start))
        ):
            known = () if any(map(_DISORDERED.match, issuers)) else issuers
            result.append(Signature(start, date.end(), known, date))
    return result


def _below_attachment(text: str, date: re.Match[str]) -> bool:
    """Whether a scrape has joined a date that ends a line to the attachment note: "附件：某暂行办法二〇〇六年一月二十七日"."""
    ends_line = text[date.end() : date.end() + 1] in ("", "\n")
    return ends_line and _NOTE_BEFORE.search(text, max(0, date.start() - _NOTE_REACH), date.start()) is not None


def _ends_text(text: str, at: int) -> bool:
    """Whether nothing follows a date but attachments, or the title of a plan: "……遵照执行。二○○○年二月十六日某办法第一章……"."""
    return any(pattern.match(text, at) for pattern in (_NOTHING_AFTER, _PLAN_AFTER, _SIGNED_BELOW))


def _floor(text: str, end: int) -> int:
    """The end of the last sentence before ``end``; the colon after the office of a signer (市长：) and （章） end none."""
    low = max(0, end - _REACH)
    while True:
        floor = max(text.rfind(mark, low, end) for mark in _SENTENCE_END)
        sealed = _SEAL.search(text, max(low, floor - 3), floor + 1)
        if floor < 0 or not (_OFFICE.search(text, low, floor) or (sealed and sealed.end() > floor)):
            return floor + 1
        end = floor


def iso_date(date: re.Match[str]) -> str:
    """A printed date in ISO form, as precise as printed.

    "二○二一年十二月二十二日" → "2021-12-22"; "12月22日" → "--12-22"; "2026年3月", "2026年3月32日" → "2026-03"
    """
    month, day = (int(number(date[part]) or 0) for part in ("month", "day"))
    printed = year(date["year"] or "")
    if not 1 <= month <= _MONTHS:
        return f"{printed:04d}" if printed else ""
    if not day or day > monthrange(printed or _LEAP_YEAR, month)[1]:  # 2月30日 is in no calendar
        return f"{printed:04d}-{month:02d}" if printed else ""
    return f"{printed:04d}-{month:02d}-{day:02d}" if printed else f"--{month:02d}-{day:02d}"


def _names(text: str, floor: int, end: int) -> tuple[int, tuple[str, ...], bool]:
    """The start of the signing names before ``end``, the organs among them, and whether anybody signs."""
    if (stamped := _STAMPED.search(text, max(0, floor - 50), end)) and (organs := organ_names(stamped["organs"])):
        return stamped.start(), organs, True
    start = end
    above: list[tuple[int, tuple[str, ...]]] = []  # from the last line up: where each begins, and its organs
    while start > floor:
        line_start = max(text.rfind("\n", floor, start) + 1, floor)
        line = text[line_start:start]
        if line.strip():
            if _LABEL_BEFORE.fullmatch(f"{line.strip()}\n"):
                break
            names = organ_names(line)
            if not names and start == end and (glued := _AFTER_CONTACT.search(line)):
                names = organ_names(glued["organs"])
                return (line_start + glued.start("organs"), names, True) if names else (end, (), False)
            if not names and not _PERSON.fullmatch(line.strip()):
                break
            above.append((line_start + _blank_before(line), names))
        start = line_start - 1
    if above and _LABEL_BEFORE.search(text, max(0, above[-1][0] - _LABEL_REACH), above[-1][0]):
        above.pop()
    if not above:
        return end, (), False
    return above[-1][0], tuple(name for _, names in reversed(above) for name in names), True


def signers_above(text: str, at: int) -> tuple[str, ...]:
    """The organs that stand between the end of a sentence and a place, as above a date."""
    return _names(text, max(_floor(text, at), at - _REACH), at)[1]


def _blank_before(line: str) -> int:
    """How much of a line stands before who signs: blanks, and a clause that a scrape has joined to the names: 六、其他事项无|某省教育厅."""
    clause = _CLAUSE.match(line)
    return len(line) - len(_without_attachment_title(line) if clause else line.lstrip())


def organ_names(line: str) -> tuple[str, ...]:
    """The organs in a line; empty when it contains anything else.

    "农业农村部　国家林业和草原局" → two; "甲市教育局甲市财政局" → two; "国 务 院" → "国务院"
    """
    line = _SEAL.sub("", line)
    line = _SPREAD.sub(lambda spread: "".join(spread.group().split()), line)
    names = line.replace("文件", " ").split() if "文件" in line else []
    if not names or not all(_SIGNERS.fullmatch(name) for name in names):
        names = _without_attachment_title(line).split()
    if not all(_SIGNERS.fullmatch(name) for name in names):
        return ()
    parts = tuple(part for name in names for part in _split_names(name))
    return parts if all(map(_SIGNER.fullmatch, parts)) else ()


def _without_attachment_title(line: str) -> str:
    """A line without an attachment title or closing formula that a scrape has joined to the organ.

    "分工方案某省防汛抗旱指挥部办公室" → "某省防汛抗旱指挥部办公室"
    """
    cuts = [cut.end() + line.startswith(" ", cut.end()) for cut in _ATTACHMENT_END.finditer(line)]
    return next((line[at:] for at in reversed(cuts) if _ORGAN_START.match(line, at)), line)


def _split_names(name: str) -> list[str]:
    """The names that a scrape has joined without blanks.

    "甲市教育局甲市财政局" → two; "科技部财政部国家发展改革委" → three; "国家税务总局甲市税务局" → one
    """
    place = _BARE_LEVEL.match(name) or _PLACE.match(name.removeprefix("中共"))
    if name.startswith(("国家", "中国")):
        place = next((one for one in _PLACE_INSIDE.finditer(name) if name.count(one.group()) > 1), place)
    own = place.group() if place else ""
    again = (own, f"中共{own}") if own else ()
    ends = [end.start() for end in _NAME_END.finditer(name) if end["next"] or name.startswith(again, end.start())]
    parts: list[str] = []
    for start, end in pairwise((0, *ends, len(name))):
        part = name[start:end]
        province = _PROVINCE.match(part)
        at = own if own and part.startswith(own) else province and province.group()
        branch = at and parts and at not in parts[-1]  # 国家税务总局|某市税务局
        if branch and parts[-1].startswith(("国家", "中国")):
            parts[-1] += part
        else:
            parts.append(part)
    return parts if all(_SIGNER.fullmatch(part) for part in parts) else [name]
