// 总览: how much there is; who does what; who works with whom; what is due; what is doubtful. One address for each.

import { address, h } from "../dom.js";

const TABS = {
  "": ["概况", () => import("./counts.js")],
  matrix: ["责任矩阵", () => import("./matrix.js")],
  network: ["协作网络", () => import("./network.js")],
  deadlines: ["到期清单", () => import("./deadlines.js")],
};

export async function render(parameters, signal) {
  const chosen = Object.hasOwn(TABS, parameters.get("tab") ?? "") ? parameters.get("tab") ?? "" : "";
  const [label, load] = TABS[chosen];
  const { section } = await load();
  const view = await section(parameters, signal);
  return {
    ...view,
    title: chosen ? `${label} · 总览` : "总览",
    announcement: view.announcement ?? label,
    nodes: [
      h("header", { class: "page-head" }, h("h1", {}, "总览")),
      h("nav", { class: "tabs", "aria-label": "总览" }, Object.entries(TABS).map(([tab, [name]]) =>
        h("a", { href: address({ view: "overview", tab }), "aria-current": tab === chosen ? "page" : false }, name))),
      ...view.nodes,
    ],
  };
}
