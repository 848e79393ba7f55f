// An argument of a call that is asked about: its exact value, what it is worth, and where it was before.
import { html } from "../html.js";
import { stillStrange } from "./kept.js";
import { Label, isTrusted, sources } from "./label.js";
import { brief } from "./steps.js";
import { Value, textOf, visible } from "./value.js";

const AROUND = 160;
/** Most steps that are shown; the rest is counted. */
const MOST = 8;

/** The steps that an argument came through; those whose very words stand in it first. */
function origins({ value, through }, steps) {
  const text = textOf(value);
  const found = steps.filter((step) => through.includes(step.n) && step.value !== undefined && step.value !== null);
  const literal = (step) => text.includes(textOf(step.value)) ? 0 : 1;
  return found.toSorted((a, b) => literal(a) - literal(b) || a.n - b.n);
}

/**
 * @param {{arg: object, steps: object[], edited?: boolean}} props `steps`: those of its task, where they are known; `edited`:
 *   that a person changed it
 */
export function Argument({ arg, steps, edited = false }) {
  const through = origins(arg, steps);
  return html`<div class="argument ${isTrusted(arg.label) ? "" : "stranger"}">
    <dt><code>${arg.name}</code> <${Label} label=${arg.label} through=${arg.through} /></dt>
    <dd>
      <${Value} value=${arg.value} whole />
      ${isTrusted(arg.label) ? null : html`<p class="small quiet origin-line">From ${sources(arg.label)}.</p>`}
      ${edited && !isTrusted(arg.label) ? html`<p class="small tone-warn" data-role="kept">Edited. ${stillStrange(arg.label)}</p>` : null}
      ${through.length === 0 ? null : html`<details class="origins" open=${opened(through, arg)}>
        <summary class="small">Where it was read (${through.length === 1 ? "1 step" : `${through.length} steps`})</summary>
        ${through.slice(0, MOST).map((step) => html`<figure key=${step.n}>
          <figcaption class="small">Step ${step.n}: <code>${step.call}</code> ${brief(step)} <${Label} label=${step.label} data=${step.data_ids?.result ?? null} /></figcaption>
          <pre dir="auto" tabindex="0" role="group" aria-label="What step ${step.n} gave">${excerpt(textOf(step.value), textOf(arg.value))}</pre>
        </figure>`)}
        ${through.length > MOST ? html`<p class="small quiet">And ${through.length - MOST} further steps: the task lists them.</p>` : null}
      </details>`}
      ${(arg.findings ?? []).map((found) => html`<p class="small tone-warn">Found in it: ${found.reason} (${found.rule})</p>`)}
    </dd>
  </div>`;
}

/** A stranger's words are shown where they were read, at once; not where they are all that was read there. */
function opened(through, { value, label }) {
  return !isTrusted(label) && textOf(through[0]?.value ?? "") !== textOf(value);
}

/** The part of a source in which a value stands, with the value marked; else the source's beginning. */
export function excerpt(source, value) {
  const at = value === "" ? -1 : source.indexOf(value);
  // Where it is nearly all of the source, a mark would mark nothing.
  if (at < 0 || value.length * 2 > source.length) return visible(source.length > 2 * AROUND ? `${source.slice(0, 2 * AROUND)}…` : source);
  const begin = Math.max(0, at - AROUND);
  const end = Math.min(source.length, at + value.length + AROUND);
  return [
    begin > 0 ? "…" : "",
    visible(source.slice(begin, at)),
    html`<mark>${visible(value)}</mark>`,
    visible(source.slice(at + value.length, end)),
    end < source.length ? "…" : "",
  ];
}
