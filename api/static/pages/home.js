// The first page: examples to try, what the knowledge base holds, where to begin.

import { ask } from "../api.js";
import { address, h, number } from "../dom.js";
import { signLegend } from "../facts.js";
import { documentList, unitList } from "../lists.js";

const SHORT = 16; // characters of an example

export async function render(_, signal) {
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
