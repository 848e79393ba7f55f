// The questions that wait for a person.
import { get, post } from "../api.js";
import { batch, computed, signal } from "../html.js";
import { reloader } from "./stale.js";

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

/**
 * Says yes or no, or puts own values in the place of arguments.
 * @param {string} id
 * @param {{granted: boolean, reason?: string, edited_args?: object}} decision
 */
export async function decide(id, decision) {
  try {
    return await post(`/approve/${encodeURIComponent(id)}`, decision);
  } finally {
    // Also where it did not count: somebody else may have decided.
    again();
  }
}
