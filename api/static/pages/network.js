// 协作网络: units that are named in the same clauses, as a picture and as a table.

import { ask } from "../api.js";
import { chart } from "../chart.js";
import { address, h, number } from "../dom.js";

const UNITS = [20, 40, 80];
const PAIRS = 30;
const LINKS_DRAWN = 4; // for each unit, on average

export async function section(parameters, signal) {
  const document_id = parameters.get("document_id") ?? "";
  const units = UNITS.includes(Number(parameters.get("units"))) ? Number(parameters.get("units")) : UNITS[0];
  const network = await ask(["network"], { document_id, units }, signal);
  const names = new Map(network.units.map(({ id, name }) => [id, name]));
  const to = (changes) => address({ view: "overview", tab: "network", document_id, units: units === UNITS[0] ? "" : units, ...changes });
  if (!network.links.length) return { nodes: [h("p", { class: "empty" }, "没有由两个以上单位共同承担的任务。")] };
  const [closest] = network.links;
  return {
    announcement: `协作网络，${network.units.length} 个单位`,
    nodes: [
      h("div", { class: "matrix-head" },
        h("p", {}, "同一条任务里一起出现的单位用线相连：圆越大任务越多，线越粗共同任务越多。点圆看该单位。"),
        h("div", { class: "matrix-tools" }, h("span", { class: "label" }, "单位数"),
          UNITS.map((count) => h("a", { class: "choice", href: to({ units: count === UNITS[0] ? "" : count }), "aria-current": count === units ? "true" : false }, String(count))))),
      h("div", { class: "network" },
        h("figure", { class: "picture" },
          chart(`协作网络图：${network.units.length} 个单位，联系最多的是${names.get(closest.one)}与${names.get(closest.other)}，共同承担 ${closest.clauses} 条任务；右侧表格列出同样的内容`,
            (colours) => graph(network, colours), { height: narrow() ? 26 : 38, open: ({ dataType, data }) => { if (dataType === "node") location.assign(address({ view: "unit", id: data.id })); } })),
        pairs(network.links.slice(0, PAIRS), names)),
    ],
  };
}

function pairs(links, names) {
  const unit = (id) => h("a", { href: address({ view: "unit", id }) }, names.get(id));
  return h("section", { "aria-label": "共同任务最多的单位", tabindex: "0" },
    h("h2", {}, "共同任务最多的单位"),
    h("table", { class: "grid pairs" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "单位"), h("th", { scope: "col" }, "与"), h("th", { scope: "col" }, "共同任务"))),
      h("tbody", {}, links.map((link) => h("tr", {},
        h("td", { "data-column": "单位" }, unit(link.one)), h("td", { "data-column": "与" }, unit(link.other)),
        h("td", { "data-column": "共同任务", class: "amount" }, number.format(link.clauses)))))));
}

const narrow = () => matchMedia("(max-width: 36rem)").matches;

function graph({ units, links }, colours) {
  const most = Math.max(...units.map(({ count }) => count));
  const strongest = links[0].clauses;
  const drawn = links.slice(0, units.length * LINKS_DRAWN);
  const linked = new Set(drawn.flatMap(({ one, other }) => [one, other]));
  return {
    tooltip: { formatter: ({ dataType, data }) => (dataType === "node" ? `${data.name}：${data.value} 条任务` : `共同任务 ${data.value} 条`) },
    series: [{
      type: "graph", layout: "force", roam: true, draggable: true, scaleLimit: { min: 0.5, max: 4 },
      force: { initLayout: "circular", repulsion: narrow() ? 170 : 700, edgeLength: narrow() ? [30, 90] : [70, 190], gravity: 0.35, layoutAnimation: false },
      label: { show: true, position: "bottom", color: colours.ink, fontSize: 11, width: 110, overflow: "break" },
      labelLayout: { hideOverlap: true },
      itemStyle: { color: colours.responsible, borderColor: colours.paper, borderWidth: 1.5 },
      lineStyle: { color: colours.soft, curveness: 0.1 },
      emphasis: { focus: "adjacency", label: { show: true } },
      data: units.filter(({ id }) => linked.has(id)).map(({ id, name, count }) => ({
        id, name, value: count, symbolSize: (narrow() ? 6 : 10) + (narrow() ? 20 : 34) * Math.sqrt(count / most),
      })),
      links: drawn.map(({ one, other, clauses }) => ({ source: one, target: other, value: clauses, lineStyle: { width: 0.6 + 5 * (clauses / strongest), opacity: 0.25 + 0.5 * (clauses / strongest) } })),
    }],
  };
}
