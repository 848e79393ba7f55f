// What flows where in a plan: a drawing, and the same in a table beside it.
import { get } from "../api.js";
import { html, signal, useEffect, useState } from "../html.js";
import { FlowTable } from "../parts/flow-table.js";
import { Graph } from "../parts/graph.js";
import { Empty, Trouble } from "../parts/notice.js";
import { go, href, route } from "../router.js";
import * as tasks from "../state/tasks.js";

/** The task whose plan is drawn, and what went wrong. */
const shown = signal({ id: "", task: null, error: null });

async function load(id) {
  shown.value = { id, task: null, error: null };
  try {
    const task = await get(`/task/${encodeURIComponent(id)}`);
    if (shown.value.id === id) shown.value = { id, task, error: null };
  } catch (error) {
    if (shown.value.id === id) shown.value = { id, task: null, error };
  }
}

/** The view. */
export function Flow() {
  const id = route.value.id || tasks.tasks.value?.[0]?.task_id || "";
  const listed = tasks.tasks.value ?? [];
  const [chosen, choose] = useState(0);
  useEffect(() => {
    choose(0);
    if (id !== "") load(id);
  }, [id]);
  if (tasks.tasks.value !== null && id === "") return html`<${Empty} icon="flow" title="No plan to draw yet">Give a task: its plan is drawn here.<//>`;
  const { task, error } = shown.value;
  return html`<div class="flow">
    <label class="pick">Task
      <select value=${id} onChange=${(event) => go("flow", event.currentTarget.value)}>
        ${listed.some((row) => row.task_id === id) ? null : html`<option value=${id}>${task ? tasks.chosenBy(task) : id}</option>`}
        ${listed.map((row) => html`<option key=${row.task_id} value=${row.task_id}>${tasks.chosenBy(row)}</option>`)}
      </select>
    </label>
    <${Trouble} error=${error} />
    ${task === null ? html`<p class="quiet" aria-busy=${error === null}>${error === null ? "Loading…" : ""}</p>`
      : task.graph ? html`
        <${Graph} graph=${task.graph} steps=${task.steps} chosen=${chosen} onChoose=${choose} />
        <section class="card"><h2>The same as a table</h2><${FlowTable} graph=${task.graph} /></section>`
      : html`<${Empty} icon="flow" title="This task has no plan yet">It is drawn once there is one. <a href=${href("task", id)}>See the task.</a><//>`}
  </div>`;
}
