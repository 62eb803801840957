// Clauses ticked anywhere in the page, kept until the window is closed, and the bar that takes them along as a ledger.

import { ask, path, request } from "./api.js";
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

/** Take what is ticked along; where a build has taken some of it out of the knowledge base, the rest, and say how many are gone. */
async function take(event) {
  event.preventDefault();
  const { form } = event.currentTarget.dataset;
  try {
    await request(file(form), { method: "HEAD" });
  } catch (error) {
    if (error.status !== 404) return say(error.message);
    const asked = ticked;
    const there = [];
    for (const id of asked) if (await isThere(id)) there.push(id);
    keep(there);
    say(`${asked.length - there.length} 条已不在知识库中，没有导出`);
    if (!there.length) return;
  }
  h("a", { href: file(form), download: true }).click();
}

const isThere = (id) => ask(["clauses", id], {}).then(() => true, ({ status }) => status !== 404);

const file = (form) => path([`ledger.${form}`], { clause: ticked.slice(0, MOST) });

/** Say something in the bar, which stays while nothing is ticked any more. */
function say(text) {
  bar.hidden = false;
  bar.querySelector("[role=status]").append(` ${text}`);
}

/** The bar at the foot of the window; away while nothing is ticked. */
export function show() {
  bar.hidden = ticked.length === 0;
  bar.replaceChildren(
    h("span", { role: "status" }, `已选 ${ticked.length} 条`, ticked.length > MOST && `，一次最多导出 ${MOST} 条`),
    ...(ticked.length ? [
      h("a", { class: "button", href: file("xlsx"), download: true, "data-form": "xlsx", click: take }, "导出所选 Excel"),
      h("a", { class: "button quiet", href: file("docx"), download: true, "data-form": "docx", click: take }, "导出所选 Word"),
    ] : []),
    h("button", { type: "button", class: "button quiet", click: clear }, "清空"));
  if (!bar.isConnected) document.querySelector(".foot").before(bar);
}
