// How facts look everywhere: units as chips, targets as cards, where a clause stands.

import { address, characters, h, marked } from "./dom.js";

export const ROLES = {
  lead: { label: "牵头单位", short: "牵头" },
  responsible: { label: "责任单位", short: "责任" },
  support: { label: "配合单位", short: "配合" },
};

export const LEVELS = { national: "国家级", province: "省级", city: "市级", county: "县级", town: "乡镇级" };

export const STANDING = { in_force: "现行有效", pending: "尚未施行", amended: "已修改", superseded: "已被新版取代", repealed: "已废止", expired: "已到期" };

/** A mark on a document that is not simply in force; none where it is, or where nothing is known. */
export function standingMark(validity) {
  const standing = validity?.standing ?? "in_force";
  const by = validity?.repealed_by ?? validity?.superseded_by ?? validity?.followed_by;
  if (standing === "in_force" && validity?.followed_by) return h("span", { class: "standing amended", title: `见《${by.title || by.id}》${by.document_number}` }, "有新年度文件");
  return standing !== "in_force" && h("span", { class: `standing ${standing}`, title: by ? `见《${by.title || by.id}》${by.document_number}` : false }, STANDING[standing]);
}

/** The sign of a role: a disc, a ring, a triangle, drawn by the style sheet so that every system shows the same. */
export const sign = (role) => h("span", { class: `sign ${role}`, "aria-hidden": "true" });

/** What the signs mean. */
export const signLegend = () => h("p", { class: "signs" }, Object.entries(ROLES).map(([role, { short }]) => h("span", { class: `label ${role}` }, sign(role), short)));

/** How a quantity compares: its sign, and in words. */
export const COMPARATORS = {
  "=": { sign: "", words: "等于" }, ">=": { sign: "≥", words: "不低于" }, "<=": { sign: "≤", words: "不超过" },
  ">": { sign: "＞", words: "超过" }, "<": { sign: "＜", words: "低于" }, "~": { sign: "约", words: "约" },
};
const CHIPS_SHOWN = 8;

/** 2025-12 → 2025年12月; what is not a date stays as it is. */
export function date(due) {
  const found = /^(\d{4}|-)(?:-(\d\d))?(?:-(\d\d))?$/.exec(due ?? "");
  if (!found) return due ?? "";
  const [, year, month, day] = found;
  return [year === "-" ? "" : `${year}年`, month && `${Number(month)}月`, day && `${Number(day)}日`].filter(Boolean).join("");
}

/** The date of a document as printed; a lost year is said to be lost. */
export const issued = (on) => (on?.startsWith("--") ? `${date(on)}（原文缺年份）` : date(on));

/** Distinct units with the best role each has: 牵头 before 责任 before 配合. */
function distinct(units) {
  const order = Object.keys(ROLES);
  const best = new Map();
  for (const unit of units) {
    const known = best.get(unit.unit);
    if (!known || order.indexOf(unit.role) < order.indexOf(known.role)) best.set(unit.unit, unit);
  }
  return [...best.values()];
}

export function chip(unit) {
  const role = ROLES[unit.role];
  return h(
    "a",
    { class: `chip ${unit.role}`, href: address({ view: "unit", id: unit.organization_id || unit.unit }), title: `${role.label}：${unit.unit}，查看它的全部任务` },
    sign(unit.role),
    unit.unit,
  );
}

/** One line for each role with its units; units beyond the first few open on demand when `fold` is set. */
export function unitRows(units, { fold = false } = {}) {
  const rows = [];
  for (const [role, { label }] of Object.entries(ROLES)) {
    const named = distinct(units).filter((unit) => unit.role === role);
    if (!named.length) continue;
    const chips = named.map((unit) => h("li", {}, chip(unit)));
    const hidden = fold && chips.length > CHIPS_SHOWN + 1 ? chips.slice(CHIPS_SHOWN) : [];
    for (const item of hidden) item.hidden = true;
    if (hidden.length) chips.push(h("li", {}, more(hidden)));
    rows.push(h("div", { class: "role" }, h("span", { class: `label ${role}` }, label), h("ul", { class: "chips" }, chips)));
  }
  return rows;
}

function more(hidden) {
  const button = h("button", { type: "button", class: "more", click: () => {
    for (const item of hidden) item.hidden = false;
    button.parentElement.remove();
    hidden[0].querySelector("a").focus();
  } }, `还有 ${hidden.length} 个`);
  return button;
}

const amount = (value) => (Number.isInteger(value) ? String(value) : String(Number(value.toFixed(4))));

/** How much, as people read it: ≥60%, 3～5名, 由30 → 60%. */
export function quantity(target) {
  if (target.value === null) return target.damaged ? "原文缺数字" : "定性目标";
  const range = target.upper === null ? amount(target.value) : `${amount(target.value)}～${amount(target.upper)}`;
  const from = target.baseline === null ? "" : `${amount(target.baseline)} → `;
  return `${COMPARATORS[target.comparator].sign}${from}${range}${target.unit}`;
}

/** Targets of a clause as small cards: the number, what it measures, until when. */
export function targetCards(targets) {
  if (!targets.length) return null;
  return h("ul", { class: "targets", "aria-label": "指标" }, targets.map((target) => {
    const when = [target.per && target.per !== target.due && !target.indicator.includes(target.per) ? target.per : "", date(target.due)].filter(Boolean).join(" · ");
    return h("li", { class: target.value === null ? "target damaged" : "target", title: `原文：${target.text}` },
      h("b", { "aria-label": target.value === null ? false : `${COMPARATORS[target.comparator].words} ${quantity(target)}` }, quantity(target)),
      h("span", {}, target.indicator || target.text),
      when && h("span", { class: "due" }, when));
  }));
}

/** Deadlines of a clause that no target states already. */
/** When something is due, as people write it; that the year is lost where it is. */
export function dueText({ due, recurrence, text, damaged }) {
  return date(due) || recurrence || (damaged ? `${text}（原文年份缺失）` : text);
}

export function deadlines(facts) {
  const stated = new Set(facts.targets.flatMap((target) => [target.due, target.per]));
  const due = facts.deadlines.filter((deadline) => !stated.has(deadline.due || deadline.recurrence || deadline.text));
  const said = [...new Set(due.map(dueText))];
  return said.length ? h("p", { class: "deadlines" }, h("span", { class: "label" }, "时限"), said.join("、")) : null;
}

export const clauseAddress = (clause) => address({ view: "document", id: clause.document_id }, clause.id);

/** Document, with whether it is in force, › headings above the clause. */
export function breadcrumb({ clause, document_title, document_number, validity }) {
  return h("p", { class: "breadcrumb" },
    h("a", { href: address({ view: "document", id: clause.document_id }) }, document_title || clause.document_id), document_number && `（${document_number}）`, standingMark(validity),
    clause.path.slice(0, -1).map((heading) => [h("span", { class: "step", "aria-hidden": "true" }, "›"), heading]));
}

/** What a clause is called: number and heading, else its first words; spans of its text are marked in the heading. */
export function clauseName(clause, spans = []) {
  const chars = characters(clause.text);
  const head = headLength(clause, chars);
  const words = head ? marked(chars, spans, characters(clause.num).length, head) : clause.heading || PARTS[clause.part] || opening(clause);
  return h("span", {}, clause.num && h("span", { class: /[.)\d条章节]$/.test(clause.num) ? "num narrow" : "num" }, clause.num), words);
}

const PARTS = { notice: "印发通知", preamble: "引言", attachment: "附件" };
const OPENING = 24; // characters of a clause without a heading

/** How many characters of the clause's text are its number and heading; 0 when the text does not begin with them. */
export function headLength(clause, chars) {
  const head = characters(clause.num + clause.heading);
  return clause.heading && chars.slice(0, head.length).join("") === head.join("") ? head.length : 0;
}

function opening(clause) {
  const [first] = clause.text.slice(clause.text.startsWith(clause.num) ? clause.num.length : 0).trim().split(/[。；\n]/);
  const chars = characters(first);
  if (chars.length <= OPENING) return first;
  const comma = chars.slice(0, OPENING).findLastIndex((character) => /[，,、：:]/.test(character));
  return `${chars.slice(0, comma > OPENING / 3 ? comma : OPENING).join("")}…`;
}

/** Which page of a list an address asks for, from 1. */
export const pageOf = (parameters) => Math.max(1, Number.parseInt(parameters.get("page") ?? "1", 10) || 1);

/** Links to the pages of a list, with `limit` items on each. */
export function pager(list, toPage) {
  const pages = Math.ceil(list.total / list.limit);
  const page = Math.floor(list.offset / list.limit) + 1;
  if (list.total > 0 && page > pages) return h("p", { class: "empty", role: "note" }, `没有第 ${page} 页，一共 ${pages} 页。`, h("a", { href: toPage(1) }, "回到第 1 页"));
  if (pages <= 1) return null;
  return h("nav", { class: "pager", "aria-label": "翻页" },
    page > 1 ? h("a", { href: toPage(page - 1), rel: "prev" }, "上一页") : h("span", {}, "上一页"),
    h("span", { class: "here" }, `第 ${page} / ${pages} 页`),
    page < pages ? h("a", { href: toPage(page + 1), rel: "next" }, "下一页") : h("span", {}, "下一页"));
}
