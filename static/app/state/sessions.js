// Conversations: the list, a page at a time, and the one that is open.
import { get } from "../api.js";
import { batch, signal } from "../html.js";
import { reloader } from "./stale.js";

const PAGE = 50;
/** Most tasks that a page of a list has. */
const MOST = 200;

/** Those that were loaded, the newest first; null before the first answer. */
export const sessions = signal(null);
/** Where the next page begins; null at the end. */
export const next = signal(null);
/** Why something could not be loaded. */
export const failure = signal(null);
/** The open one: its id, what the server said of it, and its tasks by their ids; null where none is. */
export const open = signal({ id: "", told: null, tasks: new Map() });

async function load() {
  try {
    const { id } = open.value;
    const page = await get(`/sessions?limit=${PAGE}`);
    const fresh = new Set(page.sessions.map((session) => session.session_id));
    const older = (sessions.value ?? []).slice(PAGE).filter((session) => !fresh.has(session.session_id));
    batch(() => {
      sessions.value = [...page.sessions, ...older];
      if (older.length === 0) next.value = page.next;
      failure.value = null;
    });
    if (id !== "") await loadOne(id);
  } catch (error) {
    failure.value = error;
  }
}

async function loadOne(id) {
  const path = encodeURIComponent(id);
  const [told, { tasks }] = await Promise.all([get(`/session/${path}`), get(`/tasks?session_id=${path}&limit=${MOST}`)]);
  if (open.value.id === id) open.value = { id, told, tasks: new Map(tasks.map((task) => [task.task_id, task])) };
}

/** Asks again soon. */
export const again = reloader(load);

/** Opens one; an empty id closes it. */
export function show(id) {
  if (open.value.id !== id) open.value = { id, told: null, tasks: new Map() };
  failure.value = null;
  again();
}

/** Loads older ones. */
export async function more() {
  const page = await get(`/sessions?limit=${PAGE}&before=${encodeURIComponent(next.value)}`);
  const have = new Set(sessions.value.map((session) => session.session_id));
  batch(() => {
    sessions.value = [...sessions.value, ...page.sessions.filter((session) => !have.has(session.session_id))];
    next.value = page.next;
  });
}
