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
  if (flow.from.length === 0) return "worked out by the plan";
  return flow.from.length === 1 ? `from step ${flow.from[0]}` : `from steps ${flow.from.join(", ")}`;
}

/** @param {{graph: object}} props The roles say again what it is: on a phone a row is drawn as a block. */
export function FlowTable({ graph }) {
  if (graph.calls.length === 0) return html`<p class="quiet">It calls nothing, and only answers.</p>`;
  return html`<div class="scrolls" tabindex="0" role="group" aria-label="The plan's calls"><table class="flow-table" role="table">
    <thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Step</th><th scope="col" role="columnheader">Call</th><th scope="col" role="columnheader">Takes</th><th scope="col" role="columnheader">Gives</th><th scope="col" role="columnheader">Policy</th></tr></thead>
    <tbody role="rowgroup">${graph.calls.map((call) => html`<tr key=${call.site} role="row">
      <td role="cell">${call.site}</td>
      <td role="cell"><code>${call.name}</code></td>
      <td role="cell">${call.args.map((flow) => html`<div key=${flow.name} class="takes"><code>${flow.name}</code> <span class="quiet">${flowText(flow)}</span></div>`)}</td>
      <td role="cell"><${Label} label=${call.output} /></td>
      <td role="cell"><${Status} state=${call.prediction} /></td>
    </tr>`)}</tbody>
  </table></div>`;
}
