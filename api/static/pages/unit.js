// All tasks of one unit, by role and document.

import { ask } from "../api.js";
import { address, h, number } from "../dom.js";
import { LEVELS, ROLES, chip, clauseAddress, clauseName, deadlines, pageOf, pager, sign, targetCards } from "../facts.js";

const PAGE = 50;
const OTHERS_SHOWN = 6;
const MEMBERS_SHOWN = 12;

export async function render(parameters, signal) {
  const id = parameters.get("id") ?? "";
  const role = parameters.get("role") ?? "";
  const page = pageOf(parameters);
  const { unit, tasks } = await ask(["units", id], { role, limit: PAGE, offset: (page - 1) * PAGE }, signal);
  const { organization } = unit;
  const all = unit.lead + unit.responsible + unit.support;
  return {
    title: organization.name,
    announcement: `${organization.name}，共 ${all} 项任务`,
    nodes: [
      h("header", { class: "page-head" },
        h("p", { class: "kicker" }, "单位"),
        h("h1", {}, organization.name),
        about(organization)),
      h("nav", { class: "tabs", "aria-label": "角色" },
        tab(organization, "", "全部", all, role),
        Object.entries(ROLES).map(([key, { short }]) => tab(organization, key, [sign(key), short], unit[key], role))),
      tasks.total ? byDocument(tasks.items, organization) : h("p", { class: "empty" }, "没有这一角色的任务。"),
      pager(tasks, (to) => address({ view: "unit", id, role, page: to > 1 ? to : "" })),
    ],
  };
}

function about(organization) {
  const facts = [
    [organization.jurisdiction, LEVELS[organization.level]].filter(Boolean).join(" · "),
    aliases(organization),
    organization.successor_of.length && `前身：${organization.successor_of.join("、")}`,
    organization.members.length && `包括：${organization.members.slice(0, MEMBERS_SHOWN).join("、")}${organization.members.length > MEMBERS_SHOWN ? ` 等${organization.members.length}个` : ""}`,
  ].filter(Boolean);
  return facts.length > 0 && h("p", { class: "meta" }, facts.map((fact) => h("span", {}, fact)));
}

function aliases(organization) {
  const others = organization.aliases.filter((alias) => alias !== organization.name);
  return others.length ? `文件中又称：${others.join("、")}` : "";
}

function tab(organization, role, label, count, chosen) {
  return h("a", { href: address({ view: "unit", id: organization.id, role }), "aria-current": role === chosen ? "page" : false, class: count ? "" : "zero" },
    label, h("span", { class: "count" }, number.format(count)));
}

function byDocument(tasks, organization) {
  const groups = Map.groupBy ? Map.groupBy(tasks, documentOf) : grouped(tasks);
  return [...groups.values()].map((group) => {
    const { facts } = group[0];
    const href = address({ view: "document", id: facts.clause.document_id });
    return h("section", { class: "group" },
      h("h2", {}, h("a", { href }, facts.document_title || facts.clause.document_id), h("span", { class: "count" }, `${group.length} 项`)),
      h("ol", { class: "tasks" }, group.map((task) => h("li", {}, taskRow(task, organization)))));
  });
}

const documentOf = (task) => task.facts.clause.document_id;

function grouped(tasks) {
  const groups = new Map();
  for (const task of tasks) groups.set(documentOf(task), [...(groups.get(documentOf(task)) ?? []), task]);
  return groups;
}

function taskRow({ role, facts, through }, organization) {
  const { clause } = facts;
  const others = facts.responsibilities.filter((unit) => (unit.organization_id || unit.unit) !== organization.id);
  const shown = others.slice(0, OTHERS_SHOWN);
  return [
    h("span", { class: `label ${role}` }, sign(role), ROLES[role].short),
    h("div", {},
      h("h3", {}, h("a", { href: clauseAddress(clause) }, clauseName(clause))),
      through && h("p", { class: "meta" }, "文件中写作：", h("a", { href: address({ view: "unit", id: through }) }, through.split("@")[0])),
      clause.path.length > 1 && h("p", { class: "breadcrumb" }, clause.path.slice(0, -1).join(" › ")),
      targetCards(facts.targets),
      deadlines(facts),
      shown.length > 0 && h("div", { class: "role" }, h("span", { class: "label" }, "共同承担"),
        h("ul", { class: "chips" }, shown.map((unit) => h("li", {}, chip(unit))), others.length > shown.length && h("li", {}, h("a", { class: "more", href: clauseAddress(clause) }, `还有 ${others.length - shown.length} 个`))))),
  ];
}
