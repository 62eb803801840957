"""Predicates of duties in running text: what is said of a body when something is to be done by it."""

from __future__ import annotations

import re

from kb.extraction.responsibilities.cues import role_of
from kb.extraction.vocabulary import begins_with
from kb.lexicon import any_of, table
from kb.models import Role

_PROSE = table("duties")["prose"]
LAST = "制织村股学园府厅局部委办室会署司处门位组班心构街道乡镇区县市州级地方关行院联协社团体校司所队站馆台政企业商"  # how names of bodies end
_PARTY_LAST = "工员众师生民户者界"  # how those end who may stand behind bodies: 各级各单位和广大职工
_INSIDE_WORDS = table("duties")["endings"]["inside_words"]
_INSIDE = "|".join(f"(?<={word[0]})(?={word[1:]})" for word in _INSIDE_WORDS.split("|"))
# 主管部|门: at the place between the two
INSIDE_WORD = rf"{begins_with(filter(str.isalpha, _INSIDE_WORDS))}(?:{_INSIDE})"
SPLITS_WORD = re.compile(INSIDE_WORD)
_BLANKED = "＿"  # stands for what is in brackets
_ADVERBS = rf"(?:{any_of(_PROSE['adverbs'])}|{_PROSE['times']}[，]?){{0,4}}"
_DUTY = any_of(_PROSE["duties"])
_OFFICE = r"(?:为|是|作为|系)[^，。；\n]{0,30}?(?:牵头|责任|主管|监管|配合|协助|实施|承办|主办|组织|管理|执行)(?:单位|部门|机构|机关|主体)(?![\u4e00-\u9fff])"
_NOT_SUBJECT = r"[\u4e00-\u9fff]{0,2}的|用于|所|有|中(?!央)|认为(?![^，。；\n]{2,60}的，)|指出|强调|要求|表示|[\u4e00-\u9fff]{0,10}(?:部门|机构|机关|人员|办公室|委员会|[局厅])|(?:主要|分管)?(?:负责人|领导|代表)"  # the name goes on: 人民政府|土地部门
_AT_ONCE = "及时|尽快|立即|按|在|向|当|对|于"
_NUMBER = r"(?:[（(]?[一二三四五六七八九十\d]{1,2}[）)、.．]\s*)?"
PREDICATE = re.compile(
    rf"""
    (?<=[{LAST}{_PARTY_LAST}等{_BLANKED}])(?!{INSIDE_WORD})
    (?: (?:，(?=应|须|必须|要(?!求)|负责|均|按照|按职责|按各自|依照))?(?P<adverb>{_ADVERBS})
        (?: (?P<modal>{any_of(_PROSE["modals"])})(?!{_PROSE["not_modals"]})                    # 市教育局要
          | (?P<future>将)(?![军乐近来]|会(?!同))                                                        # 市教育局将
          | (?P<office>{_OFFICE})                                                               # 市教育局为牵头单位
          | {begins_with([*_PROSE["duties"], "联合", "商", "成立"])}(?!{_PROSE["noun_like"]})(?P<verb>{_DUTY}|成立(?=[^，。；\n由的]{{0,24}}(?:小组|专班|指导组|工作组|机构))|(?:联合|商)(?=当地|同级|本级|有关|相关|各|[省市县区]))(?!{_PROSE["not_verbs"]})  # 市教育局负责
          | (?P<promise>(?:{any_of(_PROSE["promises"])})(?=[\u4e00-\u9fff]{{2}}))                        # 滨江市努力打造
          | (?P<charged>(?=[的主具工职])的?(?:主要|具体|工作)*职责(?:分工)?(?:为|是)?：(?=[\u4e00-\u9fff])(?![一二三四五六七八九十]+[、是]))                        # 市教育局主要职责为：
          | (?P<when>{_PROSE["circumstances"]})                                                 # 市教育局于每年2月底前
          | (?=[^，。；、：\n]{{2,30}}+，)(?!{_NOT_SUBJECT})
            (?: (?P<later>(?=[^，。；、：\n]{{2,30}}+，(?:应当|必须|应(?={_AT_ONCE}))))                        # 市教育局作出决定的，应当
              | (?P<then>(?=[^，。；、：\n]{{2,30}}+(?<=[时后])，(?:(?:{_DUTY})(?!{_PROSE["not_verbs"]})|于\d{{1,3}}))) ) )     # 市教育局收到申请后，组织评审
      | [ ]?：\s*{_NUMBER}(?!{_PROSE["not_listed"]})(?P<listed>{any_of([*_PROSE["listed"], *_PROSE["duties"], *_PROSE["adverbs"]])})(?!{_PROSE["not_verbs"]})(?=[^：\n]{{3}})   # 市教育局：负责
      | 。\s*{_NUMBER}(?P<headed>{_DUTY})(?!{_PROSE["not_verbs"]})                              # 1.市教育局。负责
      | 设在[^，。；\n]{{2,24}}，(?P<seated>(?:具体|主要|统一)?(?:负责|承担)) )                        # 办公室设在市教育局，承担
    """,
    re.VERBOSE,
)
# behind a list without a sign
SEQUEL = re.compile(rf"[ ：]|{any_of(_PROSE['modals'])}|{any_of(_PROSE['adverbs'])}|{_DUTY}")
_VERBS = re.compile(
    rf"[ ：。，]*\s*(?:在[^，。；\n]{{2,24}}下，)?(?:(?:按照?|依照|依据|根据|在)[^，。；\n]{{0,12}}(?:职责|分工|权限|职权)(?:范围)?内?，)?{_ADVERBS}(?:(?:{_DUTY})(?!部门|单位|处室)){{0,2}}"  # 配合|牵头部门
)
_TELLS_WHICH = re.compile(r"[\u4e00-\u9fff]{1,4}的[\u4e00-\u9fff]{1,6}[为是：]")  # 各地四季度须完成的投资为
_ATTRIBUTE = re.compile(  # 由市体育局主办的比赛, 负责老龄工作的机构
    rf"(?!按|依|根据)(?:{_DUTY}|进行|[和与及、并]){{0,5}}的|(?:委托|授权)并[^，。；\n]{{0,20}}的|(?:{_DUTY})[\u4e00-\u9fff]{{0,4}}的《|从事|[^，。；\n]{{2,24}}的(?:机构|部门|单位|人员|工作人员|人)[，。、]|[^，。；\n]{{2,60}}[的时后]，"
)
_MADE = re.compile(  # 由市医院研发的药品
    r"(?!负责|承担|牵头)[^，。；\n]{0,10}?(?:提供|开发|研发|制作|颁发|出具|批准|认定|授予|命名|发布|推荐|举办|主导|出版|设立|印发)的|[^，。；\n]{0,6}(?:注册|登记|认定|确定|批准|命名|评定)为[^，。；\n]{2,40}的"
)
_CASE = re.compile(  # 人民法院认定监护关系终止的其他情形, 各部门落实任务情况
    r"[^，。；\n]{2,60}的(?:其他)?(?:情形|行为)(?:[。；\n]|$)"
    r"|(?:(?!建立|形成|构建|完善|健全|打造|推动|优化)[^。；\n]){0,80}?的[\u4e00-\u9fff]{0,10}(?:格局|局面|模式|机制|体系|体制)(?:[，。；\n]|$)"
    r"|[^，。；\n]{0,30}的(?:数量|名额|比例|总数)(?:原则上|不|为|应|$)"
    r"|[^，。；\n]{2,40}的(?:内容|事项|范围|对象|条件|重点|材料)(?:主要)?(?:包括|有|是|为|如下)|[^，。；\n]{0,20}(?:设立|设置|派驻)的"
    r"|(?!负责|牵头|落实|安排|保障|统筹)[^，。；\n]{2,30}所需(?!要)[^，。；\n]{2,12}，"
    r"|管理[^，。；\n]{2,8}的[^，。；\n]{2,20}，由"
    r"|作出[^，。；\n]{2,30}，[^，。；\n]{2,40}的，"
    r"|[^，。；\n]{0,6}中?[如若](?:有|遇|发现)"
    r"|(?:实施|落实|开展|推进|执行|完成|建立|制[定订]|履行|加强|组织|整改|管理)[^，。；\n]{0,40}情况(?:[。；\n]|$)"
)
_OBJECT = re.compile(r"[^，。；\n]{2,40}的[\u4e00-\u9fff]{2,20}，(?:应当?)?由")  # 法院向政府送达的通知书，由
_ISSUES = re.compile(r"[^。；\n]{0,160}?(?:制[定订]了?本|，现(?:将|予|印发|就))")  # 市教育局根据规定制定本办法
_WITH_THOSE = re.compile(r"[^，。；\n]{0,4}参[加与][^，。；\n]{0,12}的")  # 将参加培训的人员报送
_HAPPENED = re.compile(r"[\u4e00-\u9fff]{2}的|[^，。；\n]{0,20}(?:了(?!解)|的，)")
# 县级人民政府对举报不予受理的，
_CONDITION = re.compile(
    r"[^，。；\n]{2,60}(?:的|时|之日|情况下|情形|期间|(?:发现|遇到|出现|存在)的新?(?:情况|问题|困难))，"
)
_THEN = re.compile(
    rf"应当|必须|应(?={_AT_ONCE})|须|(?<=[时后]，)于\d|(?<=[时后]，)要(?!求|素|点)|(?<=[题况难]，)(?:要|应)?(?:及时|立即)|(?<=[时后]，)(?:{_DUTY})(?!{_PROSE['not_verbs']})"
)
_OBLIGED = re.compile(rf"[^，。；\n]{{2,40}}，?(?:应当|必须)|[^，。；\n]{{2,40}}，应(?={_AT_ONCE})")
_MAY = re.compile(  # 根据需要可以; 对这些事项，可以; not 对实施情况进行检查，有权
    r"(?![^，。；\n]{0,40}?(?:应当|必须|不得))(?:[^，。；\n]{0,40}?|(?:(?!进行|负责|组织|开展|加强|实施|实行|管理|监督|审[核查]|制定|提出|办理|给予|建立|落实)[^，。；\n]){0,40}，"
    r"(?:(?!进行|负责|组织|开展|加强)[^，。；\n]){0,24}?)"
    r"(?:可以|(?<![许认])可(?![行持靠能操比控视见研用])|有权)"
)
_VIVID = re.compile(any_of(_PROSE["vivid"]))
_WEAK = re.compile(any_of(_PROSE["weak"]))
_REPORTS = re.compile(_PROSE["reports"])
_LEADS = re.compile("牵头|主抓|抓总|主责")  # whoever 主办 a fair holds it
_SUPPORTS = re.compile(any_of(_PROSE["supports"]))
_STRENGTHENS = re.compile("加强|强化")  # 加强协同配合 is everybody's
_PAST = re.compile(_PROSE["past"])
_AGO = re.compile(_PROSE["ago"])
_DONE = re.compile(_PROSE["done"])
_SIGNS = "，、。；：！？\n"
_CONTEXT, _BEFORE = 200, 12


def is_obliged(predicate: re.Match[str]) -> bool:
    """Whether 应当 follows the circumstances that a predicate begins with: 市教育局在收到报告后，应当."""
    return predicate["when"] is not None and _OBLIGED.match(predicate.string, predicate.end()) is not None


def says_what_to_do(text: str, start: int, predicate: re.Match[str]) -> bool:
    """Whether a predicate whose subject begins at ``start`` tells what is to be done, not what was done or which body is meant.

    "市教育局要制定办法" → True; "市教育局制定的办法", "去年市教育局制定了办法" → False
    """
    kind = predicate.lastgroup if predicate.lastgroup != "adverb" else ""
    if kind == "modal":
        return _TELLS_WHICH.match(text, predicate.end()) is None
    if kind in ("office", "later", "charged"):
        return True
    at = predicate.start(kind) if kind else predicate.end()
    premise = (
        None
        if kind == "then" or text.startswith("会同", at)
        else (_CONDITION if kind == "when" else _ATTRIBUTE).match(text, at)
    )
    leads_to = premise and text[premise.end() - 2] not in "构门位员人" and _THEN.match(text, premise.end())
    if (premise and not leads_to) or _CASE.match(text, at) or _ISSUES.match(text, at):  # not 市教育局组织评审时，应当
        return False
    if (kind == "when" or text.startswith("会同", at)) and (_MAY.match(text, at) or _OBJECT.match(text, at)):
        return False  # 市教育局根据需要可以
    low = max(0, start - _CONTEXT)
    sentence = max(low, *(text.rfind(sign, low, start) + 1 for sign in "。；\n"))
    begun = 0 if kind == "when" else 2  # the verb itself: 组织|了
    if _PAST.search(text, sentence, predicate.end() + begun) or _DONE.match(
        text[predicate.end() : predicate.end() + 30]
    ):
        return False
    weak = (
        kind in ("when", "then", "promise")
        or premise
        or (_WEAK.match(text, at) and not _VIVID.sub("", predicate["adverb"] or ""))
    )
    return not (weak and _REPORTS.search(text, low, predicate.end() + _CONTEXT))


def was_done(text: str, start: int, end: int) -> bool:
    """Whether what the agents in ``text[start:end]`` do was done already, or only tells which thing is meant.

    "去年由市教育局修订", "由市体育局主办的比赛" → True
    """
    if _AGO.search(text, max(0, start - _BEFORE), start):
        return True
    return any(tells.match(text, end) for tells in (_ATTRIBUTE, _MADE, _HAPPENED))


def role_in(text: str, end: int, predicate: re.Match[str] | None, *, led: bool) -> Role:
    """The role that a predicate gives; ``led``: whether the sentence has named who leads.

    牵头制定 → lead; 配合市教育局 → support; 要密切配合 with nobody named is said of all to one another → responsible
    """
    if predicate is not None and predicate["office"]:
        return role_of(predicate["office"])
    is_asked = predicate is not None and bool(predicate["modal"] or predicate["future"] or predicate["charged"])
    verbs = _VERBS.match(text, predicate.end() if predicate is not None and is_asked else end)
    if verbs is None:
        return "responsible"
    if _LEADS.search(verbs.group()):
        return "lead"
    # 大力支持国防建设 is a duty of one's own.
    if not _SUPPORTS.search(verbs.group()) or _STRENGTHENS.search(verbs.group()):
        return "responsible"
    if is_asked and _WITH_THOSE.match(text, verbs.start()):
        return "responsible"
    names_whom = text[verbs.end() : verbs.end() + 1] not in _SIGNS
    return "support" if names_whom or led or not is_asked else "responsible"
