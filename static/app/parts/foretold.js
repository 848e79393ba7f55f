// What is known of a plan before it runs: the questions that will come, and what flows where as a drawing.
import { html, useState } from "../html.js";
import { Graph } from "./graph.js";
import { ReasonList } from "./steps.js";

/** @param {{calls: object[]}} props of the flow graph */
export function Foretold({ calls }) {
  const asks = calls.filter((call) => call.prediction === "ask");
  if (asks.length === 0) return html`<p class="small quiet">As far as can be foreseen, it will ask nothing more.</p>`;
  return html`<section><h3>What it will ask you again</h3>
    <ul class="foretold">${asks.map((call) => html`<li key=${call.site}><span>Step ${call.site}, <code>${call.name}</code></span><${ReasonList} reasons=${call.reasons} /></li>`)}</ul></section>`;
}

/** The graph, drawn once somebody wants to see it. */
export function Drawing({ graph }) {
  const [open, setOpen] = useState(false);
  const [chosen, choose] = useState(0);
  if (graph.calls.length === 0) return null;
  return html`<details class="fold drawing" onToggle=${(event) => setOpen(event.currentTarget.open)}><summary>What flows where, as a drawing</summary>
    ${open ? html`<${Graph} graph=${graph} steps=${[]} chosen=${chosen} onChoose=${choose} />` : null}</details>`;
}
