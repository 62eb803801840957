// 到期清单: what is due in a span of days, by unit, place and document; to take along as a ledger, on paper and as a calendar.

import { answersEverybody, ask, path } from "../api.js";
import { chart } from "../chart.js";
import { address, characters, h, number } from "../dom.js";
import { chip, clauseName, date, headLength, pageOf, pager, targetCards } from "../facts.js";
import { MOST_IN_WORD, MOST_ROWS, fileLink } from "../files.js";
import { tickable } from "../ticking.js";
import { bars } from "./bars.js";
import { EVERY, inScope, keeping, scope } from "../scope.js";
import { copyButton } from "./citing.js";
import { dayAfter, isoToday } from "./counts.js";

const PAGE = 50;
const MOST_BARS = 36;
const STILL_SHOWN = 31; // days: what was due is still in a calendar for so long
const UNITS_SHOWN = 6;
const OPENING = 90; // characters of a task's own words
const NARROWED = { unit: "单位", place: "地方", document_id: "文件" };

/** Spans of days by name: what they are called, and the dates to ask for. */
const spans = (today) => ({
  month: ["本月", { since: today.slice(0, 7), until: today.slice(0, 7) }],
  days30: ["30 天内", { since: today, until: dayAfter(today, 30) }],
  days90: ["90 天内", { since: today, until: dayAfter(today, 90) }],
  ahead: ["今天以后", { since: today }],
  gone: ["已过期", { until: dayAfter(today, -1), descending: true }],
  again: ["定期任务", { recurring: true }],
});

export async function section(parameters, signal) {
  const today = isoToday();
  const all = spans(today);
  const own = Object.fromEntries(["since", "until"].map((name) => [name, parameters.get(name) ?? ""]));
  const isOwn = Boolean(own.since || own.until); // a span of the reader's own, named by its days
  const narrowed = { ...Object.fromEntries(Object.keys(NARROWED).map((name) => [name, inScope(parameters, name)])), in_force: parameters.get("all") ? "" : true };
  const page = pageOf(parameters);
  const counts = await Promise.all(Object.values(all).map(async ([, dates]) => (await ask(["deadlines"], { ...narrowed, ...dates, limit: 1 }, signal)).total));
  const found = Object.fromEntries(Object.keys(all).map((name, place) => [name, counts[place]]));
  const span = Object.hasOwn(all, parameters.get("span") ?? "") ? parameters.get("span") : ["days30", "days90", "ahead", "gone"].find((name) => found[name]) ?? "ahead";
  const dates = isOwn ? own : all[span][1];
  const called = isOwn ? between(own) : all[span][0];
  const [months, tallies, due, dated, isOpen] = await Promise.all([
    ask(["deadlines", "months"], narrowed, signal),
    ask(["deadlines", "tallies"], { ...narrowed, ...dates }, signal),
    ask(["deadlines"], { ...narrowed, ...dates, limit: PAGE, offset: (page - 1) * PAGE }, signal),
    ask(["deadlines"], { ...narrowed, since: dayAfter(today, -STILL_SHOWN), limit: 1 }, signal),
    answersEverybody(signal),
  ]);
  const held = Object.fromEntries(Object.keys(scope()).map((name) => [name, narrowed[name] || EVERY])); // of all is said where it is not what is kept
  const to = (changes) => address({ view: "overview", tab: "deadlines", ...narrowed, ...held, in_force: "", all: parameters.get("all") ?? "", span, ...own, ...changes });
  return {
    announcement: `${due.total} 项任务`,
    nodes: [
      h("nav", { class: "choices", "aria-label": "时间范围" },
        Object.entries(all).map(([name, [label]]) => h("a", { class: "choice", href: to({ span: name, since: "", until: "" }), "aria-current": !isOwn && span === name ? "true" : false }, `${label}（${number.format(found[name])}）`)),
        isOwn && h("a", { class: "choice", href: to({ since: "", until: "" }), "aria-current": "true" }, `${called} ×`)),
      narrowing(parameters, narrowed, tallies, { span, ...own }),
      keeping(Object.fromEntries([["unit", tallies.by_unit], ["place", tallies.by_place]].map(([name, list]) => [name, narrowed[name] && { id: narrowed[name], name: options(list, narrowed[name]).find(({ id }) => id === narrowed[name]).name }]))),
      takeAlong({ ...narrowed, ...dates }, narrowed, due.total, { count: Math.max(dated.total, found.again), isOpen }),
      h("h2", { class: "print-title" }, `到期清单：${called}，共 ${number.format(due.total)} 项`),
      due.total ? dueList(due.items, today) : h("p", { class: "empty" }, "这段时间里没有写明日期的任务。"),
      pager(due, (number_) => to({ page: number_ > 1 ? number_ : "" })),
      months.length > 0 && span !== "again" && picture(months, own.since === own.until ? own.since : "", to),
    ],
  };
}

/** A span of days in words. */
const between = ({ since, until }) => (since === until ? date(since) : `${date(since) || "……"} 至 ${date(until) || "……"}`);

/** Of whom, from where, of which document: chosen from what there is, the most first. */
function narrowing(parameters, narrowed, tallies, kept) {
  const lists = { unit: tallies.by_unit, place: tallies.by_place, document_id: tallies.by_document };
  return h("form", { class: "filters due-filters", "aria-label": "筛选", change: ({ currentTarget }) => currentTarget.requestSubmit() },
    Object.entries({ view: "overview", tab: "deadlines", ...kept }).map(([name, value]) => h("input", { type: "hidden", name, value })),
    Object.entries(NARROWED).map(([name, label]) => h("label", {}, `${label} `, h("select", { name },
      h("option", { value: scope()[name] ? EVERY : "" }, "全部"),
      options(lists[name], narrowed[name]).map(({ id, name: called, count }) =>
        h("option", { value: id, selected: id === narrowed[name] }, count ? `${called}（${number.format(count)}）` : called))))),
    h("label", {}, h("input", { type: "checkbox", name: "all", value: "1", checked: Boolean(parameters.get("all")) }), " 含已失效文件"));
}

/** What a list offers; what is chosen stands in it, also where nothing of it is in the span. */
const options = (tallies, chosen) => (!chosen || tallies.some(({ id }) => id === chosen) ? tallies : [{ id: chosen, name: chosen.split("@")[0] }, ...tallies]);

/** The list as files, and the calendar, which programs without a key can follow only where the server answers everybody. */
function takeAlong(asked, narrowed, total, { count, isOpen }) {
  const feed = new URL(path(["deadlines", "calendar.ics"], narrowed), location.href).href;
  return h("div", { class: "take-along" },
    total > 0 && fileLink("下载 Excel", path(["deadlines", "table.xlsx"], asked), "button", total, MOST_ROWS),
    total > 0 && fileLink("下载 Word", path(["deadlines", "table.docx"], asked), "button quiet", total, MOST_IN_WORD),
    total > 0 && h("button", { type: "button", class: "button quiet", click: () => print() }, "打印本页"),
    fileLink("下载日历文件", feed, "button quiet", count, MOST_ROWS),
    isOpen && count <= MOST_ROWS && copyButton("复制订阅地址", () => feed, "button quiet"),
    count <= MOST_ROWS && h("span", { class: "meta" }, `日历含全部到期任务和定期任务，可在 Outlook、WPS 日历或手机里打开；${isOpen ? "用订阅地址添加，会随知识库更新。" : "这台服务器查询需要密钥，日历程序不能订阅，请不时重新下载。"}`));
}

/** Years, or the months of the year that is looked at; months at once while they can be told apart. */
function picture(months, chosen, to) {
  const within = chosen ? months.filter(({ id }) => id.startsWith(chosen.slice(0, 4))) : months;
  const byMonth = Boolean(chosen) || months.length <= MOST_BARS;
  const shown = (byMonth ? within : years(months)).slice(-MOST_BARS);
  const named = shown.map(({ id, count }) => ({ id, name: byMonth ? date(id) : id, count }));
  return h("figure", { class: "picture due-picture" },
    h("figcaption", {}, chosen ? `${chosen.slice(0, 4)}年各月到期的任务` : `按${byMonth ? "月" : "年"}统计的到期任务`,
      h("span", { class: "meta" }, "只写年份的算在 12 月；点柱子只看那一段")),
    chart(`到期任务：${named.map(({ name, count }) => `${name} ${count} 项`).join("，")}`, (colours) => bars(named, colours, "target", true), {
      height: 13, open: ({ dataIndex }) => location.assign(to({ since: shown[dataIndex].id, until: shown[dataIndex].id })),
    }));
}

function years(months) {
  const sums = new Map();
  for (const { id, count } of months) sums.set(id.slice(0, 4), (sums.get(id.slice(0, 4)) ?? 0) + count);
  return [...sums].map(([id, count]) => ({ id, count }));
}

/** Tasks with the day that something of them is due, and who answers for them. */
export function dueList(items, today) {
  return h("ol", { class: "tasks due-tasks" }, items.map(({ due, recurrence, facts }) => {
    const { clause } = facts;
    const units = [...new Map(facts.responsibilities.map((unit) => [unit.unit, unit])).values()];
    const place = address({ view: "document", id: clause.document_id }, clause.id);
    return h("li", {},
      due ? h("time", { datetime: due, class: `${due}~` < today ? "gone" : "" }, date(due)) : h("span", { class: "rhythm" }, recurrence),
      h("div", {},
        tickable(clause.id, clauseName(clause).textContent, h("h3", {}, h("a", { href: place }, clauseName(clause)))),
        h("p", { class: "own-words" }, ownWords(clause)),
        h("p", { class: "breadcrumb" }, facts.document_title || clause.document_id),
        targetCards(facts.targets.filter((target) => due && target.due === due).slice(0, 4)),
        units.length > 0 && h("ul", { class: "chips" }, units.slice(0, UNITS_SHOWN).map((unit) => h("li", {}, chip(unit))),
          units.length > UNITS_SHOWN && h("li", { class: "count" }, h("a", { href: place }, `等 ${units.length} 个`)))));
  }));
}

/** What the clause says behind its heading, its beginning. */
function ownWords(clause) {
  const chars = characters(clause.text);
  const said = characters(chars.slice(headLength(clause, chars)).join("").replace(/^[\s。．.：:]+/, ""));
  return said.length > OPENING ? `${said.slice(0, OPENING).join("")}…` : said.join("");
}
