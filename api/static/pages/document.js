// A document: its head, and one of its faces: the text with its facts, the ledger, what has changed since another version.

import { ask, path } from "../api.js";
import { address, h } from "../dom.js";
import { issued } from "../facts.js";
import { MOST_IN_WORD, fileLink } from "../files.js";
import { correction } from "./correcting.js";
import { standing, term } from "./validity.js";

const TABS = {
  "": ["正文", () => import("./text.js")],
  ledger: ["责任分解表", () => import("./ledger.js")],
  versions: ["版本比较", () => import("./versions.js")],
};

const COVERED = 0.9; // the share of the text below which the server names a document as well

export async function render(parameters, signal) {
  const id = parameters.get("id") ?? "";
  const chosen = Object.hasOwn(TABS, parameters.get("tab") ?? "") ? parameters.get("tab") ?? "" : "";
  const [parsed, { face }] = await Promise.all([ask(["documents", id], {}, signal), TABS[chosen][1]()]);
  const title = parsed.document.title || id;
  const nodes = await face(parsed, parameters, signal);
  return {
    title: chosen ? `${TABS[chosen][0]} · ${title}` : title,
    wide: true,
    nodes: [
      head(parsed, title, parameters.get("find") ?? ""),
      h("div", { class: "toolbar" },
        h("nav", { class: "tabs", "aria-label": "显示方式" },
          Object.entries(TABS).map(([tab, [label]]) => h("a", { href: address({ view: "document", id, tab }), "aria-current": tab === chosen ? "page" : false }, label)),
          h("a", { href: address({ view: "overview", tab: "matrix", document_id: id }) }, "责任矩阵")),
        h("div", { class: "downloads" },
          h("a", { class: "button", href: path(["documents", id, "ledger.xlsx"]), download: true }, "责任分解表 Excel"),
          fileLink("Word", path(["documents", id, "ledger.docx"]), "button quiet", tasksOf(parsed), MOST_IN_WORD),
          h("a", { class: "button quiet", href: path(["documents", id, "ledger.csv"]), download: true }, "CSV"),
          h("a", { class: "button quiet", href: path(["documents", id, "file"]), download: true, title: parsed.document.source }, "原文件"),
          h("button", { type: "button", class: "button quiet", click: () => print() }, "打印"))),
      ...nodes,
    ],
  };
}

/** How many rows its ledger has at most: clauses of which something is known. */
const tasksOf = ({ responsibilities, targets, deadlines }) => new Set([...responsibilities, ...targets, ...deadlines].map(({ clause_id }) => clause_id)).size;

/** What of the file was not read, so that nobody takes the page for the whole of it. */
function unread({ unread_pages, doubtful, coverage }) {
  const said = [
    unread_pages.length > 0 && `第 ${unread_pages.join("、")} 页是图片或乱码，没有读出来`,
    doubtful.length > 0 && `${doubtful.length} 行读得没有把握`,
    coverage < COVERED && `文件里的文字只有 ${Math.round(coverage * 100)}% 进了条款`,
  ].filter(Boolean);
  return said.length > 0 && h("p", { class: "validity amended", role: "note" }, `${said.join("；")}，请与原文件核对。`);
}

function head({ document, validity }, title, find) {
  const facts = [
    ["发文字号", document.document_number], ["发文机关", document.issuers.join("、")], ["成文日期", issued(document.issued_on)], ...term(validity),
    ["主送机关", document.addressees.join("、")], ["附件", document.attachments.join("、")], ["公开方式", document.disclosure.replace(/^[(（]|[)）]$/g, "")],
    ["地方", document.locality], ["来源文件", document.source],
  ].filter(([, value]) => value);
  return h("header", { class: "page-head document-head" },
    h("p", { class: "kicker" }, document.kind || "文件"),
    h("h1", {}, title),
    standing(validity),
    unread(document),
    h("dl", {}, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    correction(document),
    h("form", { class: "within", action: "./", method: "get", role: "search", "aria-label": "在本文件中查找" },
      Object.entries({ view: "document", id: document.id }).map(([name, value]) => h("input", { type: "hidden", name, value })),
      h("input", { type: "search", name: "find", value: find, "aria-label": "在本文件中查找", placeholder: "在本文件中查找" }),
      h("button", { type: "submit" }, "查找")));
}
