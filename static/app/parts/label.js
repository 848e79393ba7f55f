// What a value is worth: whose words it is, in a word, and in a sentence when pointed at, focused or tapped.
import { html, useEffect, useId, useRef, useState } from "../html.js";
import { Chain } from "./chain.js";
import { Icon } from "./icon.js";

const SOURCES = {
  __proto__: null,
  user: () => "you",
  planner: () => "the plan",
  worker: (name) => name === "*" ? "the reading model" : `the reading model ${name}`,
  file: (name) => name === "*" ? "what was written into files" : `the file ${name}`,
  web: (name) => `the web site ${name}`,
  tool: (name) => `the tool ${name}`,
  memory: (name) => `the memory ${name}`,
  mcp: (name) => `the server ${name}`,
  channel: (name) => `the channel ${name}`,
};

const CAPACITY = {
  __proto__: null,
  nothing: "nothing at all",
  bool: "a yes or a no",
  choice: "a choice among given words",
  number: "a number",
  date: "a date",
  formed_span: "a checked part of its text, such as an account",
  span: "a part of its text",
  text: "any text",
};

/** Whether a stranger may have had a say. */
export const isTrusted = (label) => label?.integrity === "trusted";

/** Where it comes from, in words; `quote` is how a name stands in them. */
export function sources(label, quote = (name) => name) {
  // Of a stranger's words it matters who the stranger is, and not that the plan put them together.
  const own = isTrusted(label) ? [] : ["user", "planner"];
  const all = label?.sources ?? [];
  const told = all.filter(({ kind }) => !own.includes(kind));
  const words = (told.length > 0 ? told : all).map(({ kind, name }) => SOURCES[kind]?.(name === "*" ? name : quote(name)) ?? kind);
  return words.length === 0 ? "nowhere in particular" : words.join(", ");
}

function readers({ readers }) {
  if (readers === "public" || readers === undefined) return "Anybody may read it.";
  const only = readers.only ?? [];
  return only.length === 0 ? "Nobody may read it." : `For ${only.join(", ")} only.`;
}

/** So many origins fit into a tip. */
const FEW = 4;

/**
 * A label as a chip.
 * @param {{label: object, through?: number[], data?: number | null}} props `through`: the steps whose results are in it; `data`:
 *   the value's number, by which its whole past is told
 */
export function Label({ label, through = [], data = null }) {
  const [open, setOpen] = useState(false);
  // Pointed at or come to by keyboard. What only comes to lie under a resting mouse was not pointed at.
  const [near, setNear] = useState(false);
  // The past is asked for when somebody points at it, comes to it by keyboard, or taps it.
  const [wanted, setWanted] = useState(false);
  const id = useId();
  const own = useRef(null);
  useEffect(() => {
    if ((open || near) && data !== null) setWanted(true);
  }, [open, near, data]);
  useEffect(() => {
    if (!open) return undefined;
    const away = (event) => {
      if (!own.current?.contains(event.target)) setOpen(false);
    };
    addEventListener("pointerdown", away);
    return () => removeEventListener("pointerdown", away);
  }, [open]);
  if (!label) return null;
  const trusted = isTrusted(label);
  const escape = (event) => {
    if (event.key !== "Escape" || !open && !near) return;
    event.stopPropagation();
    setOpen(false);
    setNear(false);
  };
  return html`<span class="label ${open || near ? "open" : ""}" ref=${own} onKeyDown=${escape} onPointerMove=${(event) => event.pointerType !== "touch" && setNear(true)} onPointerLeave=${() => setNear(false)}
    onFocusIn=${(event) => setNear(event.target.matches(":focus-visible"))} onFocusOut=${() => setNear(false)}>
    <button type="button" class="chip tone-${trusted ? "ok" : "warn"}" aria-expanded=${open} aria-describedby=${id}
      onClick=${() => setOpen(!open)}>
      <${Icon} name=${trusted ? "trusted" : "untrusted"} size=${14} />${trusted ? "Trusted" : "From a stranger"}
    </button>
    <span class="tip" role="tooltip" id=${id}>
      <b>${trusted ? "Only you and the plan had a say in this." : "A stranger may have chosen this."}</b>
      <span>It comes from ${sources(label)}${through.length > 0 ? `, by way of step ${through.join(", ")}` : ""}.</span>
      ${trusted ? null : html`<span>Whoever wrote that can say ${CAPACITY[label.capacity] ?? label.capacity} with it.</span>`}
      <span>${readers(label)}</span>
      ${wanted ? html`<${Chain} id=${data} most=${FEW} findings=${1} />` : null}
    </span>
  </span>`;
}
