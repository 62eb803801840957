// Suggestions under the search field while somebody types: units, tasks and documents (WAI-ARIA combobox with a listbox).

import { ask } from "./api.js";
import { address, h, number } from "./dom.js";

const WAIT = 60; // milliseconds between the last key and the question
const KINDS = {
  unit: { label: "单位", counted: "项任务", href: (one) => address({ view: "unit", id: one.id }) },
  topic: { label: "任务", counted: "处", href: (one) => address({ q: one.name }) },
  document: { label: "文件", counted: "个条款", href: (one) => address({ view: "document", id: one.id }) },
};

/** Make `field` suggest; `go(address)` is called for what is chosen. */
export function suggestIn(field, go) {
  const list = h("ul", { class: "suggestions", id: `${field.id}-suggestions`, role: "listbox", "aria-label": "您要找的可能是", hidden: true });
  field.after(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) field.setAttribute(name, value);
  let active = -1;
  let waiting = 0;
  let running = new AbortController();

  const close = () => {
    clearTimeout(waiting);
    running.abort();
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    choose(-1);
  };
  const choose = (place) => {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = place;
    const option = list.children[active];
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  };
  const open = async (then = -1) => {
    running.abort();
    running = new AbortController();
    const { signal } = running;
    const typed = field.value.trim();
    try {
      const found = await ask(["suggest"], { q: typed.slice(0, 100) }, signal);
      if (signal.aborted || document.activeElement !== field) return;
      list.replaceChildren(...found.map((one, place) => option(one, `${list.id}-${place}`, typed)));
      list.hidden = !found.length;
      field.setAttribute("aria-expanded", String(found.length > 0));
      active = -1;
      choose(then);
    } catch (error) {
      if (error.name !== "AbortError") close(); // one can search without suggestions
    }
  };
  const take = (place) => {
    const { href } = list.children[place].dataset;
    close();
    go(href);
  };

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    if (!field.value.trim()) return close();
    waiting = setTimeout(open, WAIT);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // the keys are the input method's
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return open(0);
      const places = list.children.length + 1; // one for the field itself
      choose(((active + 1 + (event.key === "ArrowDown" ? 1 : -1) + places) % places) - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      take(active);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  field.addEventListener("blur", close);
  field.form.addEventListener("submit", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("li");
    if (option) take([...list.children].indexOf(option));
  });
}

function option(one, id, typed) {
  const { label, counted, href } = KINDS[one.kind];
  return h("li", { id, role: "option", "aria-selected": "false", "data-href": href(one) },
    h("span", { class: `kind ${one.kind}` }, label),
    h("span", { class: "name" }, shown(one.name, typed), one.also && h("span", { class: "also" }, shown(one.also, typed))),
    h("span", { class: "count" }, `${number.format(one.count)} ${counted}`));
}

/** The name with what was typed set off, where it stands there as typed. */
function shown(name, typed) {
  const at = typed ? name.toLowerCase().indexOf(typed.toLowerCase()) : -1;
  return at < 0 ? name : [name.slice(0, at), h("b", {}, name.slice(at, at + typed.length)), name.slice(at + typed.length)];
}
