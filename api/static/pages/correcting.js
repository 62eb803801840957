// 更正: what was read of a document's head, or what a unit is called, put right by who has the key, and taken back.

import { ask } from "../api.js";
import { address, h, queryOf } from "../dom.js";
import { issued } from "../facts.js";
import { keyForm } from "../keys.js";
import { KEY, follow, refused, send } from "./upload.js";

const LABELS = { title: "标题", document_number: "发文字号", issuers: "发文机关", issued_on: "成文日期", locality: "地方" };
const SEVERAL = /[、，,;；]/;

/** Under the head of a document. */
export function correction(document) {
  return opened("更正标题、文号、机关、日期、地方", async (key) => documentForm(document, await send("GET", ["documents", document.id, "particulars"], null, key)));
}

/** Under the name of a unit. */
export function naming(organization) {
  return opened("更正名称", async (key) => unitForm(organization, await send("GET", ["units", organization.id, "names"], null, key)));
}

/** A form that `load(key)` brings, opened on demand once the key is known; where the server takes no changes it says so. */
function opened(label, load) {
  const place = h("div", {});
  const enter = async (key) => {
    place.replaceChildren(await load(key));
    sessionStorage.setItem(KEY, key);
  };
  const details = h("details", { class: "correction", toggle: async () => {
    if (!details.open || place.querySelector("form")) return;
    try {
      const { uploads } = await ask(["version"], {});
      const key = sessionStorage.getItem(KEY);
      if (!uploads) place.replaceChildren(h("p", { class: "meta" }, "这台服务器没有开放网页更正，请联系管理员。"));
      else if (key) await enter(key);
      else place.replaceChildren(keyForm("先输入密钥", "密钥由管理员提供，只在这个浏览器窗口里记住。", enter));
    } catch (error) {
      refused(error, place);
    }
  } }, h("summary", {}, label), place);
  return details;
}

function documentForm(document, said) {
  const read = { title: document.title, document_number: document.document_number, issuers: document.issuers.join("、"), issued_on: document.issued_on, locality: document.locality };
  const fields = Object.fromEntries(Object.keys(read).map((name) => [name, h("input", { type: name === "issued_on" ? "date" : "text", value: read[name], maxlength: 500, autocomplete: "off" })]));
  const hints = { issuers: "（几个用顿号分开）", issued_on: read.issued_on && !fields.issued_on.value && `（现在读作${issued(read.issued_on)}）`, locality: "（文件属于哪个地方，如：滨江市）" };
  const at = ["documents", document.id, "particulars"];
  const save = () => {
    const changed = Object.entries(fields).map(([name, { value }]) => [name, value.trim()]).filter(([name, value]) => value && value !== read[name]);
    return changed.length > 0 && Object.fromEntries(changed.map(([name, value]) => [name, name === "issuers" ? listed(value) : value]));
  };
  return form({
    rows: Object.entries(fields).map(([name, field]) => [h("label", {}, LABELS[name], hints[name], field), said[name].length > 0 && { undo: { field: name }, called: `撤销对${LABELS[name]}的更正` }]),
    note: "更正另存在文件旁边，不改原文件；以后重新读取也按更正的算。",
    save, at,
  });
}

function unitForm(organization, said) {
  const name = h("input", { type: "text", value: organization.name, maxlength: 200, autocomplete: "off" });
  const kept = said.aliases.join("、");
  const aliases = h("input", { type: "text", value: kept, maxlength: 1000, autocomplete: "off" });
  const at = ["units", organization.id, "names"];
  const save = () => {
    const changed = {};
    if (![organization.name, ""].includes(name.value.trim())) changed.name = name.value.trim();
    if (aliases.value.trim() !== kept) changed.aliases = listed(aliases.value);
    return Object.keys(changed).length > 0 && changed;
  };
  return form({
    rows: [
      [h("label", {}, "正式名称", name), said.name && { undo: {}, called: "撤销对名称的更正" }],
      [h("label", {}, "其他名称（文件里的写法，几个用顿号分开；写上以后都算这个单位）", aliases), null],
    ],
    note: "更正对全部文件有效，以后重新读取也按更正的算。单位多、文件多时，重新对应要等一会儿。",
    save, at,
    after: async (changed) => history.replaceState(null, "", address({ view: "unit", id: await calledNow(changed ? [changed.name || organization.id, ...said.aliases] : [...said.aliases, organization.id]) })),
  });
}

const listed = (text) => text.split(SEVERAL).map((one) => one.trim()).filter(Boolean);

/** The first of these names that a unit has. */
async function calledNow(names) {
  for (const name of names) if (await ask(["units", name], { limit: 1 }).then(() => true, () => false)) return name;
  return names[0];
}

/** A form of rows, each with what takes its correction back; `save` brings what has changed, `after` is called once that is read anew. */
function form({ rows, note, save, at, after }) {
  const report = h("div", { class: "upload-report", role: "status", "aria-live": "polite" });
  const done = async (asking, changed) => {
    try {
      const ended = await follow(await asking, report, []);
      if (ended?.status !== "done" || !report.isConnected) return;
      await after?.(changed);
      globalThis.document.dispatchEvent(new Event("refresh"));
    } catch (error) {
      error.message = error.message.replace(/^[a-z_]+(?=：)/, (name) => LABELS[name] ?? name); // the server names fields as programs do
      refused(error, report);
    }
  };
  const submit = (event) => {
    event.preventDefault();
    event.stopPropagation();
    const changed = save();
    if (changed) done(send("PATCH", at, new Blob([JSON.stringify(changed)], { type: "application/json" })), changed);
    else report.replaceChildren(h("p", {}, "没有改动。"));
  };
  return h("form", { class: "correction-form", submit },
    rows.map(([field, back]) => h("div", { class: "corrected" }, field,
      back && h("button", { type: "button", class: "more", click: () => done(send("DELETE", at, null, undefined, Object.keys(back.undo).length ? `?${queryOf(back.undo)}` : "")) }, back.called))),
    h("p", { class: "meta" }, note),
    h("button", { type: "submit", class: "button" }, "保存更正"),
    report);
}
