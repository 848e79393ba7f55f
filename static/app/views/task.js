// One task: what was asked for, the plan, its steps as they happen, what it asks, and its reply.
import { html, useEffect, useRef, useState } from "../html.js";
import { Card } from "../parts/card.js";
import { Chain } from "../parts/chain.js";
import { FlowTable } from "../parts/flow-table.js";
import { Icon } from "../parts/icon.js";
import { Label } from "../parts/label.js";
import { Markdown } from "../parts/markdown.js";
import { Trouble } from "../parts/notice.js";
import { Plan } from "../parts/plan.js";
import { Rerun, canRerun } from "../parts/rerun.js";
import { Status } from "../parts/status.js";
import { ReasonList, StepLog, Steps } from "../parts/steps.js";
import { Ago } from "../parts/time.js";
import { go, href } from "../router.js";
import * as draft from "../state/draft.js";
import * as state from "../state/task.js";
import * as tasks from "../state/tasks.js";

/** So many warnings stand open. */
const FEW = 3;

/** The task that is open. */
export function TaskPage({ id }) {
  const task = state.task.value?.task_id === id ? state.task.value : null;
  const listed = tasks.tasks.value?.find((task) => task.task_id === id);
  const head = useRef(null);
  useEffect(() => head.current?.focus(), [id]);
  if (task === null && state.failure.value) return html`<${Trouble} error=${state.failure.value} />`;
  const request = task?.request ?? listed?.request ?? "";
  const pending = (task?.questions ?? []).filter((question) => question.state === "pending");
  return html`<div class="thread">
    <p class="back"><a href=${href("tasks")}><${Icon} name="back" size=${16} /> All tasks</a></p>
    <header class="said">
      <h1 tabindex="-1" ref=${head} dir="auto" class=${request.length > 80 ? "long" : ""}>${request || (task ?? listed ? tasks.titled(task ?? listed) : "A task")}</h1>
      <div class="meta">
        <${Status} state=${task?.state ?? listed?.state ?? "queued"} />
        ${task ? html`<span class="quiet small"><${Ago} at=${task.created} /></span>` : null}
        <${Actions} task=${task} request=${request} />
      </div>
    </header>
    <${StepLog} task=${task} />
    ${task?.waits_for ? html`<p class="notice" role="status">Not all is there just now, so the task is tried again by itself: ${task.waits_for}</p>` : null}
    ${task === null ? html`<p class="quiet" aria-busy="true">Loading…</p>` : html`
      ${pending.map((question) => html`<${Card} key=${question.approval_id} question=${{ ...question, task_id: id }} inTask onDecided=${() => head.current?.focus()} />`)}
      <${End} task=${task} />
      ${task.plan ? html`<details class="fold card-like"><summary>The plan <span class="quiet">${summary(task)}</span></summary>
        <${Plan} text=${task.plan} />${task.graph ? html`<${FlowTable} graph=${task.graph} />` : null}</details>`
        : task.over ? null : html`<p class="quiet pulse">The plan is being made…</p>`}
      ${task.steps.length > 0 ? html`<section aria-label="Steps"><${Steps} steps=${task.steps} /></section>` : null}`}
  </div>`;
}

/** Says how many calls there are, and how many will ask while some may still come. */
function summary({ graph, over }) {
  if (!graph) return "";
  const asks = over ? 0 : graph.calls.filter((call) => call.prediction === "ask").length;
  const calls = graph.calls.length === 1 ? "1 call" : `${graph.calls.length} calls`;
  return `${calls}${asks > 0 ? `, ${asks} will ask you` : ""}`;
}

function Actions({ task, request }) {
  const [error, setError] = useState(null);
  if (!task) return null;
  const goOn = () => {
    draft.session.value = { id: task.session_id, request };
    go("tasks");
  };
  return html`<span class="rest">
    ${task.graph?.calls.length > 0 ? html`<a href=${href("flow", task.task_id)}>Flow</a>` : null}
    ${task.over ? html`<a href=${href("what-if", task.task_id)}>What if?</a>` : null}
    ${canRerun(task) ? html`<${Rerun} task=${task} />` : null}
    ${task.over
      ? html`<button type="button" class="plain" onClick=${goOn}>Go on from here</button>`
      : html`<button type="button" class="plain" disabled=${state.stopping.value} onClick=${() => state.stop(task.task_id).catch(setError)}>
          ${state.stopping.value ? "Stopping…" : "Stop"}</button>`}
    <${Trouble} error=${error} />
  </span>`;
}

/** A plan that did not pass is not lost: it is written on where it was written. */
function Mend({ given }) {
  const change = () => {
    draft.take(given);
    go("tasks");
  };
  return html`<div class="actions"><button type="button" class="outline" data-role="mend" onClick=${change}>Change the plan and give it again…</button></div>`;
}

function End({ task }) {
  return html`
    ${task.answer === null ? null : html`<section class="card answer" aria-label="The reply">
      <header><h2>Reply</h2><${Label} label=${task.label} data=${task.answer_data_id} /></header>
      <${Markdown} text=${task.answer} />
      ${task.answer_data_id ? html`<${Origins} id=${task.answer_data_id} />` : null}
    </section>`}
    ${task.over && task.error !== null ? html`<section class="card tone-edge-${task.state === "stopped" ? "plain" : "bad"}" aria-label="Why it ended">
      <h2>${task.state === "refused" ? "Why it was refused" : "Why it failed"}</h2><${Why} error=${task.error} />
      ${task.plan === null && draft.givenAs(task.task_id) ? html`<${Mend} given=${draft.givenAs(task.task_id)} />` : null}</section>` : null}
    ${task.warnings.length > 0 ? html`<details class="fold warnings" open=${task.warnings.length <= FEW}><summary>Worth knowing <span class="quiet">(${task.warnings.length})</span></summary>
      <ul>${task.warnings.map((text) => html`<li key=${text}><${Icon} name="waiting" size=${14} /> <span>${text}</span></li>`)}</ul></details>` : null}`;
}

/** The same as the label's tip says, for those who want to read on. */
function Origins({ id }) {
  const [open, setOpen] = useState(false);
  return html`<details class="fold came" onToggle=${(event) => setOpen(event.currentTarget.open)}><summary>Where this comes from</summary>
    ${open ? html`<${Chain} id=${id} />` : null}</details>`;
}

/** A message, rules with their reasons, or what scanners found. */
function Why({ error }) {
  if (typeof error === "string") return html`<p class="as-is">${error}</p>`;
  const rows = Array.isArray(error) ? error : [error];
  if (rows.every((row) => row?.policy)) return html`<${ReasonList} reasons=${rows} />`;
  return html`<ul class="reasons">${rows.map((row) => html`<li>${row?.reason ?? row?.text ?? JSON.stringify(row)} ${row?.rule ? html`<code class="small quiet">${row.rule}</code>` : null}</li>`)}</ul>`;
}
