// The questions that wait for a person.
import { Refused, get, post } from "../api.js";
import { batch, computed, signal } from "../html.js";
import { tryNow } from "../transport.js";
import { reloader } from "./stale.js";
import * as task from "./task.js";

/** Those that wait, the oldest first; null before the first answer. */
export const waiting = signal(null);
/** Why they could not be loaded. */
export const failure = signal(null);
/** How many wait. */
export const count = computed(() => waiting.value?.length ?? 0);

/** Questions that events told of and that could not be read yet, with how often they were looked for. */
const expected = new Map();
const LOOKS = 10;

/** An event told of a question: it is looked for until it can be read, which is a moment later. */
export function expect(id) {
  expected.set(id, 0);
  again();
}

/** Loads them. */
export async function load() {
  try {
    const { approvals } = await get("/approvals?state=pending&limit=200");
    batch(() => {
      waiting.value = approvals.toSorted((a, b) => a.created - b.created);
      failure.value = null;
    });
    for (const [id, looks] of expected) {
      if (looks >= LOOKS || approvals.some((question) => question.approval_id === id)) expected.delete(id);
      else expected.set(id, looks + 1);
    }
    if (expected.size > 0) again();
  } catch (error) {
    failure.value = error;
  }
}

/** Asks again soon. */
export const again = reloader(load);

/** What was typed as a reason, by the question's id: it outlives a look at a rule. */
export const reasons = new Map();

/** All that was decided here without an answer, by the question's id: each of it may have counted. */
const unheard = new Map();

/** Whether a question ended as a decision says. */
function isSo(told, decision) {
  const end = decision.edited_args ? "superseded" : decision.granted ? "approved" : "denied";
  const said = ({ reason, edited_args }) => JSON.stringify([(reason ?? "").trim(), edited_args ?? null]);
  return told.state === end && said(told) === said(decision);
}

/**
 * Says yes or no, or puts own values in the place of arguments.
 * @param {string} id
 * @param {{granted: boolean, reason?: string, edited_args?: object}} decision
 * @returns {Promise<object>} the question as it ended; with `before` where that was somebody else's doing
 */
export async function decide(id, decision) {
  try {
    return await post(`/approve/${encodeURIComponent(id)}`, decision);
  } catch (refused) {
    if (refused.status === 0) unheard.set(id, [...(unheard.get(id) ?? []), decision]);
    // No answer, somebody else was first, or it is too late: what counts is what the server has.
    const told = [0, 409, 410].includes(refused.status) ? await get(`/approval/${encodeURIComponent(id)}`).catch(() => null) : null;
    if (told === null) throw refused;
    // INVARIANT: nothing that a person decided is swallowed without a word. It is theirs where it ended as they decided now, and
    // where a decision of theirs that nobody heard an answer to may have done that: another one of theirs is not this one.
    const ours = isSo(told, decision) && (unheard.get(id) ?? []).some((one) => isSo(told, one));
    if (told.state !== "pending") return { ...told, before: !ours };
    throw refused.status === 0 ? new Refused(0, "unheard", "The server answers again, and your decision has not arrived there: give it once more.") : refused;
  } finally {
    // Also where it did not count: somebody else may have decided.
    again();
    task.again();
    tryNow();
  }
}
