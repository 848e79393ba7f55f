// Which view is shown: the part of the address after `#`, so that a reload, a bookmark and "back" lead to the same place.
import { signal } from "./html.js";

// Names: tasks, task/ID, approvals, flow/ID, sessions, session/ID, policies/RULE, what-if/ID, system. `memory` and `audit` are kept
// for the views of those parts of the server: a link to them shows the tasks until there is something to show, and the
// navigation (VIEWS in main.js) has no entry that leads nowhere.

/** @returns {{name: string, id: string}} such as `{name: "task", id: "0199..."}` */
function read() {
  const [name, id = ""] = location.hash.replace(/^#\/?/, "").split("/");
  return { name: name || "tasks", id: decode(id) };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** Where we are. */
export const route = signal(read());

addEventListener("hashchange", () => {
  route.value = read();
});

/** The address of a view. */
export const href = (name, id) => `#/${name}${id ? `/${encodeURIComponent(id)}` : ""}`;

/** Goes to a view. */
export function go(name, id) {
  location.hash = href(name, id);
}
