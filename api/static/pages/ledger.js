// The responsibility ledger (责任分解表) of a document as a table.

import { ask } from "../api.js";
import { address, h } from "../dom.js";
import { ROLES } from "../facts.js";
import { tickable } from "../ticking.js";

export async function face({ document: { id } }, _, signal) {
  const rows = await ask(["documents", id, "ledger"], {}, signal);
  if (!rows.length) return [h("p", { class: "empty" }, "这份文件没有写明责任单位的条款。")];
  const columns = ["序号", "任务", "内容", ROLES.lead.label, ROLES.responsible.label, ROLES.support.label, "目标", "时限"];
  const cells = (row) => [
    tickable(row.clause_id, row.task, row.number), h("a", { href: address({ view: "document", id }, row.clause_id) }, row.task), row.content,
    row.lead.join("、"), row.responsible.join("、"), row.support.join("、"), row.targets.join("；"), row.deadlines.join("；"),
  ];
  return [h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "责任分解表" },
    h("table", { class: "ledger" },
      h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col" }, column)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, cells(row).map((cell, index) =>
        h("td", { "data-column": columns[index], class: cell === "" ? "blank" : `column-${index}` }, cell)))))))];
}
