// Who is there? The PIN, and at the first start the one-time code with which it is chosen.
import { html, useEffect, useRef, useState } from "../html.js";
import { Trouble } from "../parts/notice.js";
import * as session from "../state/session.js";

/** The page before everything else. */
export function Pin() {
  const setUp = session.who.value === "set_up";
  const [pin, setPin] = useState("");
  const [code, setCode] = useState("");
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const first = useRef(null);
  useEffect(() => first.current?.focus(), [setUp]);
  const send = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await (setUp ? session.setUp(code.trim(), pin) : session.logIn(pin));
    } catch (refused) {
      setError(refused.status === 401 ? { ...plainly(setUp), retryAfter: 0 } : refused);
      setPin("");
      first.current?.focus();
    } finally {
      setBusy(false);
    }
  };
  return html`<main class="gate" id="gate">
    <img class="mark" src="/static/look/icon.svg" alt="" />
    <h1>${setUp ? "Choose your PIN" : session.wasIn.value ? "Your session ended" : "Sentinel"}</h1>
    <p class="quiet">${setUp
      ? "This is the first start. The server printed a one-time code where it was started: it shows that this machine is yours."
      : session.wasIn.value ? "Enter your PIN to go on. What you typed is still there." : "Enter your PIN."}</p>
    <form onSubmit=${send}>
      ${setUp ? html`<label>One-time code
        <input type="text" ref=${first} required autocomplete="off" autocapitalize="characters" spellcheck="false" placeholder="XXXXX-XXXXX-XXXXX-XXXXX" value=${code}
          onInput=${(event) => setCode(event.currentTarget.value)} /></label>` : null}
      <label>${setUp ? "New PIN or passphrase" : "PIN"}
        <input type=${setUp && shown ? "text" : "password"} ref=${setUp ? null : first} required spellcheck="false" autocapitalize="off" data-role="pin" minlength=${setUp ? 6 : 1} autocomplete=${setUp ? "new-password" : "current-password"} value=${pin}
          onInput=${(event) => setPin(event.currentTarget.value)} />
        ${setUp ? html`<span class="small quiet">Six characters or more. Words are easier to remember than digits.</span>` : null}</label>
      ${setUp ? html`<label class="switch"><input type="checkbox" data-role="show-pin" checked=${shown} onChange=${(event) => setShown(event.currentTarget.checked)} /> Show it: it is asked for once only</label>` : null}
      <${Trouble} error=${error} />
      <button type="submit" disabled=${busy}>${busy ? "One moment…" : setUp ? "Set the PIN" : "Go on"}</button>
    </form>
  </main>`;
}

function plainly(setUp) {
  return setUp
    ? { message: "That code is not the one", detail: "It is in the first lines that the server printed when it was last started." }
    : { message: "That PIN is not right", detail: "After a few wrong ones you have to wait." };
}

/** Where nobody answers. */
export function Unreachable() {
  return html`<main class="gate"><img class="mark" src="/static/look/icon.svg" alt="" />
    <h1>The server cannot be reached</h1><p class="quiet">Check the network, and that the server runs.</p>
    <p><button type="button" onClick=${session.look}>Try again</button></p></main>`;
}
