// The first page, all units, all documents.

import { ask } from "./api.js";
import { address, h, number } from "./dom.js";
import { ROLES, date, pager, sign, signLegend } from "./facts.js";

const PAGE = 50;
const SHORT = 16; // characters of an example

export async function homeView(_, signal) {
  const [status, documents, units] = await Promise.all([
    ask(["health", "ready"], {}, signal),
    ask(["documents"], { limit: 8 }, signal),
    ask(["units"], { limit: 18 }, signal),
  ]);
  const busiest = units.items[0]?.organization.id;
  const tasks = busiest ? (await ask(["units", busiest], { limit: 50 }, signal)).tasks.items : [];
  const examples = [...new Set(tasks.map((task) => task.facts.clause.heading))].filter((heading) => heading && heading.length <= SHORT).slice(0, 4);
  const counts = [[status.documents, "份文件"], [status.clauses, "个条款"], [status.responsibilities, "项责任"], [status.targets, "个指标"], [status.organizations, "个单位"]];
  return {
    title: "",
    nodes: [
      h("section", { class: "hero" },
        h("h1", {}, "谁负责、目标是多少、何时完成"),
        h("p", {}, "输入一项任务或一个词，直接看到责任单位和原文出处。"),
        examples.length > 0 && h("p", { class: "examples" }, "例如：", examples.map((task) => h("a", { href: address({ q: task }) }, task)))),
      h("p", { class: "counts" }, "已收录 ", counts.map(([count, what]) => h("span", {}, h("b", {}, number.format(count)), ` ${what}`))),
      h("div", { class: "columns" },
        h("section", {}, sectionHead("文件", address({ view: "documents" }), `全部 ${number.format(documents.total)} 份`), documentList(documents.items)),
        h("section", {}, sectionHead("任务最多的单位", address({ view: "units" }), `全部 ${number.format(units.total)} 个`), signLegend(), unitList(units.items))),
    ],
  };
}

const sectionHead = (name, href, all) => h("div", { class: "section-head" }, h("h2", {}, name), h("a", { href }, all));

export async function documentsView(parameters, signal) {
  const page = Math.max(1, Number.parseInt(parameters.get("page") ?? "1", 10) || 1);
  const documents = await ask(["documents"], { limit: PAGE, offset: (page - 1) * PAGE }, signal);
  return {
    title: "文件",
    announcement: `共 ${documents.total} 份文件`,
    nodes: [
      h("header", { class: "page-head" }, h("h1", {}, "文件"), h("p", { class: "meta" }, `共 ${number.format(documents.total)} 份`)),
      documents.total ? documentList(documents.items) : h("p", { class: "empty" }, "知识库里还没有文件。请把文件放入 corpus 目录后运行 kb build。"),
      pager(documents, (to) => address({ view: "documents", page: to > 1 ? to : "" })),
    ],
  };
}

function documentList(documents) {
  return h("ul", { class: "documents" }, documents.map((item) => h("li", {},
    h("a", { class: "name", href: address({ view: "document", id: item.id }) }, item.title || item.id),
    h("p", { class: "meta" },
      [item.document_number, item.issuers.join("、"), date(item.issued_on)].filter(Boolean).map((fact) => h("span", {}, fact)),
      h("span", {}, `${item.clauses} 个条款`),
      item.responsibilities > 0 && h("span", {}, `${item.responsibilities} 项责任`),
      item.targets > 0 && h("span", {}, `${item.targets} 个指标`)))));
}

export async function unitsView(parameters, signal) {
  const name = parameters.get("name") ?? "";
  const page = Math.max(1, Number.parseInt(parameters.get("page") ?? "1", 10) || 1);
  const units = await ask(["units"], { name, limit: PAGE, offset: (page - 1) * PAGE }, signal);
  return {
    title: "单位",
    announcement: `共 ${units.total} 个单位`,
    nodes: [
      h("header", { class: "page-head" }, h("h1", {}, "单位"), h("p", { class: "meta" }, `共 ${number.format(units.total)} 个，按任务多少排列`)),
      h("form", { class: "filters", action: "/", method: "get", role: "search", "aria-label": "查单位" },
        h("input", { type: "hidden", name: "view", value: "units" }),
        h("label", {}, "单位名称 ", h("input", { type: "search", name: "name", value: name, placeholder: "如：教育局" })),
        h("button", { type: "submit" }, "查单位")),
      units.total > 0 && signLegend(),
      units.total ? unitList(units.items) : h("p", { class: "empty" }, `没有名称含“${name}”的单位。`),
      pager(units, (to) => address({ view: "units", name, page: to > 1 ? to : "" })),
    ],
  };
}

function unitList(units) {
  return h("ul", { class: "units" }, units.map((unit) => h("li", {},
    h("a", { class: "name", href: address({ view: "unit", id: unit.organization.id }) }, unit.organization.name),
    h("span", { class: "roles" }, Object.entries(ROLES).map(([role, { short }]) =>
      h("span", { class: `tally ${role}`, title: `${short} ${unit[role]} 项` }, unit[role] > 0 && [sign(role), h("span", { class: "hidden" }, short), unit[role]]))))));
}
