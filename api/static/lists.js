// Lists of documents and of units, as several pages show them.

import { address, h } from "./dom.js";
import { ROLES, date, issued, sign, standingMark } from "./facts.js";

export function documentList(documents, hasArrived = false) {
  return h("ul", { class: "documents" }, documents.map((item) => h("li", {},
    h("a", { class: "name", href: address({ view: "document", id: item.id }) }, item.title || item.id), standingMark(item.validity),
    h("p", { class: "meta" },
      [item.document_number, item.issuers.join("、"), issued(item.issued_on)].filter(Boolean).map((fact) => h("span", {}, fact)),
      hasArrived && item.received_on && h("span", {}, `${date(item.received_on)}收入`),
      h("span", {}, `${item.clauses} 个条款`),
      item.responsibilities > 0 && h("span", {}, `${item.responsibilities} 项责任`),
      item.targets > 0 && h("span", {}, `${item.targets} 个指标`)))));
}

export function unitList(units) {
  return h("ul", { class: "units" }, units.map((unit) => h("li", {},
    h("a", { class: "name", href: address({ view: "unit", id: unit.organization.id }) }, unit.organization.name),
    h("span", { class: "roles" }, Object.entries(ROLES).map(([role, { short }]) =>
      h("span", { class: `tally ${role}`, title: `${short} ${unit[role]} 项` }, unit[role] > 0 && [sign(role), h("span", { class: "hidden" }, short), unit[role]]))))));
}

/** A choice in a form, which is sent at once when it changes. */
export function select(label, name, options, chosen, any = true) {
  return h("label", {}, `${label} `, h("select", { name, change: (event) => event.currentTarget.form.requestSubmit() },
    any && h("option", { value: "" }, "不限"),
    options.map(([value, text]) => h("option", { value, selected: chosen === value }, text))));
}
