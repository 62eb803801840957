// 时限: how much is due when, and the clauses with their units, the nearest first.

import { ask } from "../api.js";
import { chart } from "../chart.js";
import { address, h, number } from "../dom.js";
import { chip, clauseName, date, pageOf, pager, targetCards } from "../facts.js";
import { bars } from "./bars.js";
import { isoToday } from "./counts.js";

const PAGE = 30;
const MOST_BARS = 36;
const UNITS_SHOWN = 5;

export async function section(parameters, signal) {
  const document_id = parameters.get("document_id") ?? "";
  const today = isoToday();
  const month = /^\d{4}(-\d\d)?$/.test(parameters.get("month") ?? "") ? parameters.get("month") : "";
  const page = pageOf(parameters);
  const months = await ask(["deadlines", "months"], { document_id }, signal);
  const ahead = sum(months, ({ id }) => id >= today.slice(0, 7));
  const gone = sum(months, ({ id }) => id < today.slice(0, 7));
  const past = (parameters.get("past") ?? String(!ahead)) === "true"; // where nothing is ahead, show what is behind
  const dates = month ? { since: month, until: month } : past ? { until: before(today), descending: true } : { since: today };
  const due = await ask(["deadlines"], { document_id, ...dates, limit: PAGE, offset: (page - 1) * PAGE }, signal);
  const to = (changes) => address({ view: "overview", tab: "deadlines", document_id, past: String(past), month, ...changes });
  const which = [["false", `今天以后（${number.format(ahead)}）`], ["true", `已经过期（${number.format(gone)}）`]];
  return {
    announcement: `${due.total} 项任务`,
    nodes: [
      months.length > 0 && picture(months, month, to),
      h("nav", { class: "choices", "aria-label": "时限范围" },
        which.map(([value, label]) => h("a", { class: "choice", href: to({ past: value, month: "" }), "aria-current": !month && String(past) === value ? "true" : false }, label)),
        month && h("a", { class: "choice", href: to({ month: "" }), "aria-current": "true" }, `${date(month)} ×`)),
      due.total ? dueList(due.items, today) : h("p", { class: "empty" }, past ? "没有过期的任务。" : "今天以后没有写明日期的任务。"),
      pager(due, (number_) => to({ page: number_ > 1 ? number_ : "" })),
    ],
  };
}

const sum = (months, chosen) => months.filter(chosen).reduce((total, { count }) => total + count, 0);

/** The day before. */
function before(day) {
  const one = new Date(`${day}T00:00:00Z`);
  one.setUTCDate(one.getUTCDate() - 1);
  return one.toISOString().slice(0, 10);
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
      height: 13, open: ({ dataIndex }) => location.assign(to({ month: shown[dataIndex].id })),
    }));
}

function years(months) {
  const sums = new Map();
  for (const { id, count } of months) sums.set(id.slice(0, 4), (sums.get(id.slice(0, 4)) ?? 0) + count);
  return [...sums].map(([id, count]) => ({ id, count }));
}

/** Tasks with the day that something of them is due, and who answers for them. */
export function dueList(items, today) {
  return h("ol", { class: "tasks due-tasks" }, items.map(({ due, facts }) => {
    const { clause } = facts;
    const units = [...new Map(facts.responsibilities.map((unit) => [unit.unit, unit])).values()];
    const place = address({ view: "document", id: clause.document_id }, clause.id);
    return h("li", {},
      h("time", { datetime: due, class: `${due}~` < today ? "gone" : "" }, date(due)),
      h("div", {},
        h("h2", {}, h("a", { href: place }, clauseName(clause))),
        h("p", { class: "breadcrumb" }, `《${facts.document_title || clause.document_id}》`),
        targetCards(facts.targets.filter((target) => target.due === due).slice(0, 4)),
        units.length > 0 && h("ul", { class: "chips" }, units.slice(0, UNITS_SHOWN).map((unit) => h("li", {}, chip(unit))),
          units.length > UNITS_SHOWN && h("li", { class: "count" }, h("a", { href: place }, `等 ${units.length} 个`)))));
  }));
}
