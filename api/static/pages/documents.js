// All documents, or those that were asked for, the newest first.

import { ask } from "../api.js";
import { address, h, number } from "../dom.js";
import { LEVELS, pageOf, pager } from "../facts.js";
import { documentList, select } from "../lists.js";

const PAGE = 50;
const LACKING = { units: "没有写明责任单位", date: "没有完整成文日期", text: "有没读出来的页或文字" };
const SORTS = { date: "成文日期，新的在前", received: "收入日期，新的在前", id: "文件编号" };

export async function render(parameters, signal) {
  const page = pageOf(parameters);
  const asked = Object.fromEntries(["text", "issuer", "year", "level", "lacking", "sort"].map((name) => [name, parameters.get(name) ?? ""]));
  const [documents, { by_year }] = await Promise.all([
    ask(["documents"], { ...asked, sort: asked.sort || "date", limit: PAGE, offset: (page - 1) * PAGE }, signal),
    ask(["overview"], {}, signal),
  ]);
  const narrowed = Object.entries(asked).some(([name, value]) => name !== "sort" && value);
  return {
    title: "文件",
    announcement: `${narrowed ? "符合条件的" : "共"} ${documents.total} 份文件`,
    nodes: [
      h("header", { class: "page-head" }, h("h1", {}, "文件"),
        h("p", { class: "meta" }, `${narrowed ? "符合条件的" : "共"} ${number.format(documents.total)} 份`, narrowed && h("a", { href: address({ view: "documents" }) }, "看全部文件"))),
      h("form", { class: "filters", action: "./", method: "get", role: "search", "aria-label": "查文件" },
        h("input", { type: "hidden", name: "view", value: "documents" }),
        h("label", {}, "标题或文号 ", h("input", { type: "search", name: "text", value: asked.text, maxlength: 200, placeholder: "如：养老服务" })),
        h("label", {}, "发文机关 ", h("input", { type: "search", name: "issuer", value: asked.issuer, maxlength: 100, placeholder: "如：国务院" })),
        select("年份", "year", [...by_year].reverse().map(({ id, count }) => [id, `${id}年（${count}）`]), asked.year),
        select("层级", "level", Object.entries(LEVELS), asked.level),
        select("缺项", "lacking", Object.entries(LACKING), asked.lacking),
        select("排序", "sort", Object.entries(SORTS), asked.sort || "date", false),
        h("button", { type: "submit" }, "查文件")),
      documents.total ? documentList(documents.items, asked.sort === "received") : h("p", { class: "empty" }, narrowed ? "没有符合条件的文件。" : "知识库里还没有文件，可在“上传”页添加。"),
      pager(documents, (to) => address({ view: "documents", ...asked, page: to > 1 ? to : "" })),
    ],
  };
}
