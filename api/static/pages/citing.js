// How a clause is cited in writing, and copying to the clipboard.

import { h } from "../dom.js";

const PARTS = { notice: "印发通知", preamble: "引言", conclusion: "结尾", attachment: "附件" };

/** 《某方案》（某政发〔2024〕8号）二（一）3; of a law 《某条例》第十条第（二）项. */
export function citation(document, clause, above) {
  const chain = [...above, clause];
  const name = `《${document.title || document.id}》${document.document_number ? `（${document.document_number}）` : ""}`;
  const article = chain.findIndex(({ num }) => /^第.+条/.test(num));
  const numbers = chain.slice(Math.max(article, 0)).map(({ num }, at) => written(num, article >= 0 && at > 0));
  return name + (numbers.join("") || PARTS[clause.part] || "");
}

/** A printed number without what only parts it from the words: 一、 → 一, 3. → 3, (一) → （一）; under an article 第（一）项. */
function written(num, inArticle) {
  const bare = num.trim().replace(/[、.．,，\s]+$/, "").replace(/^\(/, "（").replace(/\)$/, "）");
  return inArticle && bare ? `第${bare}项` : bare;
}

/** The words of a clause and of all below it, as they stand in the original; rows of a table with their cells parted by tabs. */
function original(clause, clauses, rows) {
  const own = clauses.filter(({ id }) => id === clause.id || id.startsWith(`${clause.id}.`));
  return own.map(({ id, text }) => rows.get(id)?.cells.map((cell) => cell.replaceAll("\n", " ")).join("\t") ?? text.trim()).join("\n");
}

/** Buttons that copy where a clause stands, its words with that, and its address; `rows` are those of tables, by clause. */
export function copying({ document, clauses }, clause, above, rows) {
  const cited = () => citation(document, clause, above);
  const link = () => `${location.origin}${location.pathname}?${new URLSearchParams({ view: "document", id: document.id })}#${encodeURIComponent(clause.id)}`;
  return h("div", { class: "clause-tools", role: "group", "aria-label": `复制${clause.num || PARTS[clause.part] || "本条"}` },
    copyButton("复制出处", cited),
    copyButton("复制原文", () => `${original(clause, clauses, rows)}\n——${cited()}`),
    copyButton("复制链接", link));
}

/** A button that copies what `text` brings. */
export function copyButton(label, text, style) {
  return h("button", { type: "button", class: style, click: async ({ currentTarget }) => {
    await copy(text());
    currentTarget.textContent = "已复制";
    document.getElementById("announcement").textContent = "已复制";
    setTimeout(() => { currentTarget.textContent = label; }, 1500);
  } }, label);
}

/** Browsers give the clipboard only to pages of this machine or with a certificate; the old way works in an office network. */
async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const before = document.activeElement;
  const field = h("textarea", { class: "hidden", "aria-hidden": "true" });
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
  before?.focus({ preventScroll: true });
}
