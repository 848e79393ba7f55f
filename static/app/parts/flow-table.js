// A plan's calls in a table: what each takes, from where, and what policy will say.
import { html } from "../html.js";
import { Label } from "./label.js";
import { Status } from "./status.js";

/** What flows in, in a line: a fixed value as it stands, else the steps that it comes from. */
export function flowText(flow) {
  if (flow.value !== null && flow.value !== undefined) {
    const text = JSON.stringify(flow.value);
    return text.length > 60 ? `${text.slice(0, 60)}…` : text;
  }
  return flow.from.length > 0 ? `from ${flow.from.map((site) => `step ${site}`).join(", ")}` : "worked out by the plan";
}

/** @param {{graph: object}} props */
export function FlowTable({ graph }) {
  if (graph.calls.length === 0) return html`<p class="quiet">It calls nothing, and only answers.</p>`;
  return html`<div class="scrolls" tabindex="0" role="group" aria-label="The plan's calls"><table class="flow-table">
    <thead><tr><th scope="col">Step</th><th scope="col">Call</th><th scope="col">Takes</th><th scope="col">Gives</th><th scope="col">Policy</th></tr></thead>
    <tbody>${graph.calls.map((call) => html`<tr key=${call.site}>
      <td>${call.site}</td>
      <td><code>${call.name}</code></td>
      <td>${call.args.map((flow) => html`<div key=${flow.name} class="takes"><code>${flow.name}</code> <span class="quiet">${flowText(flow)}</span></div>`)}</td>
      <td><${Label} label=${call.output} /></td>
      <td><${Status} state=${call.prediction} /></td>
    </tr>`)}</tbody>
  </table></div>`;
}
