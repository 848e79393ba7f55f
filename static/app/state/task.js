// One task, as the server tells it.
import { del, get } from "../api.js";
import { batch, signal } from "../html.js";
import { reloader } from "./stale.js";

/** Which task is open; empty where none is. */
export const openId = signal("");
/** What the server said of it; null until it did. */
export const task = signal(null);
/** Why it could not be loaded. */
export const failure = signal(null);
/** That somebody here asked it to stop; shown until the server says that it has. */
export const stopping = signal(false);

async function load() {
  const id = openId.value;
  if (id === "") return;
  try {
    const told = await get(`/task/${encodeURIComponent(id)}`);
    if (openId.value !== id) return;
    batch(() => {
      task.value = told;
      failure.value = null;
      if (told.over) stopping.value = false;
    });
    // The journal tells of a question a moment before the question can be read.
    if (told.state === "waiting" && !told.questions.some((question) => question.state === "pending")) again();
  } catch (error) {
    if (openId.value === id) failure.value = error;
  }
}

/** Asks again soon. */
export const again = reloader(load);

/** Opens a task. */
export function open(id) {
  if (openId.value === id) return;
  batch(() => {
    openId.value = id;
    // Whoever comes back sees at once what was known, and a moment later what is.
    if (task.value?.task_id !== id) task.value = null;
    failure.value = null;
    stopping.value = false;
  });
  load();
}

/** No further call of it starts. */
export async function stop(id) {
  stopping.value = true;
  try {
    await del(`/task/${encodeURIComponent(id)}`);
  } finally {
    again();
  }
}
