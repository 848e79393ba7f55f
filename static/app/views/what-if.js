// A past task's calls, judged by the rules of today: as they were, or as somebody supposes. Nothing runs, and nothing is kept.
import { get } from "../api.js";
import { html, useEffect, useState } from "../html.js";
import { Editor } from "../parts/editor.js";
import { Icon } from "../parts/icon.js";
import { Empty, Trouble } from "../parts/notice.js";
import { ReasonList, brief } from "../parts/steps.js";
import { Value } from "../parts/value.js";
import { go } from "../router.js";
import { health } from "../state/health.js";
import { whatIf } from "../state/policies.js";
import * as tasks from "../state/tasks.js";

const SAID = { allow: ["Passed", "done", "ok"], ask: ["Asked you", "waiting", "warn"], deny: ["Was refused", "refused", "bad"] };
const SAYS = { __proto__: null, allow: ["Would pass", "done", "ok"], ask: ["Would ask you", "waiting", "warn"], deny: ["Would be refused", "refused", "bad"] };
const LEVELS = [0, 1, 2, 3, 4];

/** @param {{id: string}} props the task; empty for the latest */
export function WhatIf({ id }) {
  const listed = tasks.tasks.value ?? [];
  const own = id || listed[0]?.task_id || "";
  const [level, setLevel] = useState(null);
  const [edits, setEdits] = useState({});
  const [said, setSaid] = useState(null);
  const [task, setTask] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    setEdits({});
    setSaid(null);
    setTask(null);
    if (own === "") return undefined;
    let gone = false;
    get(`/task/${encodeURIComponent(own)}`).then((told) => gone || setTask(told)).catch((refused) => gone || setError(refused));
    return () => {
      gone = true;
    };
  }, [own]);
  useEffect(() => {
    if (own === "") return undefined;
    let gone = false;
    setError(null);
    whatIf(own, level, edits).then((calls) => gone || setSaid(calls)).catch((refused) => gone || setError(refused));
    return () => {
      gone = true;
    };
  }, [own, level, edits]);
  if (tasks.tasks.value !== null && own === "") return html`<${Empty} icon="policies" title="No task yet">Give a task: here you see what the rules would say of it today.<//>`;
  const current = health.value?.trust_level;
  const supposed = level !== null || Object.keys(edits).length > 0;
  return html`<div class="narrow">
    <p class="quiet">What would the rules of today say of what a task did? Nothing runs, and nothing is written down.</p>
    <div class="suppose">
      <label>Task
        <select data-role="what-if-task" value=${own} onChange=${(event) => go("what-if", event.currentTarget.value)}>
          ${listed.some((row) => row.task_id === own) ? null : html`<option value=${own}>${task ? tasks.chosenBy(task) : own}</option>`}
          ${listed.map((row) => html`<option key=${row.task_id} value=${row.task_id}>${tasks.chosenBy(row)}</option>`)}
        </select></label>
      <label>Trust level
        <select data-role="what-if-level" value=${level === null ? "" : String(level)} onChange=${(event) => setLevel(event.currentTarget.value === "" ? null : Number(event.currentTarget.value))}>
          <option value="">As it is${current === undefined ? "" : ` (${current})`}</option>
          ${LEVELS.map((n) => html`<option key=${n} value=${String(n)}>Suppose ${n}</option>`)}
        </select></label>
      ${supposed ? html`<button type="button" class="plain" onClick=${() => {
        setLevel(null);
        setEdits({});
      }}>As it was</button>` : null}
    </div>
    <${Trouble} error=${error} />
    ${said === null ? error ? null : html`<p class="quiet" aria-busy="true">Asking…</p>`
      : said.length === 0 ? html`<${Empty} icon="call" title="This task called no tool">Rules judge calls of tools, and here there are none.<//>`
      : html`<p class="small" role="status">${sum(said, supposed)}</p>
        <ol class="judged">${said.map((call) => html`<${Judged} key=${`${own} ${call.step}`} call=${call} step=${task?.steps.find((step) => step.n === call.step)}
          edited=${edits[call.step]} onEdit=${(args) => setEdits(without(edits, call.step, args))} />`)}</ol>`}
  </div>`;
}

/** The edits with this one in them, or without it. */
function without(edits, step, args) {
  const { [step]: _before, ...others } = edits;
  return args === null ? others : { ...others, [step]: args };
}

function sum(said, supposed) {
  const other = said.filter(({ then, now }) => then.verdict !== now.verdict).length;
  const as = supposed ? "As you suppose it" : "Today";
  if (other === 0) return `${as}, the rules say of each call what they said then.`;
  return `${as}, the rules say something else of ${other === 1 ? "1 call" : `${other} calls`}.`;
}

function Verdict({ verdict, words }) {
  const [word, icon, tone] = words[verdict] ?? [verdict, "waiting", "plain"];
  return html`<span class="status tone-${tone}"><${Icon} name=${icon} size=${15} />${word}</span>`;
}

function Judged({ call, step, edited, onEdit }) {
  const [editing, setEditing] = useState(false);
  const { then, now } = call;
  const args = Object.entries({ ...step?.args, ...edited }).filter(([, value]) => value !== null);
  return html`<li class="card ${then.verdict === now.verdict ? "" : "other"}">
    <header><h2>Step ${call.step}, <code>${call.call}</code></h2>
      <p class="turned"><${Verdict} verdict=${then.verdict} words=${SAID} /> <span class="quiet" aria-hidden="true">→</span> <${Verdict} verdict=${now.verdict} words=${SAYS} /></p></header>
    ${edited ? html`<p class="small tone-warn">Supposed: another ${Object.keys(edited).join(", ")}, of your own. <button type="button" class="plain small" onClick=${() => onEdit(null)}>As it was</button></p>` : null}
    ${editing && step
      ? html`<${Editor} args=${Object.entries(step.args).map(([name, value]) => ({ name, value }))} busy=${false} onCancel=${() => setEditing(false)} onSend=${(changed) => {
          setEditing(false);
          onEdit(changed);
        }} sends="Judge it so" says="What would the rules say if you had written this? What you replace counts as your own words, and nothing happens." />`
      : html`<details class="fold"><summary class="small">${step ? brief({ args: { ...step.args, ...edited } }) || "What it is given" : "What it is given"}</summary>
          <dl class="args">${args.map(([name, value]) => html`<div key=${name}><dt><code>${name}</code></dt><dd><${Value} value=${value} /></dd></div>`)}</dl></details>
        <h3>${SAYS[now.verdict]?.[0] ?? now.verdict}, because</h3>
        ${now.reasons.length > 0 ? html`<${ReasonList} reasons=${now.reasons} />` : html`<p class="small quiet">No rule had anything to say.</p>`}
        ${step && args.length > 0 ? html`<button type="button" class="plain" data-role="suppose" onClick=${() => setEditing(true)}>Suppose other arguments…</button>` : null}`}
  </li>`;
}
