// The queue: every question that waits for a person, the oldest first, and what was just decided.
import { html, signal, useLayoutEffect } from "../html.js";
import { Card } from "../parts/card.js";
import { keysOn, listen } from "../parts/keys.js";
import { Empty, Trouble } from "../parts/notice.js";
import { Status } from "../parts/status.js";
import { href } from "../router.js";
import * as approvals from "../state/approvals.js";
import { tasks } from "../state/tasks.js";

/** The card that keys mean; empty for none. */
const current = signal("");
/** After so long in sight the first card is the one that keys mean: so long a person takes at least to see that another stands there, and
 * a key that was pressed twice, or for the card before, comes sooner. */
const SEEN_MS = 1_000;
/** So often it is looked whether it is in sight; at once when the page is scrolled, or hidden. */
const LOOK_MS = 250;
/** What was decided here, the latest first. */
const decided = signal([]);

function step(by) {
  const ids = (approvals.waiting.value ?? []).map((question) => question.approval_id);
  if (ids.length === 0) return;
  const at = ids.indexOf(current.value);
  const next = at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + by));
  current.value = ids[next];
  part("h2")?.focus();
  part("")?.scrollIntoView({ block: "start" });
}

/** A part of the current card. */
function part(selector) {
  const id = CSS.escape(current.value);
  return document.querySelector(`[data-approval="${id}"] ${selector}`.trim());
}

/** Whether some of an element is on the screen. */
function onScreen(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

/** Whether a card can be seen now: it is drawn whole, which it is once it has its buttons, and its head or they are on the screen. */
function seen(id) {
  const card = document.querySelector(`[data-approval="${CSS.escape(id)}"]`);
  const buttons = card?.querySelector(":scope > footer");
  return Boolean(buttons) && !document.hidden && [card.querySelector("h2"), buttons].some(onScreen);
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  // A high-risk card has no such button: it can only be held.
  a: () => seen(current.value) && part("[data-role=approve]")?.click(),
  d: () => part("[data-role=reason]")?.focus(),
  e: () => part("[data-role=edit]")?.click(),
};

/** The view. */
export function Approvals() {
  const waiting = approvals.waiting.value;
  useLayoutEffect(() => listen(KEYS), []);
  const first = waiting?.[0]?.approval_id ?? "";
  const chosen = waiting?.some((question) => question.approval_id === current.value) ?? false;
  // INVARIANT: a key answers no card that nobody can have seen. `j` and `k` choose at once: they show what they choose.
  useLayoutEffect(() => {
    if (chosen || first === "") return undefined;
    let timer = null;
    const choose = () => {
      timer = null;
      if (seen(first)) current.value = first;
    };
    const look = () => {
      const now = seen(first);
      if (now === (timer !== null)) return;
      clearTimeout(timer);
      timer = now ? setTimeout(choose, SEEN_MS) : null;
    };
    look();
    const poll = setInterval(look, LOOK_MS);
    document.addEventListener("scroll", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      clearInterval(poll);
      document.removeEventListener("scroll", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [first, chosen]);
  useLayoutEffect(() => () => {
    current.value = "";
  }, []);
  const told = (row) => {
    decided.value = [row, ...decided.value].slice(0, 5);
    current.value = "";
    document.querySelector(".page h1")?.focus();
  };
  return html`
    <div class="narrow">
      <div role="status" class="unseen">${waiting === null ? "" : waiting.length === 1 ? "1 question waits." : `${waiting.length} questions wait.`}</div>
      <${Trouble} error=${approvals.failure.value} />
      ${waiting === null ? html`<p class="quiet" aria-busy="true">Loading…</p>` : null}
      ${waiting?.length === 0 ? html`<${Empty} icon="approvals" title="Nothing waits for you">When a task needs a decision, it stands here.<//>` : null}
      ${(waiting ?? []).map((question) => html`<${Card} key=${question.approval_id} question=${question} onDecided=${told}
        current=${question.approval_id === current.value} />`)}
      ${decided.value.length > 0 ? html`<section class="decided"><h2 class="small quiet">Just decided</h2>
        <ul>${decided.value.map((row) => html`<li key=${row.approval_id}><${Status} state=${row.state} /> <a href=${href("task", row.task_id)}>${name(row)}</a>
          ${row.before ? html` <span class="small">This was decided before you: your answer did not count.${row.reason ? ` The reason given: ${row.reason}` : ""}</span>` : null}</li>`)}</ul></section>` : null}
      ${keysOn.value && waiting?.length > 0 ? html`<p class="small quiet keys-hint">Keys: <kbd>j</kbd> <kbd>k</kbd> next and previous, <kbd>a</kbd> approve, <kbd>d</kbd> deny, <kbd>e</kbd> edit, <kbd>?</kbd> all keys</p>` : null}
    </div>`;
}

/** What it was about, and whose. */
function name({ shown, task_id: id }) {
  const request = tasks.value?.find((task) => task.task_id === id)?.request;
  const what = { plan: "a plan", call: shown.tool, confirm: "a question of the plan", reply: "a reply" }[shown.asks];
  return request ? `${what}: ${request}` : what;
}
