// Two units side by side: how much each leads, answers for and supports, in which documents, what is due next, and what they share.

import { ask } from "../api.js";
import { address, h, number } from "../dom.js";
import { ROLES, clauseAddress, clauseName, date, sign } from "../facts.js";
import { everyDue } from "../scope.js";
import { dayAfter, isoToday } from "./counts.js";

const MOST = 100; // tasks of each that are looked through
const DOCUMENTS = 12;
const DUE = 5;

export async function render(parameters, signal) {
  const ids = parameters.getAll("id").slice(0, 2);
  if (ids.length < 2) return { title: "单位比较", nodes: [h("header", { class: "page-head" }, h("h1", {}, "单位比较")), h("p", { class: "empty" }, "请先打开一个单位，再选择与它比较的另一个单位。", h("a", { href: address({ view: "units" }) }, "看全部单位"))] };
  const sides = await Promise.all(ids.map((id) => sideOf(id, signal)));
  const names = sides.map(({ organization }) => organization.name);
  return {
    title: `${names.join(" 与 ")} · 单位比较`,
    nodes: [
      h("header", { class: "page-head" }, h("h1", {}, "单位比较"), h("p", { class: "meta" }, names.join(" 与 "))),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "比较表" }, table(sides, names)),
      shared(sides, names),
    ],
  };
}

async function sideOf(id, signal) {
  const { unit, tasks } = await ask(["units", id], { limit: MOST }, signal);
  const [profile, due, gone] = await Promise.all([
    ask(["units", unit.organization.id, "profile"], {}, signal),
    ask(["deadlines"], { unit: unit.organization.id, since: isoToday(), in_force: true, limit: DUE }, signal),
    ask(["deadlines"], { unit: unit.organization.id, until: dayAfter(isoToday(), -1), in_force: true, limit: 1 }, signal),
  ]);
  return { ...unit, tasks, profile, due, gone };
}

function table(sides, names) {
  const row = (label, cell) => h("tr", {}, h("th", { scope: "row" }, label), sides.map((side, place) => h("td", { "data-column": names[place] }, cell(side))));
  const link = ({ organization }, role) => address({ view: "unit", id: organization.id, role });
  return h("table", { class: "grid compared" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "hidden" }, "比较什么")), sides.map((side, place) => h("th", { scope: "col" }, h("a", { href: link(side) }, names[place]))))),
    h("tbody", {},
      Object.entries(ROLES).map(([role, { label }]) => row([sign(role), label.replace("单位", "")], (side) => h("a", { href: link(side, role) }, `${number.format(side[role])} 项`))),
      row("今天以后到期", ({ organization, due }) => [
        h("a", { href: everyDue({ span: "ahead", unit: organization.id }) }, `${number.format(due.total)} 项`),
        h("ol", { class: "next" }, due.items.map(({ due: day, facts }) => h("li", {}, h("time", { datetime: day }, date(day)), " ", h("a", { href: clauseAddress(facts.clause) }, clauseName(facts.clause)))))]),
      row("已过期", ({ organization, gone }) => h("a", { href: everyDue({ span: "gone", unit: organization.id }) }, `${number.format(gone.total)} 项`)),
      documentsOf(sides).map(({ id, name }) => row(h("a", { href: address({ view: "document", id }) }, name), ({ organization, profile }) => {
        const found = profile.documents.find((one) => one.id === id);
        return found ? h("a", { href: address({ view: "unit", id: organization.id, document_id: id }) }, `${number.format(found.count)} 项`) : "—";
      }))));
}

/** The documents in which the two have most to do. */
function documentsOf(sides) {
  const sums = new Map();
  for (const { profile } of sides) for (const { id, name, count } of profile.documents) sums.set(id, { id, name, count: (sums.get(id)?.count ?? 0) + count });
  return [...sums.values()].sort((one, other) => other.count - one.count).slice(0, DOCUMENTS);
}

function shared([one, other], names) {
  const others = new Map(other.tasks.items.map((task) => [task.facts.clause.id, task]));
  const both = one.tasks.items.filter(({ facts }) => others.has(facts.clause.id));
  const cut = one.tasks.total > MOST || other.tasks.total > MOST;
  return h("section", { class: "shared" },
    h("h2", {}, `共同承担的任务 ${number.format(both.length)} 项`, cut && h("span", { class: "count" }, `只比较了各自的前 ${MOST} 项任务`)),
    both.length
      ? h("ol", { class: "tasks" }, both.map(({ role, facts }) => h("li", {},
        h("span", { class: `label ${role}` }, sign(role), ROLES[role].short),
        h("div", {}, h("h3", {}, h("a", { href: clauseAddress(facts.clause) }, clauseName(facts.clause))),
          h("p", { class: "breadcrumb" }, facts.document_title || facts.clause.document_id),
          h("p", { class: "meta" }, `${names[0]}${ROLES[role].short}，${names[1]}${ROLES[others.get(facts.clause.id).role].short}`)))))
      : h("p", { class: "empty" }, "没有两个单位共同承担的任务。"));
}
