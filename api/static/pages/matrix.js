// 责任矩阵: units across, documents (or the clauses of one) down, with the sign of the role where they meet.

import { ask } from "../api.js";
import { address, h, number } from "../dom.js";
import { ROLES, pageOf, pager, sign, signLegend } from "../facts.js";

const PAGE = 50;
const UNITS = [30, 60, 120];
const ZOOMS = ["小", "中", "大"];

export async function section(parameters, signal) {
  const document_id = parameters.get("document_id") ?? "";
  const units = UNITS.includes(Number(parameters.get("units"))) ? Number(parameters.get("units")) : UNITS[0];
  const page = pageOf(parameters);
  const matrix = await ask(["matrix"], { document_id, units, limit: PAGE, offset: (page - 1) * PAGE }, signal);
  const to = (changes) => address({ view: "overview", tab: "matrix", document_id, units: units === UNITS[0] ? "" : units, ...changes });
  const table = grid(matrix, document_id);
  return {
    wide: true,
    announcement: `责任矩阵，${matrix.total_rows} 行`,
    nodes: matrix.total_rows ? [
      h("div", { class: "matrix-head" },
        h("p", {}, document_id
          ? [h("b", {}, `《${matrix.title}》`), "点任务看原文。 ", h("a", { href: to({ document_id: "" }) }, "返回全部文件")]
          : "文件与单位；格内是最重的角色和任务条数，点文件看它的逐条矩阵。"),
        signLegend(),
        h("div", { class: "matrix-tools" },
          h("span", { class: "label" }, "单位数"),
          UNITS.map((count) => h("a", { class: "choice", href: to({ units: count === UNITS[0] ? "" : count }), "aria-current": count === units ? "true" : false }, String(count))),
          h("span", { class: "label" }, "字号"),
          ZOOMS.map((name, zoom) => h("button", { type: "button", class: "choice", "aria-pressed": String(zoom === 1), click: (event) => zoomTo(table, zoom, event.currentTarget) }, name)))),
      table,
      h("p", { class: "meta" }, `共 ${number.format(matrix.total_rows)} 行、${number.format(matrix.total_units)} 个单位，单位按任务多少从左到右，列出前 ${matrix.units.length} 个`),
      pager({ total: matrix.total_rows, limit: PAGE, offset: matrix.offset }, (number_) => to({ page: number_ > 1 ? number_ : "" })),
    ] : [h("p", { class: "empty" }, "没有写明责任单位的条款。")],
  };
}

function zoomTo(table, zoom, button) {
  table.className = `scroll matrix-scroll zoom-${zoom}`;
  for (const one of button.parentElement.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one === button));
}

function grid(matrix, documentId) {
  const cells = new Map(matrix.cells.map((cell) => [`${cell.row} ${cell.column}`, cell]));
  const href = ({ id }) => (documentId ? address({ view: "document", id: documentId }, id) : address({ view: "overview", tab: "matrix", document_id: id }));
  return h("div", { class: "scroll matrix-scroll zoom-1", tabindex: "0", role: "region", "aria-label": "责任矩阵" },
    h("table", { class: "matrix" },
      h("thead", {}, h("tr", {},
        h("th", { scope: "col", class: "corner" }, documentId ? "任务" : "文件"),
        matrix.units.map(({ id, name, count }) => h("th", { scope: "col", title: `${name}：${count} 条任务` }, h("a", { href: address({ view: "unit", id }) }, name))))),
      h("tbody", {}, matrix.rows.map((row, at) => [
        row.above !== (matrix.rows[at - 1]?.above ?? "") && h("tr", { class: "above" },
          h("th", { scope: "rowgroup" }, row.above), h("td", { colspan: matrix.units.length })),
        h("tr", {},
          h("th", { scope: "row" }, h("a", { href: href(row), title: row.title }, row.title)),
          matrix.units.map((unit, column) => meeting(cells.get(`${at} ${column}`), unit, documentId))),
      ]))));
}

/** The strongest role, and in how many clauses the unit has it; all roles in words for whoever points or listens. */
function meeting(cell, unit, documentId) {
  if (!cell) return h("td", {});
  const held = Object.keys(ROLES).filter((role) => cell[role] > 0);
  const said = held.map((role) => `${ROLES[role].short}${documentId ? "" : ` ${cell[role]} 条`}`).join("、");
  return h("td", { class: held[0], title: `${unit.name}：${said}` },
    sign(held[0]), h("span", { class: "hidden" }, said), !documentId && cell[held[0]] > 1 && h("span", { "aria-hidden": "true" }, cell[held[0]]));
}
