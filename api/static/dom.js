// Nodes of the page. Text from documents and addresses enters as text nodes only, never as markup.

/** An element with attributes (functions become listeners, true a bare attribute, false/null none) and children. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The characters of a text as the server counts them: by code point, so that rare characters count one. */
export const characters = (text) => Array.from(text);

/** Nodes for characters[start:end] with the spans inside <mark> (or another tag); spans are {start, end, kind?}, in order or not. */
export function marked(chars, spans, start = 0, end = chars.length, tag = "mark") {
  const nodes = [];
  let at = start;
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const from = Math.max(span.start, at);
    const to = Math.min(span.end, end);
    if (from >= to) continue;
    if (from > at) nodes.push(chars.slice(at, from).join(""));
    nodes.push(h(tag, { class: span.kind ?? false }, chars.slice(from, to).join("")));
    at = to;
  }
  if (at < end) nodes.push(chars.slice(at, end).join(""));
  return nodes;
}

/** Parameters as they stand in an address: empty ones left out, several values of one name one after the other. */
export function queryOf(parameters) {
  const pairs = Object.entries(parameters ?? {}).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  return new URLSearchParams(pairs.filter(([, value]) => value !== "" && value !== null && value !== undefined && value !== false)).toString();
}

/** The address of a view of this page. */
export function address(parameters, hash = "") {
  const query = queryOf(parameters);
  return `./${query ? `?${query}` : ""}${hash ? `#${encodeURIComponent(hash)}` : ""}`;
}

export const number = new Intl.NumberFormat("zh-CN");
