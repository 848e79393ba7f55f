// How long to wait before the next try.

const FIRST_MS = 500;
/** A person who looks at the page does not wait longer than that for news once the server is back. */
const LONGEST_MS = 10_000;

/**
 * Doubles with each try up to ten seconds, and spreads by half of it, so that a hundred pages do not come back at once.
 * @param {number} tries how many have failed in a row, from 1
 * @param {() => number} [random] from 0 to 1
 * @returns {number} milliseconds
 */
export function backoff(tries, random = Math.random) {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, tries - 1));
  return whole / 2 + (whole / 2) * random();
}
