// A document by a part of its title or its pinyin initials, found while typing.

import { ask } from "../api.js";
import { h } from "../dom.js";

const OFFERED = 8;

/** A field and the documents that it finds, each as `show(suggestion)` draws it in a list. */
export function finder(label, placeholder, show) {
  const found = h("ul", { class: "found-documents", "aria-live": "polite" });
  const field = h("input", { type: "search", placeholder, maxlength: 100, autocomplete: "off" });
  field.addEventListener("input", async () => {
    const typed = field.value.trim();
    const suggestions = typed ? await ask(["suggest"], { q: typed, limit: 20 }) : [];
    if (typed !== field.value.trim()) return; // a later letter is being answered
    const documents = suggestions.filter(({ kind }) => kind === "document").slice(0, OFFERED);
    found.replaceChildren(...documents.map((document) => h("li", {}, show(document))));
    if (typed && !documents.length) found.append(h("li", { class: "meta" }, "没有标题含这些字的文件"));
  });
  return h("div", { class: "finder" }, h("label", {}, label, " ", field), found);
}
