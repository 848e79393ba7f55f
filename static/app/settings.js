// What this browser remembers for itself: looks and habits, never a PIN, a token or anything of a task.

/**
 * @param {string} name
 * @param {string} otherwise what it is when nothing was ever chosen
 * @returns {string}
 */
export function setting(name, otherwise) {
  try {
    return localStorage.getItem(name) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Remembers a choice. Where storage is switched off it holds until the page is closed. */
export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Nothing to be done: a private window forgets.
  }
}
