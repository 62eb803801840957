// All facts of a document beside its text, clause by clause; a row leads to its place, a place to its row.

import { address, h, number } from "../dom.js";
import { ROLES, clauseName, date, dueText, quantity, sign } from "../facts.js";

const KINDS = { responsibility: "责任", target: "指标", deadline: "时限", citation: "引用" };
const RELATIONS = { based_on: "依据", implements: "贯彻", amends: "修改", repeals: "废止", mentions: "提及" };

/** Facts by the clause in whose text they stand: {kind, start, end, note, fact}; a unit named once for all stands where it is named. */
export function allMarks(parsed) {
  const marks = new Map();
  const holder = (fact) => (fact.implied_by ? parsed.clauses.findLast((clause) => clause.start <= fact.start && fact.start < clause.end)?.id : fact.clause_id);
  const add = (kind, facts, note) => {
    for (const fact of facts) {
      const id = holder(fact);
      if (!marks.has(id)) marks.set(id, []);
      marks.get(id).push({ kind, start: fact.start, end: fact.end, note: note(fact), fact });
    }
  };
  add("responsibility", parsed.responsibilities, (unit) => `${ROLES[unit.role].short}：${unit.unit}`);
  add("target", parsed.targets, (target) => `指标：${target.indicator}`);
  add("deadline", parsed.deadlines, (deadline) => `时限：${dueText(deadline)}`);
  add("citation", parsed.citations, (citation) => `${RELATIONS[citation.relation]}：${citation.title || citation.document_number}${citation.damaged ? "（原文文号缺数字）" : ""}`);
  return marks;
}

/** The panel; `show(start)` brings the row of the fact that begins there. */
export function factPanel(parsed, article) {
  const list = h("ol", { class: "fact-list" }, parsed.clauses.map((clause) => group(clause, parsed)).filter(Boolean));
  const close = h("button", { type: "button", class: "sheet-close", "aria-label": "收起要点" }, "×");
  const panel = h("aside", { class: "facts", "aria-label": "本文要点" }, h("div", { class: "facts-head" }, legend(parsed, article, list), close), list);
  const open = h("button", { type: "button", class: "sheet-open" }, "要点");
  const holder = h("div", { class: "facts-holder" }, panel, open);
  open.addEventListener("click", () => { holder.classList.add("open"); close.focus(); });
  close.addEventListener("click", () => { holder.classList.remove("open"); open.focus(); });
  list.addEventListener("click", (event) => { if (event.target.closest("a.place")) holder.classList.remove("open"); });
  if (!list.children.length) list.append(h("li", { class: "meta" }, "没有读到责任、指标、时限和引用。"));
  holder.show = (start) => {
    panel.querySelector(".chosen")?.classList.remove("chosen");
    const row = panel.querySelector(`[data-row="${start}"]`);
    if (!row) return;
    holder.classList.add("open");
    row.classList.add("chosen");
    const box = panel.getBoundingClientRect();
    panel.scrollTo({ top: panel.scrollTop + row.getBoundingClientRect().top - box.top - box.height / 3, behavior: "smooth" });
  };
  return holder;
}

/** Which facts are marked; switching a kind off takes its colour from the text and its rows from the panel. */
function legend(parsed, article, list) {
  const counts = { responsibility: parsed.responsibilities.length, target: parsed.targets.length, deadline: parsed.deadlines.length, citation: parsed.citations.length };
  const toggle = (kind) => (event) => {
    for (const part of [article, list]) part.classList.toggle(`no-${kind}`, !event.target.checked);
  };
  return h("fieldset", { class: "legend" }, h("legend", { class: "hidden" }, "标出"),
    Object.entries(KINDS).map(([kind, label]) => h("label", {},
      h("input", { type: "checkbox", checked: true, change: toggle(kind) }),
      h("span", { class: `fact in-${kind}` }, label), h("span", { class: "count" }, number.format(counts[kind])))));
}

function group(clause, parsed) {
  const own = (facts) => facts.filter((fact) => fact.clause_id === clause.id);
  const rows = [...unitRows(own(parsed.responsibilities)), ...own(parsed.targets).map(targetRow), ...own(parsed.deadlines).map(deadlineRow), ...own(parsed.citations).map(citationRow)];
  return rows.length > 0 && h("li", {}, h("h2", {}, h("a", { class: "place", href: `#${encodeURIComponent(clause.id)}` }, clauseName(clause))), h("ul", {}, rows));
}

const place = (fact, ...children) => h("a", { class: "place", href: `#at-${fact.start}`, title: fact.text }, children);
const row = (kind, fact, ...children) => h("li", { class: `fact-row of-${kind}`, "data-row": fact.start }, children);

/** One row for each role; a unit that is named again in its role stands once. */
function unitRows(units) {
  return Object.entries(ROLES).map(([role, { short }]) => {
    const named = [...new Map(units.filter((unit) => unit.role === role).map((unit) => [unit.unit, unit])).values()];
    return named.length > 0 && h("li", { class: "fact-row of-responsibility units-row" }, h("span", { class: `label ${role}` }, sign(role), short),
      h("ul", { class: "chips" }, named.map((unit) => h("li", { class: `chip ${role}`, "data-row": unit.start },
        place(unit, unit.unit),
        h("a", { class: "go", href: address({ view: "unit", id: unit.organization_id || unit.unit }), title: `${unit.unit}的全部任务`, "aria-label": `${unit.unit}的全部任务` }, "›")))));
  }).filter(Boolean);
}

function targetRow(target) {
  const when = [target.per, date(target.due)].filter((text) => text && !target.indicator.includes(text)).join(" · ");
  return row("target", target, place(target, h("b", {}, quantity(target)), " ", target.indicator || target.text), when && h("span", { class: "meta" }, when));
}

const deadlineRow = (deadline) => row("deadline", deadline, place(deadline, h("span", { class: "label" }, "时限"), " ", dueText(deadline)));

function citationRow(citation) {
  const name = [citation.title && `《${citation.title}》`, citation.document_number && `（${citation.document_number}）`].filter(Boolean).join("");
  return row("citation", citation, place(citation, h("span", { class: "label" }, RELATIONS[citation.relation]), " ", name || citation.text),
    citation.damaged && h("span", { class: "meta" }, "原文文号缺数字"),
    citation.document_id && h("a", { class: "go", href: address({ view: "document", id: citation.document_id }) }, "打开"));
}
