// What is being written: kept while other views are shown, and while the PIN is asked for again.
import { post } from "../api.js";
import { batch, signal } from "../html.js";

/** The words. */
export const request = signal("");
/** The playbook's name; empty for none. */
export const playbook = signal("");
/** Its parameters, as written. */
export const params = signal({});
/** A plan written by hand. */
export const plan = signal("");
/** The conversation that the task goes on with; null begins one. */
export const session = signal(null);

/** Plans written here, by the id of the task that each was given with. The server forgets a plan that did not pass, so that it
 * could be mended nowhere else. */
const plans = new Map();
/** So many are kept. */
const MOST_PLANS = 20;

/** What was given here as this task; undefined where that was nothing, or elsewhere. */
export const givenAs = (id) => plans.get(id);

/** Under which the server takes this draft once, however often it is sent. */
let key = "";

/**
 * Gives the task.
 * @returns {Promise<string>} its id
 */
export async function send() {
  const order = { request: request.value, source: "web" };
  if (session.value) order.session_id = session.value.id;
  if (playbook.value !== "") {
    order.playbook = playbook.value;
    const given = Object.entries(params.value).filter(([, text]) => text !== "");
    if (given.length > 0) order.params = Object.fromEntries(given);
  } else if (plan.value.trim() !== "") order.plan = plan.value;
  const written = JSON.stringify(order);
  // The same draft sent twice, because the answer was lost, is one task; a changed one is another.
  if (!key.startsWith(`${await digest(written)} `)) key = `${await digest(written)} ${crypto.randomUUID()}`;
  const id = await give(order, key.replace(" ", "-"));
  if (order.plan !== undefined) plans.set(id, { request: order.request, plan: order.plan });
  if (plans.size > MOST_PLANS) plans.delete(plans.keys().next().value);
  key = "";
  request.value = "";
  plan.value = "";
  session.value = null;
  return id;
}

/**
 * Gives a task; twice under one key is once.
 * @returns {Promise<string>} its id
 */
export async function give(order, key) {
  return (await post("/task", order, { headers: { "idempotency-key": key } })).task_id;
}

/** Takes a task's words and plan over, to be changed before they are given. */
export function take(task) {
  batch(() => {
    request.value = task.request;
    playbook.value = "";
    params.value = {};
    plan.value = task.plan;
    session.value = null;
  });
}

async function digest(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes.slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
