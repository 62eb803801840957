// All units, or those that were asked for.

import { ask } from "../api.js";
import { address, h, number } from "../dom.js";
import { LEVELS, pageOf, pager, signLegend } from "../facts.js";
import { select, unitList } from "../lists.js";

const PAGE = 50;
const SORTS = { tasks: "任务多的在前", lead: "牵头多的在前", name: "名称" };

export async function render(parameters, signal) {
  const page = pageOf(parameters);
  const asked = Object.fromEntries(["name", "level", "unresolved", "sort"].map((name) => [name, parameters.get(name) ?? ""]));
  const units = await ask(["units"], { ...asked, sort: asked.sort || "lead", limit: PAGE, offset: (page - 1) * PAGE }, signal);
  const narrowed = asked.name || asked.level || asked.unresolved;
  return {
    title: "单位",
    announcement: `${narrowed ? "符合条件的" : "共"} ${units.total} 个单位`,
    nodes: [
      h("header", { class: "page-head" }, h("h1", {}, "单位"),
        h("p", { class: "meta" }, `${asked.unresolved ? "名称未能对上正式名称的" : narrowed ? "符合条件的" : "共"} ${number.format(units.total)} 个`, narrowed && h("a", { href: address({ view: "units" }) }, "看全部单位"))),
      h("form", { class: "filters", action: "./", method: "get", role: "search", "aria-label": "查单位" },
        h("input", { type: "hidden", name: "view", value: "units" }),
        asked.unresolved && h("input", { type: "hidden", name: "unresolved", value: asked.unresolved }),
        h("label", {}, "名称 ", h("input", { type: "search", name: "name", value: asked.name, maxlength: 100, placeholder: "如：教育局，或 jyj" })),
        select("层级", "level", Object.entries(LEVELS), asked.level),
        select("排序", "sort", Object.entries(SORTS), asked.sort || "lead", false),
        h("button", { type: "submit" }, "查单位")),
      units.total > 0 && signLegend(),
      units.total ? unitList(units.items) : h("p", { class: "empty" }, "没有符合条件的单位。"),
      pager(units, (to) => address({ view: "units", ...asked, page: to > 1 ? to : "" })),
    ],
  };
}
