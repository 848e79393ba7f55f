// Tasks: give one, and follow those that were given.
import { html, useEffect, useState } from "../html.js";
import { Composer } from "../parts/composer.js";
import { lazy } from "../parts/lazy.js";
import { Empty, Trouble } from "../parts/notice.js";
import { Status } from "../parts/status.js";
import { Ago } from "../parts/time.js";
import { href, route } from "../router.js";
import { openId, open } from "../state/task.js";
import * as list from "../state/tasks.js";

const TaskPage = lazy(() => import("./task.js"), "TaskPage");

/** The list beside the composer, or beside the task that is open. */
export function Tasks() {
  const { name, id } = route.value;
  const one = name === "task" && id !== "";
  useEffect(() => {
    if (one) open(id);
    else openId.value = "";
  }, [one, id]);
  return html`<div class="split ${one ? "one-open" : ""}">
    <section class="side" aria-label="All tasks">
      ${one ? html`<p class="new"><a role="button" class="outline" href=${href("tasks")}>New task</a></p>` : null}
      <${TaskList} current=${one ? id : ""} />
    </section>
    <div class="main">${one ? html`<${TaskPage} key=${id} id=${id} />` : html`<${Composer} />`}</div>
  </div>`;
}

const GROUPS = [
  ["Waiting for you", (task) => task.state === "waiting"],
  ["Under way", (task) => !task.over && task.state !== "waiting"],
  ["Over", (task) => task.over],
];

function TaskList({ current }) {
  const [error, setError] = useState(null);
  const tasks = list.tasks.value;
  if (list.failure.value && tasks === null) return html`<${Trouble} error=${list.failure.value} />`;
  if (tasks === null) return html`<p class="quiet" aria-busy="true">Loading…</p>`;
  if (tasks.length === 0) return html`<${Empty} icon="tasks" title="No tasks yet">What you ask for stands here, with what became of it.<//>`;
  return html`
    ${GROUPS.map(([title, belongs]) => {
      const rows = tasks.filter(belongs);
      return rows.length === 0 ? null : html`<section key=${title} class="group"><h2 class="small quiet">${title} <span class="unseen">(${rows.length})</span></h2>
        <ul class="task-list">${rows.map((task) => html`<${Line} key=${task.task_id} task=${task} current=${task.task_id === current} />`)}</ul></section>`;
    })}
    ${list.next.value ? html`<button type="button" class="plain" onClick=${() => list.more().catch(setError)}>Show older ones</button>` : null}
    <${Trouble} error=${error ?? list.failure.value} />`;
}

function Line({ task, current }) {
  return html`<li><a href=${href("task", task.task_id)} aria-current=${current ? "page" : undefined}>
    <span class="request" dir="auto">${list.titled(task)}</span>
    <span class="meta"><${Status} state=${task.state} /> <span class="quiet small"><${Ago} at=${task.updated} /></span></span>
  </a></li>`;
}
