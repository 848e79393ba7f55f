// The list of tasks, the newest first. A page at a time is asked for; what is on screen is what the server said last.
import { get } from "../api.js";
import { batch, signal } from "../html.js";
import { reloader } from "./stale.js";

const PAGE = 50;

/** The tasks that were loaded; null before the first answer. */
export const tasks = signal(null);
/** What stands for words that a scanner stopped. */
export const STOPPED = "Words that were stopped, and are not kept";

/** What a task is called. */
export const titled = ({ request, state }) => request ?? (state === "refused" ? STOPPED : "(erased)");

/** The same where one is chosen by it: of equal ones the time tells which. */
export const chosenBy = (task) => `${titled(task)} (${new Date(task.created).toLocaleString([], { dateStyle: "medium", timeStyle: "medium" })})`;

/** Where the next page begins; null at the end. */
export const next = signal(null);
/** Why the list could not be loaded. */
export const failure = signal(null);
/** The number of the newest record that the list knows of. */
export const known = { seq: 0 };

/** Whether somebody asked for older ones: without that the list stays a page long, however long it is looked at. */
let wantsOlder = false;

/** Loads the newest page anew, and keeps older ones that somebody asked for. */
export async function load() {
  try {
    const page = await get(`/tasks?limit=${PAGE}`);
    const fresh = new Set(page.tasks.map((task) => task.task_id));
    const first = tasks.value === null;
    const before = tasks.value ?? [];
    const older = before.filter((task) => !fresh.has(task.task_id));
    // Where more came than a page holds there is a gap below it, and what is older is asked for anew.
    const keeps = wantsOlder && older.length < before.length;
    wantsOlder = keeps;
    batch(() => {
      tasks.value = keeps ? [...page.tasks, ...older] : page.tasks;
      if (!keeps) next.value = page.next;
      failure.value = null;
    });
    if (first) known.seq = Math.max(known.seq, page.seq);
  } catch (error) {
    failure.value = error;
  }
}

/** Loads what is older. */
export async function more() {
  wantsOlder = true;
  const page = await get(`/tasks?limit=${PAGE}&before=${encodeURIComponent(next.value)}`);
  const have = new Set(tasks.value.map((task) => task.task_id));
  batch(() => {
    tasks.value = [...tasks.value, ...page.tasks.filter((task) => !have.has(task.task_id))];
    next.value = page.next;
  });
}

/** Where the journal stands, when its numbers begin anew. */
export async function restart() {
  known.seq = (await get("/tasks?limit=1")).seq;
}

/** Asks again soon. */
export const again = reloader(load);
