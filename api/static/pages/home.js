// The first page: examples to try, what is due next, who has most to do, what the knowledge base holds.

import { ask } from "../api.js";
import { address, h, number } from "../dom.js";
import { date, signLegend } from "../facts.js";
import { documentList, unitList } from "../lists.js";
import { everyDue, scope, scopeLine, searchIn } from "../scope.js";
import { isoToday } from "./counts.js";
import { dueList } from "./deadlines.js";

const VISITS = "kb-visits"; // in this browser: the day of this visit and of the one before it
const NEWS = 50; // documents that are looked at, whether they are new
const SHOWN = 6;
const LEAST = 6, MOST = 16; // characters of an example: 具体措施 says nothing
const EXAMPLES = 4;
const LOOKED_AT = 20; // tasks among which they are looked for

export async function render(_, signal) {
  const today = isoToday();
  const since = lastVisit(today);
  const mine = Object.fromEntries(Object.entries(scope()).map(([name, { id }]) => [name, id]));
  const [status, documents, units, due, asked, latest] = await Promise.all([
    ask(["health", "ready"], {}, signal),
    ask(["documents"], { sort: "date", limit: SHOWN }, signal),
    ask(["units"], { sort: "lead", limit: 12 }, signal),
    ask(["deadlines"], { since: today, in_force: true, ...mine, limit: 5 }, signal),
    topics(mine, signal),
    since ? ask(["documents"], { sort: "received", limit: NEWS }, signal) : { items: [] },
  ]);
  const news = latest.items.filter(({ received_on }) => received_on >= since);
  const examples = [...new Set(asked)].filter((name) => name.length >= LEAST && name.length <= MOST).slice(0, EXAMPLES);
  const counts = [[status.documents, "份文件", "documents"], [status.clauses, "个条款"], [status.responsibilities, "项责任"], [status.targets, "个指标", "targets"], [status.organizations, "个单位", "units"]];
  return {
    title: "",
    nodes: [
      h("section", { class: "hero" },
        h("h1", {}, "谁负责、目标是多少、何时完成"),
        h("p", {}, "在上面输入一项任务、一个单位或一句话（拼音也行），直接看到责任单位和原文出处。"),
        examples.length > 0 && h("p", { class: "examples" }, "例如：", examples.map((name) => h("a", { href: searchIn(`谁负责${name}`) }, `谁负责${name}`)))),
      h("p", { class: "counts" }, "已收录 ", counts.map(([count, what, view]) => h(view ? "a" : "span", { href: view && address({ view }) }, h("b", {}, number.format(count)), ` ${what}`)),
        !status.verified && h("span", { title: "发现损坏就停止回答，并说明原因" }, "正在检查数据是否完整"),
        status.contextual !== null && status.contextual < status.clauses && h("span", { title: "现在就可以查询；全部读完后，用自己的话查得更准" }, `正在通读条款：${number.format(status.contextual)} / ${number.format(status.clauses)}`)),
      h("div", { class: "columns" },
        h("div", {},
          (due.total > 0 || Object.keys(mine).length > 0) && h("section", {}, sectionHead("快到期的任务", address({ view: "overview", tab: "deadlines", span: "ahead" }), `全部 ${number.format(due.total)} 项`),
            scopeLine(everyDue({ span: "ahead" })),
            due.total > 0 ? dueList(due.items, today) : h("p", { class: "empty" }, "这个范围里今天以后没有写明日期的任务。")),
          news.length > 0 && h("section", {}, sectionHead(`上次来访（${date(since)}）以来新收`, address({ view: "documents", sort: "received" }), news.length < NEWS ? `共 ${news.length} 份` : `${NEWS} 份以上`),
            documentList(news.slice(0, SHOWN), true)),
          since && !news.length && h("p", { class: "meta" }, `上次来访（${date(since)}）以来没有新收的文件。`),
          h("section", {}, sectionHead("最新的文件", address({ view: "documents" }), `全部 ${number.format(documents.total)} 份`), documentList(documents.items))),
        h("section", {}, sectionHead("主要责任单位", address({ view: "units" }), `全部 ${number.format(units.total)} 个`), signLegend(), unitList(units.items))),
    ],
  };
}

/** What may be asked about: the tasks of the reader's own range, else those that are asked about most. */
async function topics(mine, signal) {
  if (Object.keys(mine).length) return (await ask(["deadlines"], { ...mine, limit: LOOKED_AT }, signal)).items.map(({ facts }) => facts.clause.heading);
  return (await ask(["suggest"], { limit: LOOKED_AT }, signal)).filter(({ kind }) => kind === "topic").map(({ name }) => name);
}

/** The day of the last visit before today, "" for none; today is kept as that of the next. */
function lastVisit(today) {
  try {
    const { day, before } = JSON.parse(localStorage.getItem(VISITS)) ?? {};
    if (day !== today) localStorage.setItem(VISITS, JSON.stringify({ day: today, before: day }));
    const last = day === today ? before : day;
    return /^\d{4}-\d{2}-\d{2}$/.test(last) ? last : "";
  } catch {
    return ""; // no JSON, or a browser that keeps nothing
  }
}

const sectionHead = (name, href, all) => h("div", { class: "section-head" }, h("h2", {}, name), h("a", { href }, all));
