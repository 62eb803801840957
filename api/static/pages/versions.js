// What has changed in a document since another version of it: clauses added, removed and changed, with the words marked.

import { ask } from "../api.js";
import { address, characters, h, marked, number } from "../dom.js";
import { ROLES, clauseName, date, quantity, sign } from "../facts.js";
import { finder } from "./finder.js";

const KINDS = { added: "新增", removed: "删除", changed: "修改" };

export async function face(parsed, parameters, signal) {
  const { id } = parsed.document;
  const since = parameters.get("since") ?? "";
  const { versions, series } = parsed.validity;
  const known = [...versions, ...series].filter((version) => version.id !== id);
  if (!since && !known.length) return [picker(id, parsed.validity, since), h("p", { class: "empty" }, "知识库里没有这份文件的其他版本。可以在上面选一份文件来比较。")];
  const older = since || known.findLast((version) => (version.issued_on || "") <= (parsed.document.issued_on || "9"))?.id;
  const other = older || known[0].id;  // the oldest has newer ones only: what they have changed in it
  const [comparison, { document }] = await Promise.all([
    older ? ask(["documents", id, "diff"], { since: older }, signal) : ask(["documents", other, "diff"], { since: id }, signal),
    ask(["documents", other], {}, signal),
  ]);
  const pair = older ? [document, parsed.document] : [parsed.document, document];
  return [picker(id, parsed.validity, other), summary(comparison, ...pair), changes(comparison)];
}

/** Versions and other years that the knowledge base knows, and any other document by its title. */
function picker(id, { versions, series }, chosen) {
  const others = (label, documents) => documents.length > 1 && h("p", {}, label, documents.filter((one) => one.id !== id).map((one) =>
    link(id, one.id, [one.document_number || one.title, date(one.issued_on), one.id].filter(Boolean).join(" · "), chosen)));
  return h("div", { class: "version-picker" },
    others("与旧版比较：", versions),
    others("与其他年度比较：", series),
    finder("与其他文件比较", "输入旧版文件的标题", (other) => link(id, other.id, other.name, chosen)));
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

/** Units and targets that came or went: what a supervisor looks for first. */
function facts(change) {
  const unit = (came) => (one) => h("li", { class: came ? "came" : "went" }, came ? "＋ " : "－ ", sign(one.role), `${one.unit}（${ROLES[one.role].short}）`);
  const target = (came) => (one) => h("li", { class: came ? "came" : "went" }, came ? "＋ " : "－ ", h("b", {}, quantity(one)), ` ${one.indicator}`);
  const rows = [
    ...change.responsibilities_added.map(unit(true)), ...change.responsibilities_removed.map(unit(false)),
    ...change.targets_added.map(target(true)), ...change.targets_removed.map(target(false)),
  ];
  return change.kind === "changed" && rows.length > 0 && h("ul", { class: "came-went", "aria-label": "责任和指标的变化" }, rows);
}
