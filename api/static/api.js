// Questions to the server; a failure is a Problem with the server's own words.

const ROOT = "/api/v1";

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** What the server answers at a path (a list of segments, each encoded here) with the given parameters. */
export async function ask(segments, parameters, signal) {
  const query = new URLSearchParams(Object.entries(parameters ?? {}).filter(([, value]) => value !== "" && value !== null && value !== undefined && value !== false));
  let response;
  try {
    response = await fetch(`${path(segments)}?${query}`, { signal, headers: { Accept: "application/json" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "连接不上服务器，请检查网络或稍后再试。");
  }
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({}));
  throw new Problem(response.status, problem.detail ?? `服务器返回了错误 ${response.status}。`);
}

export const path = (segments) => [ROOT, ...segments.map(encodeURIComponent)].join("/");
