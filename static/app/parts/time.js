// Times, in words.
import { now } from "../api.js";
import { html, signal } from "../html.js";

/** Turns every second, by the server's clock. */
const second = signal(now());
setInterval(() => {
  second.value = now();
}, 1_000);

const UNITS = [[86_400_000, "day"], [3_600_000, "hour"], [60_000, "minute"]];
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** How long ago; exact when pointed at. */
export function Ago({ at }) {
  const past = Math.max(0, second.value - at);
  const [ms, unit] = UNITS.find(([ms]) => past >= ms) ?? [];
  const text = unit ? words.format(-Math.floor(past / ms), unit) : "just now";
  return html`<time dateTime=${new Date(at).toISOString()} title=${new Date(at).toLocaleString()}>${text}</time>`;
}

/** Whole seconds that are left until a time of the server's. */
export const left = (until) => Math.max(0, Math.floor((until - now()) / 1_000));

/** What is left until a time of the server's, as `4:05`. It says "soon" aloud only near the end. */
export function Countdown({ until }) {
  // The second only says when to look again: by now it may be nearly over, and five minutes would begin as 5:01.
  const seconds = second.value > 0 ? left(until) : 0;
  const text = seconds >= 3_600
    ? `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`
    : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return html`<span class="countdown ${seconds <= 60 ? "tone-warn" : ""}">
    <span aria-hidden="true">${seconds > 0 ? `${text} left to answer` : "time is up"}</span>
    <span class="unseen">Answer before ${new Date(until).toLocaleTimeString()}.</span>
  </span>`;
}
