// What a call would change in a file, line by line. A sign and a word say what colour says.
import { html } from "../html.js";
import { Icon } from "./icon.js";
import { Label } from "./label.js";
import { ReasonList } from "./steps.js";
import { visible } from "./value.js";

const SIGNS = { __proto__: null, kept: ["", "stays"], added: ["+", "comes"], removed: ["−", "goes"] };

/** @param {{change: object}} props as GET /approval/{id} has it */
export function Change({ change }) {
  return html`<section class="change" aria-label="What would change">
    <h3>What would change in <code>${visible(change.path)}</code></h3>
    <${Body} change=${change} />
  </section>`;
}

function Body({ change }) {
  switch (change.kind) {
    case "new":
      return html`<p><${Icon} name="plan" size=${15} /> A new file: nothing stands there yet. All of its text is below.</p>`;
    case "same":
      return html`<p><${Icon} name="done" size=${15} /> Nothing: the file has exactly this text already. <${Label} label=${change.label} /></p>`;
    case "withheld":
      return html`<p class="tone-warn">What stands there is not shown to you here, so it cannot be compared.</p><${ReasonList} reasons=${change.reasons} />`;
    case "lines":
      return html`<${Lines} change=${change} />`;
    default:
      return html`<p class="tone-warn">What stands there cannot be compared: ${visible(change.why ?? "")}</p>`;
  }
}

const lines = (count, one, many) => count === 1 ? `1 line ${one}` : `${count.toLocaleString("en")} lines ${many}`;

function Lines({ change: { label, added, removed, groups, cut } }) {
  return html`
    <p class="sum"><span class="tone-ok">${lines(added, "comes", "come")}</span>, <span class="tone-bad">${lines(removed, "goes", "go")}</span>. <span class="quiet">What stands there now:</span> <${Label} label=${label} /></p>
    <div class="diff scrolls" tabindex="0" role="group" aria-label="The lines that change">
      <table><thead class="unseen"><tr><th scope="col">Before</th><th scope="col">After</th><th scope="col">What becomes of it</th><th scope="col">Line</th></tr></thead>
        ${groups.map((rows, at) => html`<tbody key=${at}>${rows.map((row) => html`<tr class="is-${row.is}">
          <td class="no">${row.old ?? ""}</td><td class="no">${row.new ?? ""}</td>
          <td class="sign"><span aria-hidden="true">${SIGNS[row.is][0]}</span><span class="unseen">${SIGNS[row.is][1]}</span></td>
          <td class="line"><code dir="auto">${visible(row.text)}</code>${row.open_end ? html` <span class="small quiet">(no line end)</span>` : null}</td></tr>`)}</tbody>`)}
      </table>
    </div>
    <p class="small quiet">Compared with the file as it stands now${cut ? "; not every line is shown" : ""}. The whole new text is below.</p>`;
}
