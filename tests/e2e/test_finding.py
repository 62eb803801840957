"""Finding things in a browser: suggestions, facets, why a clause is there, a unit at a glance, lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
Page, expect = sync_api.Page, sync_api.expect
Visit = Callable[..., Page]


def test_pinyin_and_arrow_keys_lead_to_a_unit(visit: Visit) -> None:
    page = visit()
    field = page.get_by_role("combobox", name="查找任务、单位或指标")
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("xtsjyj")
    unit = page.get_by_role("option", name="湘潭市教育局")
    expect(unit).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(unit).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == unit.get_attribute("id")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("湘潭市教育局")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_escape_closes_the_suggestions_and_keeps_what_was_typed(visit: Visit) -> None:
    page = visit()
    page.keyboard.type("学前")
    expect(page.get_by_role("option", name="推进学前教育普惠发展")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.locator("#q")).to_have_value("学前")


def test_a_facet_narrows_and_its_chip_takes_it_back(visit: Visit) -> None:
    page = visit("?q=教育")
    heading = page.get_by_role("heading", level=2, name=re.compile("找到相关条款"))
    before = heading.text_content()
    page.get_by_role("region", name="单位", exact=True).get_by_role("link", name="湘潭市财政局").click()
    expect(page).to_have_url(re.compile("unit="))
    expect(heading).not_to_have_text(before)
    page.get_by_role("list", name="已选条件").get_by_role("link", name="单位：湘潭市财政局").click()
    expect(heading).to_have_text(before)
    page.get_by_role("link", name="只看有指标的").click()
    expect(page).to_have_url(re.compile("has_targets=true"))
    page.reload()
    expect(page.get_by_role("list", name="已选条件")).to_contain_text("有指标")
    for clause in page.locator(".hit").all():
        expect(clause.locator(".target").first).to_be_visible()


def test_snippets_end_where_phrases_do(visit: Visit) -> None:
    page = visit("?q=教育")
    cut = [text for text in page.locator(".snippet").all_inner_texts() if "…" in text[1:]]
    assert len(cut) >= 3
    assert all(re.search(r"[，。；：！？、,]… *展开全文$", text) for text in cut), cut


def test_a_span_of_dates_narrows(visit: Visit) -> None:
    page = visit("?q=新建设施&sort=due")
    page.get_by_label("从", exact=True).fill("2026-01-01")
    page.get_by_label("到", exact=True).fill("2026-12-31")
    page.get_by_role("button", name="确定").click()
    expect(page).to_have_url(re.compile("due_after=2026-01-01&due_before=2026-12-31"))
    expect(page).to_have_url(re.compile("sort=due"))
    expect(page.locator(".group h3")).to_have_text(["青石县农村供水保障行动方案"])


def test_members_of_a_group_and_why_a_clause_is_there(visit: Visit) -> None:
    page = visit("?q=学前教育普惠发展")
    page.get_by_role("button", name="各县市区人民政府包括哪些单位").click()
    expect(page.locator(".members").first).to_contain_text("湘乡市人民政府")
    page.locator(".why summary").first.click()
    expect(page.locator(".why").first).to_contain_text("“学前教育普惠发展”")


def test_the_old_version_is_folded_into_the_new_one(visit: Visit) -> None:
    page = visit("?q=增加床位供给", width=390)
    first = page.locator(".hit").first
    first.get_by_text("往年或旧版的同一条").click()
    expect(first.locator(".copies > ul > li")).to_have_count(1)
    first.locator(".copies a").first.click()
    expect(page).to_have_url(re.compile("view=document&id=yunxi-yanglao"))


def test_the_name_of_a_unit_leads_straight_there(visit: Visit) -> None:
    page = visit("?q=市教育局")
    page.get_by_role("navigation", name="直接前往").get_by_role("link", name="湘潭市教育局").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("湘潭市教育局")


def test_tasks_of_a_unit_by_role_document_and_year(visit: Visit) -> None:
    page = visit("?view=unit&id=云溪市民政局")
    expect(page.get_by_role("img", name=re.compile("2025年"))).to_be_visible()
    expect(page.locator(".ranked").first).to_contain_text("云溪市财政局")
    page.get_by_role("link", name="按时限").click()
    expect(page.get_by_role("heading", level=2, name=re.compile("2025年到期"))).to_be_visible()
    page.locator(".years a", has_text="2025年").first.click()
    expect(page).to_have_url(re.compile("due_after=2025&due_before=2025"))
    expect(page.get_by_role("list", name="已选条件")).to_contain_text("时限：2025年")


def test_documents_are_narrowed(visit: Visit) -> None:
    page = visit("?view=documents")
    page.get_by_label("标题或文号").fill("供水")
    page.keyboard.press("Enter")
    expect(page.locator(".documents .name")).to_have_text(["青石县农村供水保障行动方案"])
    page.get_by_role("link", name="看全部文件").click()
    page.get_by_label("层级").select_option("city")
    expect(page).to_have_url(re.compile("level=city"))


def test_a_question_for_a_list_goes_there(visit: Visit) -> None:
    page = visit("?q=2025年12月要完成的任务")
    card = page.get_by_role("region", name="清单")
    expect(card).to_contain_text("2025年12月到期的任务：")
    expect(card).to_contain_text("增加床位供给")
    card.get_by_role("link", name=re.compile("到期清单|看全部")).click()
    expect(page).to_have_url(re.compile("since=2025-12&until=2025-12"))
    expect(page.get_by_role("heading", name=re.compile("到期清单：2025年12月，共"))).to_be_visible()
    page.locator("#q").fill("云溪市民政局2025年有哪些任务")
    page.keyboard.press("Enter")
    expect(card).to_contain_text("2025年到期的任务（云溪市民政局）：1 项")
    page.locator("#q").fill("社区养老服务进展到哪一步了")
    page.keyboard.press("Enter")
    expect(card).to_contain_text("进展情况不在文件里")
    expect(page.locator(".hit").first).to_be_visible()


def test_what_a_reader_looks_at_as_a_rule_is_kept_shown_and_lifted(visit: Visit) -> None:
    page = visit("?view=overview&tab=deadlines&span=gone&all=1&unit=云溪市民政局")
    tasks = page.locator(".due-tasks > li")
    expect(tasks).to_have_count(2)
    page.get_by_role("button", name="设为我的范围").click()
    expect(page.get_by_role("button", name="不再默认只看这个范围")).to_be_visible()
    page.goto("/")
    expect(page.locator(".scope")).to_contain_text("只看我的范围：云溪市民政局")
    examples = page.locator(".examples a")
    expect(examples).not_to_have_count(0)
    expect(examples.filter(has_text="供水")).to_have_count(0)
    examples.first.click()
    expect(page).to_have_url(re.compile("unit="))
    expect(page.locator(".answer .chips").first).to_contain_text("民政局")
    page.goto("/?view=overview&tab=deadlines&span=gone&all=1")
    expect(tasks).to_have_count(2)
    page.locator("select[name=unit]").select_option(label="全部")
    expect(page).to_have_url(re.compile(r"unit=(\*|%2A)"))
    expect(tasks).not_to_have_count(2)
    page.goto("/?view=overview&tab=deadlines&span=gone&all=1")
    page.get_by_role("button", name="不再默认只看这个范围").click()
    expect(page.get_by_role("button", name="不再默认只看这个范围")).to_have_count(0)
    page.goto("/")
    expect(page.locator(".scope")).to_have_count(0)


def test_a_search_is_within_what_is_kept_says_so_and_can_do_without(visit: Visit) -> None:
    page = visit("?view=overview&tab=deadlines&span=gone&all=1&unit=云溪市民政局")
    page.get_by_role("button", name="设为我的范围").click()
    expect(page.get_by_role("button", name="不再默认只看这个范围")).to_be_visible()
    page.locator("#q").fill("供水管网谁负责")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("unit="))
    expect(page.locator(".scope")).to_contain_text("只看我的范围：云溪市民政局")
    expect(page.locator(".hit").filter(has_text="供水管网")).to_have_count(0)
    page.locator(".scope").get_by_role("link", name="看全部").click()
    expect(page).not_to_have_url(re.compile("unit="))
    expect(page.locator(".hit").first).to_contain_text("供水管网")
    expect(page.locator(".scope")).to_have_count(0)
    page.locator("#q").fill("增加床位供给谁负责")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="谁负责")).to_contain_text("民政局")


def test_a_search_is_narrowed_by_a_place(visit: Visit) -> None:
    page = visit("?q=养老床位&place=云溪市")
    expect(page.locator(".hit").first).to_contain_text("床位")
    page.goto("/?q=养老床位&place=湘潭市")
    expect(page.locator(".hit").filter(has_text="床位")).to_have_count(0)
    page.get_by_role("list", name="已选条件").get_by_role("link", name="地方：湘潭市").click()
    expect(page.locator(".hit").first).to_contain_text("床位")


def test_titles_alone_are_searched(visit: Visit) -> None:
    page = visit("?q=养老服务")
    page.get_by_role("link", name="只在标题和文号中查“养老服务”").click()
    expect(page.locator(".documents .name")).to_have_text(["云溪市社区养老服务提升行动计划"] * 2)
    page.get_by_label("标题或文号").fill("云政发[２０２５]３号")
    page.keyboard.press("Enter")
    expect(page.locator(".documents .name")).to_have_text(["云溪市社区养老服务提升行动计划"])


def test_what_has_come_since_the_last_visit_stands_on_the_first_page(visit: Visit) -> None:
    page = visit()
    news = page.get_by_role("heading", name=re.compile("上次来访"))
    expect(news).to_have_count(0)
    page.evaluate("localStorage.setItem('kb-visits', JSON.stringify({ day: '2020-02-03' }))")
    page.goto("/")
    expect(news).to_have_text("上次来访（2020年2月3日）以来新收")
    expect(page.locator("section", has=news).locator(".documents li").first).to_contain_text("收入")
    page.goto("/")  # the same day
    expect(news).to_have_text("上次来访（2020年2月3日）以来新收")
    page.evaluate("localStorage.setItem('kb-visits', JSON.stringify({ day: '9999-01-01' }))")
    page.goto("/")
    expect(page.get_by_role("main")).to_contain_text("上次来访（9999年1月1日）以来没有新收的文件")
    page.evaluate("localStorage.setItem('kb-visits', '{')")
    page.goto("/")
    expect(page.get_by_role("heading", name="最新的文件")).to_be_visible()
    expect(news).to_have_count(0)


def test_two_units_side_by_side(visit: Visit) -> None:
    page = visit("?view=unit&id=云溪市民政局")
    page.get_by_label("与另一个单位比较").fill("云溪市财政局")
    page.locator(".finder").get_by_role("link", name="云溪市财政局").click()
    expect(page.get_by_role("columnheader")).to_have_text(["比较什么", "云溪市民政局", "云溪市财政局"])
    expect(page.get_by_role("row", name=re.compile("^牵头"))).to_contain_text(re.compile("牵头2 项0 项"))
    expect(page.locator(".shared")).to_contain_text("云溪市民政局牵头，云溪市财政局配合")
    page.get_by_role("row", name=re.compile("^已过期")).get_by_role("link").first.click()
    expect(page.get_by_role("heading", name=re.compile("到期清单：已过期，共 1 项"))).to_be_visible()


def test_a_page_that_is_not_there_and_dates_the_wrong_way_round_are_said(visit: Visit, watched: Any) -> None:
    page = visit("?view=documents&page=99")
    expect(page.get_by_role("main")).to_contain_text("没有第 99 页")
    page.get_by_role("link", name="回到第 1 页").click()
    expect(page.locator(".documents .name").first).to_be_visible()
    watched.expected.append("422")
    page.goto("/?view=overview&tab=deadlines&since=2026-12&until=2026-01")
    expect(page.get_by_role("alert")).to_contain_text("开始日期 2026-12 晚于结束日期 2026-01")
