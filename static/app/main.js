// The page: who is there, the navigation, and the view that the address names.
import { html, render, useEffect, useLayoutEffect, useRef } from "./html.js";
import { Icon } from "./parts/icon.js";
import { KeyHelp } from "./parts/key-help.js";
import { listen } from "./parts/keys.js";
import { later, lazy } from "./parts/lazy.js";
import { go, href, route } from "./router.js";
import * as alerts from "./state/alerts.js";
import { count } from "./state/approvals.js";
import { start } from "./state/live.js";
import { look, wasIn, who } from "./state/session.js";
import { link, tryNow } from "./transport.js";
import { Pin, Unreachable } from "./views/pin.js";
import { Tasks } from "./views/tasks.js";

/** Name, word, drawing, view, and the other name under which it is shown. The first is here at once; the others come when they are shown, or a
 * moment later by themselves. */
const VIEWS = [
  { name: "tasks", word: "Tasks", View: Tasks, also: "task" },
  { name: "approvals", word: "Approvals", View: lazy(() => import("./views/approvals.js"), "Approvals") },
  { name: "flow", word: "Flow", View: lazy(() => import("./views/flow.js"), "Flow") },
  { name: "sessions", word: "Sessions", View: lazy(() => import("./views/sessions.js"), "Sessions"), also: "session" },
  { name: "policies", word: "Policies", View: lazy(() => import("./views/policies.js"), "Policies"), also: "what-if" },
  { name: "system", word: "System", View: lazy(() => import("./views/system.js"), "System") },
];

const LINK_WORDS = { connecting: "Connecting…", socket: "Live", stream: "Live", polling: "Asking every 2 s", offline: "Offline" };

function Nav({ current }) {
  return html`<nav class="nav" aria-label="Views">
    <div class="brand"><img src="/static/look/icon.svg" alt="" />Sentinel</div>
    <ul>${VIEWS.map(({ name, word }) => html`<li key=${name}><a href=${href(name)} aria-current=${current === name ? "page" : undefined}>
      <${Icon} name=${name} size=${20} /><span>${word}</span>
      ${name === "approvals" && count.value > 0 ? html`<span class="count"><span aria-hidden="true">${count.value}</span><span class="unseen">, ${count.value} waiting</span></span>` : null}</a></li>`)}</ul>
    <p class="link-state"><span class="bulb is-${link.value}"></span>${LINK_WORDS[link.value]}</p>
  </nav>`;
}

const focusHeading = () => document.querySelector("main h1")?.focus();

function Shell() {
  const { name } = route.value;
  const view = VIEWS.find((view) => view.name === name || view.also === name) ?? VIEWS[0];
  const shown = useRef(view.name);
  const title = view.word;
  useLayoutEffect(() => listen({ g: () => go("tasks"), q: () => go("approvals") }), []);
  useEffect(() => {
    // After going somewhere the keyboard is where the new view begins.
    if (shown.current !== view.name) focusHeading();
    shown.current = view.name;
  }, [view.name]);
  const waits = count.value;
  useEffect(() => {
    document.title = `${waits > 0 ? `(${waits}) ` : ""}${title} · Sentinel`;
  }, [waits, title]);
  return html`<div class="frame">
    <a class="skip" href="#content" onClick=${(event) => {
      event.preventDefault();
      focusHeading();
    }}>Skip to the content</a>
    <${Nav} current=${view.name} />
    <main class="page" id="content">
      ${link.value === "offline" ? html`<div class="notice tone-warn offline" role="status"><${Icon} name="offline" /><div><b>Not connected.</b> What you see may be old. Trying again… <button type="button" class="plain small" data-role="try-now" onClick=${tryNow}>Try now</button></div></div>` : null}
      ${name === "task" ? null : html`<header><h1 tabindex="-1">${title}</h1></header>`}
      <${view.View} />
    </main>
    <${KeyHelp} />
  </div>`;
}

function App() {
  const state = who.value;
  const gate = state === "log_in" || state === "set_up";
  // INVARIANT: below the PIN's page nothing is seen or reached; it stays only so that what was typed is not lost.
  return html`
    ${gate ? html`<${Pin} key="gate" />` : null}
    ${state === "unreachable" && !wasIn.value ? html`<${Unreachable} key="away" />` : null}
    ${wasIn.value ? html`<div key="shell" hidden=${gate} inert=${gate}><${Shell} /></div>` : null}`;
}

render(html`<${App} />`, document.getElementById("app"));
start();
alerts.start();
look();
later();
