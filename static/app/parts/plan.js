// A plan's text, with its lines numbered.
import { html } from "../html.js";
import { visible } from "./value.js";

/** @param {{text: string, line?: number}} props `line`: the one that is meant, from 1 */
export function Plan({ text, line = 0 }) {
  return html`<div class="plan scrolls" tabindex="0" role="group" aria-label="The plan's text">
    <ol>${text.trimEnd().split("\n").map((row, n) => html`<li class=${n + 1 === line ? "meant" : ""}><code>${visible(row)}</code></li>`)}</ol>
  </div>`;
}
