// Where values come from, as the server keeps it. A value's past does not change, so it is asked for once.
import { get } from "../api.js";

const MOST = 300;
const known = new Map();

/**
 * A value and what it was made from, the nearest first.
 * @param {number} id
 * @returns {Promise<{chain: object[], unknown: number[]}>}
 */
export function origins(id) {
  if (!known.has(id)) {
    if (known.size >= MOST) known.delete(known.keys().next().value);
    const asked = get(`/api/provenance/${id}`);
    known.set(id, asked);
    // What failed is asked for again.
    asked.catch(() => known.delete(id));
  }
  return known.get(id);
}
