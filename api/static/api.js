// Questions to the server; a failure is a Problem with the server's own words.

import { queryOf } from "./dom.js";

const ROOT = "api/v1"; // below the address of the page, wherever a proxy shows it

export class Problem extends Error {
  /** `code` is what is wrong, for programs; "" where the server has not said. */
  constructor(status, detail, code = "") {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** What the server answers at a path (a list of segments, each encoded here) with the given parameters. */
export async function ask(segments, parameters, signal) {
  return (await request(path(segments, parameters), { signal, headers: { Accept: "application/json" } })).json();
}

/** Sign this browser in with a key, where the server does not answer everybody; a Problem when the key is none. */
export async function signIn(key) {
  await request(`${ROOT}/session`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ key }),
  });
}

/** Whether the server also answers programs that have no key and are not signed in, such as calendars. */
export async function answersEverybody(signal) {
  const response = await fetch(path(["version"]), { signal, credentials: "omit", cache: "no-store" }).catch((error) => {
    if (error.name === "AbortError") throw error;
    return null; // sent on to a page that signs people in
  });
  return Boolean(response?.ok) && !response.redirected;
}

/** The response to a request (as fetch takes it); a Problem with the server's own words when it refuses. */
export async function request(address, options) {
  const response = await fetch(address, options).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "连接不上服务器，请检查网络或稍后再试。");
  });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  const wrong = problem.errors?.map(({ message }) => message).join("；"); // the names of parameters say nothing to readers
  throw new Problem(response.status, wrong || problem.detail || `服务器返回了错误 ${response.status}。`, problem.code);
}

/** The address of what the server answers at a path, for links to files. */
export function path(segments, parameters) {
  const query = queryOf(parameters);
  return `${[ROOT, ...segments.map(encodeURIComponent)].join("/")}${query ? `?${query}` : ""}`;
}
