// 谁负责, then the clauses that were found.

import { ask } from "../api.js";
import { address, characters, h, marked, number } from "../dom.js";
import { ROLES, breadcrumb, clauseAddress, clauseName, deadlines, headLength, pageOf, pager, targetCards, unitRows } from "../facts.js";

const PAGE = 10;
const SNIPPET = 130; // characters

export async function render(parameters, signal) {
  const asked = {
    q: parameters.get("q") ?? "", role: parameters.get("role") ?? "", document_id: parameters.get("document_id") ?? "",
    unit: parameters.get("unit") ?? "", has_targets: parameters.get("has_targets") ?? "", due_before: parameters.get("due_before") ?? "",
  };
  const page = pageOf(parameters);
  const narrowed = Object.entries(asked).some(([name, value]) => name !== "q" && value);
  const [result, answer] = await Promise.all([
    ask(["search"], { ...asked, limit: PAGE, offset: (page - 1) * PAGE }, signal),
    narrowed || page > 1 ? null : ask(["who"], { q: asked.q }, signal),
  ]);
  const found = heading(result);
  return {
    title: asked.q,
    announcement: `${answer && answer.units.length ? `${answer.units.length} 个负责单位，` : ""}${found}`,
    nodes: [
      h("h1", { class: "hidden" }, `查询：${asked.q}`),
      answer && answerPanel(answer),
      h("section", { class: "results", "aria-label": "相关条款" },
        h("div", { class: "results-head" }, h("h2", {}, found), filterForm(asked)),
        hitList(result, narrowed),
        pager(result, (to) => address({ ...asked, page: to > 1 ? to : "" }))),
    ],
  };
}

function heading(result) {
  if (!result.total) return "没有找到相关条款";
  const count = number.format(result.total);
  return result.offset === 0 && result.hits[0]?.weak ? `没有很相关的条款，最接近的 ${count} 条如下` : `找到条款 ${count} 条，按相关程度排列`;
}

// --- 谁负责 ---

function answerPanel(answer) {
  if (!answer.units.length) {
    return h("section", { class: "answer none", "aria-label": "谁负责" },
      h("h2", {}, "谁负责"),
      h("p", {}, `知识库中没有找到对“${answer.query}”负责的单位。`));
  }
  const shown = new Set();
  const groups = answer.evidence
    .map((hit) => ({ hit, units: answer.units.filter((unit) => answersFor(unit, hit.facts.clause) && !shown.has(unit) && shown.add(unit)) }))
    .filter((group) => group.units.length);
  return h("section", { class: "answer", "aria-label": "谁负责" },
    h("h2", {}, "谁负责"),
    answer.leads_differ && h("p", { class: "hint" }, "注意：不同文件对牵头单位的规定不一致，请以现行有效的文件为准。"),
    groups.slice(0, 1).map(evidence),
    groups.length > 1 && h("details", { class: "others" },
      h("summary", {}, `另有 ${groups.length - 1} 个相关条款也明确了责任`),
      groups.slice(1).map(evidence)));
}

/** Whether a unit is named in the clause or in one above it: ids of clauses begin with those above. */
function answersFor(unit, clause) {
  return unit.clause_id === clause.id || clause.id.startsWith(`${unit.clause_id}.`);
}

function evidence({ hit, units }) {
  const { clause } = hit.facts;
  const quote = proof(clause, hit.facts.responsibilities);
  return h("article", { class: "evidence" },
    h("h3", {}, h("a", { href: clauseAddress(clause) }, clauseName(clause))),
    unitRows(units),
    quote && h("blockquote", {}, h("span", { class: "label" }, "依据"), h("a", { href: clauseAddress(clause), title: "查看原文" }, quote)),
    breadcrumb(hit.facts.document_title, clause));
}

/** The words of the clause that name the units: from the first mention to the last, up to the ends of the sentence. */
function proof(clause, responsibilities) {
  const bounds = responsibilities
    .map(({ text }) => ({ start: clause.text.indexOf(text), length: text.length }))
    .filter(({ start }) => start >= 0);
  if (!bounds.length) return "";
  const first = Math.min(...bounds.map(({ start }) => start));
  const last = Math.max(...bounds.map(({ start, length }) => start + length));
  const start = Math.max(...["。", "；", "\n", "！"].map((end) => clause.text.lastIndexOf(end, first - 1))) + 1;
  const stop = clause.text.slice(last).search(/[。；\n]/);
  return clause.text.slice(start, stop < 0 ? undefined : last + stop + 1).trim();
}

// --- clauses ---

function filterForm(asked) {
  const submit = (event) => event.currentTarget.form.requestSubmit();
  return h("form", { class: "filters", action: "/", method: "get", "aria-label": "筛选" },
    h("input", { type: "hidden", name: "q", value: asked.q }),
    asked.document_id && h("input", { type: "hidden", name: "document_id", value: asked.document_id }),
    asked.unit && h("input", { type: "hidden", name: "unit", value: asked.unit }),
    asked.document_id && h("a", { class: "tag", href: address({ ...asked, document_id: "" }), title: "取消，在全部文件中查找" }, "限本文件 ×"),
    asked.unit && h("a", { class: "tag", href: address({ ...asked, unit: "" }), title: "取消单位筛选" }, `${asked.unit} ×`),
    h("label", {}, "角色 ", h("select", { name: "role", change: submit },
      h("option", { value: "" }, "不限"),
      Object.entries(ROLES).map(([role, { short }]) => h("option", { value: role, selected: asked.role === role }, short)))),
    h("label", {}, "不晚于 ", h("input", { type: "date", name: "due_before", value: asked.due_before, change: submit })),
    h("label", {}, h("input", { type: "checkbox", name: "has_targets", value: "true", checked: asked.has_targets === "true", change: submit }), " 有指标"));
}

function hitList(result, narrowed) {
  if (!result.total) {
    return h("div", { class: "empty" },
      h("p", {}, "可以试试："),
      h("ul", {},
        h("li", {}, "换一个说法，或只保留关键词；"),
        narrowed && h("li", {}, h("a", { href: address({ q: result.query }) }, "取消筛选条件"), "；"),
        h("li", {}, "在", h("a", { href: address({ view: "units" }) }, "单位"), "或", h("a", { href: address({ view: "documents" }) }, "文件"), "中浏览。")));
  }
  const firstWeak = result.hits.findIndex((hit) => hit.weak);
  return h("ol", { class: "hits", start: result.offset + 1 }, result.hits.map((hit, index) => [
    index === firstWeak && index > 0 && h("li", { class: "divider" }, "以下条款与查询内容关系较弱"),
    h("li", { class: hit.weak ? "hit weak" : "hit" }, hitCard(hit)),
  ]));
}

function hitCard(hit) {
  const { clause } = hit.facts;
  return [
    breadcrumb(hit.facts.document_title, clause),
    h("h3", {}, h("a", { href: clauseAddress(clause) }, clauseName(clause, hit.highlights))),
    snippet(clause, hit.highlights),
    targetCards(hit.facts.targets),
    unitRows(hit.facts.responsibilities, { fold: true }),
    deadlines(hit.facts),
  ];
}

/** The part of the clause where most words match, and a button for the rest. */
function snippet(clause, highlights) {
  const chars = characters(clause.text);
  const head = lead(clause, chars);
  if (head >= chars.length) return null;
  const { start, end } = window_(chars, highlights, head);
  const text = h("p", { class: "snippet" }, start > head && "…", marked(chars, highlights, start, end), end < chars.length && "…");
  if (start === head && end === chars.length) return text;
  const button = h("button", { type: "button", class: "more", "aria-expanded": "false", click: () => {
    text.replaceChildren(...marked(chars, highlights, head));
    button.remove();
    text.tabIndex = -1;
    text.focus();
  } }, "展开全文");
  text.append(" ", button);
  return text;
}

/** How many characters at the beginning only repeat number and heading. */
function lead(clause, chars) {
  const head = headLength(clause, chars) || (clause.text.startsWith(clause.num) ? characters(clause.num).length : 0);
  const rest = chars.findIndex((character, index) => index >= head && !/[\s。.:：]/.test(character));
  return rest < 0 ? chars.length : rest;
}

function window_(chars, highlights, head) {
  if (chars.length - head <= SNIPPET * 1.3) return { start: head, end: chars.length };
  const weight = (from) => highlights.reduce((sum, span) => sum + Math.max(0, Math.min(span.end, from + SNIPPET) - Math.max(span.start, from)), 0);
  const starts = [head, ...chars.keys()].filter((at) => at === head || (at > head && /[。；！\n]/.test(chars[at - 1])));
  const start = starts.reduce((best, at) => (weight(at) > weight(best) ? at : best), head);
  return { start, end: Math.min(chars.length, start + SNIPPET) };
}
