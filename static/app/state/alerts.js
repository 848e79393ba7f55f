// Telling a person who looks elsewhere that something waits: a notification, a tone, a number on the icon. Each only as they wish.
import { effect, signal } from "../html.js";
import { remember, setting } from "../settings.js";
import { waiting } from "./approvals.js";

/** Whether notifications are wished for, here. The browser may still not allow them. */
export const notes = signal(setting("notes", "off") === "on");
/** Whether a tone is. */
export const sound = signal(setting("sound", "off") === "on");
/** What the browser says of notifications: `default` (not asked yet), `granted`, `denied`, or `none` where it has none. */
export const allowed = signal(typeof Notification === "function" ? Notification.permission : "none");
/** What installs the page as an app; null where the browser does not offer it. */
export const installer = signal(null);

/** Two short tones, Hz and where they begin, in seconds; quiet, and over in a third of one. */
const TONES = [[660, 0], [880, 0.14]];
const TONE_SECONDS = 0.18;
const LOUD = 0.08;

let audio = null;

/** Plays the tone. Before somebody touched the page a browser keeps silent, and would play it much later. */
export function play() {
  if (navigator.userActivation?.hasBeenActive === false) return;
  try {
    audio ??= new AudioContext();
    audio.resume();
    for (const [pitch, at] of TONES) {
      const [tone, volume] = [audio.createOscillator(), audio.createGain()];
      const begin = audio.currentTime + at;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(LOUD, begin);
      volume.gain.exponentialRampToValueAtTime(0.001, begin + TONE_SECONDS);
      tone.connect(volume).connect(audio.destination);
      tone.start(begin);
      tone.stop(begin + TONE_SECONDS);
    }
  } catch {
    // A browser without sound has other ways of telling.
  }
}

/** Switches the tone, and plays it once so that one knows it. */
export function setSound(on) {
  sound.value = on;
  remember("sound", on ? "on" : "off");
  if (on) play();
}

/** Switches notifications. The browser asks its question here and nowhere else: after a click. */
export async function setNotes(on) {
  if (on && allowed.value === "default") allowed.value = await Notification.requestPermission();
  notes.value = on && allowed.value === "granted";
  remember("notes", notes.value ? "on" : "off");
}

const WHAT = { __proto__: null, plan: "a plan", call: "a call", confirm: "a question of a plan", reply: "a reply" };

/** Says what kind of thing waits and not what it holds: others see a screen, too. */
function notify(question) {
  if (!notes.value || allowed.value !== "granted" || document.hasFocus()) return;
  try {
    const note = new Notification("Sentinel waits for you", { body: `It asks about ${WHAT[question.shown.asks] ?? "something"}.`, tag: question.approval_id, icon: "/static/look/icon.svg" });
    note.onclick = () => {
      focus();
      location.hash = "#/approvals";
      note.close();
    };
  } catch {
    // Some phones let only an installed app notify.
  }
}

/** Tells of questions that come from here on. */
export function start() {
  let known = null;
  effect(() => {
    if (waiting.value === null) return;
    navigator.setAppBadge?.(waiting.value.length).catch(() => {});
    const fresh = waiting.value.filter((question) => known !== null && !known.has(question.approval_id));
    known = new Set(waiting.value.map((question) => question.approval_id));
    if (fresh.length === 0) return;
    if (sound.value) play();
    notify(fresh[0]);
  });
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    installer.value = event;
  });
  addEventListener("appinstalled", () => {
    installer.value = null;
  });
}
