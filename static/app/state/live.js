// Ties events to what they make stale.
import { follow, unfollow } from "../transport.js";
import { effect } from "../html.js";
import * as approvals from "./approvals.js";
import * as health from "./health.js";
import * as session from "./session.js";
import * as task from "./task.js";
import * as tasks from "./tasks.js";

const ASKS = ["task.approval_decided", "task.completed", "task.blocked"];

function tell(event) {
  if (event.seq <= tasks.known.seq) return;
  tasks.known.seq = event.seq;
  if (event.type !== "task.step_progress") tasks.again();
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

/** Follows the server whenever somebody is in. */
export function start() {
  effect(() => {
    if (session.who.value === "in") queueMicrotask(begin);
    else unfollow();
  });
}
