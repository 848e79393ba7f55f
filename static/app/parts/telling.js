// How this page tells of a question while one looks elsewhere, and how it becomes an app.
import { html, useState } from "../html.js";
import * as alerts from "../state/alerts.js";

const NOTES = {
  __proto__: null,
  none: "This browser has no notifications.",
  denied: "The browser was told not to show any from here: allow them in its settings for this site.",
};

/** The switches. */
export function Telling() {
  const [busy, setBusy] = useState(false);
  const state = alerts.allowed.value;
  const able = state === "default" || state === "granted";
  const note = async (event) => {
    const wish = event.currentTarget.checked;
    const box = event.currentTarget;
    setBusy(true);
    await alerts.setNotes(wish);
    // Where the browser said no, the switch says so, too.
    box.checked = alerts.notes.value;
    setBusy(false);
  };
  return html`<section class="card"><h2>When something waits</h2>
    <label class="switch"><input type="checkbox" role="switch" data-role="notes" checked=${alerts.notes.value} disabled=${!able || busy} onChange=${note} /> Show a notification when I look elsewhere</label>
    <p class="small quiet">${NOTES[state] ?? "It says that something waits, and nothing of what it holds."}</p>
    <label class="switch"><input type="checkbox" role="switch" data-role="sound" checked=${alerts.sound.value} onChange=${(event) => alerts.setSound(event.currentTarget.checked)} /> Play a short tone</label>
    <p class="small quiet">How many wait always stands in the page's title.</p>
    ${alerts.installer.value ? html`<p><button type="button" class="plain" data-role="install" onClick=${() => alerts.installer.value.prompt()}>Install as an app…</button></p>` : null}</section>`;
}
