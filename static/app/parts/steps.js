// The calls of a task, as they start and end.
import { html } from "../html.js";
import { href } from "../router.js";
import { Icon } from "./icon.js";
import { Label } from "./label.js";
import { Status, stateIcon, stateWord } from "./status.js";
import { Ago } from "./time.js";
import { Value, textOf, visible } from "./value.js";
import { Words } from "./words.js";

const BRIEF = 90;

/** What a call is about, in a line: its question, its path, or its first argument. */
export function brief({ args }) {
  const value = args.question ?? args.path ?? Object.values(args)[0];
  const text = value === undefined ? "" : textOf(value).replace(/\s+/g, " ");
  return text.length > BRIEF ? `${text.slice(0, BRIEF)}…` : text;
}

/** What an answer was, where that fits into the line; of an error its beginning, for that is what one looks for. */
function short({ kind, value, state }) {
  if (value === undefined || value === null || typeof value === "object") return "";
  const text = textOf(value);
  if (state === "failed") return text.length > BRIEF ? `${text.slice(0, BRIEF)}…` : text;
  return kind !== "ask" || text.length > BRIEF ? "" : text;
}

/** @param {{steps: object[]}} props as GET /task/{id} has them */
export function Steps({ steps }) {
  return html`<ol class="steps">${steps.map((step) => html`<${Step} key=${step.n} step=${step} />`)}</ol>`;
}

function Step({ step }) {
  const names = Object.keys(step.args);
  return html`<li class="step is-${step.state}">
    <span class="dot"><${Icon} name=${stateIcon(step.state)} size=${14} /></span>
    <details>
      <summary>
        <code class="call">${step.call}</code> <span class="brief">${brief(step)}</span>
        ${short(step) === "" ? null : html`<span class="gave ${step.state === "failed" ? "tone-bad" : ""}" dir="auto">${visible(short(step))}</span>`}
        <${Status} state=${step.state} />
      </summary>
      <div class="inside">
        ${names.length === 0 ? null : html`<h4>What it was given</h4>
          <dl class="args">${names.map((name) => html`<div key=${name}><dt><code>${name}</code></dt><dd><${Value} value=${step.args[name]} /></dd></div>`)}</dl>`}
        ${step.value === undefined ? null : html`<h4>${step.state === "failed" ? "Why it failed" : "What it gave"} <${Label} label=${step.label} data=${step.data_ids?.result ?? null} /></h4>
          <${Value} value=${step.value} />`}
        <${Reasons} verdict=${step.verdict} />
        <${Decisions} decided=${step.decided} />
        ${step.line ? html`<p class="quiet small">Line ${step.line} of the plan.</p>` : null}
      </div>
    </details>
    ${step.state === "started" ? html`<${Words} n=${step.n} />` : null}
  </li>`;
}

const DECISIONS = { __proto__: null, approved: "Allowed", denied: "Denied", superseded: "Edited" };

/** Who decided about a call, when, and with which words. */
function Decisions({ decided }) {
  if (!decided?.length) return null;
  return html`<h4>Who decided</h4><ul class="reasons decisions">${decided.map(({ end, by, at, reason, edited }) => html`<li key=${`${at} ${end}`}>
    ${DECISIONS[end] ?? end} by ${by}, <${Ago} at=${at} />${edited.length > 0 ? html`: ${edited.map((name, n) => html`${n > 0 ? ", " : ""}<code>${name}</code>`)}` : null}
    ${reason ? html`<span class="quiet" dir="auto">“${visible(reason)}”</span>` : null}</li>`)}</ul>`;
}

/** The rules that spoke, in their own words. */
export function Reasons({ verdict }) {
  if (!verdict?.reasons?.length) return null;
  const title = { allow: "Why it may happen", ask: "Why it was asked about", deny: "Why it may not happen" }[verdict.verdict];
  return html`<h4>${title}</h4><${ReasonList} reasons=${verdict.reasons} />`;
}

/** A rule's name; it leads to the rule as it is written. */
export const Rule = ({ id }) => html`<a class="rule" href=${href("policies", id)}><code class="small">${id}</code></a>`;

/** @param {{reasons: {policy: string, text: string}[]}} props */
export function ReasonList({ reasons }) {
  return html`<ul class="reasons">${reasons.map(({ policy, text }) => html`<li>${worded(text)} <${Rule} id=${policy} /></li>`)}</ul>`;
}

/** A sentence of the server's, with what stands between backticks as code. */
export const worded = (text) => text.split("`").map((part, n) => n % 2 === 1 ? html`<code>${part}</code>` : part);

/** The steps as sentences, for those who hear the page: each is said once, when it comes. */
export function StepLog({ task }) {
  const lines = [];
  for (const step of task?.steps ?? []) {
    lines.push(`Step ${step.n}, ${step.call}: started.`);
    if (step.state !== "started") lines.push(`Step ${step.n}, ${step.call}: ${stateWord(step.state).toLowerCase()}.`);
  }
  if (task?.state === "waiting") lines.push("The task waits for you.");
  if (task?.over) lines.push(`The task is over: ${stateWord(task.state).toLowerCase()}.`);
  return html`<div role="log" aria-label="What happens" class="unseen">${lines.map((line, n) => html`<p key=${`${n} ${line}`}>${line}</p>`)}</div>`;
}
