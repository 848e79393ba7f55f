// The approval card: exactly what will happen, where each part of it comes from, which rule asks, and until when.
import { get } from "../api.js";
import { html, useEffect, useRef, useSignal, useState } from "../html.js";
import { href } from "../router.js";
import { decide, reasons } from "../state/approvals.js";
import { who } from "../state/session.js";
import { stop } from "../state/task.js";
import { tasks } from "../state/tasks.js";
import { Argument } from "./argument.js";
import { Change } from "./change.js";
import { Editor } from "./editor.js";
import { FlowTable } from "./flow-table.js";
import { Drawing, Foretold } from "./foretold.js";
import { Hold } from "./hold.js";
import { Icon } from "./icon.js";
import { Label, isTrusted } from "./label.js";
import { Trouble } from "./notice.js";
import { Plan } from "./plan.js";
import { ReasonList } from "./steps.js";
import { Countdown } from "./time.js";
import { Value } from "./value.js";

const EFFECTS = {
  __proto__: null,
  read: "It only looks, and changes nothing.",
  write: "It changes something of your own.",
  egress: "It sends something to somebody else.",
  execute: "It runs a program.",
};

/** Whether a slip could do harm: what leaves or runs, and what a stranger's words change. */
export function isHighRisk({ shown }) {
  if (shown.asks !== "call") return false;
  const strange = [shown.pc, ...shown.args.map((arg) => arg.label)].some((label) => !isTrusted(label));
  return ["egress", "execute"].includes(shown.effect) || (shown.effect !== "read" && strange);
}

function title({ shown }) {
  switch (shown.asks) {
    case "plan": return "May this plan run?";
    case "call": return html`May <code>${shown.tool}</code> do this?`;
    case "confirm": return "The plan asks you";
    default: return "May this reply leave?";
  }
}

/**
 * @param {{question: object, onDecided?: (told: object) => void, current?: boolean, inTask?: boolean}} props `current`: the
 *   one that keys mean
 */
export function Card({ question, onDecided, current = false, inTask = false }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  // A signal: what was typed last counts, also before it is drawn.
  const reason = useSignal(reasons.get(question.approval_id) ?? "");
  const [editing, setEditing] = useState(false);
  const [context, setContext] = useState(null);
  const risky = isHighRisk(question);
  const request = question.shown.request ?? context?.request ?? tasks.value?.find((task) => task.task_id === question.task_id)?.request;
  useEffect(() => {
    // Only a call has arguments that come from somewhere.
    if (question.shown.asks !== "call" || who.value !== "in") return undefined;
    let gone = false;
    const task = get(`/task/${question.task_id}`).catch(() => ({ steps: [] }));
    const looked = get(`/approval/${question.approval_id}`).catch(() => ({ change: { kind: "unread", path: "the file", why: "the server did not say" } }));
    Promise.all([task, looked]).then(([task, { change }]) => gone || setContext({ ...task, change }));
    return () => {
      gone = true;
    };
    // Once more after a session that ended: what was asked for then was refused.
  }, [question.approval_id, who.value]);
  // INVARIANT: nobody decides about a call before they could see where its arguments come from. The buttons come with all that
  // stands above them, so that none moves under a finger.
  const ready = question.shown.asks !== "call" || context !== null;
  // At once and not with the next drawing: two presses in a row are one decision. What is decided stays so until it goes.
  const sending = useRef(false);
  const say = async (decision) => {
    if (sending.current) return;
    sending.current = true;
    setBusy(true);
    setError(null);
    try {
      const told = await decide(question.approval_id, { ...decision, reason: reason.value.trim() === "" ? undefined : reason.value });
      reasons.delete(question.approval_id);
      if (told.before) setError({ message: "This was decided before you: your answer did not count" });
      onDecided?.(told);
    } catch (refused) {
      setError(refused);
      sending.current = false;
      setBusy(false);
    }
  };
  const stopTask = async () => {
    setBusy(true);
    try {
      await stop(question.task_id);
    } catch (refused) {
      setError(refused);
    } finally {
      // A decision that was on its way meanwhile, or counted, keeps the buttons shut.
      setBusy(sending.current);
    }
  };
  const id = `card-${question.approval_id}`;
  return html`<article class="card ask ${risky ? "risky" : ""} ${current ? "current" : ""}" aria-labelledby=${id}
    data-approval=${question.approval_id}>
    <header>
      <span class="seal"><${Icon} name=${question.shown.asks === "call" ? "call" : question.shown.asks === "reply" ? "reply" : "plan"} size=${20} /></span>
      <div>
        <h2 id=${id} tabindex="-1">${title(question)}</h2>
        ${question.shown.asks === "call" ? html`<p class="quiet">${EFFECTS[question.shown.effect]}</p>` : null}
      </div>
      <${Countdown} until=${question.expires_at} />
    </header>
    ${!inTask && request ? html`<p class="asked"><span class="quiet">You asked:</span> <a href=${href("task", question.task_id)} dir="auto">${request}</a></p>` : null}
    ${ready ? null : html`<p class="quiet" aria-busy="true">Looking up where it comes from, and what it would change…</p>`}
    ${ready ? html`<${Shown} question=${question} context=${context} />` : null}
    ${question.reasons?.length > 0 ? html`<section><h3>Why you are asked</h3><${ReasonList} reasons=${question.reasons} /></section>` : null}
    <${Trouble} error=${error} />
    ${!ready ? null : editing
      ? html`<${Editor} args=${question.shown.args} busy=${busy} onCancel=${() => setEditing(false)} onSend=${(edited_args) => say({ granted: true, edited_args })} />`
      : html`<footer>
        <label class="reason">Reason, if you want to give one
          <input type="text" maxlength="2000" value=${reason.value} onInput=${(event) => {
            reason.value = event.currentTarget.value;
            reasons.set(question.approval_id, reason.value);
          }} data-role="reason" />
        </label>
        <div class="actions">
          ${risky
            ? html`<${Hold} disabled=${busy} onHeld=${() => say({ granted: true })}>Hold to approve<//>`
            : html`<button type="button" class="approve" data-role="approve" disabled=${busy} onClick=${() => say({ granted: true })}>Approve</button>`}
          <button type="button" class="deny" data-role="deny" disabled=${busy} onClick=${() => say({ granted: false })}>Deny</button>
          <span class="rest">
            ${question.shown.asks === "call" ? html`<button type="button" class="plain" data-role="edit" disabled=${busy} onClick=${() => setEditing(true)}>Edit…</button>` : null}
            <button type="button" class="plain" data-role="stop" disabled=${busy} onClick=${stopTask}>Stop the task</button>
          </span>
        </div>
        <p class="small quiet">${next(question)}</p>
      </footer>`}
  </article>`;
}

function next({ shown }) {
  switch (shown.asks) {
    case "plan": return "Approve: it runs, and still asks where a rule says so. Deny: nothing of it runs.";
    case "call": return "Approve: exactly this happens, once. Deny: it does not happen. An edit is judged anew.";
    case "confirm": return "Approve says yes to the plan, deny says no.";
    default: return "Approve: you get these words. Deny: they are held back.";
  }
}

/** The arguments that somebody edited at an earlier question about the same call. */
const editedBefore = (shown, context) => (context?.questions ?? [])
  .filter((one) => one.state === "superseded" && one.call === shown.call)
  .flatMap((one) => Object.keys(one.edited_args ?? {}));

function Shown({ question: { shown }, context }) {
  const steps = context?.steps ?? [];
  switch (shown.asks) {
    case "plan":
      return html`
        ${shown.assessment ? html`<div class="notice tone-warn"><${Icon} name="waiting" /><div><b>A model's opinion: a risk of ${shown.assessment.risk} in 100.</b> ${shown.assessment.reason}</div></div>` : null}
        <section><h3>What it would do</h3><${FlowTable} graph=${shown.graph} /></section>
        <${Foretold} calls=${shown.graph.calls} />
        <${Drawing} graph=${shown.graph} />
        <details class="fold"><summary>The plan's text</summary><${Plan} text=${shown.plan} /></details>`;
    case "call": {
      const edited = editedBefore(shown, context);
      return html`
        ${context?.change ? html`<${Change} change=${context.change} />` : null}
        <dl class="arguments">${shown.args.map((arg) => html`<${Argument} key=${arg.name} arg=${arg} steps=${steps} edited=${edited.includes(arg.name)} />`)}</dl>
        ${isTrusted(shown.pc) ? null : html`<div class="notice tone-warn"><${Icon} name="untrusted" /><div>That the plan came here was decided by something a stranger wrote. <${Label} label=${shown.pc} /></div></div>`}
        <p class="small quiet">Step ${shown.call}, line ${shown.line} of the plan.</p>`;
    }
    case "confirm":
      return html`<section><${Value} value=${shown.question} whole /><p><${Label} label=${shown.label} /></p></section>`;
    default:
      return html`<section><${Value} value=${shown.text} whole /><p><${Label} label=${shown.label} /></p>
        ${(shown.findings ?? []).map((found) => html`<p class="small tone-warn">Found in it: ${found.reason} (${found.rule})</p>`)}</section>`;
  }
}
