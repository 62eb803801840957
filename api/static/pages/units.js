// All units, or those whose name holds what was typed.

import { ask } from "../api.js";
import { address, h, number } from "../dom.js";
import { pageOf, pager, signLegend } from "../facts.js";
import { unitList } from "../lists.js";

const PAGE = 50;

export async function render(parameters, signal) {
  const name = parameters.get("name") ?? "";
  const page = pageOf(parameters);
  const unresolved = parameters.get("unresolved") === "true";
  const units = await ask(["units"], { name, unresolved, limit: PAGE, offset: (page - 1) * PAGE }, signal);
  return {
    title: "单位",
    announcement: `共 ${units.total} 个单位`,
    nodes: [
      h("header", { class: "page-head" }, h("h1", {}, "单位"), h("p", { class: "meta" }, `${unresolved ? "名称未能对上正式名称的" : "共"} ${number.format(units.total)} 个，按任务多少排列`, unresolved && h("a", { href: address({ view: "units" }) }, "看全部单位"))),
      h("form", { class: "filters", action: "/", method: "get", role: "search", "aria-label": "查单位" },
        h("input", { type: "hidden", name: "view", value: "units" }),
        h("label", {}, "单位名称 ", h("input", { type: "search", name: "name", value: name, placeholder: "如：教育局" })),
        h("button", { type: "submit" }, "查单位")),
      units.total > 0 && signLegend(),
      units.total ? unitList(units.items) : h("p", { class: "empty" }, `没有名称含“${name}”的单位。`),
      pager(units, (to) => address({ view: "units", name, unresolved, page: to > 1 ? to : "" })),
    ],
  };
}
