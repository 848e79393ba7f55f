// A view that is fetched when it is first shown.
import { html, useEffect, useState } from "../html.js";
import { Trouble } from "./notice.js";

/**
 * @param {() => Promise<object>} load imports the module
 * @param {string} name of the view in it
 */
export function lazy(load, name) {
  let View = null;
  return function Lazy(props) {
    const [failed, setFailed] = useState(false);
    const [, drawn] = useState(0);
    const fetch = () => {
      setFailed(false);
      load().then((module) => {
        View = module[name];
        drawn((n) => n + 1);
      }).catch(() => setFailed(true));
    };
    useEffect(() => {
      if (View === null) fetch();
    }, []);
    if (View !== null) return html`<${View} ...${props} />`;
    if (!failed) return html`<p class="quiet" aria-busy="true">Loading…</p>`;
    return html`<${Trouble} error=${{ message: "This view could not be fetched", detail: "Check the network, and that the server runs." }}>
      <p><button type="button" class="plain" onClick=${fetch}>Try again</button></p><//>`;
  };
}
