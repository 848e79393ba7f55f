// How a value came about: what it was made from, the nearest first, with what scanners found on the way.
import { html, useEffect, useState } from "../html.js";
import { origins } from "../state/origins.js";
import { task } from "../state/task.js";
import { Icon } from "./icon.js";

/** What a value is, in words. */
export function partWords({ part, step, task_id: id, data_id: data }, own, steps = []) {
  const [kind, name] = part.split(/:(.*)/s);
  const call = id === own?.task_id ? steps.find((known) => known.n === step)?.call : undefined;
  const at = step === null ? "" : `step ${step}${call ? `, ${call}` : ""}`;
  switch (kind) {
    case "request": return "what was asked for";
    case "text": return data === own?.answer_data_id ? "the reply" : "the plan";
    case "value": return `what ${at} gave`;
    case "message": return `why ${at || "it"} failed`;
    case "arg": return `“${name}” of ${at}`;
    case "edit": return `somebody's own value for “${name}”`;
    case "reason": return "somebody's reason";
    default: return name || part;
  }
}

/** What scanners found in it, each with its rule; of many the first, and how many there are. */
function Found({ all, most }) {
  return html`${all.slice(0, most).map((found) => html`<span class="found tone-warn">Found in it: ${found.reason} <code>${found.rule}</code></span>`)}
    ${all.length > most ? html`<span class="found tone-warn">and ${all.length - most} more findings</span>` : null}`;
}

/**
 * @param {{id: number, most?: number, findings?: number}} props `most` and `findings`: so many links, and findings of each, are
 *   shown; the rest is counted
 */
export function Chain({ id, most = 40, findings = 20 }) {
  const [told, setTold] = useState(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let gone = false;
    setTold(null);
    setFailed(false);
    origins(id).then((all) => gone || setTold(all)).catch(() => gone || setFailed(true));
    return () => {
      gone = true;
    };
  }, [id]);
  if (failed) return html`<span class="small tone-warn">Where it comes from cannot be read just now.</span>`;
  if (told === null) return html`<span class="small quiet">Looking up where it comes from…</span>`;
  const own = task.value;
  const rest = told.chain.length - most;
  const here = told.chain[0]?.task_id;
  return html`<ol class="chain">${told.chain.slice(0, most).map((link) => html`<li key=${link.data_id}>
      <${Icon} name=${link.trust_level === "trusted" ? "trusted" : "untrusted"} size=${13} />
      <span><b>${partWords(link, own, own?.steps)}</b>${link.task_id === here ? "" : " of an earlier task"}:
        <span class=${link.trust_level === "trusted" ? "tone-ok" : "tone-warn"}> ${link.trust_level === "trusted" ? "trusted" : "a stranger had a say"}</span>${link.erased ? ", erased since" : ""}
        ${link.source ? html`<span class="quiet"> · ${link.source}</span>` : null}
        <${Found} all=${link.scan_results} most=${findings} /></span></li>`)}
    ${rest > 0 ? html`<li class="quiet">and ${rest} more</li>` : null}
    ${told.unknown.length > 0 ? html`<li class="tone-warn"><${Icon} name="untrusted" size=${13} /><span>and something that is not known any more: it counts as a stranger's</span></li>` : null}</ol>`;
}
