// How the server is, and what it can do.
import { get } from "../api.js";
import { signal } from "../html.js";

/** The answer of /health; null until it came. */
export const health = signal(null);
/** The playbooks that can be used. */
export const playbooks = signal([]);

/** Asks. */
export async function load() {
  try {
    // A server that is unwell answers with 503 and says what is wrong all the same.
    const response = await fetch("/health", { cache: "no-store" });
    health.value = await response.json();
  } catch {
    health.value = null;
  }
}

/** Asks which playbooks there are. */
export async function loadPlaybooks() {
  try {
    playbooks.value = (await get("/api/playbooks")).playbooks;
  } catch {
    playbooks.value = [];
  }
}
