// Templates: htm reads tagged templates and Preact makes elements of them. No string ever becomes markup.
import { h } from "../vendor/preact.js";
import htm from "../vendor/htm.js";

export { Fragment, render } from "../vendor/preact.js";
export { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact-hooks.js";
export { batch, computed, effect, signal, useComputed, useSignal } from "../vendor/signals.js";

/** Elements from a tagged template; values are text, never markup. */
export const html = htm.bind(h);
