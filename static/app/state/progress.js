// What the worker of the open task is writing just now: for display only. What counts is the step's result, which takes its place.
import { signal } from "../html.js";

/** Of the open task, by the step's number: the words so far, how many characters that are, and what ended them early. */
export const words = signal({});

let openTask = "";

/** Another task is open: its words are others. */
export function of(task) {
  if (openTask === task) return;
  openTask = task;
  words.value = {};
}

/**
 * Takes what the server tells.
 * @param {{task_id: string, step: number, from?: number, text?: string, stopped?: string}} event `from`: how many characters of
 *   this answer were shown before
 */
export function tell({ task_id: task, step, from, text, stopped }) {
  if (task !== openTask) return;
  const before = words.value[step] ?? { text: "", count: 0, stopped: "" };
  const now = stopped !== undefined ? { ...before, stopped } : grown(before, from, text);
  words.value = { ...words.value, [step]: now };
}

/** From the beginning it is another answer; further on than what is known, something was missed. */
function grown(before, from, text) {
  const count = from + Array.from(text).length;
  if (from === 0) return { text, count, stopped: "" };
  if (from === before.count) return { text: before.text + text, count, stopped: "" };
  return from < before.count ? before : { text: `${before.text} […] ${text}`, count, stopped: "" };
}
