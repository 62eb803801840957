// 我的范围: the place and the unit that a reader looks at as a rule, kept in this browser; pages that use it say so and can do without.

import { address, h } from "./dom.js";

const KEPT = "kb-scope";
export const EVERY = "*"; // in an address: of all, whatever is kept

/** {unit, place}: what is kept, each {id, name}; {} for nothing, and for what no page has written. */
export function scope() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT)) ?? {};
    return Object.fromEntries(["unit", "place"].filter((name) => isNamed(kept[name])).map((name) => [name, kept[name]]));
  } catch {
    return {}; // no JSON, or a browser that keeps nothing
  }
}

const isNamed = (one) => typeof one?.id === "string" && typeof one.name === "string";

/** What an address asks for: its own, else what is kept; "" for all. */
export function inScope(parameters, name) {
  const asked = parameters.get(name) ?? scope()[name]?.id ?? "";
  return asked === EVERY ? "" : asked;
}

/** The address of a search within what is kept, which it says and anybody can take out of it. */
export function searchIn(query) {
  const { unit, place } = scope();
  return address({ q: query, unit: unit?.id, place: place?.name });
}

/** Whether a search is narrowed by nothing but what is kept. */
export function isScope({ unit, place }) {
  const kept = scope();
  return unit === (kept.unit?.id ?? "") && place === (kept.place?.name ?? "");
}

const named = (kept) => Object.values(kept).map(({ name }) => name).join("、");

/** A line that says what the page is narrowed to by what is kept, with the way to everything. */
export function scopeLine(everything) {
  const kept = scope();
  return Object.keys(kept).length > 0 && h("p", { class: "scope meta" }, `只看我的范围：${named(kept)}。`, h("a", { href: everything }, "看全部"));
}

/** A button that keeps what a list is narrowed to, or forgets it where that is kept. */
export function keeping(chosen) {
  const now = Object.fromEntries(Object.entries(chosen).filter(([, one]) => one));
  const isKept = JSON.stringify(now) === JSON.stringify(scope());
  if (!Object.keys(now).length) return null;
  return h("button", { type: "button", class: "more", click: () => {
    if (isKept) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, JSON.stringify(now));
    document.dispatchEvent(new Event("refresh"));
  } }, isKept ? "不再默认只看这个范围" : "设为我的范围");
}

/** The address of the due list of all. */
export const everyDue = (changes) => address({ view: "overview", tab: "deadlines", ...Object.fromEntries(Object.keys(scope()).map((name) => [name, EVERY])), ...changes });
