// The plan of a task that is over, once more, as another task. Whatever was approved before does not count.
import { html, useEffect, useRef, useState } from "../html.js";
import { go } from "../router.js";
import * as draft from "../state/draft.js";
import { Trouble } from "./notice.js";

/** Whether there is something to be run again. */
export const canRerun = (task) => task.over && task.request !== null && task.plan !== null;

/** What is given: the very plan. In the mode `full`, so that the plan is asked about in any case. */
export const order = ({ request, plan }) => ({ request, plan, source: "web", approval_mode: "full" });

/** @param {{task: object}} props */
export function Rerun({ task }) {
  const own = useRef(null);
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const key = useRef("");
  useEffect(() => {
    if (open) own.current?.showModal();
  }, [open]);
  const show = () => {
    // The same press sent twice is one task; another press is another.
    key.current = crypto.randomUUID();
    setError(null);
    setOpen(true);
  };
  const run = async () => {
    if (busy) return;
    setBusy(true);
    try {
      const id = await draft.give(order(task), key.current);
      own.current?.close();
      go("task", id);
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const change = () => {
    draft.take(task);
    own.current?.close();
    go("tasks");
  };
  return html`<button type="button" class="plain" data-role="rerun" onClick=${show}>Run again…</button>
    ${open ? html`<dialog ref=${own} onClose=${() => setOpen(false)} aria-labelledby="rerun-title"><article class="rerun">
      <h2 id="rerun-title">Run it again?</h2>
      <p>The same plan runs again, word by word, as a new task with what there is to read today.${" "}
        <b>It asks you anew</b>: about the plan, and wherever a rule says so. Nothing that you approved before counts.</p>
      ${task.usage ? html`<p class="small quiet">No model makes a new plan. For a new one, give the task anew.</p>` : null}
      <${Trouble} error=${error} />
      <div class="actions"><button type="button" data-role="rerun-now" disabled=${busy} onClick=${run}>Run it again</button>
        <button type="button" class="plain" onClick=${change}>Change it first</button>
        <button type="button" class="plain" onClick=${() => own.current?.close()}>Leave it</button></div>
    </article></dialog>` : null}`;
}
