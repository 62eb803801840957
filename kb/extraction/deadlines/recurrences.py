"""How often something is to be done: 每年12月底前, 一周一调度, 按月通报, 长期坚持."""

from __future__ import annotations

import re

from kb.extraction.deadlines.calendar import Calendar, DueMark
from kb.extraction.vocabulary import VERB
from kb.lexicon import any_of, table

_REPORTS = any_of(table("duties")["rhythms"]["reports"])
# What a date of a rhythm is written with: 末月25日前, 五下班前, 上午10时前.
_WHEN = r"[\d一二三四五六七八九十月周日号时点：分底末首初中上下旬午晚班 ]"
# 每月1000元, 每年最高: amounts by the month and limits set no date; what is given every year does.
_NOT_PAID = "|(?<!每年)(?<!每年 )每(?![次个])|节[约省]|产生|用于[^，。；\n]{1,12}时间|\\s*(?:增加|增发|加发|提高)\\d[\\d.]*元|再增加|\\s*(?:[^，。；\n\\d]{0,6}能力\\d|平均|不得超过|累计不|(?:销售|营业|交易)额的|\\d[\\d.]*%|可(?!以?[组开])|(?<!每年)(?<!每年 )\\d[\\d.]*[百千万亿]*元|最高|标准|[^，。；\n\\d]{0,6}(?:额度|租金|总额|利息|保费)(?:为|按|不|最)|[^，。；\n]{0,12}限额|[^，。；\n]{0,24}的[^，。；\n]{1,10}(?:超过|达到?)\\d(?![^，。；\n]{0,16}给予)|不[超高多][于过]\\d[\\d.]*[百千万亿]*元|(?<!每年)(?<!每年 )不[少低]于\\d[\\d.]*[百千万亿]*元|(?:组织|举办|开展|发布|安排|召开|新增)的|(?<!每年)(?<!每年 )按[^，。；\n]{0,40}(?:标准|给予|支付|发放|缴|奖|补)|都(?![要须应有将]))"

PATTERN = rf"""
    (?=[每一两三四五半年按当次下长常持日周旬月季贯])(?:
    (?P<recurring>(?:(?<![人名家户均个项])|(?=每.{{1,2}}(?:至少|应|须|要|组织|开展|主持|召开|听取|研究|参加|撰写|[\u4e00-\u9fff]{{2,6}}(?:不少于|至少|不低于)?[\d一二两三四]{{1,2}}[次场期节天]))|(?=每年给予))(?!每年[\d一二三四五六七八九十]{{1,2}}月[\d一二三四五六七八九十]{{1,3}}日(?:“[^”\n]{{1,16}}”)?(?:所在[\u4e00-\u9fff])?[为是])(?P<every>(?:(?<!每生)|(?=每年[\u4e00-\u9fff]{{2,6}}不[少低]于\d))(?<!近[一两二三四五\d]年)(?<!有权)(?<!根据)每(?:学?年度?|半年|半个?月|(?:[一两二三四五六]|[1-9]\d?)?个?(?:季度|月|周|季|学期|旬)|[两二三四五2-5]年|(?:[1-9]\d?|[两三四五六七八九十])[天日]|个?工作日
        |[日天](?={_WHEN}{{2,10}}前|及?时?(?:{_REPORTS})|至少|[定按]时|[应须要]|(?!培训|发电|生产|处理)(?:{VERB.pattern}|播放|值守|清扫|消毒|巡)(?![^，。；\n\d]{{0,8}}\d[\d.]*[百千万亿]*[元吨人立个]))))
      (?:\ ?年?{_WHEN}{{1,10}}?(?:[、和及](?:[次翌]年)?{_WHEN}{{1,8}}?){{0,3}}(?:之?前|以前)                                                   # 每季度末月25日前
       |的?\ ?前\ ?(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}})\ ?个?(?:工作日|自然日|日|天)(?:之?内|以内)?                    # 每月前5个工作日内
       |(?:年?初|(?:结束|终了|度?末|之)?后|(?:结束|终了)之?日?起)的?\ ?(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}})\ ?个?(?:工作日|自然日|日|天|月)(?:之?内|以内)            # 每季度结束后15个工作日内
       |\ ?(?:1[0-2]|[1-9]|[一二三四五六七八九十]{{1,2}})\ ?月(?:\d{{1,2}}日)?(?:[、和及]\ ?(?:[次翌]年)?(?:1[0-2]|[1-9])\ ?月(?:\d{{1,2}}日)?){{0,3}}(?:份|[上中下]旬|[底末初])?|第?[一二三四1-4]季度[末底]?|(?<=周)[一二三四五六日](?!周|[人名例])|(?<=学期)(?:开学|期末)(?:之?前)?|\ ?\d{{1,2}}日|年?[底末]|(?<=年)年?初|(?![度级份均生]|[一二三四五六日天](?![次届批轮期场]){_NOT_PAID})))
  | (?P<once>(?:一|(?=半年一|年度一|[两三四五]年一))(?P<once_unit>日|天|周|旬|季度?|月|半年|[两三四五]?年度?)(?:一(?:{_REPORTS}|报|次|届|轮|调整)|(?=(?:{_REPORTS}|申报|举办|召开|组织|开展|调整|认定|评选|修订)一次)|(?=(?:至少|不少于)?[一二两三四\d]{{1,2}}[次场])))    # 一周一调度
  | (?P<regular>(?:(?<=[、“])|(?<=情况)|(?<=进展)|(?<=实行)|(?<=实施)|(?<=建立)|(?<=坚持)|(?<=落实)|(?<=执行)|(?<=推行)|(?<=按照))(?P<regular_unit>[日周旬月季])(?:{_REPORTS})(?=[、”，。；制机]))  # 周调度、月通报
  | (?P<by>按(?P<by_unit>日|周|旬|季度?|月度?|半年|学?年度?|学期)(?:(?=度?(?:(?:及时|定期|逐级)?(?:{_REPORTS}|申报|申请|评定|核算|核查|提交|清算|清查)|推进|拨付|发放|支付|缴存|缴纳|结算|归还|统一|开展|组织|安排|兑现|将|向|对))|(?<=[日周旬季度月])(?<!年度)(?=(?:与|从|通过|进行|认真|对账|披露|核对|比对|公示|反馈))))                # 按月调度
  | (?P<monthly>(?:[当次]月|下个?月的?前?)\ ?\d{{1,2}}日(?:之?前|以前)|下个?月的?前\ ?\d{{1,2}}\ ?[日天]内?|[当次]月(?:月?[底末]之?前|前\ ?\d{{1,2}}\ ?个?工作日之?内))                                                # 次月5日前
  | (?P<standing>贯穿全年|(?:(?<![\u4e00-\u9fff、])|(?<=，并)|(?<=[前底]并))(?:长期|常年)(?:坚持|推进|执行)?(?=[；，。\n]|）(?![\u4e00-\u9fff])|$)|(?:(?<![\u4e00-\u9fff、])|(?<=，并))(?:持续|常态化)(?:推进|实施|开展|坚持)(?:(?=[；。）\n]|$)|(?<=（....)(?=，)))
    )
"""

_COUNTED = re.compile(r"[^，。；\n]{0,12}计(?!划)")  # 按每年200天计算
# 每年为365天; 每年自7月1日至8月15日为禁采期
_NAMES_DAYS = re.compile(
    r"[^，。；\n]{0,16}每(?:增加|减少|上升|下降|提高|降低)|为当|为\d{1,3}(?:天|日|[个学课]时|个月)|[^，。；\n]{0,24}为[^，。；\n]{1,10}(?:[期日周月节季])(?=[，。；、\n]|$)"
)


def _recurring(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    start, end = match.span()
    named = text[max(0, start - 2) : start] in ("期为", "期自", "限为", "限自", "度为")  # 禁渔期为每年3月1日至6月30日
    counted = text[max(0, start - 1) : start] in ("按", "以") and _COUNTED.match(text, end)
    if named or counted or text.startswith(("为“", "是“", "至周", "到周"), end) or _NAMES_DAYS.match(text, end):
        return None  # 每周三为“无会日”
    return DueMark(start, end, "every", recurrence=match["every"], reach="part")


def _once(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    unit = "年" if match["once_unit"] == "年度" else match["once_unit"]
    return DueMark(match.start(), match.end(), "rhythm", recurrence=f"每{unit}", reach="part")


def _regular(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    return DueMark(match.start(), match.end(), "rhythm", recurrence=f"每{match['regular_unit']}", reach="part")


def _by(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    unit = match["by_unit"] if match["by_unit"] == "季度" else match["by_unit"].removesuffix("度")
    return DueMark(match.start(), match.end(), "rhythm", recurrence=f"每{unit}", reach="part")


def _monthly(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    return DueMark(match.start(), match.end(), "every", recurrence="每月", reach="none")


def _standing(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    return DueMark(match.start(), match.end(), "standing", recurrence=match[0], reach="none")


READERS = {
    "recurring": _recurring,
    "once": _once,
    "regular": _regular,
    "by": _by,
    "monthly": _monthly,
    "standing": _standing,
}
