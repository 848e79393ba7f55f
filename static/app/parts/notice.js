// Sentences about what went wrong: what it is, and what to do.
import { html } from "../html.js";
import { Icon } from "./icon.js";

/** A refusal. */
export function Trouble({ error, children }) {
  if (!error) return null;
  return html`<div class="notice tone-bad" role="alert">
    <${Icon} name="failed" />
    <div><b>${error.message}.</b>${error.detail ? html` <span>${sentence(error.detail)}</span>` : null}
      ${error.retryAfter > 0 ? html` <span>Try again in ${error.retryAfter} s.</span>` : null}${children}</div>
  </div>`;
}

/** The server's sentences begin small. */
function sentence(text) {
  const first = text.charAt(0);
  return (first === "`" ? first : first.toUpperCase()) + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

/** An empty place, and what would fill it. */
export function Empty({ icon, title, children }) {
  return html`<div class="empty"><${Icon} name=${icon} size=${28} /><p><b>${title}</b></p><p class="quiet">${children}</p></div>`;
}
