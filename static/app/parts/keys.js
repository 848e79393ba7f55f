// Keys of one letter. They can be switched off, and mean nothing while something is typed.
import { signal } from "../html.js";
import { remember, setting } from "../settings.js";

/** Whether they are heard. */
export const keysOn = signal(setting("keys", "on") === "on");
/** Whether the list of keys is shown. */
export const helpShown = signal(false);

/** Switches them on or off, and remembers it. */
export function setKeys(on) {
  keysOn.value = on;
  remember("keys", on ? "on" : "off");
}

const TYPES = "input, textarea, select, [contenteditable], dialog";

/**
 * Hears keys until the returned function is called.
 * @param {Record<string, () => void>} keys
 */
export function listen(keys) {
  const hear = (event) => {
    if (!keysOn.value || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest?.(TYPES)) return;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (!act) return;
    event.preventDefault();
    act();
  };
  addEventListener("keydown", hear);
  return () => removeEventListener("keydown", hear);
}
