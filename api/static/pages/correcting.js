// 更正: what was read of a document's head and is wrong, put right by who has the key.

import { ask } from "../api.js";
import { h } from "../dom.js";
import { issued } from "../facts.js";
import { KEY, follow, refused, send } from "./upload.js";

const LABELS = { title: "标题", document_number: "发文字号", issuers: "发文机关", issued_on: "成文日期" };

/** A form that opens on demand under the head of a document; where the server takes no changes it says so. */
export function correction(document) {
  const place = h("div", {});
  const opened = h("details", { class: "correction", toggle: async () => {
    if (!opened.open || place.querySelector("form")) return;
    try {
      const { uploads } = await ask(["version"], {});
      place.replaceChildren(uploads ? form(document) : h("p", { class: "meta" }, "这台服务器没有开放网页更正，请联系管理员。"));
    } catch (error) {
      refused(error, place);
    }
  } }, h("summary", {}, "更正标题、文号、机关、日期"), place);
  return opened;
}

function form(document) {
  const report = h("div", { class: "upload-report", role: "status", "aria-live": "polite" });
  const read = { title: document.title, document_number: document.document_number, issuers: document.issuers.join("、"), issued_on: document.issued_on };
  const fields = Object.fromEntries(Object.keys(read).map((name) => [name, h("input", { type: name === "issued_on" ? "date" : "text", value: read[name], maxlength: 500, autocomplete: "off" })]));
  const hints = { issuers: "（几个用顿号分开）", issued_on: read.issued_on && !fields.issued_on.value && `（现在读作${issued(read.issued_on)}）` };
  const key = h("input", { type: "password", autocomplete: "off", value: sessionStorage.getItem(KEY) ?? "", required: true });
  const submit = async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const changed = Object.entries(fields).map(([name, { value }]) => [name, value.trim()]).filter(([name, value]) => value && value !== read[name]);
    if (!changed.length) {
      report.replaceChildren(h("p", {}, "没有改动。要去掉一处更正，请联系管理员。"));
      return;
    }
    const said = Object.fromEntries(changed.map(([name, value]) => [name, name === "issuers" ? value.split(/[、，,;；]/).map((one) => one.trim()).filter(Boolean) : value]));
    try {
      const job = await send("PATCH", ["documents", document.id, "particulars"], new Blob([JSON.stringify(said)], { type: "application/json" }), key.value);
      sessionStorage.setItem(KEY, key.value);
      const ended = await follow(job, report, []);
      if (ended?.status === "done" && report.isConnected) globalThis.document.dispatchEvent(new Event("refresh"));
    } catch (error) {
      error.message = error.message.replace(/^[a-z_]+(?=：)/, (name) => LABELS[name] ?? name); // the server names fields as programs do
      refused(error, report);
    }
  };
  return h("form", { class: "correction-form", submit },
    Object.entries(fields).map(([name, field]) => h("label", {}, LABELS[name], hints[name], field)),
    h("label", {}, "密钥", key),
    h("p", { class: "meta" }, "更正另存在文件旁边，不改原文件；以后重新读取也按更正的算。"),
    h("button", { type: "submit", class: "button" }, "保存更正"),
    report);
}
