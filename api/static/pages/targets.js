// All targets as a table: narrowed, ordered, counted by year and unit, to be taken along as a file.

import { ask, path } from "../api.js";
import { chart } from "../chart.js";
import { address, h, number } from "../dom.js";
import { COMPARATORS, ROLES, chip, date, pageOf, pager, quantity } from "../facts.js";
import { bars } from "./bars.js";

const PAGE = 50;
const MOST_ROWS = 10000; // of a file
const UNITS_SHOWN = 3;
const BARS = 10;
const ASKED = ["text", "unit", "document_id", "due_year", "measure", "comparator", "state", "least", "sort", "descending"];
const NARROWING = ASKED.slice(0, -2);
const STATES = { stated: "有明确数值", damaged: "原文数字缺失", qualitative: "定性目标" };
const COLUMNS = [["indicator", "指标"], ["value", "目标值"], ["due", "时限"], [null, "责任单位"], ["document", "文件"]];

export async function render(parameters, signal) {
  const asked = Object.fromEntries(ASKED.map((name) => [name, parameters.get(name) ?? ""]));
  const page = pageOf(parameters);
  const [targets, tallies] = await Promise.all([
    ask(["targets"], { ...asked, limit: PAGE, offset: (page - 1) * PAGE }, signal),
    ask(["targets", "tallies"], asked, signal),
  ]);
  const to = (changes) => address({ view: "targets", ...asked, ...changes });
  const narrowed = NARROWING.some((name) => asked[name]);
  return {
    title: "指标",
    wide: true,
    announcement: `共 ${targets.total} 项指标`,
    nodes: [
      h("header", { class: "page-head" },
        h("h1", {}, "指标"),
        h("p", { class: "meta" }, `${narrowed ? "符合条件的" : "全部文件中的"}量化目标 ${number.format(targets.total)} 项；点指标可看原文`)),
      filters(asked, tallies, to, narrowed),
      targets.total > 0 && charts(tallies, to),
      targets.total > 0 ? table(targets, asked, to) : h("p", { class: "empty" }, "没有符合条件的指标。", h("a", { href: address({ view: "targets" }) }, "看全部指标")),
      pager(targets, (number_) => to({ page: number_ > 1 ? number_ : "" })),
    ],
  };
}

// --- what to show ---

function filters(asked, tallies, to, narrowed) {
  const submit = (event) => event.currentTarget.form.requestSubmit();
  const choice = (label, name, options) => h("label", {}, `${label} `, h("select", { name, change: submit },
    h("option", { value: "" }, "不限"),
    options.map(([value, text]) => h("option", { value, selected: asked[name] === value }, text))));
  const counted = (list) => list.map(({ id, name, count }) => [id, `${name}（${count}）`]);
  return h("form", { class: "filters target-filters", action: "./", method: "get", role: "search", "aria-label": "筛选指标" },
    h("input", { type: "hidden", name: "view", value: "targets" }),
    ["sort", "descending"].map((name) => asked[name] && h("input", { type: "hidden", name, value: asked[name] })),
    h("label", {}, "指标含 ", h("input", { type: "search", name: "text", value: asked.text, maxlength: 200, placeholder: "如：幼儿园" })),
    h("label", {}, "责任单位 ", h("input", { type: "search", name: "unit", value: asked.unit, list: "target-units", placeholder: "如：教育局" })),
    h("datalist", { id: "target-units" }, tallies.by_unit.map(({ id, count }) => h("option", { value: id }, `${count} 项`))),
    choice("时限", "due_year", tallies.by_year.map(({ id, count }) => [id, `${yearName(id)}（${count}）`])),
    choice("计量单位", "measure", counted(tallies.by_measure)),
    h("label", {}, "目标值不低于 ", h("input", { inputmode: "decimal", name: "least", value: asked.least, size: 6, placeholder: "如：90" })),
    choice("关系", "comparator", Object.entries(COMPARATORS).map(([id, { sign, words }]) => [id, sign && sign !== words ? `${words} ${sign}` : words])),
    choice("数值", "state", Object.entries(STATES)),
    choice("文件", "document_id", withChosen(counted(tallies.by_document), asked.document_id)),
    h("button", { type: "submit" }, "筛选"),
    narrowed && h("a", { href: to(Object.fromEntries(NARROWING.map((name) => [name, ""]))) }, "清除条件"));
}

/** A document that is chosen but not among those listed must stay chosen. */
const withChosen = (options, chosen) => (chosen && !options.some(([value]) => value === chosen) ? [[chosen, chosen], ...options] : options);

const yearName = (year) => (year === "none" ? "未写时限" : `${year}年`);

// --- pictures ---

function charts(tallies, to) {
  const years = tallies.by_year.filter(({ id }) => id !== "none");
  const units = tallies.by_unit.slice(0, BARS);
  const open = (parameters) => { location.assign(to(parameters)); };
  return h("details", { class: "pictures", open: matchMedia("(min-width: 48rem)").matches },
    h("summary", {}, "图表：哪一年到期、哪些单位负责"),
    h("div", { class: "picture-row" },
      years.length > 0 && figure("按到期年份",
        chart(`各年到期的指标：${said(years, yearName)}`, (colours) => bars(years, colours, "target", true), {
          height: 15, open: ({ dataIndex }) => open({ due_year: years[dataIndex].id }),
        })),
      units.length > 0 && figure("按责任单位",
        chart(`指标最多的单位：${said(units, (_, name) => name)}`, (colours) => bars(units, colours, "responsible", false), {
          height: 15, open: ({ dataIndex }) => open({ unit: units[dataIndex].id }),
        }))));
}

const figure = (title, picture) => h("figure", { class: "picture" }, h("figcaption", {}, title), picture);
const said = (tallies, called) => tallies.slice(0, BARS).map(({ id, name, count }) => `${called(id, name)}${count}项`).join("，");

// --- table ---

function table(targets, asked, to) {
  const file = (form, label, quiet) => h("a", { class: quiet ? "button quiet" : "button", href: `${path(["targets", `table.${form}`])}?${new URLSearchParams(Object.entries(asked).filter(([, value]) => value))}`, download: true }, label);
  return h("section", { "aria-label": "指标清单" },
    h("div", { class: "table-head" },
      h("p", { class: "meta" }, `第 ${number.format(targets.offset + 1)}—${number.format(targets.offset + targets.items.length)} 项`),
      targets.total <= MOST_ROWS
        ? h("div", { class: "downloads" }, file("xlsx", "下载 Excel"), file("csv", "CSV", true))
        : h("p", { class: "meta" }, `超过 ${number.format(MOST_ROWS)} 项，筛选后可下载`)),
    h("table", { class: "grid target-table" },
      h("thead", {}, h("tr", {}, COLUMNS.map(([order, label]) => head(order, label, asked, to)))),
      h("tbody", { click: openRow }, targets.items.map(row))));
}

function head(order, label, asked, to) {
  if (!order) return h("th", { scope: "col" }, label);
  const here = (asked.sort || "document") === order;
  const descending = here && asked.descending === "true";
  return h("th", { scope: "col", "aria-sort": here ? (descending ? "descending" : "ascending") : false },
    h("a", { href: to({ sort: order === "document" ? "" : order, descending: here && !descending ? "true" : "" }), title: `按${label}排列` },
      label, h("span", { class: "arrow", "aria-hidden": "true" }, here ? (descending ? " ↓" : " ↑") : " ↕")));
}

/** A click anywhere in a row opens what its first link opens; links and selected text stay themselves. */
function openRow(event) {
  const line = event.target.closest("tr");
  if (!line || event.target.closest("a, button") || String(getSelection())) return;
  line.querySelector("a").click();
}

function row({ target, document_id, document_title, path: headings, responsibilities }) {
  const place = address({ view: "document", id: document_id }, `at-${target.start}`);
  const cell = (label, attributes, ...children) => h("td", { "data-column": label, ...attributes }, ...children);
  const order = Object.keys(ROLES);
  const units = [...new Map(responsibilities.map((unit) => [unit.unit, unit])).values()].sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role));
  const when = [...new Set([target.per, date(target.due)])].filter((text) => text && !target.indicator.includes(text)).join(" · ");
  return h("tr", { class: target.value === null ? "damaged" : "" },
    cell("指标", { class: "indicator" }, h("a", { href: place }, target.indicator || target.text), h("span", { class: "breadcrumb" }, headings.slice(-1)[0] ?? "")),
    cell("目标值", { class: "amount" }, quantity(target)),
    cell("时限", { class: when ? "due" : "blank" }, when),
    cell("责任单位", { class: units.length ? "" : "blank" },
      h("ul", { class: "chips" }, units.slice(0, UNITS_SHOWN).map((unit) => h("li", {}, chip(unit))),
        units.length > UNITS_SHOWN && h("li", { class: "count" }, h("a", { href: place }, `等 ${units.length} 个`)))),
    cell("文件", { class: "document" }, h("a", { href: address({ view: "document", id: document_id }) }, document_title || document_id)));
}
