// A reply as it reads. It may hold anything a stranger wrote. Markup in it is shown as the text that it is, so that none is
// ever parsed; what Markdown makes goes through DOMPurify all the same, which leaves only text and its structure. Images
// are named and never fetched, and a link is shown with where it leads and leads nowhere.
import { html, useEffect, useRef } from "../html.js";

const ALLOWED = ["p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5",
  "h6", "table", "thead", "tbody", "tr", "th", "td", "a", "img"];
let parts = null;

/** The parser and the purifier, fetched when the first reply is shown. */
async function load() {
  parts ??= Promise.all([import("../../vendor/marked.js"), import("../../vendor/purify.js")]);
  const [{ Marked }, { default: purify }] = await parts;
  return { marked: new Marked({ gfm: true, renderer: { html: ({ text }) => escaped(text) } }), purify };
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text) => text.replace(/[&<>"']/g, (c) => ENTITIES[c]);

/** An address that nobody follows by accident. */
export function defanged(address) {
  const text = address.trim();
  const [, scheme = "", rest = text] = /^([a-z][a-z0-9+.-]*):(?:\/\/)?(.*)$/is.exec(text) ?? [];
  const plain = scheme === "" ? rest : `${scheme.toLowerCase().replace(/^http/, "hxxp")}[:]//${rest}`;
  const end = plain.search(/(?<=\/\/[^/]*)\//);
  const host = end < 0 ? plain : plain.slice(0, end);
  return host.replaceAll(".", "[.]") + (end < 0 ? "" : plain.slice(end));
}

/** Replaces links and images by words. */
function disarm(fragment) {
  for (const link of fragment.querySelectorAll("a")) {
    const note = document.createElement("span");
    note.className = "defanged";
    const address = link.getAttribute("href") ?? "";
    // Words that say another address than the one behind them are just what a reader must see.
    if (link.textContent !== address) note.append(...link.childNodes, " ");
    note.append(address === "" ? "" : `(${defanged(address)})`);
    link.replaceWith(note);
  }
  for (const image of fragment.querySelectorAll("img")) {
    const note = document.createElement("span");
    note.className = "defanged";
    note.textContent = `[an image that is not shown: ${image.getAttribute("alt") || defanged(image.getAttribute("src") ?? "")}]`;
    image.replaceWith(note);
  }
  // The page's own headings come above: a reply's are two steps down.
  for (const heading of fragment.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const lower = document.createElement("h4");
    lower.append(...heading.childNodes);
    heading.replaceWith(lower);
  }
  for (const table of fragment.querySelectorAll("table, pre")) {
    const box = document.createElement("div");
    box.className = "scrolls";
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", table.tagName === "PRE" ? "Text as it stands" : "A table");
    table.replaceWith(box);
    box.append(table);
  }
  return fragment;
}

/** A text in Markdown. Until the parser is there, and where it cannot be had, the text as it stands. */
export function Markdown({ text }) {
  const box = useRef(null);
  useEffect(() => {
    let gone = false;
    load().then(({ marked, purify }) => {
      if (gone || !box.current) return;
      const markup = marked.parse(text, { async: false });
      const fragment = purify.sanitize(markup, { ALLOWED_TAGS: ALLOWED, ALLOWED_ATTR: ["href", "src", "alt"], ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: false, RETURN_DOM_FRAGMENT: true });
      box.current.replaceChildren(disarm(fragment));
    }).catch(() => {});
    return () => {
      gone = true;
    };
  }, [text]);
  return html`<div class="markdown" dir="auto" ref=${box} key=${text}><p class="as-is">${text}</p></div>`;
}
