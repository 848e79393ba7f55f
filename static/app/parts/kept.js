// What an edit leaves of a stranger's value, for a hint while one writes. The server decides, by the same rule:
// src/kernel/gate/edit/kept.rs says why it is as it is, and both are held to tests/corpus/edits.jsonl.

import { html } from "../html.js";
import { sources } from "./label.js";
import { visible } from "./value.js";

const MIN_RUN = 4;

/** The stranger as a part of our own sentence: whoever named a file cannot write on in it. */
const whose = (label) => html`<bdi>${visible(sources(label, (name) => `“${name}”`))}</bdi>: treated as from a stranger.`;

/** What is said of an edited value that is a stranger's all the same; `run` is what it still has, where that is known. */
export const stillStrange = (label, run = "") => run === ""
  ? html`Still contains text from ${whose(label)}`
  : html`Still has <bdi>“…${visible(run)}…”</bdi> of ${whose(label)}`;

/** A text as it is compared: compatible forms, without regard to case; the same without what only sets it; and its letters and
 * digits alone. */
function forms(text) {
  const folded = text.normalize("NFKC").toUpperCase().toLowerCase().replaceAll("ς", "σ").normalize("NFKC");
  const bare = folded.replace(/[\s\p{Cc}\u0085]/gu, "");
  const read = Array.from(folded.replace(/[^\p{Alphabetic}\p{N}]/gu, ""));
  return [Array.from(folded), Array.from(bare), read.length < MIN_RUN ? [] : read];
}

/** Its runs; of a shorter form all of it. With `within` also what is shorter and stands in it. */
function* runs(text, within) {
  for (const form of forms(text)) {
    for (const length of within ?? [Math.min(MIN_RUN, form.length)]) {
      for (let at = 0; length > 0 && at + length <= form.length; at += 1) yield form.slice(at, at + length).join("");
    }
  }
}

/** The scalars of a value, with its keys. */
function scalars(value) {
  if (value === null || typeof value !== "object") return [value];
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  return [...keys, ...Object.values(value).flatMap(scalars)];
}

/**
 * What finds what is left of a value in another one: its first run, or a scalar that stayed as it was; null where nothing is.
 * @param {unknown} before
 * @returns {(now: unknown) => string | null}
 */
export function finder(before) {
  const whole = new Set(scalars(before));
  const old = new Set([...whole].flatMap((one) => [...runs(String(one))]));
  const lengths = [...new Set([...old].map((run) => Array.from(run).length))];
  return (now) => {
    for (const one of scalars(now)) {
      // What was shorter than a run stands in a text as a whole; within a number it would by chance.
      for (const run of runs(String(one), typeof one === "string" ? lengths : undefined)) if (old.has(run)) return run;
      if (whole.has(one)) return String(one);
    }
    return null;
  };
}

/** Whether something of a value is still in what was written in its place. */
export const keeps = (before, now) => finder(before)(now) !== null;
