// A document: header, outline, full text with its facts marked, responsibility ledger.

import { ask, path } from "../api.js";
import { address, characters, h } from "../dom.js";
import { ROLES, clauseName, date, dueText, headLength, targetCards, unitRows } from "../facts.js";
import { paragraphs, place, stretches } from "./reading.js";

const KINDS = { responsibility: "责任", target: "指标", deadline: "时限", citation: "引用" };
const RELATIONS = { based_on: "依据", implements: "贯彻", amends: "修改", repeals: "废止", mentions: "提及" };

export async function render(parameters, signal) {
  const id = parameters.get("id") ?? "";
  const tab = parameters.get("tab") === "ledger" ? "ledger" : "text";
  const [parsed, rows] = await Promise.all([
    ask(["documents", id], {}, signal),
    tab === "ledger" ? ask(["documents", id, "ledger"], {}, signal) : null,
  ]);
  const title = parsed.document.title || id;
  return {
    title,
    wide: tab === "ledger",
    nodes: [
      head(parsed.document, title),
      h("div", { class: "toolbar" },
        h("nav", { class: "tabs", "aria-label": "显示方式" },
          h("a", { href: address({ view: "document", id }), "aria-current": tab === "text" ? "page" : false }, "正文"),
          h("a", { href: address({ view: "document", id, tab: "ledger" }), "aria-current": tab === "ledger" ? "page" : false }, "责任分解表")),
        h("div", { class: "downloads" },
          h("a", { class: "button", href: path(["documents", id, "ledger.xlsx"]), download: true }, "下载责任分解表 Excel"),
          h("a", { class: "button quiet", href: path(["documents", id, "ledger.csv"]), download: true }, "CSV"))),
      tab === "ledger" ? ledger(rows, id) : body(parsed),
    ],
  };
}

function head(document, title) {
  const facts = [
    ["发文字号", document.document_number], ["发文机关", document.issuers.join("、")], ["成文日期", issued(document.issued_on)],
    ["主送机关", document.addressees.join("、")], ["附件", document.attachments.join("、")], ["公开方式", document.disclosure.replace(/^[(（]|[)）]$/g, "")],
    ["来源文件", document.source],
  ].filter(([, value]) => value);
  return h("header", { class: "page-head document-head" },
    h("p", { class: "kicker" }, document.kind || "文件"),
    h("h1", {}, title),
    h("dl", {}, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    h("form", { class: "within", action: "/", method: "get", role: "search", "aria-label": "在本文件中查找" },
      h("input", { type: "hidden", name: "document_id", value: document.id }),
      h("input", { type: "search", name: "q", "aria-label": "在本文件中查找", placeholder: "在本文件中查找" }),
      h("button", { type: "submit" }, "查找")));
}

/** The date as printed; a lost year is said to be lost. */
const issued = (on) => (on.startsWith("--") ? `${date(on)}（原文缺年份）` : date(on));

// --- text ---

function body(parsed) {
  const children = byParent(parsed.clauses);
  const article = h("article", { class: "text" }, clauses(parsed, children));
  return h("div", { class: "reading" },
    h("details", { class: "outline", open: matchMedia("(min-width: 62rem)").matches },
      h("summary", {}, "目录"),
      h("nav", { "aria-label": "目录" }, outline(children, null))),
    h("div", {}, legend(article), article));
}

function byParent(clauses) {
  const children = new Map();
  for (const clause of clauses) children.set(clause.parent_id, [...(children.get(clause.parent_id) ?? []), clause]);
  return children;
}

function outline(children, parent) {
  const items = children.get(parent) ?? [];
  return items.length > 0 && h("ol", {}, items.map((clause) =>
    h("li", {}, h("a", { href: `#${encodeURIComponent(clause.id)}` }, clauseName(clause)), outline(children, clause.id))));
}

/** Which facts are marked; switching one off takes its colour away, not its text. */
function legend(article) {
  return h("fieldset", { class: "legend" }, h("legend", {}, "标出"),
    Object.entries(KINDS).map(([kind, label]) => h("label", {},
      h("input", { type: "checkbox", checked: true, change: (event) => article.classList.toggle(`no-${kind}`, !event.target.checked) }),
      h("span", { class: `fact in-${kind}` }, label))));
}

function clauses(parsed, children) {
  const source = characters(parsed.document.text);
  const depth = new Map();
  return parsed.clauses.map((clause) => {
    depth.set(clause.id, clause.parent_id === null ? 0 : (depth.get(clause.parent_id) ?? 0) + 1);
    const facts = factsOf(parsed, clause.id);
    const skipped = [...(children.get(clause.id) ?? []), ...parsed.document.boilerplate];
    return h("section", { class: `clause depth-${Math.min(depth.get(clause.id), 3)} ${clause.part}`, id: clause.id, tabindex: "-1" },
      written(place(source, clause, skipped), clause, facts.marks, parsed.document.title),
      facts.units.length + facts.targets.length > 0 && h("aside", { "aria-label": "本条责任与指标" },
        unitRows(facts.units, { fold: true }), targetCards(facts.targets)));
  });
}

function factsOf(parsed, id) {
  const own = (facts) => facts.filter((fact) => fact.clause_id === id);
  const units = own(parsed.responsibilities);
  const targets = own(parsed.targets);
  const mark = (kind, note) => (fact) => ({ start: fact.start, end: fact.end, kind, note: note(fact) });
  return {
    units,
    targets,
    marks: [
      ...units.filter((unit) => !unit.implied_by).map(mark("responsibility", (unit) => `${ROLES[unit.role].short}：${unit.unit}`)),
      ...targets.map(mark("target", (target) => `指标：${target.indicator}`)),
      ...own(parsed.deadlines).map(mark("deadline", (deadline) => `时限：${dueText(deadline)}`)),
      ...own(parsed.citations).map(mark("citation", (citation) => `${RELATIONS[citation.relation]}：${citation.title || citation.document_number}${citation.damaged ? "（原文文号缺数字）" : ""}`)),
    ],
  };
}

/** The clause's paragraphs, title of the document, number and heading set off, facts marked. */
function written({ shown, places }, clause, marks, title) {
  const titled = headLength(clause, shown);
  const pieces = (start, end) => stretches(places, marks, start, end).map((piece) => {
    const text = shown.slice(piece.start, piece.end).join("");
    return piece.kinds ? h("span", { class: `fact ${piece.kinds}`, title: [...piece.notes].join("\n") }, text) : text;
  });
  const found = paragraphs(shown);
  const alone = titled > 0 && found.length > 0 && shown.slice(titled, found[0][1]).every((character) => /[\s。]/.test(character));
  return found.map(([start, end], index) => {
    const isTitle = title !== "" && shown.slice(start, end).join("").replace(/\s/g, "") === title.replace(/\s/g, "");
    if (index > 0 || titled === 0) return h("p", { class: isTitle && "title" }, pieces(start, end));
    if (alone) return h("h2", { class: "heading" }, pieces(start, titled));
    return h("p", {}, h("strong", { class: "heading" }, pieces(start, titled)), pieces(titled, end));
  });
}

// --- ledger ---

function ledger(rows, id) {
  if (!rows.length) return h("p", { class: "empty" }, "这份文件没有写明责任单位的条款。");
  const columns = ["序号", "任务", "内容", ROLES.lead.label, ROLES.responsible.label, ROLES.support.label, "目标", "时限"];
  const cells = (row) => [
    row.number, h("a", { href: address({ view: "document", id }, row.clause_id) }, row.task), row.content,
    row.lead.join("、"), row.responsible.join("、"), row.support.join("、"), row.targets.join("；"), row.deadlines.join("；"),
  ];
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "责任分解表" },
    h("table", { class: "ledger" },
      h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col" }, column)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, cells(row).map((cell, index) =>
        h("td", { "data-column": columns[index], class: cell === "" ? "blank" : `column-${index}` }, cell)))))));
}
