// Conversations: which there are, what was said in each, and what its turns add up to.
import { html, useEffect, useRef, useState } from "../html.js";
import { Icon } from "../parts/icon.js";
import { Empty, Trouble } from "../parts/notice.js";
import { Status } from "../parts/status.js";
import { ReasonList } from "../parts/steps.js";
import { Ago } from "../parts/time.js";
import { go, href, route } from "../router.js";
import * as draft from "../state/draft.js";
import * as state from "../state/sessions.js";
import { STOPPED, tasks } from "../state/tasks.js";

/** From which score on a result carries a warning, and from which nothing is planned; of ten. */
const WARNS = 3;
const REFUSES = 5;
const MOST_SCORE = 10;
/** From which risk on, of a hundred, it is more than a remark. */
const RISKY = 30;

/** The list beside the one that is open. */
export function Sessions() {
  const { name, id } = route.value;
  const one = name === "session" && id !== "";
  // A task that begins or ends changes its conversation.
  const news = tasks.value;
  useEffect(() => state.show(one ? id : ""), [one, id, news]);
  return html`<div class="split ${one ? "one-open" : ""}">
    <section class="side" aria-label="All conversations"><${List} current=${one ? id : ""} /></section>
    <div class="main ${one ? "" : "hint"}">${one ? html`<${Conversation} key=${id} id=${id} />`
      : html`<${Empty} icon="sessions" title="What was said, in order">A conversation is a task and those that went on from it. Choose one to see its turns, and what they add up to.<//>`}</div>
  </div>`;
}

function List({ current }) {
  const [error, setError] = useState(null);
  const all = state.sessions.value;
  if (all === null) return state.failure.value ? html`<${Trouble} error=${state.failure.value} />` : html`<p class="quiet" aria-busy="true">Loading…</p>`;
  if (all.length === 0) return html`<${Empty} icon="sessions" title="No conversation yet">The first task begins one.<//>`;
  return html`<ul class="task-list session-list">${all.map((session) => html`<li key=${session.session_id}>
      <a href=${href("session", session.session_id)} aria-current=${session.session_id === current ? "page" : undefined}>
        <span class="request" dir="auto">${session.request ?? "(erased)"}</span>
        <span class="meta"><span class="quiet small">${session.turns === 1 ? "1 turn" : `${session.turns} turns`}</span>
          ${session.risk_score > 0 ? html`<${Risk} of=${session.risk_score} />` : null}
          <span class="quiet small"><${Ago} at=${session.created} /></span></span></a></li>`)}</ul>
    ${state.next.value ? html`<button type="button" class="plain" onClick=${() => state.more().catch(setError)}>Show older ones</button>` : null}
    <${Trouble} error=${error ?? state.failure.value} />`;
}

function Risk({ of }) {
  const tone = of >= RISKY ? "warn" : "plain";
  return html`<span class="status tone-${tone}"><${Icon} name=${of >= RISKY ? "untrusted" : "trusted"} size=${14} />Risk ${of} of 100</span>`;
}

function Conversation({ id }) {
  const { told, tasks: known } = state.open.value;
  const failed = state.failure.value;
  const head = useRef(null);
  // From far down in the list the keyboard, and the eye, come to where it begins.
  useEffect(() => head.current?.focus(), [told === null]);
  if (told === null) return failed ? html`<${Trouble} error=${failed} />` : html`<p class="quiet" aria-busy="true">Loading…</p>`;
  const first = state.sessions.value?.find((session) => session.session_id === id)?.request ?? known.get(told.turns[0]?.task_id)?.request;
  const goOn = () => {
    draft.session.value = { id, request: first ?? "this conversation" };
    go("tasks");
  };
  return html`<div class="thread">
    <p class="back"><a href=${href("sessions")}><${Icon} name="back" size=${16} /> All conversations</a></p>
    <header class="said"><h2 class="title" tabindex="-1" ref=${head} dir="auto">${first ?? "A conversation"}</h2>
      <div class="meta"><span class="quiet small">${told.turns.length === 1 ? "1 turn" : `${told.turns.length} turns`}, begun <${Ago} at=${told.created} /></span>
        <span class="rest"><button type="button" class="plain" onClick=${goOn}>Go on from here</button></span></div></header>
    <${Score} told=${told} />
    <ol class="turns">${told.turns.map((turn) => html`<${Turn} key=${turn.task_id} turn=${turn} task=${known.get(turn.task_id)} violation=${told.violations.find((row) => row.task_id === turn.task_id)} />`)}</ol>
  </div>`;
}

function Score({ told: { score, risk_score: risk } }) {
  const [word, tone, icon] = score >= REFUSES ? ["Nothing more is planned here for now", "bad", "refused"]
    : score >= WARNS ? ["Results carry a warning", "warn", "waiting"]
    : risk >= RISKY ? ["Calm now, and something was stopped before", "warn", "waiting"] : ["Nothing stands out", "ok", "done"];
  return html`<section class="card score"><h3>What its turns add up to</h3>
    <p class="tone-${tone} verdict"><${Icon} name=${icon} size=${16} /> ${word}</p>
    <label class="small" for="score">${score.toFixed(2)} of ${MOST_SCORE} just now</label>
    <progress id="score" value=${Math.min(score, MOST_SCORE)} max=${MOST_SCORE}></progress>
    <p class="small quiet">From ${WARNS} on results carry a warning, from ${REFUSES} on requests are refused; each minute of silence takes 2 off. The highest risk that was seen here is ${risk} of 100.</p></section>`;
}

function Turn({ turn, task, violation }) {
  const { conversation: weighed } = turn;
  return html`<li class="turn"><span class="number" aria-hidden="true">${turn.turn}</span>
    <div><p class="words"><span class="unseen">Turn ${turn.turn}: </span><a href=${href("task", turn.task_id)} dir="auto">${task?.request ?? STOPPED}</a></p>
      <p class="meta"><${Status} state=${turn.state} />${task ? html` <span class="quiet small"><${Ago} at=${task.created} /></span>` : null}
        ${weighed && weighed.verdict !== "pass" ? html`<span class="status tone-warn"><${Icon} name="untrusted" size=${14} />${weighed.verdict === "block" ? "Not planned" : "Warned"}, ${weighed.score} of ${MOST_SCORE}</span>` : null}</p>
      ${weighed?.reasons.length > 0 ? html`<ul class="reasons">${weighed.reasons.map((why) => html`<li>This request ${why.why} <span class="quiet small">+${why.points}</span> <code class="small quiet">${why.rule}</code></li>`)}</ul>` : null}
      ${violation ? html`<${Stopped} reasons=${violation.reasons} />` : null}
      ${turn.warnings.length > 0 ? html`<details class="fold"><summary class="small">Worth knowing (${turn.warnings.length})</summary>
        <ul class="reasons">${turn.warnings.map((text) => html`<li>${text}</li>`)}</ul></details>` : null}</div></li>`;
}

/** What a gate stopped: policies with their reasons, or what scanners found. */
function Stopped({ reasons }) {
  const rows = Array.isArray(reasons) ? reasons : [reasons];
  if (rows.every((row) => row?.policy)) return html`<${ReasonList} reasons=${rows} />`;
  return html`<ul class="reasons">${rows.filter(Boolean).map((row) => html`<li>${typeof row === "string" ? row : row.reason ?? row.text ?? JSON.stringify(row)} ${row?.rule ? html`<code class="small quiet">${row.rule}</code>` : null}</li>`)}</ul>`;
}
