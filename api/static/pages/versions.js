// What has changed in a document since another version of it: clauses added, removed and changed, with the words marked.

import { ask } from "../api.js";
import { address, characters, h, marked, number } from "../dom.js";
import { ROLES, clauseName, date, dueText, quantity, sign } from "../facts.js";
import { finder } from "./finder.js";

const KINDS = { added: "新增", removed: "删除", changed: "修改" };

export async function face(parsed, parameters, signal) {
  const { id } = parsed.document;
  const since = parameters.get("since") ?? "";
  const { versions, series } = parsed.validity;
  const known = [...versions, ...series].filter((version) => version.id !== id);
  if (!since && !known.length) return [picker(id, parsed.validity, since), h("p", { class: "empty" }, "知识库里没有这份文件的其他版本。可以在上面选一份文件来比较。")];
  const chosen = since || (known.findLast((version) => !isNewer(version, parsed.document)) ?? known[0]).id;
  const { document } = await ask(["documents", chosen], {}, signal);
  const [older, newer] = isNewer(document, parsed.document) ? [parsed.document, document] : [document, parsed.document];
  const comparison = await ask(["documents", newer.id, "diff"], { since: older.id }, signal);
  return [picker(id, parsed.validity, chosen), summary(comparison, older, newer), changes(comparison)];
}

/** Whether a document is of a later day than another; of lost years and days nobody can say. */
const isNewer = (one, other) => [one, other].every(({ issued_on }) => /^\d/.test(issued_on ?? "")) && one.issued_on > other.issued_on;

/** Versions and other years that the knowledge base knows, and any other document by its title. */
function picker(id, { versions, series }, chosen) {
  const others = (label, documents) => documents.length > 1 && h("p", {}, label, documents.filter((one) => one.id !== id).map((one) =>
    link(id, one.id, [one.document_number || one.title, date(one.issued_on), one.id].filter(Boolean).join(" · "), chosen)));
  return h("div", { class: "version-picker" },
    others("与其他版本比较：", versions),
    others("与其他年度比较：", series),
    finder("与其他文件比较", "输入另一份文件的标题", (other) => link(id, other.id, other.name, chosen)));
}

const link = (id, since, name, chosen) => h("a", { class: "choice", href: address({ view: "document", id, tab: "versions", since }), "aria-current": since === chosen ? "true" : false }, name || since);

function summary({ changes: all }, older, newer) {
  const count = (kind) => all.filter((change) => change.kind === kind).length;
  const title = (document) => h("a", { href: address({ view: "document", id: document.id }) }, `《${document.title || document.id}》${date(document.issued_on)}`);
  return h("div", { class: "version-summary" },
    h("p", {}, "从 ", title(older), " 到 ", title(newer)),
    h("p", {}, all.length ? Object.entries(KINDS).map(([kind, label]) => h("span", { class: `change-kind ${kind}` }, `${label} ${number.format(count(kind))} 条`)) : "两份文件没有差别。"));
}

function changes({ changes: all, new_id, old_id }) {
  return h("ol", { class: "changes" }, all.map((change) => {
    const clause = change.new ?? change.old;
    const at = address({ view: "document", id: change.new ? new_id : old_id }, clause.id);
    return h("li", { class: `change ${change.kind}` },
      h("h2", {}, h("span", { class: `change-kind ${change.kind}` }, KINDS[change.kind]), h("a", { href: at }, clauseName(clause))),
      facts(change),
      h("div", { class: "sides" },
        change.old && side("del", "旧", change.old.text, change.words_removed),
        change.new && side("ins", "新", change.new.text, change.words_added)));
  }));
}

/** The words of one version, those that only it has marked; all of it when there is no other. */
function side(tag, label, text, spans) {
  const chars = characters(text);
  const nodes = spans.length ? marked(chars, spans, 0, chars.length, tag) : [text];
  return h("div", { class: `side ${tag}` }, h("span", { class: "label" }, label), h("p", {}, nodes));
}

/** Units, targets and dates that came, went or are others now: what a supervisor looks for first. */
function facts(change) {
  if (change.kind !== "changed") return null;
  const units = paired(change.responsibilities_removed, change.responsibilities_added, (one, other) => one.unit === other.unit);
  const targets = paired(change.targets_removed, change.targets_added, alike);
  const dates = paired(change.deadlines_removed, change.deadlines_added, () => true);
  const rows = [
    ...units.pairs.map(([old, now]) => altered(sign(now.role), `${now.unit}：`, ROLES[old.role].short, ROLES[now.role].short)),
    ...targets.pairs.flatMap(([old, now]) => targetRows(old, now)),
    ...dates.pairs.filter(([old, now]) => !targets.pairs.some(([one, other]) => one.due === old.due && other.due === now.due)).map(([old, now]) => altered("", "完成时限 ", dueText(old), dueText(now))),
    ...both(units, (one) => [sign(one.role), `${one.unit}（${ROLES[one.role].short}）`]),
    ...both(targets, (one) => [h("b", {}, quantity(one)), ` ${one.indicator}${one.due ? `（${date(one.due)}）` : ""}`]),
    ...both(dates, (one) => ["完成时限 ", dueText(one)]),
  ];
  return rows.length > 0 && h("ul", { class: "came-went", "aria-label": "责任、指标和时限的变化" }, rows);
}

/** Facts of the old and the new version that are the same thing, two and two, and those that have none to go with. */
function paired(removed, added, same) {
  const came = [...added];
  const went = [];
  const pairs = [];
  for (const old of removed) {
    const place = came.findIndex((one) => same(old, one));
    if (place < 0) went.push(old);
    else pairs.push([old, ...came.splice(place, 1)]);
  }
  return { pairs, came, went };
}

/** Whether two targets measure the same: by the same unit, and called nearly the same. */
function alike(one, other) {
  if (one.unit !== other.unit) return false;
  if (one.indicator === other.indicator) return true;
  const pieces = ({ indicator }) => new Set(characters(indicator).slice(1).map((character, place) => characters(indicator)[place] + character));
  const [ones, others] = [pieces(one), pieces(other)];
  return 2 * [...ones].filter((piece) => others.has(piece)).length >= ones.size + others.size - 1 && ones.size > 0;
}

function targetRows(old, now) {
  return [
    quantity(old) !== quantity(now) && altered("", `${now.indicator} `, quantity(old), quantity(now)),
    old.due !== now.due && altered("", `${now.indicator}${quantity(old) === quantity(now) ? ` ${quantity(now)}` : ""}：完成时限 `, date(old.due) || "没有写明", date(now.due) || "没有写明"),
  ].filter(Boolean);
}

const altered = (before, what, old, now) => h("li", { class: "altered" }, before, what, h("s", {}, old), " → ", h("b", {}, now));

const both = ({ came, went }, called) => [
  ...came.map((one) => h("li", { class: "came" }, "＋ ", called(one))),
  ...went.map((one) => h("li", { class: "went" }, "－ ", called(one))),
];
