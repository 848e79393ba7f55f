// The rules that are in force, and what they would say.
import { get, post } from "../api.js";
import { signal } from "../html.js";

/** What is loaded; null before the first answer. */
export const loaded = signal(null);
/** Why that could not be loaded. */
export const failure = signal(null);

/** Asks what is loaded. */
export async function load() {
  try {
    loaded.value = await get("/api/policies");
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

/**
 * What the rules of today say of a past task's calls, as they were or as is supposed.
 * @param {string} task
 * @param {number | null} level another trust level
 * @param {Record<string, object>} edits own values by the step's number
 * @returns {Promise<object[]>} the calls, then and now
 */
export async function whatIf(task, level, edits) {
  const question = { task_id: task, edits };
  if (level !== null) question.trust_level = level;
  return (await post("/api/policies/test", question)).calls;
}
