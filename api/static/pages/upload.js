// 上传: files dragged in with the key, what became of each, and documents taken out again.

import { ask, path, request } from "../api.js";
import { address, h, number, queryOf } from "../dom.js";
import { pageOf, pager } from "../facts.js";
import { keyForm } from "../keys.js";
import { finder } from "./finder.js";

export const KEY = "kb-key"; // in the memory of this window only
const MOST_FILES = 200;
const PAGE = 20;
const MOST_UNREAD = 100;
const POLL = 1000; // milliseconds
const STATES = { queued: "排队中，等前一次处理完…", running: "正在读取文件、更新知识库…", done: "处理完成", failed: "处理失败" };

export async function render(parameters, signal) {
  const { uploads, index } = await ask(["version"], {}, signal);
  const head = h("header", { class: "page-head" }, h("h1", {}, "上传"), h("p", { class: "meta" }, "把文件放进知识库，或从中移除文件；处理期间可以照常查询。"));
  if (!uploads) return { title: "上传", nodes: [head, closed()] };
  const key = sessionStorage.getItem(KEY) ?? "";
  return { title: "上传", nodes: key ? [head, ...await opened(index, parameters, signal)] : [head, enterKey()] };
}

function closed() {
  return h("section", { class: "panel" },
    h("h2", {}, "这台服务器没有开放网页上传"),
    h("p", {}, "要增减文件，请联系管理员。"),
    h("p", { class: "meta" }, "管理员可以用 kb keys add 发放密钥；不开放上传时，把文件放进服务器的 corpus 文件夹，再运行 kb build。"));
}

/** The key is asked for once; it is tried before it is kept, and forgotten with the window. */
function enterKey() {
  return keyForm("先输入密钥", "密钥由管理员提供，只在这个浏览器窗口里记住，关闭后需要重新输入。", async (key) => {
    await send("GET", ["jobs"], null, key);
    sessionStorage.setItem(KEY, key);
    reload();
  });
}

const reload = () => document.dispatchEvent(new Event("refresh"));

/** A key as a header holds it: the bytes of its UTF-8, each as a character. */
const inBytes = (key) => String.fromCharCode(...new TextEncoder().encode(key));

/** What the server answers to the bearer of the key; a Problem with its own words when it refuses. */
export async function send(method, segments, body, key = sessionStorage.getItem(KEY), query = "") {
  return (await request(path(segments) + query, { method, body, headers: { "X-API-Key": inBytes(key) } })).json();
}

// --- with the key ---

const reporting = () => h("div", { class: "upload-report", role: "status", "aria-live": "polite" });

/** `index` is what has been read so far, null for nothing. */
async function opened(index, parameters, signal) {
  const report = reporting();
  const list = () => heldFiles(parameters, report, signal);
  const held = h("div", { class: "held" }, index ? await list() : h("p", { class: "notice" }, "知识库里还没有文件。上传第一批，处理完就可以查询。"));
  report.addEventListener("ended", () => list().then((nodes) => held.replaceChildren(...nodes), (error) => refused(error, held))); // what was told stays above
  return [dropZone(report), report, held];
}

/** What there is: documents, and files that no document could be read from. */
async function heldFiles(parameters, report, signal) {
  const page = pageOf(parameters);
  const [documents, unread] = await Promise.all([
    ask(["documents"], { limit: PAGE, offset: (page - 1) * PAGE }, signal),
    send("GET", ["unread"], null).catch((error) => { refused(error, report); return []; }),
  ]);
  return [
    unread.length > 0 && h("section", { class: "panel unread-files" },
      h("h2", {}, `没有收入的文件 ${number.format(unread.length)} 个`),
      h("ul", {}, unread.slice(0, MOST_UNREAD).map((file) => h("li", { class: "removable" }, h("b", {}, file.source), h("span", { class: "meta" }, file.reason || "读不出来，或与另一份文件重复"), removeButton({ id: file.source, source: file.source }, report)))),
      unread.length > MOST_UNREAD && h("p", { class: "meta" }, `只列出前 ${MOST_UNREAD} 个`)),
    h("section", { class: "panel" },
      h("div", { class: "section-head" }, h("h2", {}, `已有文件 ${number.format(documents.total)} 份`),
        h("button", { type: "button", class: "more", click: () => { sessionStorage.removeItem(KEY); reload(); } }, "退出（忘记密钥）")),
      finder("查找要移除的文件", "输入标题的一部分", ({ id, name }) => removable({ id, title: name, source: id }, report)),
      h("ul", {}, documents.items.map((document) => h("li", {}, removable({ ...document, title: document.title || document.id }, report)))),
      pager(documents, (to) => address({ view: "upload", page: to > 1 ? to : "" }))),
  ].filter(Boolean);
}

const removable = (document, report) => h("div", { class: "removable" },
  h("a", { href: address({ view: "document", id: document.id }) }, document.title),
  h("span", { class: "meta" }, document.source),
  removeButton(document, report));

const removeButton = (document, report) => h("button", { type: "button", class: "more remove", "aria-label": document.title ? `移除《${document.title}》` : `移除文件 ${document.source}`, click: () => remove(document, report) }, "移除");

function dropZone(report) {
  const replace = h("input", { type: "checkbox" });
  const folder = h("input", { type: "text", placeholder: "可不填，如 2024", autocomplete: "off" });
  const field = h("input", { type: "file", id: "upload-files", multiple: true, class: "hidden", change: (event) => take([...event.target.files]) });
  const zone = h("label", { class: "drop", for: "upload-files" },
    h("b", {}, "把文件拖到这里，或点击选择"),
    h("span", { class: "meta" }, `Word、WPS、PDF、OFD、Excel、网页、文本或 zip，一次最多 ${MOST_FILES} 个`));
  const over = (is) => (event) => { event.preventDefault(); zone.classList.toggle("over", is); };
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => { over(false)(event); take([...event.dataTransfer.files]); });
  function take(files) {
    field.value = "";
    if (files.length) upload(files, { folder: folder.value.trim(), replace: replace.checked }, report);
  }
  return h("section", { class: "upload-zone", "aria-label": "上传文件" }, field, zone,
    h("div", { class: "upload-options" },
      h("label", {}, "放进子文件夹 ", folder),
      h("label", {}, replace, " 同一文件夹里的同名文件用新的替换")));
}

async function upload(files, options, report) {
  const form = new FormData();
  for (const file of files) form.append("files", file);
  const folder = options.folder.split(/[\\/]/).filter(Boolean);
  say(report, `正在发送 ${files.length} 个文件…`);
  try {
    const query = queryOf(options);
    const job = await send("POST", ["documents"], form, undefined, query && `?${query}`);
    await follow(job, report, files.map(({ name }) => [...folder, name].join("/")));
  } catch (error) {
    if (files.length > 1 && [409, 422].includes(error.status)) await eachByItself(files, options, report);
    else refused(error, report);
  }
}

/** One file that the server does not take keeps none of the others out: each is sent by itself, and what was refused is said with why. */
async function eachByItself(files, options, report) {
  const folder = options.folder.split(/[\\/]/).filter(Boolean);
  const query = queryOf(options);
  const taken = [];
  const kept = [];
  let job = null;
  for (const file of files) {
    say(report, `正在发送 ${file.name}…`);
    const form = new FormData();
    form.append("files", file);
    try {
      job = await send("POST", ["documents"], form, undefined, query && `?${query}`);
      taken.push([...folder, file.name].join("/"));
    } catch (error) {
      kept.push([file.name, error.message]);
    }
  }
  if (job) await follow(job, report, taken);
  else report.replaceChildren();
  report.append(h("section", { class: "panel" }, h("h2", {}, `没有上传的文件 ${kept.length} 个`),
    h("ul", { class: "outcome" }, kept.map(([name, why]) => h("li", { class: "bad" }, h("b", {}, "未上传"), name, h("span", { class: "meta" }, why))))));
}

async function remove(document, report) {
  const dialog = h("dialog", { class: "confirm", "aria-label": "移除文件" },
    h("p", {}, document.title ? `把《${document.title}》（${document.source}）移出知识库？同一份文件的其他格式（如 Word、PDF）和对它的更正也一起移出。` : `把文件 ${document.source} 移走？`, "文件不会删掉，需要时请管理员找回。"),
    h("form", { method: "dialog" }, h("button", { value: "remove", class: "button" }, "移除"), h("button", { value: "", class: "button quiet", autofocus: true }, "取消")));
  dialog.addEventListener("submit", (event) => { event.stopPropagation(); });
  globalThis.document.body.append(dialog); // `document` is the one to be removed
  dialog.showModal();
  await new Promise((resolve) => { dialog.addEventListener("close", resolve, { once: true }); });
  dialog.remove();
  if (dialog.returnValue !== "remove") return;
  try {
    await follow(await send("DELETE", ["documents", document.id], null), report, []);
  } catch (error) {
    refused(error, report);
  }
}

export function refused(error, report) {
  if (error.status === 401) sessionStorage.removeItem(KEY);
  report.replaceChildren(h("p", { class: "upload-error" }, error.message));
}

const say = (report, ...nodes) => report.replaceChildren(h("p", {}, h("span", { class: "spinner", "aria-hidden": "true" }), ...nodes));

/** Ask how the job goes until it has ended, then tell what became of each file; brings the job, or nothing where the reader has left the page. */
export async function follow(job, report, sources) {
  let told = job;
  while (!told.finished_at) {
    say(report, progress(told));
    await new Promise((resolve) => { setTimeout(resolve, POLL); });
    if (!report.isConnected) return;
    told = await send("GET", ["jobs", job.id], null);
  }
  report.replaceChildren(await outcome(told, sources, report));
  report.dispatchEvent(new Event("ended"));
  return told;
}

/** How far the build is, as words and as a bar. */
function progress({ status, progress: far }) {
  if (status !== "running" || !far) return STATES[status];
  if (!far.source) return "文件都已读完，正在写入索引…";
  return [`正在读取第 ${number.format(far.done + 1)} / ${number.format(far.total)} 个文件：${far.source} `, h("progress", { value: far.done, max: far.total, "aria-label": "进度" })];
}

async function outcome({ status, error, report }, sources, place) {
  if (status === "failed") return h("p", { class: "upload-error" }, `处理失败：${error}`);
  const failed = new Map(report.failures.map(({ source, reason }) => [source, reason]));
  const doubled = new Map(report.duplicates.map(({ source, same_as }) => [source, same_as]));
  const unread = new Map(report.scans.filter(({ unread_pages }) => unread_pages.length).map(({ source, unread_pages }) => [source, `第 ${unread_pages.join("、")} 页是图片或乱码，没有读`]));
  const doubts = new Map(report.scans.filter(({ doubtful_lines }) => doubtful_lines).map(({ source, doubtful_lines }) => [source, `${doubtful_lines} 行读得没有把握`]));
  const gaps = new Map(report.gaps.map(({ source, coverage }) => [source, `文件里的文字只有 ${Math.round(coverage * 100)}% 进了条款`]));
  const rows = await Promise.all(sources.map(async (source) => {
    if (failed.has(source)) return h("li", { class: "bad" }, h("b", {}, "未收入"), source, h("span", { class: "meta" }, failed.get(source)), removeButton({ id: source, source }, place));
    if (doubled.has(source)) return h("li", {}, h("b", {}, "重复"), source, h("span", { class: "meta" }, `与 ${doubled.get(source)} 内容相同`));
    const id = await idOf(source);
    return h("li", { class: "good" }, h("b", {}, "已收入"), id ? h("a", { href: address({ view: "document", id }) }, source) : source,
      ...[unread, doubts, gaps].filter((said) => said.has(source)).map((said) => h("span", { class: "meta" }, `${said.get(source)}，请与原文件核对`)));
  }));
  return h("section", { class: "panel" },
    h("h2", {}, `处理完成：知识库现有 ${number.format(report.documents)} 份文件，用时 ${report.seconds.toFixed(1)} 秒`),
    rows.length > 0 && h("ul", { class: "outcome" }, rows));
}

/** The id of the document that was read from a file, or of the first in an archive; "" when there is none. */
async function idOf(source) {
  const stem = source.split("/").at(-1).replace(/\.[^.]+$/, "");
  const { items } = await ask(["documents"], { text: stem.slice(0, 200), limit: 100 });
  return items.find((one) => one.source === source || one.source.startsWith(`${source}/`))?.id ?? "";
}
