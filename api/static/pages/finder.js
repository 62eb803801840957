// A document or a unit by a part of its title or its pinyin initials, found while typing.

import { ask } from "../api.js";
import { h } from "../dom.js";

const OFFERED = 8;

/** A field and the documents (or units) that it finds, each as `show(suggestion)` draws it in a list. */
export function finder(label, placeholder, show, wanted = "document") {
  const found = h("ul", { class: "found-documents", "aria-live": "polite" });
  const field = h("input", { type: "search", placeholder, maxlength: 100, autocomplete: "off" });
  field.addEventListener("input", async () => {
    const typed = field.value.trim();
    const suggestions = typed ? await ask(["suggest"], { q: typed, limit: 20 }) : [];
    if (typed !== field.value.trim()) return; // a later letter is being answered
    const documents = suggestions.filter(({ kind }) => kind === wanted).slice(0, OFFERED);
    found.replaceChildren(...documents.map((document) => h("li", {}, show(document))));
    if (typed && !documents.length) found.append(h("li", { class: "meta" }, wanted === "document" ? "没有标题含这些字的文件" : "没有名称含这些字的单位"));
  });
  return h("div", { class: "finder" }, h("label", {}, label, " ", field), found);
}
