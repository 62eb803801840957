// Address → view. Every state of the page has an address, so that back, forward, bookmarks and links work.

import { Problem, signIn } from "./api.js";
import { h } from "./dom.js";
import { keyForm } from "./keys.js";
import { searchIn } from "./scope.js";
import { suggestIn } from "./suggest.js";
import { show as showTicked } from "./ticking.js";

const NAME = document.title; // as the server has written it: KB_TITLE
const LOADING_SHOWS_AFTER = 200; // milliseconds: quick answers do not flicker

// A page is a module in pages/ with `render(parameters, signal)`, which brings {title, announcement, nodes, wide}; a line here; its
// styles as a link in index.html; its place among the sections there, with every view that belongs to it.
const PAGES = {
  home: () => import("./pages/home.js"),
  search: () => import("./pages/search.js"),
  units: () => import("./pages/units.js"),
  unit: () => import("./pages/unit.js"),
  compare: () => import("./pages/compare.js"),
  documents: () => import("./pages/documents.js"),
  document: () => import("./pages/document.js"),
  targets: () => import("./pages/targets.js"),
  overview: () => import("./pages/overview.js"),
  upload: () => import("./pages/upload.js"),
};

const main = document.getElementById("main");
const field = document.getElementById("q");
const sections = document.querySelectorAll(".bar nav a");
const announcement = document.getElementById("announcement");
let running = new AbortController();
let shownAddress = "";

const viewOf = (parameters) => parameters.get("view") ?? (parameters.get("q")?.trim() ? "search" : "home");

async function show({ focus }) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  const parameters = new URLSearchParams(location.search);
  const name = viewOf(parameters);
  shownAddress = location.pathname + location.search;
  field.value = parameters.get("q") ?? "";
  for (const link of sections) mark(link, link.dataset.views.split(" ").includes(name));
  const loading = setTimeout(wait, LOADING_SHOWS_AFTER);
  try {
    const { render } = await (Object.hasOwn(PAGES, name) ? PAGES[name] : PAGES.home)();
    const view = await render(parameters, signal);
    if (!signal.aborted) put(view, name, focus);
  } catch (error) {
    if (error.name === "AbortError") return;
    put(error.status === 401 ? locked() : failure(error), "failure", focus);
    if (!(error instanceof Problem)) throw error;
  } finally {
    clearTimeout(loading);
    if (!signal.aborted) main.removeAttribute("aria-busy");
  }
}

function mark(link, isHere) {
  if (isHere) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}

/** What was shown stays, dimmed, until the answer is there; a page that is empty so far shows where it will stand. */
function wait() {
  announcement.textContent = "正在查询…";
  main.setAttribute("aria-busy", "true");
  if (!main.querySelector("h1")) main.replaceChildren(h("div", { class: "loading", "aria-hidden": "true" }, h("p", {}, "正在查询…"), h("p"), h("p")));
}

function put(view, name, focus) {
  document.body.className = `view-${name}`;
  document.title = view.title ? `${view.title} · ${NAME}` : NAME;
  document.body.classList.toggle("wide", Boolean(view.wide));
  announcement.textContent = view.announcement ?? view.title;
  main.replaceChildren(...view.nodes.flat().filter((node) => node instanceof Node));
  if (location.hash) return arrive();
  if (focus) {
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
}

/** Where the server does not answer everybody: the key is asked for once, and what was asked is shown then. */
function locked() {
  const enter = async (key) => {
    await signIn(key);
    await show({ focus: true });
  };
  return {
    title: "请输入密钥",
    nodes: [h("header", { class: "page-head" }, h("h1", {}, "请输入密钥")),
      keyForm("查询需要密钥", "密钥由管理员提供，关闭浏览器后需要重新输入。", enter)],
  };
}

function failure(error) {
  const missing = error.status === 404;
  return {
    title: missing ? "没有找到" : "出错了",
    announcement: error.message,
    nodes: [h("div", { class: "failure", role: "alert" },
      h("h1", {}, missing ? "没有找到" : "暂时无法显示"),
      h("p", {}, error instanceof Problem ? error.message : "页面出错了。"),
      error.code === "not-built-yet" && h("p", {}, "还没有放进文件的知识库是空的，可以先", h("a", { href: "?view=upload" }, "上传文件"), "。"),
      h("p", {}, missing
        ? h("a", { class: "button", href: "./" }, "回到首页")
        : h("button", { type: "button", class: "button", click: () => show({ focus: true }) }, "重试")))],
  };
}

/** Bring what the address names into view and set it off. */
function arrive() {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  document.querySelector(".arrived")?.classList.remove("arrived");
  if (!place) return;
  place.classList.add("arrived");
  place.scrollIntoView({ block: place.matches("section") ? "start" : "center" });
  place.focus({ preventScroll: true });
}

function go(to) {
  history.pushState(null, "", to);
  const same = location.pathname + location.search === shownAddress;
  if (same && location.hash) arrive();
  else show({ focus: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const to = new URL(link.href);
  if (to.origin !== location.origin || to.pathname !== location.pathname || link.hasAttribute("download")) return;
  if (link.classList.contains("skip")) return;
  event.preventDefault();
  go(to.pathname + to.search + to.hash);
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const filled = [...new FormData(event.target)].filter(([, value]) => value.trim() !== "");
  if (event.target.id === "search") return filled.length ? go(searchIn(field.value.trim())) : field.focus();
  go(`./?${new URLSearchParams(filled)}`);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  event.preventDefault();
  field.focus();
  field.select();
});

addEventListener("popstate", () => {
  if (location.pathname + location.search === shownAddress) arrive();
  else show({ focus: false });
});

document.addEventListener("refresh", () => show({ focus: true })); // a page that has changed what it shows

suggestIn(field, go);
showTicked();
show({ focus: false });
