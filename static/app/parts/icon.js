// Small drawings, ours, drawn with the colour of the text beside them. Never the only thing that says something.
import { html } from "../html.js";

const PATHS = {
  __proto__: null,
  tasks: "M8 6h12M8 12h12M8 18h12M3.500 6h.01M3.500 12h.01M3.500 18h.01",
  approvals: "M12 3 20 6v6c0 4.500-3.300 7.600-8 9-4.700-1.400-8-4.500-8-9V6zM8.800 12l2.300 2.300 4.300-4.600",
  flow: "M4 5h6v5H4zM14 14h6v5h-6zM14 5h6v5h-6zM10 7.500h4M17 10v4",
  sessions: "M4 4.500h11v8.500H9.500L6 16v-3H4zM18 9.500h2V18h-2v2.500L14.500 18H10",
  policies: "M6 3h12v18H6zM9.500 8h5M9.500 12h5M9.500 16h3",
  bell: "M6 17V11a6 6 0 0 1 12 0v6l1.500 1.500h-15zM10.300 21h3.400",
  system: "M12 15.200a3.200 3.200 0 1 0 0-6.400 3.200 3.200 0 0 0 0 6.400zM19 12a7 7 0 0 0-.1-1.200l2-1.500-2-3.400-2.300 1a7 7 0 0 0-2.100-1.200L14.200 3.200h-4.400l-.3 2.500a7 7 0 0 0-2.100 1.200l-2.300-1-2 3.400 2 1.500a7 7 0 0 0 0 2.400l-2 1.500 2 3.400 2.300-1a7 7 0 0 0 2.100 1.200l.3 2.500h4.400l.3-2.500a7 7 0 0 0 2.100-1.200l2.300 1 2-3.400-2-1.500A7 7 0 0 0 19 12z",
  queued: "M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  running: "M21 12a9 9 0 1 1-6.200-8.560",
  waiting: "M12 8v4.500M12 16h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  done: "M5 12.500 10 17.500 19.500 7",
  refused: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM5.800 5.800l12.400 12.400",
  failed: "M12 4 21.500 20h-19zM12 10v4.500M12 17.300h.01",
  stopped: "M7 7h10v10H7z",
  trusted: "M12 3 20 6v6c0 4.500-3.300 7.600-8 9-4.700-1.400-8-4.500-8-9V6z",
  untrusted: "M12 4 21.500 20h-19zM12 10v4.500M12 17.300h.01",
  plan: "M7 3h8l4 4v14H7zM15 3v4h4M10 12h6M10 16h6",
  call: "M9 8l-4 4 4 4M15 8l4 4-4 4",
  reply: "M4 5h16v11H9l-5 4z",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6 6 18",
  offline: "M3 3l18 18M8.500 15.500a5 5 0 0 1 6-.7M5 12a10 10 0 0 1 4.500-2.600M19 12a10 10 0 0 0-3.400-2.200M12 19.500h.01",
  more: "M6 9l6 6 6-6",
};

/** A drawing by its name, hidden from those who hear the page. */
export function Icon({ name, size = 18 }) {
  return html`<svg class="icon icon-${name}" width=${size} height=${size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d=${PATHS[name] ?? PATHS.waiting} fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round" />
  </svg>`;
}
