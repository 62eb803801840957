// A search: 谁负责 on top, what it can be narrowed by at the side, the clauses found.

import { ask, path } from "../api.js";
import { address, h, number } from "../dom.js";
import { ROLES, pageOf, pager } from "../facts.js";
import { MOST_IN_WORD, MOST_ROWS } from "../files.js";
import { isScope, scopeLine } from "../scope.js";
import { answerPanel } from "./answer.js";
import { listCard } from "./asked.js";
import { chips, facetPanel } from "./facets.js";
import { hitList } from "./hits.js";

const PAGE = 20;
const SORTS = { "": "相关程度", date: "成文日期", due: "完成时限" };
const NAMES = 60; // characters; nobody types more of a name
const NAMESAKES = 5; // units of one name that are offered
const TITLE = 6; // characters from which a part of a title tells which document is meant

export async function render(parameters, signal) {
  const asked = {
    q: parameters.get("q") ?? "", unit: parameters.get("unit") ?? "", role: parameters.get("role") ?? "",
    document_id: parameters.get("document_id") ?? "", place: parameters.get("place") ?? "", issuer: parameters.getAll("issuer"), year: parameters.getAll("year"),
    level: parameters.getAll("level"), due_after: parameters.get("due_after") ?? "", due_before: parameters.get("due_before") ?? "",
    has_targets: parameters.get("has_targets") ?? "", in_force: parameters.get("in_force") ?? "", sort: parameters.get("sort") ?? "",
  };
  const page = pageOf(parameters);
  const answers = page === 1 && !asked.sort && (!asked.unit || isScope(asked)) && !asked.role;
  const isName = page === 1 && asked.q.length <= NAMES;
  const [result, answer, called, card] = await Promise.all([
    ask(["search"], { ...asked, limit: PAGE, offset: (page - 1) * PAGE }, signal),
    answers ? ask(["who"], { ...asked, sort: "" }, signal) : null,
    isName ? ask(["suggest"], { q: asked.q }, signal) : [],
    page === 1 ? listCard(asked, signal) : null,
  ]);
  const { nodes: there, isUnit } = direct(called, asked.q.trim(), result);
  return {
    title: asked.q,
    announcement: `${answer?.units.length ? `${answer.units.length} 个负责单位，` : ""}${heading(result)}`,
    nodes: [
      h("h1", { class: "hidden" }, `查询：${asked.q}`),
      result.did_you_mean && h("p", { class: "meant", role: "note" }, "您要找的是不是：", h("a", { href: address({ ...asked, q: result.did_you_mean }) }, result.did_you_mean)),
      there,
      card,
      answer && !(card && !card.matches(".progress")) && !isUnit && answerPanel(answer),
      h("div", { class: "found" },
        facetPanel(asked, signal),
        h("section", { class: "results", "aria-label": "相关条款" },
          h("div", { class: "results-head" }, h("h2", {}, heading(result)), result.total > 0 && tools(asked, result.relevant)),
          isScope(asked) && scopeLine(address({ ...asked, unit: "", place: "" })),
          chips(asked),
          isName && h("p", { class: "meta titled" }, h("a", { href: address({ view: "documents", text: asked.q.trim() }) }, `只在标题和文号中查“${asked.q.trim()}”`)),
          (result.missing || (result.total > 0 && !result.relevant && !card?.matches(".due"))) && notice(result),
          result.total ? hitList(result, asked) : nothing(asked),
          pager(result, (to) => address({ ...asked, page: to > 1 ? to : "" })))),
    ],
  };
}

/** The unit or document that is called as was asked, or whose tasks are asked for, to go there at once. */
function direct(called, typed, { tasks_of: tasksOf, tasks_role: role }) {
  const units = called.filter(({ kind, name, also }) => kind === "unit" && [name, also].includes(typed));
  const documents = called.filter(({ kind, name, also }) => kind === "document" && (name === typed || also === typed || (typed.length >= TITLE && name.includes(typed))));
  const asked = tasksOf.slice(0, NAMESAKES).map((id) => h("a", { href: address({ view: "unit", id, role }) }, h("span", { class: "kind unit" }, "单位"), h("b", {}, id.split("@")[0]), role ? `${ROLES[role].short}的任务，点此查看` : "的全部任务，点此查看"));
  const nodes = units.length + documents.length + asked.length > 0 && h("nav", { class: "direct", "aria-label": "直接前往" },
    asked,
    units.map(({ id, name, count }) => h("a", { href: address({ view: "unit", id }) }, h("span", { class: "kind unit" }, "单位"), h("b", {}, name), `共 ${number.format(count)} 项任务，点此查看`)),
    documents.map(({ id, name, also }) => h("a", { href: address({ view: "document", id }) }, h("span", { class: "kind" }, "文件"), h("b", {}, name), also, " 点此阅读")));
  return { nodes, isUnit: units.length + asked.length > 0 }; // who only names a unit does not ask who answers for it
}

function heading(result) {
  if (!result.total) return "没有找到相关条款";
  if (!result.relevant) return "没有很相关的条款";
  const others = result.total - result.relevant;
  return `找到相关条款 ${number.format(result.relevant)} 条${others ? `，另有关系较弱的 ${number.format(others)} 条` : ""}`;
}

function tools(asked, relevant) {
  const file = (form, limit = "") => path(["search", `ledger.${form}`], { ...asked, limit });
  const rows = Math.min(relevant, MOST_ROWS);
  const isLong = rows > MOST_IN_WORD; // Word holds the best of them
  return h("div", { class: "tools" },
    h("nav", { class: "sorts", "aria-label": "排序" },
      Object.entries(SORTS).map(([sort, label]) => h("a", { href: address({ ...asked, sort }), "aria-current": asked.sort === sort ? "true" : false }, label))),
    rows > 0 && [
      h("a", { class: "download", href: file("xlsx"), download: true }, `导出台账 Excel（${rows < relevant ? "前" : "全部"} ${number.format(rows)} 条）`),
      h("a", { class: "download", href: file("docx", isLong && MOST_IN_WORD), download: true }, isLong ? `Word（前 ${number.format(MOST_IN_WORD)} 条）` : "Word"),
      h("a", { class: "download", href: file("csv"), download: true }, "CSV"),
    ]);
}

function notice({ missing, total }) {
  const lacking = missing ? `知识库里没有“${missing}”。` : "知识库里可能没有您要查的内容。";
  return h("p", { class: "notice weak-notice", role: "note" }, lacking, total > 0 && "下面是最接近的条款，可能答非所问，请留意。");
}

function nothing(asked) {
  const narrowed = Object.entries(asked).some(([name, value]) => name !== "q" && name !== "sort" && value.length);
  return h("div", { class: "empty" },
    h("p", {}, "可以试试："),
    h("ul", {},
      narrowed && h("li", {}, h("a", { href: address({ q: asked.q }) }, "取消全部筛选条件"), "；"),
      h("li", {}, "换一个说法，或只保留关键词；"),
      h("li", {}, "在", h("a", { href: address({ view: "units" }) }, "单位"), "或", h("a", { href: address({ view: "documents" }) }, "文件"), "中浏览。")));
}
