// A question that a list answers: the way to the list and its first rows; and that documents tell no progress.

import { ask } from "../api.js";
import { address, h, number } from "../dom.js";
import { date } from "../facts.js";
import { everyDue } from "../scope.js";
import { isoToday } from "./counts.js";
import { dueList } from "./deadlines.js";

const FIRST = 3;

/** The card above the results; null where the question is none for a list. */
export async function listCard({ q, place, ...narrowed }, signal) {
  const asked = await ask(["search", "list"], { q }, signal);
  if (!asked) return null;
  if (asked.kind === "progress") return card("进展情况不在文件里", "progress", h("p", {}, `文件只写“${asked.matter}”的任务、责任单位和完成时限，不写做到了哪一步；请向责任单位了解。下面是与它有关的条款。`));
  const { since, until } = asked;
  const unit = asked.unit || narrowed.unit;
  const due = await ask(["deadlines"], { since, until, unit, place, in_force: true, descending: !since, limit: FIRST }, signal);
  const [span, called] = !since ? [{ span: "gone" }, "已过期"] : !until ? [{ span: "ahead" }, "今天以后到期"]
    : [{ since, until }, `${since === until ? date(since) : `${date(since)} 至 ${date(until)}`}到期`];
  const list = everyDue({ ...span, ...(unit && { unit }), ...(place && { place }) });
  return card(`${called}的任务${unit || place ? `（${[place, unit].filter(Boolean).map((one) => one.split("@")[0]).join("、")}）` : ""}：${number.format(due.total)} 项`, "due",
    due.total ? dueList(due.items, isoToday()) : h("p", {}, "这段时间里没有写明日期的任务。"),
    h("p", {}, h("a", { class: "button", href: list }, due.total > FIRST ? `看全部 ${number.format(due.total)} 项` : "打开到期清单"),
      unit && [" ", h("a", { class: "button quiet", href: address({ view: "unit", id: unit }) }, `${unit.split("@")[0]}的全部任务`)]));
}

const card = (title, kind, ...content) => h("section", { class: `answer asked-list ${kind}`, "aria-label": "清单" }, h("h2", {}, title), ...content);
