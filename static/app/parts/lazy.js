// A view that is fetched when it is first shown, or a moment after the page is there: the first view comes quickly, and the others
// are there before somebody goes to them.
import { html, useEffect, useState } from "../html.js";
import { Trouble } from "./notice.js";

/** After so long the rest is fetched unasked. */
const LATER_MS = 3_000;
const all = [];

/**
 * @param {() => Promise<object>} load imports the module
 * @param {string} name of the view in it
 */
export function lazy(load, name) {
  let View = null;
  const fetch = async () => {
    View = (await load())[name];
  };
  all.push(fetch);
  return function Lazy(props) {
    const [failed, setFailed] = useState(false);
    const [, drawn] = useState(0);
    const show = () => {
      setFailed(false);
      fetch().then(() => drawn((n) => n + 1), () => setFailed(true));
    };
    useEffect(() => {
      if (View === null) show();
    }, []);
    if (View !== null) return html`<${View} ...${props} />`;
    if (!failed) return html`<p class="quiet" aria-busy="true">Loading…</p>`;
    return html`<${Trouble} error=${{ message: "This view could not be fetched", detail: "Check the network, and that the server runs." }}>
      <p><button type="button" class="plain" onClick=${show}>Try again</button></p><//>`;
  };
}

/** Fetches the rest, once the page is there. What fails is fetched when it is shown. */
export function later() {
  setTimeout(() => Promise.allSettled(all.map((fetch) => fetch())), LATER_MS);
}
