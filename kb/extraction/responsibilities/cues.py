"""Cue patterns of responsibility marks: labels before a list of units, verbs after it, and the role that each gives."""

from __future__ import annotations

import re

from kb.extraction.vocabulary import begins_with
from kb.lexicon import any_of, table
from kb.models import Role

_DUTIES = table("duties")
_ROLES, _LABELS, _VERBS = _DUTIES["roles"], _DUTIES["labels"], _DUTIES["verbs"]
_LEAD, _SUPPORT = (re.compile(any_of(_ROLES[role])) for role in ("lead", "support"))
_ROLE_WORDS = [*_ROLES["lead"], *_ROLES["support"], *_ROLES["responsible"]]
_ROLE_WORD = any_of(_ROLE_WORDS)
_NOUN = any_of(_LABELS["nouns"])
_PERSONS = any_of(_LABELS["persons"])

LABEL = re.compile(
    rf"""
    {begins_with(["〔", *_LABELS["before"], *_ROLE_WORDS, *_LABELS["short"]])} (?:
    〔(?:{_ROLE_WORD})(?:{_NOUN})〕 [ ]?：?                                                                          # 【责任单位】
    | (?:{any_of(_LABELS["before"])})?
    (?: (?P<role>(?:{_ROLE_WORD}) (?:[、/和及与（）并]{{0,2}}(?:{_ROLE_WORD}|{any_of(_LABELS["after"])})){{0,3}} [）]?)   # 牵头（责任）
        (?:{_NOUN}) (?:[（、/和及与]?(?:{_PERSONS})[）]?){{0,2}} (?:（[^（）]{{1,30}}）)?                                  # 单位及责任人（排第一位的为牵头单位）
      | (?<![\u4e00-\u9fff]) (?P<short>{any_of(_LABELS["short"])}) )                                                # 牵头：A；配合：B
    [ ]? ： )
    """,
    re.VERBOSE,
)
BLANK_LABEL = re.compile(  # 责任单位 市教育局, 责任单位为市教育局
    rf"{begins_with([' ', *_ROLE_WORDS])}(?:(?<=[\n。（，；])|^)[ ]*(?P<role>{_ROLE_WORD})(?:{_NOUN})(?:[ \n]{{1,4}}(?=[\u4e00-\u9fff])|为|是|(?=[省市县区][^，。；\n]{{1,12}}[局厅委办部府院会]))"
)
SPOKEN_LABEL = re.compile(rf"(?P<role>{_ROLE_WORD})(?:责任)?(?:单位|部门)(?:为|是)")  # （牵头单位为市教育局）
OTHER_LABEL = re.compile(rf"(?:[\u4e00-\u9fff]{{0,8}}(?:{any_of(_LABELS['other'])}))[ ]?：")
ORGANISER = re.compile(any_of(_LABELS["organisers"]))
GUIDES = re.compile("(?:业务|技术|督促|监督|具体)?(?:指导|督导)$")  # beside one who leads: support
VERB = re.compile(
    rf"""
    (?:{_VERBS["by_duty"]}|{any_of(_VERBS["adverbs"])}){{0,5}}                                # 按职责分工
    (?: (?P<verb>{any_of(_VERBS["verbs"])}) (?:{any_of(_VERBS["tails"])}){{0,5}} (?:等?(?:相关|有关|各项|具体)?工作|到位)?   # 牵头负责落实工作
      | (?<=分工|职责) )
    $
    """,
    re.VERBOSE,
)
LONGEST_VERB = 40
RUN_TOGETHER = re.compile(r"(?<=牵头|负责|配合)(?:并)?(?=[省市县区国各相有由会中])")  # 市教育局牵头市财政局配合
NEXT_ROLE = re.compile(  # 市教育局牵头、市财政局配合; not 市教育局牵头、协调
    r"(?<=牵头|负责|配合)、(?=[^，。；：（）〔〕\n]{1,60}?[局委办厅部府会院科股处室心站所队位门组县市区镇乡道](?:按职责|分别|共同|积极|具体)?(?:牵头|负责|配合|协助|参与|指导))"
)
ROLE_REMARK = re.compile(rf"[（〔](?P<role>{_ROLE_WORD})(?:{_NOUN}|工作)?[）〕]")  # 市教育局（牵头）
FIRST_IS_LEAD = re.compile(
    r"""
    (?: (?:排名?|列|位列?|排列|排序)(?:在|于)?[^，。；（）]{0,6}(?:第\s?[一1]|首位|最前|前面) | 首位 | 首个 | 第一(?:个|家|位)? )  # 列第一位
    [^，。；（）]{0,10}?
    (?: (?:为|是|系|即)[^，。；（）]{0,8}牵头 | (?:单位|部门|者|的)(?:负责)?牵头(?![单部责]) )[^。；（）]{0,14}                  # 者为牵头单位，下同
    """,
    re.VERBOSE,
)
OTHERS_SUPPORT = re.compile(
    r"其(?:他|它|余)(?:均|各)?(?:责任)?(?:单位|部门)?[^，。；（）]{0,6}(?:为|是|系)[^，。；（）]{0,6}(?:配合|参与|协助|参加)(?:单位|部门)?[^。；（）]{0,6}"
)
ASIDE = re.compile(_DUTIES["surroundings"]["asides"])
DEADLINE = re.compile(_DUTIES["surroundings"]["deadline"])
TIME_LABEL = re.compile("(?:完成|办理|整改|推进|办结)(?:时[限间]|期限)：")  # also where no sign stands before it
STRONG = re.compile(any_of(_VERBS["strong"]))
MATTER = re.compile(  # 此项工作由|市教育局
    r"—*(?:(?:责任|任务|工作|职责|具体)?分工：)?(?:(?:[此该本这]|以上|上述)(?:[各几]?[项条款类个])?(?:工作|任务|措施|事项|内容|问题)?|(?:具体|日常|相关|有关)?(?:工作|任务|措施|事项)|具体|原则上)?(?:交?由|请)?"
)
OFFICE = re.compile(rf"(?:为|是)(?P<office>(?:{_ROLE_WORD})(?:责任)?(?:{_NOUN}))$")  # 市教育局为牵头单位
ALONE = re.compile(
    rf"{begins_with([*_VERBS['alone'], '为', '是'])}(?:(?:{any_of(_VERBS['alone'])})(?:{any_of(_VERBS['tails'])}){{0,5}}(?:等?(?:相关|有关|各项|具体)?工作|到位)?|(?:为|是)(?:{_ROLE_WORD})(?:责任)?(?:{_NOUN}))(?:，(?=20|\d|年|长期|持续|力争|确保|全年)[^，。；\n]{{2,22}})?(?:[。；\n]|$)"
)
FURNITURE_BEFORE = re.compile(_DUTIES["surroundings"]["furniture_before"])
FURNITURE_AFTER = re.compile(_DUTIES["surroundings"]["furniture_after"])


def role_of(words: str) -> Role:
    """The role that a label or the verbs after a list give: 牵头 → lead; 配合, 参加 → support; anything else → responsible."""
    if _LEAD.search(words):
        return "lead"
    return "support" if _SUPPORT.search(words) else "responsible"
