// How much the knowledge base holds, of which years, kinds and issuers, and what in it is doubtful.

import { ask } from "../api.js";
import { chart } from "../chart.js";
import { address, h, number } from "../dom.js";
import { ROLES, date, sign } from "../facts.js";
import { everyDue } from "../scope.js";
import { bars } from "./bars.js";

const AHEAD = 5; // deadlines

export async function section(_, signal) {
  const today = isoToday();
  const [seen, ahead] = await Promise.all([
    ask(["overview"], {}, signal),
    ask(["deadlines"], { since: today, in_force: true, limit: AHEAD }, signal),
  ]);
  return {
    announcement: `总览：${seen.counts.documents} 份文件，${seen.counts.responsibilities} 项责任`,
    nodes: [
      tiles(seen),
      h("div", { class: "overview-columns" },
        panel("即将到期", everyDue({ span: "ahead" }), "到期清单", dueList(ahead)),
        panel("数据质量提示", null, null, warnings(seen.quality))),
      h("div", { class: "picture-row" },
        picture("文件年份", seen.by_year, "accent", true),
        picture("文种", seen.by_kind, "support", false),
        picture("发文机关", seen.by_issuer, "responsible", false)),
    ],
  };
}

/** The day so many days later. */
export function dayAfter(day, days) {
  const one = new Date(`${day}T00:00:00Z`);
  one.setUTCDate(one.getUTCDate() + days);
  return one.toISOString().slice(0, 10);
}

/** The day of the reader's calendar. */
export function isoToday() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

function tiles({ counts, ...seen }) {
  const tile = (count, label, href) => h("li", {}, h(href ? "a" : "div", { class: "tile", href }, h("b", {}, number.format(count)), h("span", {}, label)));
  return h("ul", { class: "tiles" },
    tile(counts.documents, "份文件", address({ view: "documents" })),
    tile(counts.clauses, "个条款"),
    tile(counts.organizations, "个单位", address({ view: "units" })),
    tile(counts.targets, "项指标", address({ view: "targets" })),
    h("li", {}, h("a", { class: "tile", href: address({ view: "overview", tab: "matrix" }) },
      h("span", { class: "tile-roles" }, Object.entries(ROLES).map(([role, { short }]) =>
        h("span", { class: `label ${role}` }, sign(role), `${short} `, h("b", {}, number.format(seen[role]))))),
      h("span", {}, "条任务有单位牵头、负责、配合"))));
}

const panel = (title, href, all, ...content) => h("section", { class: "panel" },
  h("div", { class: "section-head" }, h("h2", {}, title), href && h("a", { href }, all)), ...content);

function dueList(ahead) {
  if (!ahead.total) return h("p", { class: "meta" }, "今天以后没有写明日期的任务。");
  return h("ul", { class: "due-list" }, ahead.items.map(({ due, facts }) => h("li", {},
    h("time", { datetime: due }, date(due)),
    h("span", {}, h("a", { href: address({ view: "document", id: facts.clause.document_id }, facts.clause.id) }, facts.clause.heading || facts.clause.text.slice(0, 24)),
      h("span", { class: "breadcrumb" }, unitNames(facts.responsibilities) || facts.document_title || facts.clause.document_id)))));
}

function unitNames(responsibilities) {
  const names = [...new Set(responsibilities.map(({ unit }) => unit))];
  return names.slice(0, 3).join("、") + (names.length > 3 ? `等 ${names.length} 个单位` : "");
}

/** What a reader should know before relying on a figure; each with what to do, and where to see it. */
function warnings(quality) {
  const kinds = [
    [quality.damaged_targets, "项指标的数字在原文中缺失", address({ view: "targets", state: "damaged" })],
    [quality.damaged_deadlines, "处时限的年份在原文中缺失"],
    [quality.damaged_citations, "处引用的文号在原文中缺字"],
    [quality.unresolved_units, "个单位名称未能对上正式名称", address({ view: "units", unresolved: "true" })],
    [quality.documents_without_units, "份文件没有写明责任单位", address({ view: "documents", lacking: "units" })],
    [quality.documents_without_date, "份文件没有完整的成文日期", address({ view: "documents", lacking: "date" })],
    [quality.documents_without_text, "份文件有没读出来的页或文字", address({ view: "documents", lacking: "text" })],
  ].filter(([count]) => count > 0);
  if (!kinds.length) return h("p", { class: "meta" }, "没有发现缺字、缺数或对不上的单位。");
  return [
    h("ul", { class: "warnings" }, kinds.map(([count, text, href]) => h("li", {},
      h("b", {}, number.format(count)), h("span", { class: "inline" }, text, href && [" ", h("a", { href }, "查看")])))),
    h("p", { class: "meta" }, "缺失的内容程序不会猜，请以原件为准；对不上的单位可在它的页面上更正名称。"),
  ];
}

function picture(title, tallies, colour, upright) {
  if (!tallies.length) return null;
  const said = tallies.map(({ name, count }) => `${name} ${count} 份`).join("，");
  return h("figure", { class: "picture" },
    h("figcaption", {}, title),
    chart(`${title}：${said}`, (colours) => bars(tallies, colours, colour, upright), { height: 16 }),
    h("details", { class: "as-text" }, h("summary", {}, "文字"), h("p", {}, said)));
}
