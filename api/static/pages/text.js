// The text as a 公文 with its facts marked in place, the outline on one side, all facts in a panel on the other.

import { characters, h } from "../dom.js";
import { clauseName, headLength } from "../facts.js";
import { copying } from "./citing.js";
import { finding } from "./finding.js";
import { allMarks, factPanel } from "./panel.js";
import { paragraphs, place, stretches } from "./reading.js";

const LEVELS = [
  [/^第.+[编章节]/, "chapter"], [/^第.+条/, "article"], [/^[一二三四五六七八九十百]+、/, "level-1"],
  [/^[（(][一二三四五六七八九十百]+[)）]/, "level-2"], [/^\d+/, "level-3"],
];

export function face(parsed, parameters) {
  const children = byParent(parsed.clauses);
  const marks = allMarks(parsed);
  const article = h("article", { class: "text", click: choose }, clauses(parsed, children, marks));
  const panel = factPanel(parsed, article);
  const contents = h("details", { class: "outline", open: matchMedia("(min-width: 62rem)").matches },
    h("summary", {}, "目录"),
    h("nav", { "aria-label": "目录" }, outline(children, null)));
  follow(article, contents);
  const find = parameters.get("find")?.trim();
  return [find && finding(article, find, parsed.document.id), h("div", { class: "reading" }, contents, article, panel)];

  /** A click on a marked stretch shows its row; one on a clause brings the clause's tools where nothing can hover. */
  function choose(event) {
    const mark = event.target.closest(".fact");
    if (mark && !String(getSelection())) panel.show(mark.dataset.at.split(" ")[0]);
    const clause = event.target.closest(".clause");
    for (const one of article.querySelectorAll(".clause.touched")) if (one !== clause) one.classList.remove("touched");
    clause?.classList.add("touched");
  }
}

function byParent(clauses) {
  const children = new Map();
  for (const clause of clauses) {
    if (!children.has(clause.parent_id)) children.set(clause.parent_id, []);
    children.get(clause.parent_id).push(clause);
  }
  return children;
}

function outline(children, parent) {
  const items = children.get(parent) ?? [];
  return items.length > 0 && h("ol", {}, items.map((clause) =>
    h("li", {}, h("a", { href: `#${encodeURIComponent(clause.id)}` }, clauseName(clause)), outline(children, clause.id))));
}

/** The outline says where in the text the reader is. */
function follow(article, contents) {
  const links = new Map([...contents.querySelectorAll("a")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  const seen = new IntersectionObserver((entries) => {
    const here = entries.filter(({ isIntersecting }) => isIntersecting).at(-1);
    const link = here && links.get(here.target.id);
    if (!link) return;
    contents.querySelector("[aria-current]")?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    const box = contents.getBoundingClientRect();
    const at = link.getBoundingClientRect();
    if (at.top < box.top || at.bottom > box.bottom) contents.scrollTop += at.top - box.top - box.height / 2;
  }, { rootMargin: "-15% 0px -75% 0px" });
  for (const clause of article.querySelectorAll(".clause")) seen.observe(clause);
}

// --- clauses ---

function clauses(parsed, children, marks) {
  const source = characters(parsed.document.text);
  const above = new Map([[null, []]]);
  const rows = printedRows(parsed, source);
  let page = 0;
  return together(parsed.clauses.map((clause) => {
    const chain = above.get(clause.parent_id) ?? [];
    above.set(clause.id, [...chain, clause]);
    const own = marks.get(clause.id) ?? [];
    const skipped = [...(children.get(clause.id) ?? []), ...parsed.document.boilerplate];
    const placed = place(source, clause, skipped);
    const turned = clause.page > 0 && clause.page !== page && h("span", { class: "page-mark", title: `原文件第 ${clause.page} 页` }, `第 ${clause.page} 页`);
    page = clause.page;
    const row = rows.get(clause.id);
    if (row) return { row, line: printed(row, clause, placed, own, [turned, copying(parsed, clause, chain, rows)]) };
    return h("section", { class: `clause part-${clause.part}`, id: clause.id, tabindex: "-1" },
      turned,
      unplaced(placed, own).map((at) => h("span", { id: `at-${at}`, tabindex: "-1" })),
      written(placed, clause, own, parsed.document),
      copying(parsed, clause, chain, rows));
  }));
}

// --- tables ---

/** Rows of task tables as the original prints them, by the id of the clause that is one. */
function printedRows({ document, clauses: all }, source) {
  const starts = new Map(document.rows.map((row) => [row.start, row]));
  const begins = (at, end) => { while (at < end && /\s/.test(source[at])) at += 1; return at; };
  return new Map(all.map(({ id, start, end }) => [id, starts.get(begins(start, end))]).filter(([, row]) => row));
}

/** Clauses with the rows of a table put into one table again. */
function together(pieces) {
  const nodes = [];
  let table = null;
  for (const piece of pieces) {
    if (!piece.row) {
      table = null;
      nodes.push(piece);
      continue;
    }
    const labels = piece.row.labels.join("\t");
    if (table?.labels !== labels) {
      const body = h("tbody", {});
      table = { labels, body };
      nodes.push(h("div", { class: "scroll printed", tabindex: "0", role: "region", "aria-label": "原文表格" },
        h("table", {}, h("thead", {}, h("tr", {}, piece.row.labels.map((label) => h("th", { scope: "col" }, label)))), body)));
    }
    table.body.append(piece.line);
  }
  return nodes;
}

/** A row; facts are marked where the sentence that was read has the words of a line of the cell. */
function printed({ cells }, clause, { shown, places }, marks, tools) {
  const said = shown.join("");
  const line = (words) => {
    const at = words ? said.indexOf(words) : -1;
    const start = at < 0 ? -1 : characters(said.slice(0, at)).length;
    return start < 0 ? words : stretches(places, marks, start, start + characters(words).length).map((piece) => marked(shown, piece));
  };
  const columns = cells.map((cell) => h("td", {}, cell.split("\n").map((words, at) => [at > 0 && h("br", {}), line(words)])));
  const row = h("tr", { class: `clause part-${clause.part}`, id: clause.id, tabindex: "-1" }, columns);
  const held = new Set([...row.querySelectorAll("[id^=at-]")].map(({ id }) => id));
  columns[0].prepend(...new Set(marks.map(({ start }) => `at-${start}`).filter((id) => !held.has(id)).map((id) => h("span", { id, tabindex: "-1" }))));
  columns.at(-1).append(...tools.filter(Boolean));
  return row;
}

/** Facts of the clause that no character shown here begins; they are pointed at through the clause itself. */
function unplaced({ places }, marks) {
  const held = new Set(places);
  return [...new Set(marks.map(({ start }) => start).filter((start) => !held.has(start)))];
}

/** The clause's paragraphs: titles in the middle, signatures to the right, number and heading set off, facts marked. */
function written({ shown, places }, clause, marks, document) {
  const titled = headLength(clause, shown);
  const pieces = (start, end) => stretches(places, marks, start, end).map((piece) => marked(shown, piece));
  const found = paragraphs(shown);
  const alone = titled > 0 && found.length > 0 && shown.slice(titled, found[0][1]).every((character) => /[\s。]/.test(character));
  const level = LEVELS.find(([pattern]) => pattern.test(clause.num.trim()))?.[1] ?? "level-3";
  return found.map(([start, end], index) => {
    if (index > 0 || titled === 0) return h("p", { class: look(shown.slice(start, end).join("").trim(), document) }, pieces(start, end));
    if (alone) return h("h2", { class: `heading ${level}` }, pieces(start, titled));
    return h("p", {}, h("strong", { class: `heading ${level}` }, pieces(start, titled)), pieces(titled, end));
  });
}

function marked(shown, { start, end, facts }) {
  const text = shown.slice(start, end).join("");
  if (!facts.length) return text;
  const begun = facts.find((fact) => fact.startsHere);
  return h("span", {
    class: `fact ${[...new Set(facts.map(({ kind }) => `in-${kind}`))].join(" ")}`,
    title: [...new Set(facts.map(({ note }) => note))].join("\n"),
    "data-at": facts.map((fact) => fact.start).join(" "),
    id: begun ? `at-${begun.start}` : false,
    tabindex: begun ? "-1" : false,
  }, text);
}

const bare = (text) => text.replace(/[\s《》]/g, "");
const DAY = /^(?:(?:[12]\d{3}|[一二][○〇零一二三四五六七八九]{3})?年)?[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日$/;

/** What a paragraph is in a 公文: title, number, addressee, signature or date. */
function look(text, document) {
  const said = bare(text);
  if (document.title && said === bare(document.title)) return "title";
  if (document.document_number && said === bare(document.document_number)) return "number";
  if (DAY.test(said) || document.issuers.some((issuer) => said === bare(issuer))) return "signed";
  return document.addressees.length > 0 && /[:：]$/.test(said) && said.startsWith(bare(document.addressees[0])) ? "addressed" : false;
}

