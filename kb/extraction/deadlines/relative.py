"""Dates that lean on another one: 今年底, 三季度前, 次年3月底前, 20日前, 自印发之日起30日内."""

from __future__ import annotations

import re
from datetime import date, timedelta

from kb.extraction.deadlines.calendar import Calendar, DueMark, Reach, sound
from kb.extraction.vocabulary import VERB
from kb.lexicon import TENSES
from kb.text import numerals

CLOCK = r"(?:(?:（[^（）\d]{1,4}）)?\ ?(?:[上下]午|晚上?)?\ ?(?:24|2[0-3]|1?\d)(?:[时点](?:整|[1-5]?\d分)?|：\d\d)(?=之?前|以前))?"  # 24时前
QUARTERS = {"一": 3, "二": 6, "三": 9, "四": 12, "1": 3, "2": 6, "3": 9, "4": 12}
MONTH = "1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]"
_DAY = "3[01]|[12]\\d|0?[1-9]"
_CALLED = "(?:[今本当该明次翌]|下一)年度?"
LISTED = rf"(?:[、和及]\ ?(?:{_CALLED}\ ?|20\d\d\ ?年\ ?)?(?:(?:{MONTH})月(?:(?:{_DAY})日|底|末)?|(?:{_DAY})日)){{1,5}}(?:之?前|以前)"  # 4月8日、7月1日前
_WITH = "(?:基本|全部|全面|正式|力争|争取|确保)*"
# What follows a bare month or 年底 that is a date to come: 6月完成招标.
_DONE = rf"{_WITH}(?:完成|启动|开工|建成|竣工|投用|投产|通车|投入|开业|交付|到位|实现|达到|达标|并网|投运|完工|封顶|达产|上线|见效|运营|开学)(?!了|情况|后|以来|的)"
_SUBJECT = r"[^，。；、\n\d了已]{0,12}?[要须应][^，。；\n已了]"  # 四季度全市要完成
_TO_DO = rf"{_WITH}(?:{VERB.pattern})(?!了|情况|工作|后)"

PATTERN = rf"""
    (?=[\d一二三四五六七八九十两半第年今本当该明次翌上下全长常持立即主汛雨入元春夏秋冬清国中开供采强台高未重传节])(?:
    (?P<month_only>(?:(?P<month_of>{_CALLED})\ ?|(?P<from_now>即日起?\ ?[至到]\ ?)|(?<![\d年.第—至到-])|(?<=\A\d\.)|(?<=\n\d\.))(?P<lone_month>{MONTH})\ ?月(?:份)?
      (?:\ ?(?P<lone_day>{_DAY})\ ?(?:日|(?=之?前|以前)))?{CLOCK}\ ?[底末初]?(?:[上中下]旬)?(?:之?前|以前|(?<=[底末])(?!进度|情况|数据|统计|余额|存贷|[^，。；、\n]{{0,6}}(?:增速|余额))|(?P<bare_month>(?={_DONE}))|(?P<to_do>(?={_TO_DO}|(?<=份)[，在对组召集]|(?<=日)[开举召报上组集进启赴]|(?<=份)[^，。；\n了已]{{1,30}}(?:部门|单位)(?:{VERB.pattern})))|(?(from_now)(?=[^\d])|(?!))
        |(?P<listed_month>(?={LISTED}))|(?P<third>(?<=[旬初])(?!以来|的))|(?P<fielded>(?=[，、；）\n]|[和及]{_CALLED}\ ?(?:{MONTH})月|$))))  # 12月底前, 7月中旬, 7月15日和次年1月15日
  | (?P<day_only>(?<![\d月会的满])(?P<bare_day>{_DAY})\ ?日{CLOCK}(?:之?前|以前))                                # 20日前
  | (?P<quarter>(?:(?P<quarter_of>{_CALLED})\ ?|(?<![年每上按\d第]))第?(?P<lone_quarter>[一二三四1-4])季度\ ?[末底]?
      (?:(?P<quarter_before>之?前|以前)|(?=，|{_TO_DO}|{_SUBJECT}|达到?\d)))                                                      # 三季度末前
  | (?P<half>(?:(?P<half_of>{_CALLED})\ ?|(?<![年每半]))(?P<which_half>[上下])半年[末底]?
      (?:(?P<half_before>之?前|以前)|(?=，|[在对再]|{_TO_DO}|{_SUBJECT})))                                                         # 上半年
  | (?P<this_month>本月\ ?(?:(?P<this_day>{_DAY})日|底|末|[上中下]旬)(?:之?前|以前))                        # 本月底前
  | (?P<this_year>(?<![半一二两三四五六七八九十百几去学])(?:(?P<which>今明两年|{_CALLED})(?:年底|年末|年内(?![未没无外])|[底末]|内(?![未没无外]))?|年底|年末|年内(?!外))(?P<this_before>之?前|以前)?)  # 今年底
  | (?P<all_year>全年(?=[^。；\n]{{0,80}}\d)(?!\d))                                                      # 全年新增
  | (?P<labelled>(?:(?<=时限：)|(?<=期限：)|(?<=成时间：)|(?<=结时间：)|(?<=节点：))\ ?
      (?:(?P<labelled_month>1[0-2]|[1-9])\ ?月(?:份|底|末|中旬)?|第?(?P<labelled_quarter>[一二三四1-4])季度|长期[\u4e00-\u9fff]{{0,4}}|持续[\u4e00-\u9fff]{{0,4}}|常态化[\u4e00-\u9fff]{{0,4}}|立行立改|立即[\u4e00-\u9fff]{{0,4}}|即知即改|(?P<labelled_year>全年)))
  | (?P<within>(?<![\d.第近前后起的])(?<!毕业)(?<!创办)(?<!成立)(?<!离校)(?<!退役)(?<!注册)(?<!结束)(?<!期满)(?<!周期)(?<!期限)(?<!年龄)(?<!登记时间在)(?<!注册时间在)(?<!成立时间在)(?<!对)(?:(?:\d{{1,2}}|[一二三四五六七八九十两])\ ?[-－—～~至到]\ ?)?(?:\d{{1,2}}|[半一二三四五六七八九十两]{{1,2}})\ ?(?:年|个月)(?:之内|以内|内)(?<!连续\d)(?!的(?!时间)|[^，。；\n]{{0,6}}(?:认定|注册|成立|设立|引进|毕业|入选|获得|取得)的|，?(?:分别|每年)?(?:给予|取消|不得|不予|禁止|免|减[征免]|未|没有|无|不|[两二三]次|累计|再次|发生|出现|具有|取得的|曾|已|迁|离|有效|可?(?:保留|享受|给予|免|不)|达不到|暂停|按照不|施工的|仍|因(?![地材企人户势时])|（含|[\u4e00-\u9fff]{{0,4}}(?:存款|整存|贷款)|[^，。；\n]{{1,16}}的，))
     |(?:(?<=[^制持定]在)|(?<=[^制持定]在\ )|(?<=[^小低少多高大]于)|(?<=[^小低少多高大]于\ )|(?<=后)|(?<=后\ ))
      (?:\d{{1,3}}|[一二三四五六七八九十两]{{1,3}})\ ?个?(?:工作日|自然日|日|天|周|星期)(?:之内|以内|内)(?!调整|压缩|缩短|压减|（含）的|的，|难以|无法|不能|未)
     |(?<![至到由从为\d.])(?<![制持定缩]在)(?<!公示)(?<!预计)(?:\d{{1,3}}|[一二三四五六七八九十两]{{1,3}})\ ?个?工作日(?:之内|以内|内)(?!调整|压缩|缩短|压减|的，|难以|无法|不能|未)
     |(?:(?<=[^制持定]在)|(?<=[^小低少多高大]于)|(?<=后)|(?<=[，。；]))(?:\d{{1,2}}|[一二三四五六七八九十两半]{{1,3}})\ ?个?(?:小时|分钟)(?:之内|以内|内)(?!，?(?:难以|无法|不能|未)|[^，。；\n]{{0,6}}率)
     |(?:(?<=之日起)|(?<=日起的)|(?<=后的)|(?<=后)|(?<=[材资]料)|(?<=度结束)|(?<=[，；。：]))(?:\d{{1,3}}|[一二三四五六七八九十两]{{1,3}})\ ?个?(?:工作日|自然日|日|天|月|周)(?:之内|以内|内)(?=，?(?:应|须|[要将向由报把]|完成|提交|办理|作出|送|反馈|移|修|予以|进行|[返退]还|拨付|支付|发放|补|缴|清|组织|启动|制定|建立|开展|公[布示])|，[^，。；\n]{{1,12}}[应将须要向])
     |(?<=[会的满])(?:\d{{1,3}}|[一二三四五六七八九十两]{{1,3}})\ ?个?(?:工作日|日|天|月)前(?=，?(?:[向送提通报告书]|应))
     |(?:(?<=提前)(?<!计划提前)(?<!工期提前)|(?<=[期届]满前)|(?<=[束幕学赛施行开展始工业标会用]前))(?:\d{{1,3}}|[一二三四五六七八九十两]{{1,3}})\ ?个?(?:工作日|自然日|日|天|月|周|小时)(?!完成|实现|通车|建成|竣工|超额|达到)
     |(?<=[整动化更]前)(?:\d{{1,3}}|[一二三四五六七八九十两]{{1,3}})\ ?个?(?:工作日|自然日|日|天|月)(?=，?(?:[向将提报]|书面|告知|应))
     |(?:下一?|次)个?工作日{CLOCK}(?:之?前|以前|内)
     |(?<=的)当[日天](?:之?内|(?=予以|向|报[送告]|[反书]|送))|(?<=[应须])当[日天](?:之?内)?(?=办结|完成|[反上报送转])
     |(?:主?汛期?|雨季|入冬|元旦|春节|清明节?|国庆节?|中秋节?|[春夏秋冬][播耕收种]|开学|[供采]暖季?|强降雨|台风|高考|中高考)(?:来临|到来|之)?前(?![期后夕]|一[天日])
     |(?:(?<=力争)|(?<=争取)|(?<=计划)|(?<=努力)|(?<=[争取划力][在用]))(?:\d{{1,2}}(?:[至到-]\d{{1,2}})?|[一二三四五六七八九十两](?:[至到-]?[二三四五六七八九十])?)\ ?年(?:左右(?:的?时间)?|(?:的?时间)?(?=[对把将使让]))
     |(?<=[，；。])(?:\d|[两三四五])年(?=计划)|(?<=[，；。\n])(?:\d|[两三四五])年(?={VERB.pattern})(?!.{{2}}期|.{{2}}周期)
     |(?<=[用过])(?<![仅只]用)(?:\d{{1,2}}(?:[-—～至到]\d{{1,2}})?|[一二三四五六七八九十两]{{1,2}}(?:[至到][二三四五六七八九十])?)\ ?年(?:左右)?(?:的?(?:时间|努力)|(?=的?(?:持续|连续|奋斗|建设|创建|攻坚|治理|整治|培育))(?![^。；\n]{{0,24}}[了已]))
     |(?<!为)(?:未来|今后)\ ?(?:\d{{1,2}}(?:[至到-]\d)?|[一二三四五六七八九十两]{{1,2}})\ ?年(?:左右|内)?(?![^，。；\n]{{0,12}}(?:规划|设想|思路))(?=，|[^，。；\n]{{0,12}}(?:{VERB.pattern}))
     |(?:[重传][大要统])?节(?:假日|日)?前(?![期后夕]|提前|一[天日]))                               # 3年内, 用3年时间
    )
  | (?=[自本该方通意办规文计措印发公下实收受签批于])(?P<since>(?:自?[本该]?(?:方案|通知|意见|办法|规定|文件|计划|措施)?(?:印发|发布|公布|下发|实施|收到|受理|签订|批复)
      [^，。；\n]{{0,8}}?(?:之?日起?|后)|(?:自(?![治主己动然愿身助贸由]|行(?!政))|(?<=应)于)[^，。；\n]{{1,24}}?之日起，?的?)\ ?(?P<count>\d{{1,3}}|[一二三四五六七八九十两]{{1,3}})
      \ ?(?P<span>个?工作日|个?自然日|日|天|个月|年)(?:之内|以内|内)(?!，?(?:没有|未|不[得予再]|免|仍|可?享受)|[^，。；\n]{{1,16}}的，))                                          # 自印发之日起30日内
"""
UNTIL = re.compile(r"(?:到|至|截至|截止)\ ?$")
HEAD = re.compile(
    r"(?:^|[，。；：\n）（—、\d]|(?<=\A\d\.)|(?<=\n\d\.)|(?<=\A\d\d\.)|(?<=\n\d\d\.)|目标|任务|(?:时间|进度)安排|步骤) *(?:[定拟将]于|力争|争取|确保|计划|要求|预计|其中|在|于)?$"
)
_EVERY = re.compile(r"(?P<every>每(?:年|月|季度?))[^，。；\n]{0,14}$")  # 每年6月15日和 12月15日前
# 每年3月底前制定计划，并于11月底前总结: the rhythm of a date goes on to the bare dates behind it.
_EVERY_MONTH = re.compile(
    rf"(?P<every>每(?:学?年度?))[^，。；\n\d]{{0,6}}(?:{MONTH})月(?:(?!20\d\d年|[今本当]年)[^。；\n]){{0,70}}$"
)
_EVERY_SENTENCE = re.compile(r"(?P<every>每(?:年|月))(?!均)[^。；\n]{0,60}$")
_YEARLY = re.compile("[^。；\\n]{0,40}(?:上一?年度|年度(?:报告|工作|情况|总结|报表))")  # 次年3月底前报送年度报告
# 实现全年…, 力争农产品加工业全年产值达到…
_HEADS_YEAR = re.compile(
    rf"{HEAD.pattern}|(?:带动|推动|促进|实现|确保|完成|力争)$|(?:力争|确保|争取|努力实现)[^，。；：\n\d了]{{1,16}}$"
)
_AIM = re.compile(r"[^，。；\n已了]{0,40}目标(?:任务|建议)?(?:是|为|：)")
_REPORTS_YEAR = re.compile(
    "年度[^，。；\\n]{0,8}(?:报告|报表|总结)[^，。；\\n]{0,6}$"
)  # 将年度专项报告于次年3月底前报送
_FIELD = re.compile(r"(?:时限|期限|完成时间|节点)：(?:[^：）。\n]{0,24}[，、；\u4e00-\u9fff])?$")
_LATE = 9  # a month of issue after which 今年 looks back
_SOON, _LATELY = 6, 2  # months after and before that of issue
_STEPS = 80  # characters in which the next steps of a plan are told
_IS_PLANNED = re.compile(rf"，?[^，。；\n了已]{{0,16}}?(?:{VERB.pattern}|部署|动员|公布)(?![^，。；\n]{{0,20}}[了已])")
_IS_DONE, _MUST = re.compile(rf"{_DONE}|达到?\d"), re.compile("[须要应](?![求对])")
_TOLD, _NOT_KEPT, _FAILED = (re.compile(TENSES[name]) for name in ("told_of_year", "not_kept", "failed"))
_IS_ADDED = re.compile(rf"(?:{VERB.pattern})[^，。；、\n\d了已]{{1,20}}\d")  # 实现年底新增企业600家
# 反映年内各类业务开展情况
_REPORTED = re.compile(
    rf"(?!{_TO_DO}|{_DONE})(?:[^，。；\n]{{1,24}}情况|[^，。；\n]{{1,12}}的项目|[^，。；\n]{{1,16}}的，)|无法|难以|不能|未|没有"
)
_AIMED = re.compile("(?:实现|确保|力争|完成)$")
_IS_REACHED = re.compile(r"[^，。；、\n\d了已]{1,20}(?:达到?|突破|超过|不[低少]于)\d")  # 年底全省机构达到50家
_PLANNED = re.compile(
    rf"(?=[，、]|[^，。；\n\d]{{0,12}}\d+(?![\d年月至到—-])|[^，。；\n了已]{{1,40}}全部(?:实现|完成|建成|达到|纳入|启动)|{_TO_DO}|[将拟要力争确计])(?!以来|来[，的]|的|第|一号|[年份]|发布|印发|[^，。；\n]{{0,8}}(?:领域|范围|对象|方向|名额)|是(?!.{{0,6}}目标)|将(?:召开|迎来)|[^，。；\n\d]{{0,6}}共(?:受理|接|收|查)|，?[^，。；\n]{{0,30}}已(?![知有经]))"
)


def _month_only(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    start, end, called = match.start(), match.end(), match["month_of"]
    month, day = int(numerals.number(match["lone_month"]) or 0), match["lone_day"]
    every = (
        _EVERY.search(text, max(0, start - 16), start)
        or _EVERY_MONTH.search(text, max(0, start - 80), start)
        or (called and _EVERY_SENTENCE.search(text, max(0, start - 64), start))
    )
    if every:
        return DueMark(start, end, "every", recurrence=every["every"], reach="part")
    said = said_year(text, start)
    yearly = called and (_YEARLY.match(text, end) or _REPORTS_YEAR.search(text, max(0, start - 24), start))
    if called and called[0] in "次翌下" and not said and yearly:
        return DueMark(start, end, "every", recurrence="每年", reach="part")
    alone = not day and text[start - 1 : start] == "（" and text.startswith("）", end)  # 动员阶段（3月）
    uncertain = match["fielded"] is not None or match["to_do"] is not None
    ahead = uncertain and _lies_ahead(text, match, times)
    if match["fielded"] is not None and not (in_field(text, start) or alone or ahead):
        return None
    told = not times.issue_month or (day and text[start - 1 : start] not in ("于", "定"))
    if match["to_do"] is not None and told and not ahead:
        return None  # 9月组织, 于6月10日召开
    loose = any(match[name] is not None for name in ("bare_month", "third", "to_do"))
    over = month < times.issue_month and (loose or _is_over(text, match))
    if not said and not called and (over or (loose and not times.year)):
        return None
    if called:
        year = times.year_called(called) if not said or called[0] not in "次翌下" else str(int(said) + 1)
    else:
        year = said or (times.year if _goes_on(text, match, times) else times.year_of_month(month))
    due = f"{year}-{month:02}" + (f"-{int(day):02}" if day else "") if year else ""
    return sound(DueMark(start, end, "month", due=due))


def _lies_ahead(text: str, match: re.Match[str], times: Calendar) -> bool:
    """Whether a month or day soon after that of issue opens what is to be done: 11月15日，召开启动会."""
    month = int(numerals.number(match["lone_month"]) or 0)
    if not times.issue_month <= month <= times.issue_month + _SOON or not times.issue_month:
        return False
    opens = HEAD.search(text, max(0, match.start() - 4), match.start()) and _IS_PLANNED.match(text, match.end())
    printed = f"{month:02}" + (f"-{int(match['lone_day']):02}" if match["lone_day"] else "")
    return opens is not None and printed > times.issued_on[5 : 5 + len(printed)]


def _goes_on(text: str, match: re.Match[str], times: Calendar) -> bool:
    """Whether a month shortly before that of issue begins steps that go on after it, in a plan that came late: 5月底前…，7月底前…"""
    month = int(numerals.number(match["lone_month"]) or 0)
    if not 0 < times.issue_month - month <= _LATELY:
        return False
    later = re.findall(rf"({MONTH})月", text[match.end() : match.end() + _STEPS].partition("。")[0])
    return any(times.issue_month <= int(numerals.number(one) or 0) for one in later)


def _is_over(text: str, match: re.Match[str]) -> bool:
    """Whether a month before that of issue is over: 6月底，进度达到60%, or a limit that was not kept: 5月底前仍未报送, 原计划3月底前完工."""
    start, end = match.span()
    told = match[0].rstrip().endswith(("底", "末")) and not UNTIL.search(text, max(0, start - 3), start)
    return bool(told or _NOT_KEPT.search(text, max(0, start - 12), start) or _FAILED.match(text, end))


def _day_only(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    """20日前 in the month that the sentence has named before."""
    start, end = match.span()
    sentence = text[max(0, start - 60) : start].rpartition("。")[2].rpartition("\n")[2]
    named = re.findall(rf"(每月)|(?<!\d)({MONTH})月(?:\d{{1,2}}日)?(?:之?前|以前)", sentence)
    if not named:
        return None
    every, month = named[-1]
    if every:
        return DueMark(start, end, "every", recurrence=every, reach="part")
    number = int(numerals.number(month) or 0)
    year = said_year(text, start) or times.year_of_month(number)
    due = f"{year}-{number:02}-{int(match['bare_day']):02}" if year else ""
    return sound(DueMark(start, end, "month", due=due))


def in_field(text: str, at: int) -> bool:
    """Whether a place stands in the value of a label: 完成时限：厂房8月，招商12月."""
    return _FIELD.search(text, max(0, at - 40), at) is not None


def said_year(text: str, at: int) -> str:
    """The year last named in the same paragraph, shortly before: 2021年6月底前…，12月底前…"""
    start = max(text.rfind("\n", 0, at) + 1, at - 120)
    years = re.findall(r"(20\d\d)年(?=\d|第?[一二三四]季度|[上下]半年)", text[start:at])
    return years[-1] if years else ""


def _quarter(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    month = QUARTERS[match["lone_quarter"]]
    return _part_of_year(text, match, times, (month, match["quarter_of"], match["quarter_before"]))


def _half(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    month = 6 if match["which_half"] == "上" else 12
    return _part_of_year(text, match, times, (month, match["half_of"], match["half_before"]))


def _part_of_year(
    text: str, match: re.Match[str], times: Calendar, part: tuple[int, str | None, str | None]
) -> DueMark | None:
    """A quarter or half of a year: the last month of it, in the year that is named or in that of the document."""
    month, called, before_it = part
    start, end = match.span()
    year = times.year_called(called) if called else said_year(text, start)
    if not (before_it or called or times.issued_on or times.plan_year):
        return None  # 三季度末，就业形势稳定: nothing tells whether it is over
    if not before_it and year == times.year and month < times.issue_month:
        return None  # 今年上半年，全市完成投资120亿元
    if not year and (before_it or month >= times.issue_month):
        year = times.year_of_month(month)
    heads = called or HEAD.search(text, max(0, start - 4), start)
    if not year or not (before_it or heads or _IS_DONE.match(text, end) or _MUST.match(text, end)):
        return None
    reach: Reach = "sentence" if before_it else "paragraph" if heads else "part"
    return DueMark(start, end, "quarter", due=f"{year}-{month:02}", reach=reach)


def _this_month(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    day = match["this_day"]
    due = times.issued_on[:7] + (f"-{int(day):02}" if day else "") if times.issue_month else ""
    return DueMark(match.start(), match.end(), "month", due=due)


def _this_year(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    """今年底, 年底前, 年内, and 今年, 明年 at the head of what is planned."""
    start, end = match.span()
    which, before = match["which"], text[max(0, start - 4) : start]
    if which and not (match[0][-1] in "底末内" or match["this_before"]):
        return _whole_year(text, match, times)
    until = UNTIL.search(before)
    reached = HEAD.search(before) and _IS_REACHED.match(text, end)
    reached = reached or ((HEAD.search(before) or _AIMED.search(before)) and _IS_ADDED.match(text, end))
    sure = which or until or match["this_before"] or match[0].endswith("内") or _IS_DONE.match(text, end) or reached
    if not sure or before.rstrip()[-1:].isdigit() or (match[0] == "年内" and _REPORTED.match(text, end)):
        return None
    year = times.year_called(which) if which else times.year
    return DueMark(start, end, "this-year", due=year, reach="paragraph" if until else "sentence")


def _whole_year(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    """今年, 本年度, 明年, 今明两年 at the head of what is planned."""
    start, end = match.span()
    which = match["which"]
    if which == "今年" and not times.year and _AIM.match(text, end):
        return DueMark(start, end, "this-year", reach="paragraph")  # the year of a text that tells none
    named = which[0] == "明" or (which[0] == "今" and times.issue_month <= _LATE) or which == "本年度"
    opens = HEAD.search(text, max(0, start - 4), start) or text.endswith("建议", 0, start)
    if not (times.year and int(times.year) >= times.since and named and opens):
        return None
    if not (_PLANNED.match(text, end) or _AIM.match(text, end)):
        return None
    year = str(int(times.year) + 1) if which[1] == "明" else times.year_called(which)
    return DueMark(start, end, "this-year", due=year, reach="paragraph")


def _all_year(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    """全年新增就业5万人: the year of the document; no deadline, but it says when a target is due."""
    heads = _HEADS_YEAR.search(text, max(0, match.start() - 20), match.start())
    if not times.year or int(times.year) < times.since or not heads:
        return None
    if _TOLD.match(text, match.end()) and not heads[0].endswith(("力争", "争取", "确保", "计划")):
        return None
    return DueMark(match.start(), match.end(), "all-year", due=times.year, reach="paragraph")


def _labelled(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    """What stands behind 完成时限： without a year."""
    start, end = match.span()
    if match["labelled_year"]:
        return DueMark(start, end, "this-year", due=times.year)
    if not (match["labelled_month"] or match["labelled_quarter"]):
        return DueMark(start, end, "standing", recurrence=match[0].strip(), reach="none")
    month = QUARTERS.get(match["labelled_quarter"] or "") or int(match["labelled_month"])
    year = said_year(text, start) or times.year_of_month(month)
    return DueMark(start, end, "month", due=f"{year}-{month:02}" if year else "")


def _since(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    start, end = match.span()
    count, unit = numerals.number(match["count"]), match["span"]
    issuing = re.search("印发|发布|公布|下发|实施", match[0])
    if not (
        issuing
        and count
        and len(times.issued_on) == 10
        and times.issued_on[:4].isdigit()
        and unit in ("日", "天", "个自然日", "自然日")
    ):
        return DueMark(start, end, "since")
    return DueMark(start, end, "since", due=str(date.fromisoformat(times.issued_on) + timedelta(days=int(count))))


def _within(text: str, match: re.Match[str], times: Calendar) -> DueMark | None:
    return DueMark(match.start(), match.end(), "within", reach="part")


READERS = {
    "month_only": _month_only, "day_only": _day_only, "quarter": _quarter, "half": _half, "this_month": _this_month,
    "this_year": _this_year, "all_year": _all_year, "labelled": _labelled, "since": _since, "within": _within,
}  # fmt: skip
