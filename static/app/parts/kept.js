// What an edit leaves of a stranger's value, for a hint while one writes. The server decides, by the same rule:
// src/kernel/gate/edit/kept.rs says why it is as it is, and both are held to tests/corpus/edits.jsonl.

import { sources } from "./label.js";

const MIN_RUN = 4;

/** What is said of an edited value that is a stranger's all the same. */
export const stillStrange = (label) => `Still contains text from ${sources(label)}: treated as from a stranger. Clear it and write your own to make it yours.`;

/** A text as it is compared: compatible forms, without regard to case; and the same without what only sets it. */
function forms(text) {
  const folded = text.normalize("NFKC").toUpperCase().toLowerCase().replaceAll("ς", "σ").normalize("NFKC");
  return [folded, folded.replace(/[\s\p{Cc}\u0085]/gu, "")].map((form) => Array.from(form));
}

/** Its runs; of a shorter text all of it. */
function runs(text, shorter) {
  const found = new Set();
  for (const form of forms(text)) {
    const lengths = shorter ? [1, 2, 3, MIN_RUN] : [Math.min(MIN_RUN, form.length)];
    for (const length of lengths) {
      for (let at = 0; length > 0 && at + length <= form.length; at += 1) found.add(form.slice(at, at + length).join(""));
    }
  }
  return found;
}

/** The scalars of a value, with its keys. */
function scalars(value) {
  if (value === null || typeof value !== "object") return [value];
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  return [...keys, ...Object.values(value).flatMap(scalars)];
}

/**
 * Whether something of a value is still in what was written in its place.
 * @param {unknown} before
 * @param {unknown} now
 */
export function keeps(before, now) {
  const [old, fresh] = [scalars(before), scalars(now)];
  const whole = new Set(old);
  if (fresh.some((one) => whole.has(one))) return true;
  const texts = new Set(old.filter((one) => typeof one === "string").flatMap((one) => [...runs(one, false)]));
  const others = new Set(old.filter((one) => typeof one !== "string").flatMap((one) => [...runs(String(one), false)]));
  return fresh.some((one) => {
    const text = typeof one === "string";
    for (const run of runs(String(one), true)) if (texts.has(run) || text && others.has(run)) return true;
    return false;
  });
}
