// Words found in the text of a document, one place after the other, with the reader staying there.

import { address, h, number } from "../dom.js";

const NOT_THE_TEXT = ".clause-tools, .page-mark"; // what the page has put among it

/** A bar that says how often the words stand in the article, and leads from one place to the next; they are marked. */
export function finding(article, words, id) {
  const found = [...article.querySelectorAll("p, h2, td")].flatMap((block) => mark(block, words));
  const said = h("span", { role: "status" });
  let at = -1;
  const show = (place) => {
    found[at]?.classList.remove("here");
    at = (place + found.length) % found.length;
    found[at].classList.add("here");
    found[at].scrollIntoView({ block: "center" });
    said.textContent = `“${words}”：第 ${number.format(at + 1)} / ${number.format(found.length)} 处`;
  };
  const step = (label, by) => h("button", { type: "button", class: "more", click: () => show(at + by) }, label);
  if (found.length) requestAnimationFrame(() => show(0)); // once it stands in the page
  else said.textContent = `本文件里没有“${words}”这几个字。`;
  return h("div", { class: "finding" }, said,
    found.length > 1 && [step("上一处", -1), step("下一处", 1)],
    h("a", { href: address({ q: words, document_id: id }) }, "按意思查找"),
    h("a", { href: address({ view: "document", id }) }, "不再标出"));
}

/** Set off the words in a paragraph, also where marked facts part them; the first piece of each place. */
function mark(block, words) {
  const nodes = [];
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT,
    (node) => (node.parentElement.closest(NOT_THE_TEXT) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
  while (walker.nextNode()) nodes.push(walker.currentNode);
  const text = nodes.map(({ data }) => data).join("").toLowerCase();
  const found = [];
  const spans = [];
  for (let from = text.indexOf(words.toLowerCase()); from >= 0; from = text.indexOf(words.toLowerCase(), from + words.length)) spans.push([from, from + words.length]);
  let start = text.length;
  for (const node of nodes.reverse()) {
    start -= node.data.length;
    for (const [from, to] of [...spans].reverse()) {
      const [first, last] = [Math.max(from - start, 0), Math.min(to - start, node.data.length)];
      if (first >= last) continue;
      if (last < node.data.length) node.splitText(last);
      const piece = h("mark", {});
      const inner = node.splitText(first);
      inner.replaceWith(piece);
      piece.append(inner);
      if (from >= start) found.unshift(piece);
    }
  }
  return found;
}
