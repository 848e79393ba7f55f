// A worker's words while they are written: text, and nothing but text. To those who hear the page they are said a sentence at a
// time.
import { html, useEffect, useRef } from "../html.js";
import { words } from "../state/progress.js";
import { visible } from "./value.js";

/** Longest sentence that is waited for; a text without ends is said in pieces. */
const LONG = 400;
/** So many pieces stand in the log at once: what was said need not stay. */
const KEPT = 40;

/** Whole sentences of a text, and nothing of the one that is being written. */
export function sentences(text) {
  const found = [];
  let rest = text;
  for (;;) {
    const ended = /[.!?…:]["”’)\]]*(?=\s)|\n/.exec(rest);
    if (ended === null && rest.length <= LONG) return found;
    const cut = Math.min(LONG, ended === null ? LONG : ended.index + ended[0].length);
    const said = rest.slice(0, cut).trim();
    if (said !== "") found.push(said);
    rest = rest.slice(cut);
  }
}

/** @param {{n: number}} props the step's number */
export function Words({ n }) {
  const box = useRef(null);
  const now = words.value[n];
  const text = now?.text ?? "";
  useEffect(() => {
    const pre = box.current;
    // Who scrolled up to read is left alone.
    if (pre && pre.scrollHeight - pre.scrollTop - pre.clientHeight < 80) pre.scrollTop = pre.scrollHeight;
  }, [text]);
  if (!now) return null;
  const said = sentences(text);
  return html`<div class="writing">
    <p class="small quiet">${now.stopped === "" ? "The reading model writes. What counts is the result." : `No more of it is shown: ${now.stopped}. The result will stand here.`}</p>
    ${text === "" ? null : html`<pre ref=${box} dir="auto" aria-hidden="true">${visible(text)}</pre>`}
    <div role="log" aria-label="What the reading model writes" class="unseen">${said.map((sentence, at) => at < said.length - KEPT ? null : html`<p key=${at}>${sentence}</p>`)}</div>
  </div>`;
}
