// What a search can be narrowed by, with counts; what it is narrowed by already, to be taken back.

import { ask } from "../api.js";
import { address, h, number } from "../dom.js";
import { LEVELS, ROLES, STANDING, date, sign } from "../facts.js";

const SHOWN = 6; // values of a facet; the others on demand

const FACETS = [
  { name: "单位", from: "units", of: "unit" },
  { name: "角色", from: "roles", of: "role", label: ({ id }) => [sign(id), ROLES[id].short] },
  { name: "文件", from: "documents", of: "document_id" },
  { name: "发文机关", from: "issuers", of: "issuer" },
  { name: "层级", from: "levels", of: "level", label: ({ id }) => LEVELS[id] },
  { name: "成文年份", from: "years", of: "year", label: ({ id }) => `${id}年` },
  { name: "完成时限", from: "due", of: "due", label: ({ id }) => `${id}年` },
];

/** The facets, which fill in once they are counted: the clauses need not wait for them. */
export function facetPanel(asked, signal) {
  const body = h("div", { class: "facets", "aria-busy": "true" }, FACETS.map(() => h("div", { class: "facet waiting", "aria-hidden": "true" })));
  const wide = matchMedia("(min-width: 60rem)").matches;
  fill(body, asked, signal);
  return h("details", { class: "sieve", open: wide }, h("summary", {}, "筛选"), body);
}

async function fill(body, asked, signal) {
  try {
    const facets = await ask(["search", "facets"], { ...asked, sort: "" }, signal);
    body.replaceChildren(...[...switches(facets, asked), ...FACETS.map((facet) => group(facet, facets[facet.from], asked))].filter(Boolean));
  } catch (error) {
    if (error.name !== "AbortError") body.replaceChildren(h("p", { class: "meta" }, "筛选项暂时无法统计。"));
  }
  body.removeAttribute("aria-busy");
}

function switches(facets, asked) {
  const one = (name, label, count = null) => h("a", { class: "switch", "aria-current": asked[name] === "true" ? "true" : false, href: address({ ...asked, [name]: asked[name] === "true" ? "" : "true" }) },
    label, count !== null && h("span", { class: "count" }, number.format(count)));
  return [h("div", { class: "facet switches" }, one("has_targets", "只看有指标的", facets.with_targets), one("in_force", "只看现行有效的"))];
}

function group({ name, from, of, label = ({ name: text }) => text }, tallies, asked) {
  if (!tallies.length) return null;
  const chosen = ({ id }) => isChosen(asked, of, id);
  const items = tallies.map((tally) => h("li", {}, h("a", { href: address(toggled(asked, of, tally.id)), "aria-current": chosen(tally) ? "true" : false },
    h("span", { class: "value" }, label(tally)), h("span", { class: "count" }, number.format(tally.count)))));
  const hidden = items.slice(SHOWN).filter((_, place) => !chosen(tallies[place + SHOWN]));
  for (const item of hidden) item.hidden = true;
  const more = hidden.length > 0 && h("button", { type: "button", class: "more", click: () => {
    for (const item of hidden) item.hidden = false;
    hidden[0].querySelector("a").focus();
    more.remove();
  } }, `更多（${hidden.length}）`);
  return h("section", { class: `facet by-${from}`, "aria-label": name }, h("h2", {}, name), h("ul", {}, items), more, of === "due" && span(asked));
}

/** Two dates between which something has to be due. */
function span(asked) {
  const kept = Object.entries(asked).filter(([name]) => name !== "due_after" && name !== "due_before").flatMap(([name, value]) => [value].flat().filter(Boolean).map((one) => [name, one]));
  const day = (label, name) => h("label", {}, `${label} `, h("input", { type: "date", name, value: asked[name].length === 10 ? asked[name] : "" }));
  return h("form", { class: "span", action: "./", method: "get", "aria-label": "按日期筛选" },
    kept.map(([name, value]) => h("input", { type: "hidden", name, value })),
    day("从", "due_after"), day("到", "due_before"), h("button", { type: "submit" }, "确定"));
}

function isChosen(asked, of, id) {
  if (of === "due") return asked.due_after === id && asked.due_before === id;
  return Array.isArray(asked[of]) ? asked[of].includes(id) : asked[of] === id;
}

/** The search with the value chosen, or no longer chosen where it was. */
function toggled(asked, of, id) {
  const was = isChosen(asked, of, id);
  if (of === "due") return { ...asked, due_after: was ? "" : id, due_before: was ? "" : id };
  if (!Array.isArray(asked[of])) return { ...asked, [of]: was ? "" : id };
  return { ...asked, [of]: was ? asked[of].filter((one) => one !== id) : [...asked[of], id] };
}

/** What is narrowed by, each to be taken away. */
export function chips(asked) {
  const dated = asked.due_after === asked.due_before ? date(asked.due_after) : [date(asked.due_after), date(asked.due_before)].join(" 至 ");
  const all = [
    asked.unit && [`单位：${asked.unit.split("@")[0]}`, { unit: "" }],
    asked.role && [`角色：${ROLES[asked.role]?.short ?? asked.role}`, { role: "" }],
    asked.place && [`地方：${asked.place}`, { place: "" }],
    asked.document_id && ["限一份文件", { document_id: "" }],
    ...asked.issuer.map((one) => [one, toggled(asked, "issuer", one)]),
    ...asked.level.map((one) => [LEVELS[one] ?? one, toggled(asked, "level", one)]),
    ...asked.year.map((one) => [`${one}年成文`, toggled(asked, "year", one)]),
    (asked.due_after || asked.due_before) && [`时限：${dated}`, { due_after: "", due_before: "" }],
    asked.has_targets === "true" && ["有指标", { has_targets: "" }],
    asked.in_force === "true" && [STANDING.in_force, { in_force: "" }],
  ].filter(Boolean);
  return all.length > 0 && h("ul", { class: "narrowed", "aria-label": "已选条件" },
    all.map(([label, without]) => h("li", {}, h("a", { class: "tag", href: address({ ...asked, ...without }), title: `取消：${label}` }, label, h("span", { "aria-hidden": "true" }, " ×")))),
    all.length > 1 && h("li", {}, h("a", { href: address({ q: asked.q, sort: asked.sort }) }, "全部取消")));
}
