"""Texts of the terminal in Chinese and English: headings of tables, progress, results.

Messages of errors are in the catalogue of ``kb.messages``, since server, page and log use them too. Many of the texts here are
chosen by a value (a role, a level), so no test can tell whether each is used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from itertools import pairwise
from types import MappingProxyType

from kb.messages import Language, Message, translate
from kb.models import FACT_KINDS

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_chosen: ContextVar[Language | None] = ContextVar("language", default=None)

_PHRASES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "error": ("错误：{message}", "Error: {message}"),
    "usage": ("用法：{command} {pieces}（-h 显示说明）", "Usage: {command} {pieces} (-h for help)"),
    # heads of tables and labels
    "unit": ("单位", "Unit"), "role": ("角色", "Role"), "score": ("得分", "Score"), "clause": ("条款", "Clause"),
    "document": ("文件", "Document"),
    "task": ("任务", "Task"), "goals": ("目标与时限", "Targets and deadlines"), "id": ("编号", "Id"), "number": ("序号", "No."),
    **{kind.name: (kind.chinese, kind.english) for kind in FACT_KINDS},
    "aliases": ("又称", "Also"), "members": ("包括", "Members"),
    "successor_of": ("前身", "Before"), "jurisdiction": ("区划", "Area"),
    "title": ("标题", "Title"), "document_number": ("发文字号", "Number"), "issuers": ("发文机关", "Issued by"),
    "addressees": ("主送机关", "Addressed to"), "issued_on": ("成文日期", "Date"), "kind": ("文种", "Kind"),
    "attachments": ("附件", "Attachments"), "disclosure": ("公开方式", "Disclosure"), "source": ("文件", "File"),
    "documents": ("文件", "Documents"), "clauses": ("条款", "Clauses"), "organizations": ("单位", "Units"),
    "generation": ("版本", "Generation"), "built_at": ("建成时间", "Built at"), "code_version": ("程序指纹", "Code version"),
    "model": ("模型", "Model"), "contextual": ("语义向量", "Read in context"), "index": ("索引", "Index"),
    "level": ("层级", "Level"), "function": ("职能", "Function"), "roles": ("牵头 / 责任 / 配合", "lead / responsible / support"),
    "level national": ("国家", "national"), "level province": ("省级", "province"), "level city": ("市级", "city"),
    "level county": ("县级", "county"), "level town": ("乡镇", "town"),
    "directness inherited": ("上级条款标注", "by the clause above"), "directness declared": ("全文统一规定", "by a declaration"),
    "directness prose": ("正文所述", "in running text"), "directness group": ("单位群体", "a group of units"),
    "directness beside": ("同一条款中负责别的事", "for something else in the clause"), "directness penal": ("违规时由其查处", "punishes a breach"),
    "pages": ("页数", "Pages"), "page": ("第 {page} 页", "page {page}"), "separator": ("、", ", "),
    "ocr": ("文字识别", "OCR"),
    "scan": (
        "{source}：{pages} 页由图片识别而来，存疑 {doubtful} 行，请与原件核对",
        "{source}: pages read from pictures {pages}, lines in doubt {doubtful}; compare them with the original",
    ),
    "doubt": ("{source}：{doubtful} 行读得没有把握，请与原件核对", "{source}: lines in doubt {doubtful}; compare them with the original"),
    "unread": (
        "{source}：第 {pages} 页是图片或乱码，没有读（装上文字识别才能读：sh scripts/install ocr）",
        "{source}: pages {pages} are pictures or garbled and were not read (text recognition: sh scripts/install ocr)",
    ),
    "damage": (
        "上一版索引受损（{damage}），全部文件已重新读取",
        "the index before was damaged ({damage}): all files were read anew",
    ),
    "gap": (
        "{source}：文件里的文字只有 {share} 进了条款，请与原件核对",
        "{source}: only {share} of the text of the file stands in clauses; compare it with the original",
    ),
    "ocr pages": (
        "第 {pages} 页由图片识别而来，其中 {count} 行存疑，请与原件核对",
        "pages {pages} were read from pictures; lines in doubt: {count}; compare them with the original",
    ),
    "unread pages": ("第 {pages} 页是图片或乱码，没有读", "pages {pages} are pictures or garbled and were not read"),
    "ocr sure": ("文字识别", "read from a picture"), "ocr doubtful": ("存疑", "in doubt"),
    # roles and parts
    "lead": ("牵头", "lead"), "responsible": ("责任", "responsible"), "support": ("配合", "support"),
    "notice": ("（印发通知）", "(notice)"), "preamble": ("（引言）", "(preamble)"), "attachment": ("（附件）", "(attachment)"),
    "conclusion": ("（结语）", "(conclusion)"), "body": ("（正文）", "(text)"),
    # sentences
    "hits": ("共 {total} 条，显示第 {first}–{last} 条", "{first}–{last} of {total}"),
    "did you mean": ("您要找的是不是：{query}", "Did you mean: {query}"),
    "missing": ("知识库里没有“{name}”。", "“{name}” is not here."),
    "all tasks": ("全部任务：kb unit {unit}", "All tasks: kb unit {unit}"),
    "no hits": ("没有找到。", "Nothing found."),
    "scores": ("评分", "Scores"), "words": ("词语", "words"), "meaning": ("语义", "meaning"), "whole document": ("全文", "whole document"),
    "context": ("上下文", "in context"),
    "provision named": ("查询写明了这一条", "this very article is named by the query"),
    "document named": ("查询写明了这份文件", "named by the query"), "elsewhere": ("来自查询所写以外的地方", "from another place than asked for"),
    "reranked": ("重排", "reranked"),
    "matched": ("匹配词语", "Matched"), "expansions": ("口语对应", "Thesaurus"), "same as": ("内容同于", "Same as"), "earlier of": ("更新的一条", "Newer one"),
    "in_force": ("有效", "in force"), "pending": ("尚未施行，自 {since} 起施行", "not yet in force, from {since}"),
    "amended": ("已修改", "amended"), "superseded": ("已被取代", "superseded"), "repealed": ("已废止", "repealed"),
    "expired": ("已到期（{since}）", "expired ({since})"),
    "superseded by": ("已被《{title}》（{named}）取代", "superseded by {title} ({named})"),
    "repealed by": ("已被《{title}》（{named}）废止", "repealed by {title} ({named})"),
    "amended by": ("已被《{title}》（{named}）修改", "amended by {title} ({named})"),
    "standing": ("效力", "Standing"), "effective_from": ("施行日期", "In force from"), "valid_until": ("有效期至", "In force until"),
    "versions": ("各版本", "Versions"), "series": ("年度系列", "Series"),
    "followed by": ("后一年度有《{title}》（{named}）", "followed by {title} ({named}) for a later year"),
    "weak": ("相关性弱", "weak"),
    "who": ("“{query}”由谁负责", "Who is responsible for “{query}”"),
    "no answer": ("知识库中没有“{query}”的答案。", "The knowledge base holds no answer to “{query}”."),
    "nearest": ("最接近的条款：", "The nearest clauses:"),
    "evidence": ("依据：", "Evidence:"),
    "tasks of": ("{name}：{count} 项任务", "Tasks of {name}: {count}"),
    "units": ("共 {total} 个单位，显示 {count} 个", "{total} units, {count} shown"),
    "rate": ("{rate} 个/秒", "{rate} files/s"),
    "building": ("正在处理", "Reading"),
    "built": (
        "已建成 {index}：{documents} 个文件，{clauses} 条，{responsibilities} 项责任，{targets} 个目标（用时 {seconds} 秒）",
        "{index} built: documents {documents}, clauses {clauses}, responsibilities {responsibilities}, targets {targets} ({seconds} s)",
    ),
    "unchanged": (
        "没有变化，{index} 不用重建：{documents} 个文件，{clauses} 条，{responsibilities} 项责任，{targets} 个目标（用时 {seconds} 秒）",
        "{index} is up to date: documents {documents}, clauses {clauses}, responsibilities {responsibilities}, targets {targets} ({seconds} s)",
    ),
    "built from": ("新处理 {computed} 个文件，沿用 {copied} 个。", "Documents read anew {computed}, taken over {copied}."),
    "filling": ("语义向量", "Reading in context"),
    "filling behind": (
        "可以检索了；现在补语义向量（{done}/{total}），按 Ctrl+C 可停，下次接着补。",
        "Search works; the contextual model reads on ({done}/{total}). Ctrl+C stops it, the next build goes on.",
    ),
    "filled": ("语义向量 {done}/{total}", "Read in context: {done}/{total}"),
    "whole": ("版本 {generation} 完整无损", "Generation {generation} is whole"),
    "broken": ("版本 {generation} 有 {count} 处问题；请运行 kb build --full 重建", "Generation {generation} has {count} problems; run kb build --full"),
    "copied": ("已复制到 {index}：版本 {generation}，完整无损", "Copied to {index}: generation {generation}, whole"),
    "fetched": ("取来 {new} 个文件，移走 {removed} 个。", "Files brought {new}, removed {removed}."),
    "not fetched": ("没有取来：{path}", "Not brought: {path}"),
    "copying": ("正在复制", "Copying"),
    "rolled back": ("已恢复使用版本 {generation}", "Generation {generation} is in use again"),
    "duplicate": ("{source} 与 {same_as} 内容相同，只收入一份", "{source} is the same as {same_as} and went in once"),
    "failed": ("未收入 {source}：{reason}", "left out {source}: {reason}"),
    "no changes": ("两个版本没有差别", "The two versions do not differ"),
    "added": ("新增", "added"), "removed": ("删去", "removed"), "changed": ("修改", "changed"),
    "written": ("已写入 {output}", "{output} written"),
    "exported": ("已写入 {output}：{count} 行", "{output} written, rows: {count}"),
    "serving": ("网页：http://{host}:{port}（按 Ctrl+C 停止）", "Page: http://{host}:{port} (Ctrl+C stops)"),
    "no keys": ("还没有密钥", "No keys"), "key until": ("有效期至 {day}", "good until {day}"), "key for ever": ("长期有效", "for ever"),
    "new key": (
        "“{name}”的密钥（只显示这一次，请保存好）：\n{key}",
        "The key '{name}', shown only now:\n{key}",
    ),
    "key revoked": ("密钥“{name}”已作废", "The key '{name}' is revoked"), "no entries": ("还没有记录", "No entries"),
    "audit failed": ("未成功（{code}）", "failed ({code})"),
    "audit upload": ("上传", "upload"), "audit remove": ("删除", "remove"), "audit restore": ("恢复文件", "restore"), "audit correct": ("更正", "correct"), "audit cancel": ("取消建库", "build cancelled"), "audit rollback": ("恢复版本", "rollback"),
    "audit add-key": ("新增密钥", "new key"), "audit revoke-key": ("作废密钥", "key revoked"),
    "leads differ": ("注意：不同文件规定的牵头单位不一致", "Note: documents name different leads"),
    "year lost": ("原文年份缺失", "year lost in the source"),
    "damaged": ("原文数字缺失", "number lost in the source"),
    "declared": ("全文统一规定", "declared for the whole document"),
})  # fmt: skip


def asked_language(arguments: Sequence[str]) -> str:
    """The value of --lang among the arguments of a command, "" without it.

    It is needed before the arguments are parsed, for the messages of errors in them.
    """
    words = arguments[: arguments.index("--")] if "--" in arguments else arguments
    after = [value for option, value in pairwise(words) if option == "--lang"]
    joined = [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    return "".join((after + joined)[-1:])


def choose_language(language: str) -> None:
    """Use Chinese ("zh") or English ("en") from here on; with "" KB_LANG and the locale decide."""
    _chosen.set(_language(language))


def language() -> Language:
    """The chosen language, else that of KB_LANG, else that of the locale, else Chinese."""
    names = ("KB_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    for candidate in (_chosen.get(), *(_language(os.environ.get(name, "")) for name in names)):
        if candidate is not None:
            return candidate
    return "zh"


def say(phrase: str, **values: object) -> str:
    """The phrase in the language in use, with the values filled in."""
    return _PHRASES[phrase][language() == "en"].format(**values)


def explain(message: Message) -> str:
    """The message on one line, in the language in use."""
    return one_line(translate(message, language()))


def one_line(text: str) -> str:
    """The text with control characters escaped, since names of files may contain line breaks: "a\\nb"."""
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode(), text)


def _language(name: str) -> Language | None:
    """The language of a locale, None for "C" and "POSIX", which tell none, and for other languages."""
    return "en" if name.lower().startswith("en") else "zh" if name.lower().startswith("zh") else None
