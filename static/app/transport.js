// Events from the server, by whatever way is open: a WebSocket, else a stream (SSE), else asking again and again. Each goes
// on after the last number that was seen, so nothing is told twice or lost.
import { backoff } from "./backoff.js";
import { Refused, get } from "./api.js";
import { effect, signal } from "./html.js";

/** How events come now: `connecting`, `socket`, `stream`, `polling` or `offline`. */
export const link = signal("connecting");
/** The task whose worker is watched while it writes; empty for none. What is asked for again and again has none of that. */
export const watched = signal("");

const POLL_MS = 2_000;
/** After so long on a lesser way a better one is tried again. */
const BETTER_AFTER_MS = 60_000;
/** A way that lasted so long has worked; its end is no failure. */
const WORKED_MS = 10_000;
const WAYS = [
  ["socket", socket],
  ["stream", stream],
  ["polling", polling],
];

let current = null;

/** Ends waiting: `now` is dispatched here. */
const wake = new EventTarget();

/** Tries again at once where the next try is waited for. */
export function tryNow() {
  wake.dispatchEvent(new Event("now"));
}

addEventListener("online", tryNow);
document.addEventListener("visibilitychange", () => document.hidden || tryNow());

/**
 * Follows all events until stopped.
 * @param {{after: () => number, tell: (event: object) => void, ended: () => void, restart: () => Promise<void>}} to `after`
 *   says what was seen last, `ended` that the session is over, `restart` that the journal begins anew. `tell` also hears what
 *   the worker of the watched task writes: that has no `seq`
 */
export function follow(to) {
  unfollow();
  const stop = new AbortController();
  current = stop;
  run(to, stop.signal);
}

/** Ends following. */
export function unfollow() {
  current?.abort();
  current = null;
}

async function run(to, stop) {
  let way = 0;
  let failures = 0;
  while (!stop.aborted) {
    const [name, open] = WAYS[way];
    const began = Date.now();
    const outcome = await open(to, stop, () => {
      link.value = name;
    });
    if (stop.aborted) return;
    if (outcome === "ended") return to.ended();
    if (outcome === "better") {
      way = 0;
      continue;
    }
    if (outcome === "restart") await to.restart().catch(() => {});
    const worked = Date.now() - began > WORKED_MS;
    failures = worked ? 1 : failures + 1;
    // The last way needs nothing but plain requests: where it fails too, there is no server to be had.
    if (way === WAYS.length - 1 && outcome === "failed") link.value = "offline";
    else if (failures > 1 && !worked) link.value = "offline";
    if (!worked || outcome === "refused") way = (way + 1) % WAYS.length;
    const woken = await pause(outcome === "refused" ? 0 : backoff(failures), stop);
    // What failed before says little of now: the best way first.
    if (woken) [way, failures] = [0, 0];
  }
}

/** Waits; says whether that was ended because something may have changed. */
function pause(ms, stop) {
  return new Promise((done) => {
    const timer = setTimeout(() => finish(false), ms);
    const now = () => finish(true);
    const abort = () => finish(false);
    function finish(woken) {
      clearTimeout(timer);
      wake.removeEventListener("now", now);
      stop.removeEventListener("abort", abort);
      done(woken);
    }
    wake.addEventListener("now", now);
    stop.addEventListener("abort", abort);
  });
}

function socket(to, stop, opened) {
  return new Promise((done) => {
    if (typeof WebSocket !== "function") return done("refused");
    const own = new WebSocket(`wss://${location.host}/ws`);
    let known = false;
    let unwatch = () => {};
    const finish = (outcome) => {
      unwatch();
      stop.removeEventListener("abort", abort);
      own.onclose = own.onmessage = own.onopen = null;
      own.close();
      done(outcome);
    };
    const abort = () => finish("stopped");
    stop.addEventListener("abort", abort);
    own.onopen = () => own.send(JSON.stringify({ type: "auth" }));
    own.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "auth_ok") {
        known = true;
        own.send(JSON.stringify({ type: "subscribe", after: to.after() }));
        unwatch = watchBySocket(own, to, () => finish("better"));
        return opened();
      }
      if (message.type === "error") {
        if (message.status === 401) return finish("ended");
        // A task that cannot be watched is followed all the same.
        if (message.about === "subscribe" && message.task_id) return;
        return finish(message.about === "subscribe" && message.status === 400 ? "restart" : "failed");
      }
      to.tell(message);
    };
    own.onclose = ({ code, reason }) => {
      if (code === 1008 && reason === "session ended") return finish("ended");
      finish(known ? "failed" : "refused");
    };
  });
}

/** One connection watches at most 64 tasks. */
const MOST_WATCHED = 60;

/** Asks for the words of whichever task is watched; of too many on a new connection. */
function watchBySocket(own, to, full) {
  const asked = new Set();
  return effect(() => {
    const id = watched.value;
    if (id === "" || asked.has(id)) return;
    if (asked.size >= MOST_WATCHED) return queueMicrotask(full);
    asked.add(id);
    own.send(JSON.stringify({ type: "subscribe", task_id: id, after: to.after() }));
  });
}

/** The same by a stream of its own, which is there only while a task is watched: a browser opens few at once. */
function watchByStream(to) {
  let source = null;
  const unwatch = effect(() => {
    source?.close();
    source = null;
    if (watched.value === "") return;
    source = new EventSource(`/api/events?task_id=${encodeURIComponent(watched.value)}&after=${to.after()}`);
    source.addEventListener(PROGRESS, ({ data }) => to.tell(JSON.parse(data)));
  });
  return () => {
    unwatch();
    source?.close();
  };
}

const PROGRESS = "task.step_progress";
/** The kinds of events: a stream's listeners are by name. */
const KINDS = ["started", "resumed", "drafted", "planned", "approved", "approval_requested", "approval_decided", "step_started",
  "step_completed", "completed", "blocked"].map((kind) => `task.${kind}`);

function stream(to, stop, opened) {
  return new Promise((done) => {
    if (typeof EventSource !== "function") return done("refused");
    const source = new EventSource(`/api/events?after=${to.after()}`);
    let known = false;
    const better = setTimeout(() => finish("better"), BETTER_AFTER_MS);
    const abort = () => finish("stopped");
    const unwatch = watchByStream(to);
    function finish(outcome) {
      unwatch();
      clearTimeout(better);
      stop.removeEventListener("abort", abort);
      source.close();
      done(outcome);
    }
    stop.addEventListener("abort", abort);
    source.onopen = () => {
      known = true;
      opened();
    };
    for (const kind of KINDS) source.addEventListener(kind, ({ data }) => to.tell(JSON.parse(data)));
    source.onerror = async () => {
      source.close();
      unwatch();
      // A stream does not say why it broke; a plain request does.
      finish(await look(to, known ? "failed" : "refused"));
    };
  });
}

async function look(to, otherwise) {
  try {
    await page(to);
    return otherwise;
  } catch (error) {
    return why(error);
  }
}

function why(error) {
  if (error instanceof Refused && error.status === 401) return "ended";
  return error instanceof Refused && error.status === 400 ? "restart" : "failed";
}

async function page(to, signal) {
  const { events } = await get(`/api/events?after=${to.after()}`, { signal, quiet: true });
  for (const event of events) to.tell(event);
  return events.length;
}

async function polling(to, stop, opened) {
  const until = Date.now() + BETTER_AFTER_MS;
  while (!stop.aborted) {
    try {
      const count = await page(to, stop);
      opened();
      if (Date.now() > until) return "better";
      if (count > 0) continue;
    } catch (error) {
      return stop.aborted ? "stopped" : why(error);
    }
    await pause(POLL_MS, stop);
  }
  return "stopped";
}
