// The clauses found, by document, each with why it is there.

import { address, characters, h, marked } from "../dom.js";
import { clauseAddress, clauseName, deadlines, headLength, issued, standingMark, targetCards, unitRows } from "../facts.js";
import { tickable } from "../ticking.js";

const SNIPPET = 130; // characters
const PHRASE = 30; // characters between two punctuation marks, seldom more

export function hitList(result, asked) {
  const copies = asked.sort ? new Map() : copiesOf(result.hits);
  const shown = result.hits.filter((hit) => ![hit.same_as, hit.earlier_of].some((id) => copies.get(id)?.includes(hit)));
  const relevant = shown.filter((hit) => !hit.weak);
  const weak = shown.filter((hit) => hit.weak);
  return [
    groups(relevant, asked, copies),
    weak.length > 0 && result.relevant > 0 && h("p", { class: "divider" }, "以下条款与查询内容关系较弱"),
    groups(weak, asked, copies),
  ];
}

/** The hits of other documents that say the same as one on this page, or said it earlier, by its id. */
function copiesOf(hits) {
  const documents = new Map(hits.map(({ facts }) => [facts.clause.id, facts.clause.document_id]));
  const copies = new Map();
  for (const hit of hits) {
    const better = hit.earlier_of || hit.same_as;
    const of = documents.get(better);
    if (of !== undefined && of !== hit.facts.clause.document_id) copies.set(better, [...(copies.get(better) ?? []), hit]);
  }
  return copies;
}

/** By relevance the hits of a document stand together, where the best of them stands; by date only those that follow one another. */
function groups(hits, asked, copies) {
  const found = [];
  for (const hit of hits) {
    const id = hit.facts.clause.document_id;
    const known = asked.sort ? [found.at(-1)].find((group) => group?.id === id) : found.find((group) => group.id === id);
    if (known) known.hits.push(hit);
    else found.push({ id, hits: [hit] });
  }
  return found.map((group) => documentGroup(group, asked, copies));
}

function documentGroup({ id, hits }, asked, copies) {
  const { facts } = hits[0];
  return h("article", { class: `group${hits[0].weak ? " weak" : ""}` },
    h("header", {},
      h("h3", {}, h("a", { href: address({ view: "document", id }) }, facts.document_title || id), standingMark(facts.validity)),
      h("p", { class: "meta" },
        [facts.document_number, issued(facts.issued_on)].filter(Boolean).map((one) => h("span", {}, one)),
        hits[0].elsewhere && h("span", {}, "其他地方的文件"),
        !asked.document_id && h("a", { href: address({ ...asked, document_id: id }) }, "只看这份文件"))),
    h("ol", { class: "hits" }, hits.map((hit) => h("li", { class: "hit" }, hitCard(hit, copies.get(hit.facts.clause.id))))));
}

function hitCard(hit, others = []) {
  const { clause } = hit.facts;
  const copies = others.filter((other) => !other.earlier_of);
  return [
    clause.path.length > 1 && h("p", { class: "breadcrumb" }, clause.path.slice(0, -1).map((heading, place) => [place > 0 && h("span", { class: "step", "aria-hidden": "true" }, "›"), heading])),
    tickable(clause.id, clauseName(clause).textContent, h("h4", {}, h("a", { href: clauseAddress(clause) }, clauseName(clause, hit.highlights)))),
    hit.same_as ? h("p", { class: "meta" }, "与前面的条款内容基本相同") : snippet(clause, hit),
    targetCards(hit.facts.targets),
    unitRows(hit.facts.responsibilities, { fold: true }),
    deadlines(hit.facts),
    earlierOnes(clause, others.filter((other) => other.earlier_of)),
    copies.length > 0 && h("details", { class: "copies" }, h("summary", {}, `另有 ${copies.length} 份文件内容基本相同（转发、重印、旧版等）`),
      h("ul", {}, copies.map(({ facts }) => h("li", {}, h("a", { href: clauseAddress(facts.clause) }, facts.document_title || facts.clause.document_id), ` ${issued(facts.issued_on)}`)))),
    why(hit),
  ];
}

/** What older versions and the documents of earlier years said of the same: their figures and units, and the way to the comparison. */
function earlierOnes(clause, earlier) {
  return earlier.length > 0 && h("details", { class: "copies" }, h("summary", {}, "往年或旧版的同一条"),
    h("ul", {}, earlier.map(({ facts }) => h("li", {},
      h("a", { href: clauseAddress(facts.clause) }, facts.document_title || facts.clause.document_id), ` ${issued(facts.issued_on)} `,
      h("a", { href: address({ view: "document", id: clause.document_id, tab: "versions", since: facts.clause.document_id }) }, "比较两份文件"),
      targetCards(facts.targets),
      unitRows(facts.responsibilities, { fold: true })))));
}

// --- why ---

const IN_WORDS = [[0.4, "查询的词语基本都在这里"], [0.2, "部分词语在这里"], [0.01, "少数词语在这里"], [0, "没有相同的词语"]];
const IN_MEANING = [[0.65, "意思很接近"], [0.48, "意思相关"], [0.3, "意思有些关系"], [0, "意思较远"]];
const IN_CONTEXT = [[0.65, "连起来读，说的很可能是这件事"], [0.35, "连起来读，说的可能是这件事"], [0, "连起来读，说的多半是别的事"]];
const IN_DOCUMENT = [[0.5, "整份文件写到了查询的大部分词语"], [0.25, "整份文件写到了查询的部分词语"], [0.01, "整份文件只写到查询的少数词语"], [0, "整份文件没有相同的词语"]];
const said = (steps, value) => steps.find(([least]) => value >= least)[1];

function why(hit) {
  const facts = [
    hit.matched.length > 0 && ["相同的词语", hit.matched.map((word) => `“${word}”`).join("、")],
    ...hit.expansions.map(({ spoken, official }) => ["同一个意思", `口语“${spoken}”，公文写作${official.map((word) => `“${word}”`).join("、")}`]),
    ["字面", `${said(IN_WORDS, hit.word_score)}（${percent(hit.word_score)}）`],
    ["意思", `${said(IN_MEANING, hit.vector_score)}（${percent(hit.vector_score)}）`],
    hit.context_score !== null && ["上下文", `${said(IN_CONTEXT, hit.context_score)}（${percent(Math.min(1, hit.context_score))}）`],
    ["全文", `${said(IN_DOCUMENT, hit.document_score)}（${percent(hit.document_score)}）`],
    hit.provision_named && ["条款", "查询写明了这一条"],
    hit.document_named && ["文件", "查询写明了这份文件的文号或标题"],
    hit.elsewhere && ["地方", "这份文件来自查询所写以外的地方，排在后面"],
    ["综合", percent(hit.score)],
  ].filter(Boolean);
  return h("details", { class: "why" }, h("summary", {}, "为什么在这里"),
    h("dl", {}, facts.map(([name, text]) => h("div", {}, h("dt", {}, name), h("dd", {}, text)))));
}

const percent = (share) => `${Math.round(share * 100)} 分`;

// --- the words ---

/** The part of the clause where most words match, and a button for the rest. */
function snippet(clause, hit) {
  const chars = characters(clause.text);
  const head = lead(clause, chars);
  if (head >= chars.length) return null;
  const spans = [...hit.highlights, ...meant(clause.text, hit)];
  const { start, end } = window_(chars, spans, head);
  const text = h("p", { class: "snippet" }, start > head && "…", marked(chars, spans, start, end), end < chars.length && "…");
  if (start === head && end === chars.length) return text;
  const button = h("button", { type: "button", class: "more", "aria-expanded": "false", click: () => {
    text.replaceChildren(...marked(chars, spans, head));
    button.remove();
    text.tabIndex = -1;
    text.focus();
  } }, "展开全文");
  text.append(" ", button);
  return text;
}

/** Where official wordings stand that the query was widened by, outside of what matches already. */
function meant(text, { expansions, highlights }) {
  const found = [];
  for (const word of new Set(expansions.flatMap(({ official }) => official))) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
      const start = characters(text.slice(0, at)).length;
      const span = { start, end: start + characters(word).length };
      if (!highlights.some((known) => known.start < span.end && span.start < known.end)) found.push({ ...span, kind: "meant" });
    }
  }
  return found;
}

/** How many characters at the beginning only repeat number and heading. */
function lead(clause, chars) {
  const head = headLength(clause, chars) || (clause.text.startsWith(clause.num) ? characters(clause.num).length : 0);
  const rest = chars.findIndex((character, index) => index >= head && !/[\s。.:：]/.test(character));
  return rest < 0 ? chars.length : rest;
}

/** The nearest end of a phrase before a place, so that no word or number is cut; the place itself where the phrase is long. */
function pauseBefore(chars, place) {
  if (place >= chars.length) return chars.length;
  for (let at = place; at > place - PHRASE; at -= 1) {
    if (/[，。；：！？、\n]/.test(chars[at - 1]) || (chars[at - 1] === "," && !/\d/.test(chars[at]))) return at;
  }
  return place;
}

function window_(chars, spans, head) {
  if (chars.length - head <= SNIPPET * 1.3) return { start: head, end: chars.length };
  const weight = (from) => spans.reduce((sum, span) => sum + Math.max(0, Math.min(span.end, from + SNIPPET) - Math.max(span.start, from)), 0);
  const starts = [head, ...chars.keys()].filter((at) => at === head || (at > head && /[。；！\n]/.test(chars[at - 1])));
  const start = starts.reduce((best, at) => (weight(at) > weight(best) ? at : best), head);
  return { start, end: pauseBefore(chars, start + SNIPPET) };
}
