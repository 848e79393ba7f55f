// A button that must be held for a second: for what cannot be taken back. With a keyboard the space bar is held; Enter does
// nothing. Whoever cannot hold presses it once and then ticks a box.
import { html, useRef, useState } from "../html.js";

const HOLD_MS = 1_000;

/** @param {{onHeld: () => void, disabled?: boolean, children: unknown}} props */
export function Hold({ onHeld, disabled = false, children }) {
  const timer = useRef(0);
  const [holding, setHolding] = useState(false);
  const [pressed, setPressed] = useState(false);
  const [read, setRead] = useState(false);
  const begin = () => {
    if (disabled || timer.current) return;
    setHolding(true);
    timer.current = setTimeout(() => {
      timer.current = 0;
      setHolding(false);
      onHeld();
    }, HOLD_MS);
  };
  const end = () => {
    if (!timer.current) return;
    clearTimeout(timer.current);
    timer.current = 0;
    setHolding(false);
    setPressed(true);
  };
  const keyDown = (event) => {
    if (event.key === "Enter") event.preventDefault();
    if (event.key !== " ") return;
    event.preventDefault();
    if (!event.repeat) begin();
  };
  // A program that reads the page aloud sends a click and no press.
  const click = (event) => {
    if (event.detail === 0) setPressed(true);
  };
  return html`<span class="hold">
    <button type="button" class="approve ${holding ? "holding" : ""}" disabled=${disabled} onPointerDown=${begin} onPointerUp=${end}
      onPointerLeave=${end} onPointerCancel=${end} onKeyDown=${keyDown} onKeyUp=${(event) => event.key === " " && end()}
      onBlur=${end} onClick=${click} onContextMenu=${(event) => event.preventDefault()}>
      <span class="fill" aria-hidden="true"></span><span class="words">${children}</span>
    </button>
    ${pressed ? html`<span class="instead small">
      <span role="status">Hold it for a second. Or:</span>
      <label><input type="checkbox" checked=${read} onChange=${(event) => setRead(event.currentTarget.checked)} /> I have read all of it</label>
      <button type="button" class="plain" disabled=${!read || disabled} onClick=${onHeld}>Approve</button>
    </span>` : null}
  </span>`;
}
