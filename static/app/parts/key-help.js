// Which keys there are.
import { html, useEffect, useLayoutEffect, useRef } from "../html.js";
import { helpShown, listen } from "./keys.js";

const ROWS = [["g", "go to the tasks"], ["q", "go to the approvals"], ["j", "next question"], ["k", "previous question"], ["a", "approve the question (never one that must be held)"], ["d", "deny it: write a reason, then press Deny"], ["e", "edit its arguments"], ["?", "this list"]];

/** A dialog with the list. */
export function KeyHelp() {
  const own = useRef(null);
  useLayoutEffect(() => listen({ "?": () => {
    helpShown.value = true;
  } }), []);
  useEffect(() => {
    if (helpShown.value) own.current?.showModal();
    else own.current?.close();
  }, [helpShown.value]);
  return html`<dialog ref=${own} onClose=${() => {
    helpShown.value = false;
  }} aria-labelledby="keys-title"><article>
    <h2 id="keys-title">Keys</h2>
    <dl class="key-list">${ROWS.map(([key, what]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
    <p class="small quiet">They can be switched off under System.</p>
    <form method="dialog"><button>Close</button></form>
  </article></dialog>`;
}
