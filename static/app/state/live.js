// Ties events to what they make stale.
import { follow, unfollow, watched } from "../transport.js";
import { computed, effect, signal } from "../html.js";
import * as approvals from "./approvals.js";
import * as health from "./health.js";
import * as progress from "./progress.js";
import * as session from "./session.js";
import * as task from "./task.js";
import * as tasks from "./tasks.js";

const ASKS = ["task.approval_decided", "task.completed", "task.blocked"];

function tell(event) {
  if (event.type === "task.step_progress") return progress.tell(event);
  // Whatever else has no number is about the connection, and no event.
  if (!(event.seq > 0)) return;
  if (event.seq <= tasks.known.seq) return;
  tasks.known.seq = event.seq;
  tasks.again();
  if (event.task_id === task.openId.value) task.again();
  if (event.type === "task.approval_requested") approvals.expect(event.approval_id);
  else if (ASKS.includes(event.type)) approvals.again();
}

async function begin() {
  await Promise.all([tasks.load(), approvals.load(), health.load(), health.loadPlaybooks()]);
  if (session.who.value !== "in") return;
  task.again();
  follow({ after: () => tasks.known.seq, tell, ended: session.signedOut, restart: tasks.restart });
}

/** Whether somebody looks at the page. */
const seen = signal(!document.hidden);
document.addEventListener("visibilitychange", () => {
  seen.value = !document.hidden;
});

/** The task that is open, while something may still be written for it. */
const writes = computed(() => {
  const told = task.task.value;
  const over = told !== null && told.task_id === task.openId.value && told.over;
  return seen.value && !over ? task.openId.value : "";
});

/** Follows the server whenever somebody is in. */
export function start() {
  effect(() => {
    watched.value = writes.value;
    progress.of(task.openId.value);
  });
  effect(() => {
    if (session.who.value === "in") queueMicrotask(begin);
    else unfollow();
  });
}
