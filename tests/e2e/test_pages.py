"""What office staff do with the page, done in a browser."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from icalendar import Calendar
from printed import HEIGHT, WIDTH, Picture, Text, pdf
from servers import serving

from api.app import Keeping, create_app
from api.editors import Editing
from api.jobs import Builder
from kb.access import Keys
from kb.readers import recognition

sync_api = pytest.importorskip("playwright.sync_api")
Page, expect = sync_api.Page, sync_api.expect
Visit = Callable[..., Page]

PLAN = "xiangtan-jichu-jiaoyu"
DOCUMENT = f"?view=document&id={PLAN}"


def downloaded(page: Page, name: str) -> tuple[str, bytes]:
    """The name and the bytes of the file that a link brings."""
    with page.expect_download() as found:
        page.get_by_role("link", name=name, exact=True).first.click()
    return found.value.suggested_filename, Path(found.value.path()).read_bytes()


# --- search, who, unit ------------------------------------------------------------------------------


def test_a_question_is_answered_with_units_that_lead_on(visit: Visit) -> None:
    page = visit()
    page.locator("#q").fill("谁负责学前教育普惠发展")
    page.keyboard.press("Enter")
    answer = page.get_by_role("region", name="谁负责")
    expect(answer).to_contain_text("市教育局")
    expect(page).to_have_url(re.compile("q="))
    answer.get_by_role("link", name="市教育局").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("湘潭市教育局")
    page.go_back()
    expect(page.get_by_role("region", name="谁负责")).to_contain_text("市教育局")


def test_evidence_leads_to_the_place_in_the_document(visit: Visit) -> None:
    page = visit("?q=谁负责学前教育普惠发展")
    page.get_by_role("region", name="谁负责").get_by_role("link", name="推进学前教育普惠发展").first.click()
    clause = page.locator(".clause.arrived")
    expect(clause).to_contain_text("每个乡镇(街道)有1所公办幼儿园")
    expect(clause).to_be_in_viewport()


def test_what_nobody_answers_for_is_said_to_have_no_answer(visit: Visit) -> None:
    page = visit("?q=登月计划")
    expect(page.get_by_role("main")).to_contain_text("没有找到")


def test_ledger_of_a_unit_is_an_excel_file(visit: Visit) -> None:
    page = visit("?view=unit&id=湘潭市教育局")
    with page.expect_download() as found:
        page.locator("a[href*='ledger.xlsx']").first.click()
    assert "湘潭市教育局" in found.value.suggested_filename
    book = openpyxl.load_workbook(io.BytesIO(Path(found.value.path()).read_bytes()))
    assert book.worksheets[0].max_row > 5


# --- targets ----------------------------------------------------------------------------------------


def test_targets_are_narrowed_sorted_and_taken_along(visit: Visit) -> None:
    page = visit("?view=targets")
    table = page.get_by_role("table")
    expect(table.get_by_role("row")).not_to_have_count(1)
    page.get_by_label("文件", exact=False).last.select_option("yunxi-yanglao")
    expect(table.get_by_role("row")).to_have_count(4)
    page.get_by_role("link", name="目标值").click()
    expect(page.get_by_role("columnheader", name="目标值")).to_have_attribute("aria-sort", "ascending")
    expect(table.locator("tbody tr").first).to_contain_text("40个")
    page.get_by_role("link", name="目标值").click()
    expect(table.locator("tbody tr").first).to_contain_text("500名")
    expect(page).to_have_url(re.compile("sort=value&descending=true"))
    name, content = downloaded(page, "下载 Excel")
    assert name.endswith("指标清单.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(min_row=3, values_only=True))
    assert [row[3] for row in rows] == [500, 60, 40]
    table.locator("tbody tr").first.locator("td").nth(1).click()  # anywhere in the row
    expect(page.locator(".fact.arrived")).to_contain_text("500名")


def test_targets_are_narrowed_by_their_value(visit: Visit) -> None:
    page = visit("?view=targets&document_id=yunxi-yanglao")
    page.get_by_label("目标值不低于").fill("100")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("least=100"))
    expect(page.locator("td.amount")).to_have_text(["500名"])
    page.get_by_role("link", name="清除条件").click()
    expect(page.locator("td.amount")).not_to_have_count(1)


def test_pictures_stand_beside_their_words(visit: Visit) -> None:
    page = visit("?view=targets")
    picture = page.get_by_role("img", name=re.compile("各年到期的指标：.*2025年"))
    expect(picture.locator("canvas")).to_be_visible()


# --- document ---------------------------------------------------------------------------------------


def test_a_fact_leads_to_its_row_and_back(visit: Visit) -> None:
    page = visit(DOCUMENT)
    article, facts = page.get_by_role("article"), page.get_by_role("complementary", name="本文要点")
    article.locator(".in-target", has_text="全市公办幼儿园").click()
    expect(facts.locator(".chosen")).to_contain_text("≥60%")
    expect(facts.locator(".chosen")).to_be_in_viewport()
    facts.locator("a.place", has_text="新建劳动教育基地").click()
    expect(article.locator(".fact.arrived")).to_contain_text("劳动教育基地20个")
    expect(article.locator(".fact.arrived")).to_be_in_viewport()


def test_kinds_of_facts_are_switched_off(visit: Visit) -> None:
    page = visit(DOCUMENT)
    target = page.get_by_role("article").locator(".in-target").first
    with_colour = target.evaluate("node => getComputedStyle(node).backgroundColor")
    page.get_by_role("checkbox", name=re.compile("指标")).uncheck()
    assert target.evaluate("node => getComputedStyle(node).backgroundColor") != with_colour
    expect(page.locator(".fact-row.of-target").first).to_be_hidden()


def test_a_clause_has_an_address_and_a_citation(visit: Visit, browser: Any) -> None:
    page = visit(f"{DOCUMENT}#{PLAN}%23二.一.2")
    clause = page.locator(".clause.arrived")
    expect(clause).to_be_in_viewport()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    clause.hover()
    clause.get_by_role("button", name="复制出处").click()
    expect(clause.get_by_role("button", name="已复制")).to_be_visible()
    cited = page.evaluate("navigator.clipboard.readText()")
    assert cited == "《湘潭市推进基础教育补短板强弱项实施方案》二（一）2"


def test_the_original_file_and_the_ledger_come_down(visit: Visit, own: Path) -> None:
    page = visit(DOCUMENT)
    assert downloaded(page, "原文件") == (f"{PLAN}.txt", (own / f"{PLAN}.txt").read_bytes())
    name, content = downloaded(page, "责任分解表 Excel")
    assert name.endswith("责任分解表.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == ["责任分解表", "责任矩阵"]


def test_ticked_rows_are_taken_along_from_page_to_page(visit: Visit) -> None:
    page = visit(f"{DOCUMENT}&tab=ledger")
    bar = page.get_by_role("complementary", name="已选任务")
    expect(bar).to_be_hidden()
    page.get_by_role("checkbox", name="选择：推进学前教育普惠发展").check()
    expect(bar).to_contain_text("已选 1 条")
    page.get_by_role("link", name="查询", exact=True).click()
    page.locator("#q").fill("增加床位供给")
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name=re.compile("选择：.*增加床位供给")).first.check()
    name, content = downloaded(page, "导出所选 Word")
    assert name == "所选任务责任分解表.docx"
    [table] = docx.Document(io.BytesIO(content)).tables
    assert [row.cells[1].text for row in table.rows[1:]] == ["推进学前教育普惠发展", "增加床位供给"]
    assert [cell.text for cell in table.rows[0].cells][-2:] == ["完成情况", "备注"]
    bar.get_by_role("button", name="清空").click()
    expect(bar).to_be_hidden()
    expect(page.locator("input.tick:checked")).to_have_count(0)


def test_what_is_ticked_and_gone_keeps_nothing_else_back(visit: Visit, watched: Any) -> None:
    watched.expected.append("404")
    page = visit(f"{DOCUMENT}&tab=ledger")
    bar = page.get_by_role("complementary", name="已选任务")
    page.get_by_role("checkbox", name="选择：推进学前教育普惠发展").check()
    page.evaluate(
        "sessionStorage.setItem('kb-ticked', sessionStorage.getItem('kb-ticked').replace('[', '[\"gone#一\",'))"
    )
    page.reload()
    expect(bar).to_contain_text("已选 2 条")
    _, content = downloaded(page, "导出所选 Word")
    [table] = docx.Document(io.BytesIO(content)).tables
    assert [row.cells[1].text for row in table.rows[1:]] == ["推进学前教育普惠发展"]
    expect(bar).to_contain_text("已选 1 条 1 条已不在知识库中")


def test_no_file_is_offered_that_the_server_does_not_write(visit: Visit) -> None:
    page = visit(DOCUMENT)
    offered = (
        "async (count) => (await import('./static/files.js')).fileLink('Word', 'x', 'button', count, 1000).outerHTML"
    )
    assert page.evaluate(offered, 1000).startswith("<a ")
    assert page.evaluate(offered, 1001) == '<span class="meta">Word 最多 1,000 条，请先缩小范围</span>'


def test_what_is_copied_is_the_original(visit: Visit) -> None:
    page = visit(f"{DOCUMENT}#{PLAN}%23二.一")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    clause = page.locator(".clause.arrived")
    clause.hover()
    clause.get_by_role("button", name="复制原文").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "每个乡镇(街道)有1所公办幼儿园" in copied  # what stands below it belongs to it
    page.get_by_role("article").press("Control+a")
    page.keyboard.press("Control+c")
    everything = page.evaluate("navigator.clipboard.readText()")
    assert "每个乡镇(街道)有1所公办幼儿园" in everything
    assert "复制出处" not in everything


def test_a_table_stays_a_table_and_is_copied_as_one(visit: Visit) -> None:
    page = visit("?view=document&id=dangan#dangan%231")
    table = page.get_by_role("article").get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_text(["序号", "重点任务", "牵头单位", "配合单位"])
    assert page.evaluate(
        "(at => at.scrollWidth <= at.clientWidth)(document.querySelector('.printed'))"
    )  # no column is cut
    row = table.locator("tr.clause.arrived")
    expect(row.locator("td").nth(1)).to_have_text("整理历年档案120卷")
    expect(row.locator(".in-responsibility").first).to_have_text("市档案局")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    row.hover()
    row.get_by_role("button", name="复制原文").click()
    expect(row.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("1\t整理历年档案120卷\t市档案局\t市文化局\n——")
    below = table.locator("tr.clause").nth(1)
    assert below.locator("td").nth(1).inner_text() == "修复受潮档案。\n晾晒前先除尘。"
    expect(below.locator("td").nth(3).locator(".in-responsibility")).to_have_text(["市文化局", "市水利局"])


def test_words_are_found_in_the_document_without_leaving_it(visit: Visit) -> None:
    page = visit(DOCUMENT)
    page.get_by_role("searchbox", name="在本文件中查找").fill("教育局")
    page.keyboard.press("Enter")
    bar = page.locator(".finding")
    expect(bar).to_contain_text("第 1 / ")
    expect(page).to_have_url(re.compile("view=document.*find="))
    expect(page.locator("article mark.here")).to_be_in_viewport()
    bar.get_by_role("button", name="下一处").click()
    expect(bar).to_contain_text("第 2 / ")
    assert page.evaluate("document.querySelectorAll('article mark.here').length") == 1
    page.goto(f"/{DOCUMENT}&find=登月舱")
    expect(bar).to_contain_text("没有“登月舱”")


def test_words_of_the_page_itself_are_not_found_in_a_table(visit: Visit) -> None:
    page = visit("?view=document&id=dangan&find=复制")
    expect(page.locator(".finding")).to_contain_text("没有“复制”")
    page.goto("/?view=document&id=dangan&find=受潮档案")
    expect(page.locator("article mark.here")).to_have_text("受潮档案")


@pytest.mark.parametrize("kept", ["{", "null", "[]", '{"unit": "x", "x": {"id": "a", "name": "b"}}'])
def test_what_no_page_has_kept_narrows_nothing(visit: Visit, kept: str) -> None:
    page = visit("?view=targets")
    page.evaluate("kept => localStorage.setItem('kb-scope', kept)", kept)
    page.goto("/?view=overview&tab=deadlines")
    expect(page.get_by_role("heading", name=re.compile("到期清单"))).to_be_visible()
    expect(page.locator(".scope")).to_have_count(0)


def test_only_where_nothing_was_built_is_sending_files_advised(visit: Visit, watched: Any) -> None:
    watched.expected.append("503")
    page = visit()
    for code, count in (("index-not-ready", 0), ("not-built-yet", 1)):
        problem = {"status": 503, "code": code, "detail": "知识库还没有建好"}
        answer = {"status": 503, "json": problem}
        page.route("**/api/v1/targets**", lambda route, _, answer=answer: route.fulfill(**answer), times=1)
        page.goto("/?view=targets")
        expect(page.get_by_role("alert")).to_contain_text("知识库还没有建好")
        expect(page.get_by_role("alert").get_by_role("link", name="上传文件")).to_have_count(count)


def test_ledger_and_matrix_of_a_document(visit: Visit) -> None:
    page = visit(DOCUMENT)
    page.get_by_role("link", name="责任分解表", exact=True).click()
    expect(page.get_by_role("table").locator("tbody tr")).to_have_count(11)
    page.get_by_role("link", name="责任矩阵").click()
    expect(page.get_by_role("cell", name="责任").first).to_be_visible()


def test_versions_show_the_words_that_changed(visit: Visit) -> None:
    page = visit("?view=document&id=yunxi-yanglao")
    page.locator(".validity", has_text="已有新版").get_by_role("link", name="云政发〔2025〕3号").click()
    expect(page).to_have_url(re.compile("id=yunxi-yanglao-2025"))  # the older document's page has that link too
    page.get_by_role("link", name="版本比较").click()
    change = page.locator(".change", has_text="增加床位供给")
    expect(change.locator("del")).to_have_text("40")
    expect(change.locator("ins")).to_have_text("45")
    expect(change.locator(".altered")).to_have_text(["全市新建社区养老服务站 40个 → 45个"])
    page.goto(page.url.split("?")[0] + "?view=document&id=yunxi-yanglao&tab=versions&since=yunxi-yanglao-2025")
    expect(change.locator(".altered")).to_have_text(["全市新建社区养老服务站 40个 → 45个"])  # never backwards
    page.goto(page.url.split("?")[0] + "?view=document&id=yunxi-yanglao-2025&tab=versions")
    page.get_by_label("与其他文件比较").fill("供水保障")
    page.get_by_role("link", name="青石县农村供水保障行动方案").click()
    expect(page).to_have_url(re.compile("since=qingshi-gongshui"))
    expect(page.locator(".change.added").first).to_be_visible()


def test_the_plan_of_the_year_answers_and_earlier_ones_stand_beside_it(visit: Visit) -> None:
    page = visit("?q=修缮村史馆多少个")
    hit = page.locator(".group", has_text="云溪市2023年村史馆工作要点").locator(".hit").first
    expect(hit.get_by_role("list", name="指标").first).to_contain_text("36")
    hit.locator("summary", has_text="往年或旧版的同一条").click()
    earlier = hit.locator(".copies > ul > li")
    expect(earlier).to_contain_text("云溪市2022年村史馆工作要点")
    expect(earlier.get_by_role("list", name="指标").first).to_contain_text("30")
    earlier.get_by_role("link", name="比较两份文件").click()
    change = page.locator(".change", has_text="修缮村史馆").first
    expect(change.locator("ins")).to_contain_text("36")
    page.get_by_role("link", name="云文发〔2022〕6号").first.click()
    expect(page.locator("main h1").first).to_be_visible()


def test_paper_holds_the_document_and_nothing_else(visit: Visit) -> None:
    page = visit(DOCUMENT)
    page.emulate_media(media="print")
    expect(page.get_by_role("article")).to_be_visible()
    for hidden in (page.get_by_role("banner"), page.locator(".facts-holder"), page.locator(".outline")):
        expect(hidden).to_be_hidden()


# --- overview ---------------------------------------------------------------------------------------


def test_overview_counts_and_warns(visit: Visit) -> None:
    page = visit("?view=overview")
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"8\s*份文件"))
    page.get_by_role("listitem").filter(has_text="数字在原文中缺失").get_by_role("link", name="查看").click()
    expect(page.locator("tbody tr").first).to_contain_text("原文缺数字")


def test_matrix_of_documents_opens_that_of_one(visit: Visit) -> None:
    page = visit("?view=overview&tab=matrix")
    page.get_by_role("rowheader", name="云溪市社区养老服务提升行动计划").first.get_by_role("link").click()
    expect(page.get_by_role("rowheader", name="增加床位供给")).to_be_visible()
    expect(page.get_by_role("cell", name="牵头")).to_be_visible()
    page.get_by_role("button", name="大").click()
    expect(page.get_by_role("button", name="大")).to_have_attribute("aria-pressed", "true")


def test_network_and_deadlines(visit: Visit) -> None:
    page = visit("?view=overview&tab=network")
    expect(page.get_by_role("img", name=re.compile("协作网络图")).locator("canvas")).to_be_visible()
    expect(page.get_by_role("table").locator("tbody tr").first).to_contain_text("湘潭市")
    page.get_by_role("link", name="到期清单", exact=True).click()
    page.get_by_role("link", name=re.compile("已过期")).click()
    expect(page.get_by_role("listitem").filter(has_text="增加床位供给").first).to_contain_text("2025年12月")


def test_what_is_due_is_narrowed_and_taken_along(visit: Visit, address: str) -> None:
    page = visit("?view=overview&tab=deadlines&span=gone&all=1")
    tasks = page.locator(".due-tasks > li")
    before = tasks.count()
    page.locator("select[name=unit]").select_option(label="云溪市民政局（2）")
    expect(page).to_have_url(re.compile("unit="))
    expect(tasks).to_have_count(2)  # one of each version
    assert before > 2
    page.get_by_role("checkbox", name="含已失效文件").uncheck()
    expect(tasks).to_have_count(1)
    expect(page.get_by_role("heading", name="到期清单：已过期，共 1 项")).to_be_visible()
    name, content = downloaded(page, "下载 Excel")
    assert re.fullmatch(r"云溪市民政局截至\d{4}年\d{1,2}月\d{1,2}日到期清单\.xlsx", name)
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(min_row=3, values_only=True))
    assert len(rows) == 1
    assert "2025年12月" in rows[0]
    name, content = downloaded(page, "下载日历文件")
    assert name == "到期清单·云溪市民政局.ics"
    assert Calendar.from_ical(content)["x-wr-calname"] == "到期清单·云溪市民政局"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="复制订阅地址").click()
    feed = page.evaluate("navigator.clipboard.readText()")
    assert feed.startswith(f"{address}/api/v1/deadlines/calendar.ics?unit=")
    assert page.evaluate("async (feed) => (await fetch(feed)).status", feed) == 200


def test_what_comes_back_is_listed_and_printed(visit: Visit) -> None:
    page = visit("?view=overview&tab=deadlines")
    page.get_by_role("link", name=re.compile("定期任务")).click()
    expect(page.locator(".rhythm").first).to_contain_text("每")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name=re.compile("到期清单：定期任务"))).to_be_visible()
    expect(page.locator(".take-along")).to_be_hidden()


# --- upload -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_first_files_of_all_are_sent(visit: Visit, watched: Any, tmp_path: Path) -> None:
    watched.expected.append("503")  # nothing can be asked yet
    (tmp_path / "corpus").mkdir()
    builder = Builder(tmp_path / "corpus", tmp_path / "indexes")
    editing = Editing(builder.corpus, Keys(configured="a secret"), tmp_path / "audit.jsonl")
    with serving(create_app(builder.index, keeping=Keeping(builder, editing))) as there:
        page = visit("", at=there)
        page.get_by_role("link", name="上传文件").click()
        page.get_by_label("密钥").fill("a secret")
        page.get_by_role("button", name="进入").click()
        expect(page.get_by_role("main")).to_contain_text("知识库里还没有文件")
        note = "云溪市校车安全方案\n\n一、检查校车80辆。（责任单位：市公安局）\n".encode()
        page.get_by_label(re.compile("拖到这里")).set_input_files(
            [{"name": "校车.txt", "mimeType": "text/plain", "buffer": note}]
        )
        expect(page.get_by_role("status").filter(has_text="处理完成")).to_be_visible()
        expect(page.locator(".held")).to_contain_text("已有文件 1 份")
        page.locator(".upload-report").get_by_role("link", name="校车.txt").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("云溪市校车安全方案")


@pytest.mark.slow
def test_files_are_sent_watched_found_and_removed(visit: Visit, watched: Any, changeable: Any) -> None:
    page = visit("?view=upload", at=changeable.address)
    watched.expected.append("401")  # the wrong key
    page.get_by_label("密钥").fill("wrong")
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("alert")).to_contain_text("密钥不正确")
    page.get_by_label("密钥").fill("a secret 芝麻")
    page.get_by_role("button", name="进入").click()
    note = "云溪市校园安全检查方案\n\n一、检查内容\n\n检查校舍120所。（责任单位：市应急管理局）\n".encode()
    page.get_by_label("放进子文件夹").fill("2024")
    page.get_by_label(re.compile("拖到这里")).set_input_files(
        [
            {"name": "安全检查.txt", "mimeType": "text/plain", "buffer": note},
            {"name": "scan.txt", "mimeType": "text/plain", "buffer": b"\x89PNG"},
        ]
    )
    report = page.get_by_role("status").filter(has_text="处理完成")
    expect(report).to_be_visible()
    expect(report.get_by_role("listitem").filter(has_text="安全检查.txt")).to_contain_text("已收入")
    expect(report.get_by_role("listitem").filter(has_text="scan.txt")).to_contain_text("未收入")
    report.get_by_role("link", name="2024/安全检查.txt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("云溪市校园安全检查方案")
    expect(page.get_by_role("main")).to_contain_text("2024/安全检查.txt")
    page.get_by_role("link", name="上传", exact=True).click()
    page.get_by_label("查找要移除的文件").fill("校园安全")
    page.get_by_role("button", name="移除《云溪市校园安全检查方案》").first.click()
    page.get_by_role("dialog").get_by_role("button", name="移除").click()
    expect(page.get_by_role("status").filter(has_text="处理完成")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("校园安全检查方案")
    page.reload()
    refused = page.locator(".unread-files li").filter(has_text="2024/scan.txt")
    expect(refused).to_contain_text("不是文本，而是图片")
    refused.get_by_role("button", name="移除文件 2024/scan.txt").click()
    page.get_by_role("dialog").get_by_role("button", name="移除").click()
    expect(refused).to_have_count(0)
    assert not (changeable.corpus / "2024" / "scan.txt").exists()


@pytest.mark.slow
def test_a_title_is_corrected_in_the_page(visit: Visit, watched: Any, changeable: Any) -> None:
    watched.expected.extend(["401", "ERR_FAILED"])
    page = visit("?view=document&id=hostile", at=changeable.address)
    page.route("**/api/v1/version", lambda route: route.abort(), times=1)
    opener = page.locator(".correction summary")
    opener.click()
    expect(page.locator(".correction")).to_contain_text("连接不上服务器")
    opener.click()
    opener.click()
    page.get_by_label("密钥").fill("wrong")
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("alert").filter(has_text="密钥不正确")).to_be_visible()
    page.get_by_label("密钥").fill("a secret 芝麻")
    page.get_by_role("button", name="进入").click()
    page.get_by_label("发文字号").fill("云网发〔2026〕1号")
    page.get_by_role("button", name="保存更正").click()
    expect(page.locator(".document-head dl")).to_contain_text("云网发〔2026〕1号")
    assert "云网发〔2026〕1号" in (changeable.corpus / "hostile.yaml").read_text("utf-8")
    opener.click()
    page.get_by_role("button", name="撤销对发文字号的更正").click()
    expect(page.locator(".document-head dl")).not_to_contain_text("云网发〔2026〕1号")
    assert not (changeable.corpus / "hostile.yaml").exists()


@pytest.mark.slow
def test_a_unit_is_called_otherwise_and_that_is_taken_back(visit: Visit, changeable: Any) -> None:
    page = visit("?view=unit&id=云溪市文化局", at=changeable.address)
    page.evaluate("sessionStorage.setItem('kb-key', 'a secret 芝麻')")
    page.locator(".correction summary").click()
    page.get_by_label("正式名称").fill("云溪市文化和旅游局")
    page.get_by_label(re.compile("其他名称")).fill("市文旅局、市文化馆")
    page.get_by_role("button", name="保存更正").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("云溪市文化和旅游局")
    expect(page.locator(".unit-head")).to_contain_text("云溪市文化局")
    expect(page.locator(".tasks > li").first).to_contain_text("修缮村史馆")
    page.locator(".correction summary").click()
    page.get_by_role("button", name="撤销对名称的更正").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("云溪市文化局")
    assert not (changeable.corpus / "organizations.yaml").exists()


@pytest.mark.slow
def test_one_file_that_is_not_taken_keeps_none_out(visit: Visit, watched: Any, changeable: Any) -> None:
    watched.expected.append("422")
    page = visit("?view=upload", at=changeable.address)
    page.get_by_label("密钥").fill("a secret 芝麻")
    page.get_by_role("button", name="进入").click()
    note = "云溪市校车安全方案\n\n一、检查校车80辆。（责任单位：市公安局）\n".encode()
    page.get_by_label(re.compile("拖到这里")).set_input_files(
        [
            {"name": "校车.txt", "mimeType": "text/plain", "buffer": note},
            {"name": "程序.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"},
        ]
    )
    report = page.locator(".upload-report")
    expect(report).to_contain_text("没有上传的文件 1 个")
    expect(report.get_by_role("listitem").filter(has_text="校车.txt")).to_contain_text("已收入")
    expect(report.get_by_role("listitem").filter(has_text="程序.exe")).to_contain_text("未上传")


@pytest.mark.skipif(recognition.is_installed(), reason="text recognition looks at every picture")
def test_pages_that_could_not_be_read_are_said(visit: Visit, changeable: Any) -> None:
    page = visit("?view=upload", at=changeable.address)
    page.get_by_label("密钥").fill("a secret 芝麻")
    page.get_by_role("button", name="进入").click()
    plan = [Text(90, 100, "云溪市校园食堂改造方案"), Text(90, 140, "一、改造食堂30家。（责任单位：市教育局）")]
    content = pdf(plan, [Picture(0, 0, WIDTH, HEIGHT)])
    page.get_by_label(re.compile("拖到这里")).set_input_files(
        [{"name": "食堂.pdf", "mimeType": "application/pdf", "buffer": content}]
    )
    report = page.get_by_role("status").filter(has_text="处理完成")
    expect(report).to_contain_text("第 2 页是图片或乱码")
    report.get_by_role("link", name="食堂.pdf").click()
    expect(page.get_by_role("note")).to_contain_text("第 2 页是图片或乱码，没有读出来，请与原文件核对")
    page.goto(page.url.split("?")[0] + "?view=documents&lacking=text")
    expect(page.get_by_role("main")).to_contain_text("云溪市校园食堂改造方案")


def test_without_a_key_on_the_server_the_page_says_what_to_do(visit: Visit, address_without_key: str) -> None:
    page = visit("?view=upload", at=address_without_key)
    expect(page.get_by_role("main")).to_contain_text("没有开放网页上传")
    expect(page.get_by_role("main")).to_contain_text("corpus")
    expect(page.get_by_label("密钥")).to_have_count(0)


# --- hands, eyes, hostile texts ---------------------------------------------------------------------


def test_all_of_it_by_keyboard(visit: Visit) -> None:
    page = visit()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("社区养老服务站")
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name=re.compile("增加床位供给")).first
    expect(link).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if link.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("社区养老服务")
    row = page.locator(".facts a.place", has_text="养老护理员")
    row.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".fact.arrived")).to_be_focused()


EVERY_PAGE = (
    "",
    "?q=学前教育",
    "?view=units",
    "?view=unit&id=湘潭市教育局",
    "?view=documents",
    DOCUMENT,
    f"{DOCUMENT}&tab=ledger",
    "?view=targets",
    "?view=overview",
    "?view=overview&tab=matrix",
    "?view=overview&tab=network",
    "?view=overview&tab=deadlines",
    "?view=upload",
)


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_a_phone_shows_it_without_scrolling_sideways(visit: Visit, path: str) -> None:
    page = visit(path, width=390)
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]


def test_facts_come_as_a_sheet_on_a_phone(visit: Visit) -> None:
    page = visit(DOCUMENT, width=390)
    facts = page.get_by_role("complementary", name="本文要点")
    expect(facts).to_be_hidden()
    page.get_by_role("article").locator(".in-target").first.click()
    expect(facts.locator(".chosen")).to_be_in_viewport()
    page.get_by_role("button", name="收起要点").click()
    expect(facts).to_be_hidden()


def test_a_hostile_document_and_a_hostile_query_are_only_text(visit: Visit, watched: Any) -> None:
    watched.expected += ["404", "422"]  # a unit that is not there, a filter that is none
    page = visit("?view=document&id=hostile")
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>window.hurt=1</script>")
    expect(page.get_by_role("article")).to_contain_text("<img src=x onerror")
    for path in (
        "?q=<script>window.hurt=5</script><img src=x onerror=window.hurt=6>",
        "?view=targets&text=<img src=x onerror=window.hurt=7>&sort=<b>&due_year=<i>",
        "?view=unit&id=<script>window.hurt=8</script>",
        "?view=overview&tab=<b>&document_id=<script>",
        "?view=overview&tab=network",
        "?view=constructor",
    ):
        page.goto(f"/{path}")
        page.locator("main:not([aria-busy]) h1").first.wait_for(state="attached")
        assert page.evaluate("[window.hurt ?? null, document.querySelectorAll('main script, main img').length]") == [
            None,
            0,
        ]
