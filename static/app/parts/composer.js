// Where a task is given: words, and who makes the plan.
import { html, useState } from "../html.js";
import { go } from "../router.js";
import * as draft from "../state/draft.js";
import { health, playbooks } from "../state/health.js";
import { Trouble } from "./notice.js";

/** The form. */
export function Composer() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const planner = health.value?.components?.planner === "model";
  const chosen = playbooks.value.find((book) => book.name === draft.playbook.value);
  const own = draft.plan.value.trim() !== "";
  // As it was when the form came; whoever empties the plan goes on writing.
  const [written] = useState(own);
  const lacks = !planner && !chosen && !own;
  const send = async (event) => {
    event.preventDefault();
    if (busy || lacks) return;
    setBusy(true);
    setError(null);
    try {
      go("task", await draft.send());
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const keyDown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(event);
  };
  const choose = (name) => {
    draft.playbook.value = name;
    draft.params.value = {};
    const book = playbooks.value.find((book) => book.name === name);
    if (book && draft.request.value.trim() === "") draft.request.value = book.title;
  };
  return html`<form class="card composer" onSubmit=${send} onKeyDown=${keyDown} aria-label="Give a task">
    ${draft.session.value ? html`<p class="small">Goes on with <b>${draft.session.value.request}</b> <button type="button" class="plain small" onClick=${() => {
      draft.session.value = null;
    }}>Begin anew instead</button></p>` : null}
    <label for="request">What should be done?</label>
    <textarea id="request" rows="3" required minlength="3" maxlength="50000" placeholder="What do we have to pay?" value=${draft.request.value}
      onInput=${(event) => {
        draft.request.value = event.currentTarget.value;
      }}></textarea>
    <div class="row">
      <label class="who">Plan
        <select value=${draft.playbook.value} disabled=${own} onChange=${(event) => choose(event.currentTarget.value)}>
          <option value="">${planner ? "Let the planner make one" : own ? "The one written below" : "Choose a playbook…"}</option>
          ${playbooks.value.map((book) => html`<option key=${book.name} value=${book.name}>${book.title}</option>`)}
        </select>
      </label>
      <button type="submit" disabled=${busy || lacks}>${busy ? "Giving…" : "Give the task"}</button>
    </div>
    ${chosen ? html`<${Parameters} book=${chosen} />` : null}
    ${chosen ? null : html`<details class="fold" open=${written}><summary>Write the plan yourself</summary>
      <label for="plan" class="unseen">The plan's text</label>
      <textarea id="plan" class="code" rows="6" spellcheck="false" placeholder=${'text = file_read(path="inbox/letter.txt")\nanswer(ask("Who wrote it?", data=text))'} value=${draft.plan.value}
        onInput=${(event) => {
          draft.plan.value = event.currentTarget.value;
        }}></textarea></details>`}
    ${lacks && draft.request.value !== "" ? html`<p class="small quiet">No planner is configured here: choose a playbook, or write the plan yourself.</p>` : null}
    <${Trouble} error=${error}>${error?.status === 0 ? " Give it again: should it have arrived, it stays one task." : null}<//>
  </form>`;
}

function Parameters({ book }) {
  return html`<div class="params">
    <p class="small quiet">${book.description.trim()}</p>
    ${book.params.length === 0 ? null : html`<details class="fold"><summary>What it takes (${book.params.length})</summary>
      ${book.params.map((param) => html`<label key=${param.name}>${param.name} <span class="small quiet">${param.doc}</span>
        <input type="text" placeholder=${param.default ?? ""} required=${param.default === null} value=${draft.params.value[param.name] ?? ""}
          onInput=${(event) => {
            draft.params.value = { ...draft.params.value, [param.name]: event.currentTarget.value };
          }} /></label>`)}
    </details>`}
  </div>`;
}
