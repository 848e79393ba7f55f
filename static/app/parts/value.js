// A value as it is: all of it, with what cannot be seen made visible. What is not shown is not approved.
import { html, useState } from "../html.js";

const SHORT = 600;
// Controls, zero-width characters, direction marks and other format characters: a reader would not see them.
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029\u00ad\u115f\u1160\u3164\uffa0]/u;

/** The text of a value. */
export const textOf = (value) => typeof value === "string" ? value : JSON.stringify(value, null, 1);

/** Text with a mark in the place of each character that cannot be seen. */
export function visible(text) {
  const parts = [];
  let plain = "";
  for (const c of text) {
    if (c === "\n" || c === "\t" || !UNSEEN.test(c)) {
      plain += c;
      continue;
    }
    if (plain !== "") parts.push(plain);
    plain = "";
    parts.push(html`<mark title="a character that cannot be seen">U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}</mark>`);
  }
  parts.push(plain);
  return parts;
}

/**
 * A value in a box of its own, left to right and isolated, so that no text can pretend to be a part of the page.
 * @param {{value: unknown, whole?: boolean}} props `whole`: never folded
 */
export function Value({ value, whole = false }) {
  const [open, setOpen] = useState(whole);
  const text = textOf(value) ?? "";
  const long = text.length > SHORT && !whole;
  const shown = long && !open ? `${text.slice(0, SHORT)}…` : text;
  return html`<div class="value">
    <pre dir="auto" tabindex=${text.length > 200 ? 0 : undefined} role=${text.length > 200 ? "group" : undefined}
      aria-label=${text.length > 200 ? "A value" : undefined}>${text === "" ? html`<i class="quiet">empty</i>` : visible(shown)}</pre>
    ${long ? html`<button type="button" class="plain small" onClick=${() => setOpen(!open)}>
      ${open ? "Show less" : `Show all ${text.length.toLocaleString("en")} characters`}</button>` : null}
  </div>`;
}
