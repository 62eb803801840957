// Links to files to take along, and of how many rows the server writes them.

import { h, number } from "./dom.js";

export const MOST_IN_WORD = 1_000; // rows
export const MOST_ROWS = 10_000; // of a due list, a calendar and the ledger of a search

/** A link to a file of `count` rows; where the server writes none of so many, the reason in its place. */
export function fileLink(label, href, style, count, most) {
  if (count > most) return h("span", { class: "meta" }, `${label} 最多 ${number.format(most)} 条，请先缩小范围`);
  return h("a", { class: style, href, download: true }, label);
}
