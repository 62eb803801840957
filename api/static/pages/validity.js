// Whether a document is in force, and what other documents have done to it.

import { address, h } from "../dom.js";
import { date } from "../facts.js";

const STANDINGS = {
  pending: "尚未施行", amended: "已被修改，请与修改文件一并使用", superseded: "已有新版，本文件不再执行",
  repealed: "已废止", expired: "期限已过",
};

/** A line across the head of a document that is not simply in force; nothing for one that is. */
export function standing(validity) {
  const said = STANDINGS[validity.standing];
  if (!said) return validity.followed_by && h("p", { class: "validity amended" }, h("b", {}, "有新年度的同类文件"), "，见 ", named(validity.followed_by));
  const by = { superseded: validity.superseded_by, repealed: validity.repealed_by, amended: validity.amended_by.at(-1) }[validity.standing];
  return h("p", { class: `validity ${validity.standing}` }, h("b", {}, said),
    validity.since && `（${date(validity.since)}${validity.standing === "expired" ? "止" : "起"}）`,
    by && ["，见 ", named(by)]);
}

/** How long it holds, for the head of a document. */
export const term = ({ effective_from, valid_until }) => [["施行日期", date(effective_from)], ["有效期至", date(valid_until)]];

const named = ({ id, title, document_number }) => h("a", { href: address({ view: "document", id }) }, `《${title || id}》${document_number ? `（${document_number}）` : ""}`);
