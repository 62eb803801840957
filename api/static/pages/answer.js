// 谁负责: a straight answer, with the sentences that say so.

import { ask } from "../api.js";
import { address, h } from "../dom.js";
import { ROLES, breadcrumb, chip, clauseAddress, clauseName, deadlines, standingMark, targetCards } from "../facts.js";

const NEAR = 3; // clauses shown where nobody answers
const DIRECTNESS = {
  inherited: "由上级条款标明", declared: "由全文统一规定", prose: "正文中写明", group: "", mark: "",
};
// What the clause names units for, beside what is asked.
const APART = { beside: "本条另有", penal: "违规查处" };

export function answerPanel(answer) {
  if (!answer.units.length) return nobody(answer);
  const shown = new Set();
  const groups = answer.evidence
    .map((hit) => ({ hit, units: answer.units.filter((unit) => answersFor(unit, hit.facts.clause) && !shown.has(unit) && shown.add(unit)) }))
    .filter((group) => group.units.length);
  return h("section", { class: "answer", "aria-label": "谁负责" },
    h("h2", {}, "谁负责"),
    answer.leads_differ && h("p", { class: "differ", role: "note" }, "注意：不同文件写的牵头单位不一致，请对照下面各条依据，以现行有效的文件为准。"),
    groups.slice(0, 1).map(evidence),
    groups.length > 1 && h("details", { class: "others", open: answer.leads_differ },
      h("summary", {}, `另有 ${groups.length - 1} 条依据也写明了责任单位`),
      groups.slice(1).map(evidence)));
}

/** Whether a unit is named in the clause or in one above it: ids of clauses begin with those above. */
function answersFor(unit, clause) {
  return unit.clause_id === clause.id || clause.id.startsWith(`${unit.clause_id}.`);
}

/** Why nobody is named, and what the clauses below are. */
function verdictOf({ missing }, near) {
  if (missing) return [`知识库中没有“${missing}”。`, "最接近的"];
  if (!near.some((hit) => !hit.weak)) return ["没有找到哪份文件写明由谁负责。", "最接近的"];
  if (near.every((hit) => hit.elsewhere)) return ["没有这个地方的文件写明由谁负责；下面是其他地方的文件。", "其他地方"];
  return ["有相关条款，但原文没有写明由谁负责。", "相关条款"];
}

function nobody(answer) {
  const near = answer.evidence.slice(0, NEAR);
  const [verdict, label] = verdictOf(answer, near);
  return h("section", { class: "answer none", "aria-label": "谁负责" },
    h("h2", {}, "谁负责"),
    h("p", { class: "verdict" }, verdict),
    near.length > 0 && h("div", { class: "near" }, h("span", { class: "label" }, label),
      h("ul", {}, near.map(({ facts }) => h("li", {}, h("a", { href: clauseAddress(facts.clause) }, clauseName(facts.clause)), h("span", { class: "meta" }, facts.document_title || facts.clause.document_id, standingMark(facts.validity)))))));
}

function evidence({ hit, units }) {
  const { clause } = hit.facts;
  const quotes = proof(clause, hit.facts.responsibilities);
  const how = [...new Set(units.map((unit) => DIRECTNESS[unit.directness]).filter(Boolean))];
  return h("article", { class: "evidence" },
    h("h3", {}, h("a", { href: clauseAddress(clause) }, clauseName(clause))),
    Object.entries(ROLES).map(([role, { label }]) => roleRow(units.filter((unit) => unit.role === role && !APART[unit.directness]), role, label)),
    Object.entries(APART).map(([directness, label]) => roleRow(units.filter((unit) => unit.directness === directness), "apart", label)),
    targetCards(hit.facts.targets),
    deadlines(hit.facts),
    h("blockquote", {}, h("span", { class: "label" }, "依据"),
      h("div", {},
        quotes.map((quote) => h("a", { class: "quote", href: clauseAddress(clause), title: "查看原文" }, quote)),
        how.length > 0 && h("p", { class: "meta" }, how.join("；")),
        breadcrumb(hit.facts, clause))));
}

function roleRow(units, role, label) {
  if (!units.length) return null;
  const opened = h("div", { class: "members", hidden: true });
  return [
    h("div", { class: "role" }, h("span", { class: `label ${role}` }, label),
      h("ul", { class: "chips" }, units.map((unit) => h("li", {}, chip(unit), unit.directness === "group" && membersButton(unit, opened))))),
    units.some((unit) => unit.directness === "group") && opened,
  ];
}

/** Opens the members of a group under the row. */
function membersButton(unit, place) {
  const button = h("button", { type: "button", class: "more", "aria-expanded": "false", "aria-label": `${unit.unit}包括哪些单位`, click: async () => {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    for (const other of place.parentElement.querySelectorAll(".chips .more")) other.setAttribute("aria-expanded", "false");
    place.hidden = isOpen;
    if (isOpen) return;
    button.setAttribute("aria-expanded", "true");
    place.replaceChildren(h("p", { class: "meta" }, "正在查询…"));
    try {
      const { unit: summary } = await ask(["units", unit.organization_id], { limit: 1 });
      const { members } = summary.organization;
      place.replaceChildren(h("span", { class: "label" }, `${unit.unit}包括 ${members.length} 个单位`),
        h("ul", { class: "chips" }, members.map((id) => h("li", {}, h("a", { class: "chip plain", href: address({ view: "unit", id }) }, id.split("@")[0])))));
    } catch {
      place.replaceChildren(h("p", { class: "meta" }, "暂时查不到，请稍后再试。"));
    }
  } }, "包括");
  return button;
}

/** The sentences of the clause that name the units, from stop to stop, each once. */
function proof(clause, responsibilities) {
  const found = [];
  for (const { text } of responsibilities) {
    const at = clause.text.indexOf(text);
    if (at < 0) continue;
    const start = Math.max(...["。", "；", "\n", "！"].map((end) => clause.text.lastIndexOf(end, at - 1))) + 1;
    const stop = clause.text.slice(at + text.length).search(/[。；\n]/);
    const quote = clause.text.slice(start, stop < 0 ? undefined : at + text.length + stop + 1).trim();
    if (!found.includes(quote)) found.push(quote);
  }
  return found;
}
