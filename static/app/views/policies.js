// The rules in words, and what they would say of a task.
import { html, useEffect, useState } from "../html.js";
import { Icon } from "../parts/icon.js";
import { Empty, Trouble } from "../parts/notice.js";
import { href, route } from "../router.js";
import { worded } from "../parts/steps.js";
import * as policies from "../state/policies.js";
import { WhatIf } from "./what-if.js";

/** What a rule does: its word, its drawing, its tone, and a sentence about all of that kind. */
const DOES = {
  __proto__: null,
  asks: ["Asks you", "waiting", "warn", "It stops a call until you approve exactly that call."],
  forbids: ["Forbids", "refused", "bad", "No approval lifts it."],
  allows: ["Allows", "done", "ok", "What nothing allows is denied."],
  screens: ["Screens", "approvals", "accent", "It says what is done about what scanners find in a text."],
};

/** The view: the rules, or a task seen with them. */
export function Policies() {
  const { name, id } = route.value;
  const what = name === "what-if";
  return html`<div class="policies">
    <nav class="tabs" aria-label="Policies">
      <a href=${href("policies")} aria-current=${what ? undefined : "page"}>Rules in force</a>
      <a href=${href("what-if")} aria-current=${what ? "page" : undefined}>What if?</a>
    </nav>
    ${what ? html`<${WhatIf} id=${id} />` : html`<${Rules} chosen=${id} />`}
  </div>`;
}

function Rules({ chosen }) {
  const [kind, setKind] = useState("");
  const [words, setWords] = useState("");
  useEffect(() => {
    policies.load();
  }, []);
  const loaded = policies.loaded.value;
  useEffect(() => {
    if (loaded && chosen) document.getElementById(`rule-${chosen}`)?.scrollIntoView({ block: "center" });
  }, [loaded === null, chosen]);
  if (loaded === null) return html`<${Trouble} error=${policies.failure.value} />${policies.failure.value ? null : html`<p class="quiet" aria-busy="true">Loading…</p>`}`;
  const fits = (rule) => (kind === "" || rule.does === kind) && `${rule.id} ${rule.reason} ${rule.file}`.toLowerCase().includes(words.trim().toLowerCase());
  const shown = loaded.policies.filter((rule) => fits(rule) || rule.id === chosen);
  const files = [...new Set(shown.map((rule) => rule.file))];
  const count = (does) => loaded.policies.filter((rule) => rule.does === does).length;
  return html`
    <${Trouble} error=${policies.failure.value} />
    <section class="card version"><div><h2>${loaded.policies.length} rules are in force</h2>
        <p class="quiet small">Version <code class="digest">${loaded.version}</code></p></div>
      <p class="small quiet">Rules are files on the server (<code>policies/*.cedar</code>); this page shows them and cannot change them.</p>
      ${loaded.warnings.length > 0 ? html`<ul class="reasons">${loaded.warnings.map((text) => html`<li class="tone-warn">${text}</li>`)}</ul>` : null}</section>
    <div class="sift">
      <fieldset class="kinds"><legend class="unseen">Which rules</legend>${["", ...Object.keys(DOES)].map((does) => html`<label key=${does}>
        <input type="radio" name="does" class="unseen" checked=${kind === does} onChange=${() => setKind(does)} />
        <span class="kind">${does === "" ? "All" : html`<${Icon} name=${DOES[does][1]} size=${14} /> ${DOES[does][0]}`} <span class="quiet">${does === "" ? loaded.policies.length : count(does)}</span></span></label>`)}</fieldset>
      <label class="find"><span class="unseen">Words in a rule</span><input type="search" placeholder="Find a rule" value=${words} onInput=${(event) => setWords(event.currentTarget.value)} /></label>
    </div>
    <p class="small quiet" role="status">${kind === "" ? "" : `${DOES[kind][3]} `}${shown.length === loaded.policies.length ? "" : `${shown.length} of ${loaded.policies.length} are shown.`}</p>
    ${shown.length === 0 ? html`<${Empty} icon="policies" title="No rule is like that">Try other words, or all kinds.<//>` : null}
    ${files.map((file) => html`<section key=${file} class="card rules"><h2><code>${short(file)}</code></h2>
      <ul>${shown.filter((rule) => rule.file === file).map((rule) => html`<${One} key=${rule.id} rule=${rule} chosen=${rule.id === chosen} />`)}</ul></section>`)}`;
}

/** A file's name without the folders above it. */
const short = (file) => file.split("/").pop();

function One({ rule, chosen }) {
  const [word, icon, tone] = DOES[rule.does] ?? [rule.does, "waiting", "plain"];
  // Where a rule that allows says nothing more than that, its name says it as well.
  const reason = rule.reason === `allowed by ${rule.id}` ? "what its name says" : rule.reason;
  return html`<li id=${`rule-${rule.id}`} class=${chosen ? "chosen" : ""}>
    <span class="status tone-${tone}"><${Icon} name=${icon} size=${15} />${word}</span>
    <div><p>${worded(reason.charAt(0).toUpperCase() + reason.slice(1))}</p>
      <details class="fold"><summary class="small"><code>${rule.id}</code> <span class="quiet">line ${rule.line}, as it is written</span></summary>
        <pre tabindex="0" role="group" aria-label="The rule ${rule.id} as it is written">${rule.text}</pre></details></div>
  </li>`;
}
