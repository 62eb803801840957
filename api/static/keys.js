// The form that asks for a key: to read, where the server does not answer everybody, and to change documents.

import { h } from "./dom.js";

/** A form; ``enter`` is called with the key and says by a Problem why it is none. */
export function keyForm(title, explanation, enter) {
  const field = h("input", { type: "password", id: "key", autocomplete: "off", required: true });
  const said = h("p", { class: "key-error", role: "alert" });
  const submit = async (event) => {
    event.preventDefault();
    event.stopPropagation();
    try {
      await enter(field.value);
    } catch (error) {
      said.textContent = error.message;
      field.select();
    }
  };
  return h("form", { class: "panel key-form", submit },
    h("h2", {}, title),
    h("p", { class: "meta" }, explanation),
    h("div", {}, h("label", { for: "key" }, "密钥 "), field, h("button", { type: "submit", class: "button" }, "进入")), said);
}
