// Where the characters that a clause shows stand in the text of its document, so that facts can be marked in place.

import { characters } from "../dom.js";

/**
 * Characters of a clause's own text with their places in the document.
 *
 * `clause.text` leaves out sub-clauses, page furniture and the line wraps inside paragraphs: its characters stand in the document in
 * the same order, with something between. Where that does not hold, the clause is shown without places, so without marks.
 */
export function place(source, clause, skipped) {
  const shown = characters(clause.text);
  const places = new Array(shown.length).fill(-1);
  let at = clause.start;
  for (let index = 0; index < shown.length; index += 1) {
    const found = next(source, shown[index], at, clause.end, skipped);
    if (found >= 0) {
      places[index] = found;
      at = found + 1;
    } else if (!/\s/.test(shown[index])) {
      return { shown, places: places.fill(-1) };
    }
  }
  return { shown, places };
}

function next(source, character, from, end, skipped) {
  for (let at = from; at < end; at += 1) {
    const gap = skipped.find((span) => span.start <= at && at < span.end);
    if (gap) at = gap.end - 1;
    else if (source[at] === character) return at;
    else if (/\s/.test(character) && !/\s/.test(source[at])) return -1;
  }
  return -1;
}

/** Paragraphs of a placed clause as [start, end) of its characters; empty lines are left out. */
export function paragraphs(shown) {
  const found = [];
  let start = 0;
  for (let at = 0; at <= shown.length; at += 1) {
    if (at < shown.length && shown[at] !== "\n") continue;
    if (shown.slice(start, at).some((character) => !/\s/.test(character))) found.push([start, at]);
    start = at + 1;
  }
  return found;
}

/** Stretches of characters [start, end) that carry the same facts: [{start, end, facts}]; a fact `startsHere` in its first one. */
export function stretches(places, facts, start, end) {
  const found = [];
  const begun = new Set();
  for (let index = start; index < end; index += 1) {
    const here = places[index] < 0 ? [] : facts.filter((fact) => fact.start <= places[index] && places[index] < fact.end);
    const last = found.at(-1);
    if (last && last.facts.length === here.length && here.every((fact, at) => last.facts[at].of === fact)) last.end = index + 1;
    else found.push({ start: index, end: index + 1, facts: here.map((fact) => ({ ...fact, of: fact, startsHere: !begun.has(fact.start) && begun.add(fact.start) && places[index] === fact.start })) });
  }
  return found;
}
