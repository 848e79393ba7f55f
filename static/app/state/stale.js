// What the server said, asked for again when events say that it may have changed: at once for the first, and at most once a
// second in a storm of them.

const SOON_MS = 60;
const APART_MS = 1_000;

/**
 * Bundles calls: `again()` runs `load` soon, never twice at once, and once more when it was called meanwhile.
 * @param {() => Promise<void>} load must not throw
 * @returns {() => void}
 */
export function reloader(load) {
  let timer = null;
  let running = false;
  let wanted = false;
  let last = 0;
  async function work() {
    timer = null;
    running = true;
    wanted = false;
    await load();
    running = false;
    last = Date.now();
    if (wanted) again();
  }
  function again() {
    wanted = true;
    if (running || timer !== null) return;
    timer = setTimeout(work, Math.max(SOON_MS, last + APART_MS - Date.now()));
  }
  return again;
}
