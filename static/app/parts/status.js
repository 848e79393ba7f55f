// Where a task, a call or a question stands: a word, a drawing and a colour.
import { html } from "../html.js";
import { Icon } from "./icon.js";

/** Word, drawing and tone of each state that the server tells. */
const STATES = {
  __proto__: null,
  queued: ["Queued", "queued", "plain"],
  running: ["Under way", "running", "accent"],
  waiting: ["Waits for you", "waiting", "warn"],
  done: ["Done", "done", "ok"],
  refused: ["Refused", "refused", "bad"],
  failed: ["Failed", "failed", "bad"],
  stopped: ["Stopped", "stopped", "plain"],
  started: ["Started", "running", "accent"],
  returned: ["Done", "done", "ok"],
  pending: ["Waits for you", "waiting", "warn"],
  approved: ["Approved", "done", "ok"],
  denied: ["Denied", "refused", "bad"],
  expired: ["Nobody answered in time", "queued", "plain"],
  cancelled: ["Withdrawn", "stopped", "plain"],
  superseded: ["Edited: asked anew", "call", "plain"],
  allow: ["Will pass", "done", "ok"],
  ask: ["Will ask you", "waiting", "warn"],
  never: ["Can never pass", "refused", "bad"],
};

/** The word alone, for sentences. */
export const stateWord = (state) => STATES[state]?.[0] ?? state;

/** The drawing and the colour. */
export const stateIcon = (state) => STATES[state]?.[1] ?? "waiting";

/** A badge. */
export function Status({ state }) {
  const [word, icon, tone] = STATES[state] ?? [state, "waiting", "plain"];
  return html`<span class="status tone-${tone}"><${Icon} name=${icon} size=${15} />${word}</span>`;
}
