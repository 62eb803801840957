// Clauses ticked anywhere in the page, kept until the window is closed, and the bar that takes them along as a ledger.

import { path } from "./api.js";
import { h } from "./dom.js";

const KEPT = "kb-ticked";
const MOST = 100; // ids that an address can hold

let ticked = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
const bar = h("aside", { class: "ticked-bar", "aria-label": "已选任务", hidden: true });

/** A box beside what a clause is called, to tick it. */
export function tickable(clauseId, name, heading) {
  const box = h("input", { type: "checkbox", class: "tick", value: clauseId, checked: ticked.includes(clauseId), "aria-label": `选择：${name}`, change: () => choose(clauseId, box.checked) });
  return h("div", { class: "ticking" }, box, heading);
}

function choose(clauseId, is) {
  keep([...ticked.filter((one) => one !== clauseId), ...(is ? [clauseId] : [])]);
}

function keep(chosen) {
  ticked = chosen;
  sessionStorage.setItem(KEPT, JSON.stringify(ticked));
  show();
}

function clear() {
  keep([]);
  for (const box of document.querySelectorAll("input.tick:checked")) box.checked = false;
}

/** The bar at the foot of the window; away while nothing is ticked. */
export function show() {
  bar.hidden = ticked.length === 0;
  const file = (form) => path([`ledger.${form}`], { clause: ticked.slice(0, MOST) });
  bar.replaceChildren(
    h("span", { role: "status" }, `已选 ${ticked.length} 条`, ticked.length > MOST && `，一次最多导出 ${MOST} 条`),
    h("a", { class: "button", href: file("xlsx"), download: true }, "导出所选 Excel"),
    h("a", { class: "button quiet", href: file("docx"), download: true }, "导出所选 Word"),
    h("button", { type: "button", class: "button quiet", click: clear }, "清空"));
  if (!bar.isConnected) document.querySelector(".foot").before(bar);
}
