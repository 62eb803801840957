// One unit: its tasks by role, document or date, when they are due, whom it works with.

import { ask, path } from "../api.js";
import { chart } from "../chart.js";
import { address, h, number } from "../dom.js";
import { LEVELS, ROLES, chip, clauseAddress, clauseName, date, deadlines, pageOf, pager, sign, standingMark, targetCards } from "../facts.js";
import { MOST_IN_WORD, fileLink } from "../files.js";
import { tickable } from "../ticking.js";
import { naming } from "./correcting.js";
import { finder } from "./finder.js";

const PAGE = 50;
const OTHERS_SHOWN = 6;
const DOCUMENTS_SHOWN = 8;
const MOST_MONTHS = 30; // bars; beyond, years are shown
const SORTS = { "": "按文件", role: "按角色", due: "按时限" };

export async function render(parameters, signal) {
  const id = parameters.get("id") ?? "";
  const asked = Object.fromEntries(["role", "document_id", "due_after", "due_before", "sort"].map((name) => [name, parameters.get(name) ?? ""]));
  const page = pageOf(parameters);
  const [{ unit, tasks, namesakes }, profile] = await Promise.all([
    ask(["units", id], { ...asked, limit: PAGE, offset: (page - 1) * PAGE }, signal),
    ask(["units", id, "profile"], {}, signal),
  ]);
  const { organization } = unit;
  const all = unit.lead + unit.responsible + unit.support;
  const to = (changes) => address({ view: "unit", id: organization.id, ...asked, ...changes });
  return {
    title: organization.name,
    announcement: `${organization.name}，${tasks.total} 项任务`,
    nodes: [
      h("header", { class: "page-head unit-head" },
        h("div", {}, h("p", { class: "kicker" }, "单位"), h("h1", {}, organization.name), about(organization, namesakes),
          naming(organization),
          finder("与另一个单位比较", "输入单位名称", ({ id: other, name }) => h("a", { href: address({ view: "compare", id: [organization.id, other] }) }, name), "unit")),
        all > 0 && downloads(organization, asked, tasks.total)),
      h("div", { class: "unit-page" },
        h("section", { class: "unit-tasks", "aria-label": "任务" },
          h("div", { class: "task-tools" },
            h("nav", { class: "tabs", "aria-label": "角色" },
              tab(to, "", "全部", all, asked.role),
              Object.entries(ROLES).map(([role, { short }]) => tab(to, role, [sign(role), short], unit[role], asked.role))),
            h("nav", { class: "sorts", "aria-label": "排列" },
              Object.entries(SORTS).map(([sort, label]) => h("a", { href: to({ sort }), "aria-current": asked.sort === sort ? "true" : false }, label)))),
          chosen(asked, profile, to),
          tasks.total ? grouped(tasks.items, asked.sort).map((group) => taskGroup(group, organization)) : nothing(all, to),
          pager(tasks, (number_) => to({ page: number_ > 1 ? number_ : "" }))),
        h("aside", { "aria-label": "概况" }, h("details", { class: "glance", open: matchMedia("(min-width: 60rem)").matches },
          h("summary", {}, "概况：到期时间、共事单位、任务出处"),
          h("div", { class: "unit-side" }, timeline(profile.due, asked, to), partners(profile.partners), documents(profile.documents, asked, to))))),
    ],
  };
}

function about(organization, namesakes) {
  const others = organization.aliases.filter((alias) => alias !== organization.name);
  const { members } = organization;
  const facts = [
    [organization.jurisdiction, LEVELS[organization.level]].filter(Boolean).join(" · "),
    others.length && `文件中又称：${others.join("、")}`,
    namesakes.length && ["同名单位：", namesakes.map((one, place) => [place > 0 && "、", h("a", { href: address({ view: "unit", id: one }) }, named(one))])],
    organization.successor_of.length && ["前身：", organization.successor_of.map((one, place) => [place > 0 && "、", h("a", { href: address({ view: "unit", id: one }) }, named(one))])],
  ].filter(Boolean);
  return [
    facts.length > 0 && h("p", { class: "meta" }, facts.map((fact) => h("span", {}, fact))),
    members.length > 0 && h("details", { class: "unit-members" }, h("summary", {}, `包括 ${members.length} 个单位`),
      h("ul", { class: "chips" }, members.map((one) => h("li", {}, h("a", { class: "chip plain", href: address({ view: "unit", id: one }) }, named(one)))))),
  ];
}

const named = (id) => id.split("@")[0];

function downloads(organization, asked, count) {
  const file = (form) => path(["units", organization.id, `ledger.${form}`], asked);
  return h("div", { class: "downloads" },
    h("a", { class: "button", href: file("xlsx"), download: true }, "下载任务台账 Excel"),
    fileLink("Word", file("docx"), "button quiet", count, MOST_IN_WORD),
    h("a", { class: "button quiet", href: file("csv"), download: true }, "CSV"));
}

function tab(to, role, label, count, current) {
  return h("a", { href: to({ role }), "aria-current": role === current ? "page" : false, class: count ? "" : "zero" }, label, h("span", { class: "count" }, number.format(count)));
}

/** What the tasks are narrowed by, to be taken away. */
function chosen(asked, profile, to) {
  const { document_id, due_after, due_before } = asked;
  const span = due_after === due_before ? date(due_after) : `${date(due_after) || "……"} 至 ${date(due_before) || "……"}`;
  const all = [
    document_id && [profile.documents.find(({ id }) => id === document_id)?.name ?? document_id, { document_id: "" }],
    (due_after || due_before) && [`时限：${span}`, { due_after: "", due_before: "" }],
  ].filter(Boolean);
  return all.length > 0 && h("ul", { class: "narrowed", "aria-label": "已选条件" },
    all.map(([label, without]) => h("li", {}, h("a", { class: "tag", href: to(without), title: `取消：${label}` }, label, h("span", { "aria-hidden": "true" }, " ×")))));
}

function nothing(all, to) {
  return h("p", { class: "empty" }, all ? ["没有符合条件的任务。", h("a", { href: to({ role: "", document_id: "", due_after: "", due_before: "" }) }, "看全部任务")] : "文件中没有写明由这个单位负责的任务。");
}

// --- tasks ---

/** Tasks that follow one another and belong together: of a document, of a role, due in the same year. */
function grouped(tasks, sort) {
  const keys = {
    "": ({ facts }) => ({ key: facts.clause.document_id, name: facts.document_title || facts.clause.document_id, href: address({ view: "document", id: facts.clause.document_id }), mark: standingMark(facts.validity) }),
    role: ({ role }) => ({ key: role, name: ROLES[role].label }),
    due: (task) => ({ key: earliest(task).slice(0, 4), name: earliest(task) ? `${earliest(task).slice(0, 4)}年到期` : "没有写明日期" }),
  };
  const groups = [];
  for (const task of tasks) {
    const head = (keys[sort] ?? keys[""])(task);
    if (groups.at(-1)?.key === head.key) groups.at(-1).tasks.push(task);
    else groups.push({ ...head, tasks: [task] });
  }
  return groups;
}

const earliest = ({ facts }) => [...facts.targets, ...facts.deadlines].map(({ due }) => due).filter((due) => /^\d{4}/.test(due)).sort((a, b) => (a + "-12-31".slice(a.length - 4) < b + "-12-31".slice(b.length - 4) ? -1 : 1))[0] ?? "";

function taskGroup({ name, href, mark, tasks }, organization) {
  return h("section", { class: "group" },
    h("h2", {}, href ? h("a", { href }, name) : name, mark, h("span", { class: "count" }, `${tasks.length} 项`)),
    h("ol", { class: "tasks" }, tasks.map((task) => h("li", {}, taskRow(task, organization, !href)))));
}

function taskRow({ role, facts, through }, organization, withDocument) {
  const { clause } = facts;
  const others = facts.responsibilities.filter((unit) => ![organization.id, through].includes(unit.organization_id || unit.unit));
  const shown = others.slice(0, OTHERS_SHOWN);
  const above = [withDocument && (facts.document_title || clause.document_id), ...clause.path.slice(0, -1)].filter(Boolean);
  return [
    h("span", { class: `label ${role}` }, sign(role), ROLES[role].short),
    h("div", {},
      tickable(clause.id, clauseName(clause).textContent, h("h3", {}, h("a", { href: clauseAddress(clause) }, clauseName(clause)))),
      above.length > 0 && h("p", { class: "breadcrumb" }, above.join(" › ")),
      through && h("p", { class: "meta" }, "文件中写作：", h("a", { href: address({ view: "unit", id: through }) }, named(through))),
      targetCards(facts.targets),
      deadlines(facts),
      shown.length > 0 && h("div", { class: "role" }, h("span", { class: "label" }, "共同承担"),
        h("ul", { class: "chips" }, shown.map((unit) => h("li", {}, chip(unit))), others.length > shown.length && h("li", {}, h("a", { class: "more", href: clauseAddress(clause) }, `还有 ${others.length - shown.length} 个`))))),
  ];
}

// --- at a glance ---

function timeline(months, asked, to) {
  if (!months.length) return h("section", { class: "panel" }, h("h2", {}, "到期时间"), h("p", { class: "empty" }, "没有可排列的日期：原文没有写明，或年份缺失。"));
  const years = byYear(months);
  const spans = months.length > MOST_MONTHS ? years : months;
  const current = asked.due_after === asked.due_before ? asked.due_after : "";
  const today = new Date().toISOString().slice(0, spans[0].id.length);
  const label = `任务到期时间：${years.map(({ id, count }) => `${id}年 ${count} 项`).join("，")}`;
  const describe = (colours) => ({
    grid: { left: 4, right: 8, top: 22, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: { type: "category", data: spans.map(({ id }) => id.replace("-", ".")), axisTick: { show: false }, axisLabel: { color: colours.soft, hideOverlap: true }, axisLine: { lineStyle: { color: colours.line } } },
    yAxis: { type: "value", minInterval: 1, axisLabel: { show: false }, splitLine: { lineStyle: { color: colours.line, opacity: 0.5 } } },
    tooltip: { trigger: "item", formatter: ({ dataIndex }) => `${date(spans[dataIndex].id)}：${spans[dataIndex].count} 项` },
    series: [{
      type: "bar", barMaxWidth: 28, label: { show: true, position: "top", color: colours.ink }, labelLayout: { hideOverlap: true },
      data: spans.map(({ id, count }) => ({ value: count, itemStyle: { color: id < today ? colours.soft : colours.accent, opacity: current && !id.startsWith(current) ? 0.35 : 1, borderRadius: 2 } })),
    }],
  });
  return h("section", { class: "panel" }, h("h2", {}, "到期时间", spans.some(({ id }) => id < today) && h("span", { class: "count" }, "灰色为已过")),
    chart(label, describe, { height: 11, open: ({ dataIndex }) => location.assign(to(within(spans[dataIndex].id))) }),
    h("ul", { class: "chips years" }, years.map(({ id, count }) => h("li", {},
      h("a", { class: "chip plain", href: to(within(current === id ? "" : id)), "aria-current": current === id ? "true" : false }, `${id}年`, h("span", { class: "count" }, count))))));
}

const within = (span) => ({ due_after: span, due_before: span });

function byYear(months) {
  const years = new Map();
  for (const { id, count } of months) years.set(id.slice(0, 4), (years.get(id.slice(0, 4)) ?? 0) + count);
  return [...years].map(([id, count]) => ({ id, count }));
}

function partners(units) {
  if (!units.length) return null;
  return h("section", { class: "panel" }, h("h2", {}, "共事最多的单位"),
    h("ol", { class: "ranked" }, units.map(({ id, name, count }) => h("li", {},
      h("a", { href: address({ view: "unit", id }) }, name), h("meter", { min: 0, max: units[0].count, value: count, "aria-label": `共同任务 ${count} 项` }), h("span", { class: "count" }, count)))));
}

function documents(all, asked, to) {
  const shown = all.slice(0, DOCUMENTS_SHOWN);
  return shown.length > 1 && h("section", { class: "panel" }, h("h2", {}, "任务出自"),
    h("ol", { class: "ranked" }, shown.map(({ id, name, count }) => h("li", {},
      h("a", { href: to({ document_id: asked.document_id === id ? "" : id }), "aria-current": asked.document_id === id ? "true" : false }, name), h("span", { class: "count" }, count)))),
    all.length > shown.length && h("p", { class: "meta" }, `等 ${all.length} 份文件`));
}
