// How the server is, how far it is trusted, who is signed in, and how this page looks.
import { del, get } from "../api.js";
import { html, signal, useEffect, useState } from "../html.js";
import { Icon } from "../parts/icon.js";
import { keysOn, setKeys } from "../parts/keys.js";
import { Trouble } from "../parts/notice.js";
import { Telling } from "../parts/telling.js";
import { Ago } from "../parts/time.js";
import { href } from "../router.js";
import { remember, setting } from "../settings.js";
import { health, load as loadHealth } from "../state/health.js";
import { hasPin, logOut } from "../state/session.js";
import { link } from "../transport.js";

const trust = signal(null);
const sessions = signal(null);

const LICENCES = { Preact: "preact", htm: "htm", Signals: "signals", "Pico.css": "pico", marked: "marked", DOMPurify: "dompurify", dagre: "dagre" };
const WAYS = { connecting: "connecting", socket: "live, over a WebSocket", stream: "live, over a stream", polling: "asked for every two seconds", offline: "not connected" };

/** What each level lets pass unasked in the mode `auto`: as in policies/plan.cedar. */
const LEVELS = [
  "Every plan asks you before it runs.",
  "Plans that use harmless tools only may run unasked.",
  "Plans that only read may run unasked, too.",
  "Plans that write below the workspace may run unasked, too.",
  "Calls of the sandboxed shell may pass unasked; a plan that has them still asks.",
];

async function load(setError) {
  setError(null);
  try {
    [trust.value, sessions.value] = await Promise.all([get("/api/trust"), get("/api/session"), loadHealth()]);
  } catch (error) {
    setError(error);
  }
}

/** The view. */
export function System() {
  const [error, setError] = useState(null);
  useEffect(() => {
    load(setError);
  }, []);
  return html`<div class="tiles">
    <${Trouble} error=${error} />
    <${Health} />
    <${Trust} />
    ${hasPin.value ? html`<${Sessions} reload=${() => load(setError)} onError=${setError} />` : null}
    <${Telling} />
    <${Look} />
  </div>`;
}

function Row({ good, name, children }) {
  return html`<div><dt>${name}</dt><dd class=${good ? "tone-ok" : "tone-warn"}><${Icon} name=${good ? "done" : "failed"} size=${15} /> <span>${children}</span></dd></div>`;
}

function Health() {
  const told = health.value;
  if (told === null) return html`<section class="card"><h2>Health</h2><p class="quiet">Not known.</p></section>`;
  const { components } = told;
  const worker = { ok: "answers", unknown: "not asked yet", failed: "is not there, or does not answer" }[components.worker] ?? components.worker;
  return html`<section class="card"><h2>Health</h2>
    <dl class="facts">
      <${Row} good=${told.status === "ok"} name="Altogether">${{ ok: "all is well", degraded: `not well: ${told.degraded.join(", ")}`, stopping: "going down" }[told.status]}<//>
      <${Row} good=${components.store === "ok"} name="Journal">${components.store === "ok" ? "keeps everything" : "cannot write: nothing is done"}<//>
      <${Row} good=${components.worker !== "failed"} name="Reading model">${worker}<//>
      <${Row} good=${components.planner_state !== "failed"} name="Planner">${components.planner === "model" ? `a model makes plans${components.planner_state === "failed" ? ", and gave none when it was last asked" : ""}` : "none: plans come from you and from playbooks"}<//>
      <${Row} good=${components.scanners > 0} name="Scanners">${components.scanners} look at what comes in and goes out<//>
      <${Row} good=${!told.degraded.includes("policies")} name="Policies"><a href=${href("policies")}><code>${told.policy_version}</code></a> ${told.degraded.includes("policies") ? "(the newest files are faulty)" : ""}<//>
      <${Row} good=${link.value !== "offline"} name="News">${WAYS[link.value]}<//>
    </dl></section>`;
}

function Trust() {
  if (trust.value === null) return null;
  const { level, tasks, incidents, done_since_incident: done, needed } = trust.value;
  const part = Math.min(1, done / needed);
  const enough = done >= needed;
  return html`<section class="card"><h2>Trust level ${level}</h2>
    <p>${LEVELS[level] ?? ""}</p>
    <h3>Its evidence</h3>
    <label class="small" for="trust-done">${Math.min(done, needed)} of ${needed} tasks done since the latest incident</label>
    <progress id="trust-done" value=${part} max="1"></progress>
    <dl class="facts plain"><div><dt>Tasks at this level</dt><dd>${tasks}</dd></div><div><dt>Incidents</dt><dd>${incidents}</dd></div></dl>
    <p class="small quiet">${enough ? "That is enough for a person to raise it, with the setting " : "A level is earned, and a person raises it with the setting "}<code>trust_level</code>. An incident is a task in which a gate had to stop something. Levels spare questions about plans, in the mode <code>auto</code>.</p></section>`;
}

function Sessions({ reload, onError }) {
  const end = (id) => del(`/api/session/${id}`).then(reload).catch(onError);
  const others = (sessions.value?.sessions ?? []).filter((session) => !session.current);
  return html`<section class="card"><h2>Signed in</h2>
    <ul class="sessions">${(sessions.value?.sessions ?? []).map((session) => html`<li key=${session.id}>
      <div><b>${session.current ? "This browser" : "Another browser"}</b>
        <span class="quiet small">from ${session.address}, last used <${Ago} at=${Date.parse(session.last_used)} /></span></div>
      <button type="button" class="plain" onClick=${() => session.current ? logOut().catch(onError) : end(session.id)}
        aria-label=${session.current ? "Sign out here" : `End the session from ${session.address}`}>${session.current ? "Sign out" : "End"}</button></li>`)}</ul>
    <p class="small quiet">Programs send the PIN with each request (<code>X-Sentinel-Pin</code>); they have no session here.</p>
    ${others.length > 1 ? html`<p class="small quiet">${others.length} others. End what you do not know, then change the PIN.</p>` : null}</section>`;
}

function Look() {
  const [theme, setTheme] = useState(setting("theme", "auto"));
  const choose = (value) => {
    setTheme(value);
    remember("theme", value);
    dispatchEvent(new Event("themechange"));
  };
  return html`<section class="card"><h2>This page</h2>
    <fieldset class="choice"><legend>Theme</legend>${[["auto", "As the system"], ["light", "Light"], ["dark", "Dark"]].map(([value, word]) => html`<label key=${value}>
      <input type="radio" name="theme" checked=${theme === value} onChange=${() => choose(value)} /> ${word}</label>`)}</fieldset>
    <label class="switch"><input type="checkbox" role="switch" data-role="keys" checked=${keysOn.value} onChange=${(event) => setKeys(event.currentTarget.checked)} /> Keys of one letter (<kbd>?</kbd> lists them)</label>
    <p class="small quiet">Made with, each under its licence: ${Object.entries(LICENCES).map(([name, file], n) => html`${n > 0 ? ", " : ""}<a key=${file} href=${`/static/vendor/licences/${file}.txt`}>${name}</a>`)}.</p></section>`;
}
