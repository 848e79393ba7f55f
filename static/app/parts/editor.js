// Own values in the place of a call's arguments. What changes makes another question; what does not stays as it was.
import { html, useLayoutEffect, useMemo, useRef, useState } from "../html.js";
import { finder, stillStrange } from "./kept.js";
import { isTrusted } from "./label.js";
import { textOf } from "./value.js";

const SAYS = "What you replace counts as your own words; what you only change stays as trusted as it was. The call is then judged anew, and asked about again where a rule says so.";

/** What is written back: text as it stands, everything else as JSON. */
function read(text, before) {
  return typeof before === "string" ? text : JSON.parse(text);
}

/** Longest text that is compared at each key; of a longer one only the server says what is left. */
const MOST = 20_000;

/** What says of an argument's new text what it still has of a stranger's value. */
function hint({ value, label }) {
  const before = textOf(value);
  if (!label || isTrusted(label) || before.length > MOST) return () => "";
  const find = finder(value);
  return (text) => {
    if (text === before || text.length > MOST) return "";
    try {
      const left = find(read(text, value));
      return left === null ? "" : stillStrange(label, left);
    } catch {
      return "";
    }
  };
}

/**
 * @param {{args: object[], busy: boolean, onSend: (edited: object) => void, onCancel: () => void, sends?: string, says?: string}}
 *   props `sends` and `says`: what the button is called, and what comes of it
 */
export function Editor({ args, busy, onSend, onCancel, sends = "Send the edit", says = SAYS }) {
  const [texts, setTexts] = useState(() => Object.fromEntries(args.map((arg) => [arg.name, textOf(arg.value)])));
  // Once: what stood there stays the same as long as somebody writes.
  const hints = useMemo(() => new Map(args.map((arg) => [arg.name, hint(arg)])), []);
  const [fault, setFault] = useState("");
  const own = useRef(null);
  // It opens below all that the card shows: whoever asked for it comes to it.
  useLayoutEffect(() => {
    own.current.querySelector("textarea")?.focus({ preventScroll: true });
    own.current.scrollIntoView({ block: "nearest" });
  }, []);
  const send = (event) => {
    event.preventDefault();
    const edited = {};
    for (const arg of args) {
      if (texts[arg.name] === textOf(arg.value)) continue;
      try {
        edited[arg.name] = read(texts[arg.name], arg.value);
      } catch {
        return setFault(`“${arg.name}” must stay what it was: write it as JSON, such as ${textOf(arg.value)}.`);
      }
    }
    if (Object.keys(edited).length === 0) return setFault("Nothing was changed. Approve it as it is, or change something.");
    setFault("");
    return onSend(edited);
  };
  return html`<form class="editor" ref=${own} onSubmit=${send}>
    <p class="small quiet">${says}</p>
    ${args.map((arg) => html`<label key=${arg.name}><code>${arg.name}</code>
      <textarea rows=${Math.min(8, textOf(arg.value).split("\n").length + 1)} spellcheck="false" value=${texts[arg.name]}
        onInput=${(event) => setTexts({ ...texts, [arg.name]: event.currentTarget.value })}></textarea>
      <span class="small tone-warn" role="status">${hints.get(arg.name)?.(texts[arg.name]) ?? ""}</span></label>`)}
    ${fault === "" ? null : html`<p class="tone-bad" role="alert">${fault}</p>`}
    <div class="actions"><button type="submit" disabled=${busy}>${sends}</button><button type="button" class="plain" onClick=${onCancel}>Leave it as it was</button></div>
  </form>`;
}
