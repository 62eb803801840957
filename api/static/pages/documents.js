// All documents.

import { ask } from "../api.js";
import { address, h, number } from "../dom.js";
import { pageOf, pager } from "../facts.js";
import { documentList } from "../lists.js";

const PAGE = 50;
const LACKING = { units: "没有写明责任单位的", date: "没有完整成文日期的" };

export async function render(parameters, signal) {
  const page = pageOf(parameters);
  const lacking = Object.hasOwn(LACKING, parameters.get("lacking") ?? "") ? parameters.get("lacking") : "";
  const documents = await ask(["documents"], { lacking, limit: PAGE, offset: (page - 1) * PAGE }, signal);
  return {
    title: "文件",
    announcement: `共 ${documents.total} 份文件`,
    nodes: [
      h("header", { class: "page-head" }, h("h1", {}, "文件"), h("p", { class: "meta" }, `${lacking ? LACKING[lacking] : "共"} ${number.format(documents.total)} 份`, lacking && h("a", { href: address({ view: "documents" }) }, "看全部文件"))),
      documents.total ? documentList(documents.items) : h("p", { class: "empty" }, "知识库里还没有文件。请把文件放入 corpus 目录后运行 kb build。"),
      pager(documents, (to) => address({ view: "documents", lacking, page: to > 1 ? to : "" })),
    ],
  };
}
