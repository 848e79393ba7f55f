// Runs in the page before anything of it. What the server says is changed on its way: each text in it, but for those that
// are a choice among given words, is a stranger's, and each list is as long as it takes for each of its fields to hold
// each of his texts once.
"use strict";
window.hostile = { on: false, fields: new Map(), taken: 0 };
{
  const { texts, values } = PAYLOADS;
  const KEPT = new Set(["task_id", "approval_id", "session_id", "id", "state", "asks", "kind", "verdict", "integrity", "effect",
    "prediction", "status", "capacity", "type", "readers", "end", "last_used", "created", "digest", "needed"]);
  const honest = window.fetch;
  const heard = new Map();
  const any = (path) => /\.(value|args\.[^.]+)$/.test(path);
  const choices = (path) => any(path) ? [...texts, ...values] : texts;

  /** The next of his texts for a field. */
  function next(path) {
    const turn = hostile.fields.get(path) ?? 0;
    hostile.fields.set(path, turn + 1);
    const from = choices(path);
    return structuredClone(from[turn % from.length]);
  }

  function soil(value, path) {
    if (typeof value === "string") return next(path);
    if (Array.isArray(value)) return value.map((one) => soil(one, path));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, KEPT.has(name) ? one : soil(one, `${path}.${name}`)]));
  }

  /** As many rows as it takes; `mark` tells them apart. */
  function many(rows, path, mark, most = texts.length + values.length) {
    if (rows.length === 0) return rows;
    return rows.flatMap((row, n) => Array.from({ length: most }, (_, turn) => mark(soil(row, `${path}.${row.shown?.asks ?? row.call ?? ""}`), n * most + turn)));
  }

  /** Parts that a real answer has now and then. */
  function whole(question) {
    const { shown } = question;
    if (shown.asks === "plan") shown.assessment ??= { risk: 50, reason: "why" };
    for (const arg of shown.args ?? []) arg.findings ??= [{ reason: "found", rule: "rule" }];
    return question;
  }

  /** A question about a reply, made of one about a call. */
  const reply = (question) => ({ ...question, approval_id: `${question.approval_id}r`, shown: { asks: "reply", request: "words", text: "words", label: question.shown.args[0].label, findings: [{ reason: "found", rule: "rule" }] } });

  /** So many visits of one task show each text where it has one place only. */
  hostile.visits = 12;
  const share = (n) => texts.filter((_, at) => at % hostile.visits === n).join("\n\n");

  function task(told, visit) {
    told.questions.forEach(whole);
    const graph = told.graph;
    const out = soil({ ...told, answer: told.answer ?? "words", warnings: ["words"], error: [{ reason: "why", rule: "rule" }] }, "task");
    if (visit >= 0) return { ...out, request: share(visit), plan: share(visit), answer: share(visit) };
    out.steps = many(told.steps, "step", (step, n) => ({ ...step, n: n + 1 }));
    if (graph) out.graph.calls = many(graph.calls, "graph", (call, n) => ({ ...call, site: n + 1 }));
    out.warnings = [...texts];
    out.error = texts.map((text) => ({ reason: text, rule: text }));
    return out;
  }

  function change(path, told) {
    const [, noun, id = ""] = path.split("?")[0].split("/");
    if (noun === "task") return { ...task(told, Number(id.split("~")[1] ?? -1) % hostile.visits), task_id: id };
    if (noun === "tasks") return { ...told, tasks: many(told.tasks.slice(0, 1), "tasks", (row, n) => ({ ...row, task_id: `${row.task_id}~${n}` })) };
    if (noun === "approvals") {
      const rows = told.approvals.map(whole);
      const calls = rows.filter((row) => row.shown.asks === "call");
      const mark = (row, n) => ({ ...row, approval_id: `${row.approval_id}~${n}`, task_id: `${row.task_id}~${n}` });
      // A plan's card is large, and all that it shows is also shown with a task; what a plan asks is one text.
      const large = ["plan", "confirm"];
      const shares = many(rows.filter((row) => large.includes(row.shown.asks)), "approvals", mark, hostile.visits).map((row, n) => {
        const text = share(n % hostile.visits);
        return { ...row, shown: { ...row.shown, ...(row.shown.asks === "plan" ? { request: text, plan: text } : { question: text }) } };
      });
      return { ...told, approvals: [...shares, ...many([...calls, ...calls.map(reply)], "approvals", mark)] };
    }
    // Whatever else there is: its lists of things are as long, and the rest of it is his, too.
    const out = soil(told, path);
    for (const [name, rows] of Object.entries(told)) {
      if (Array.isArray(rows) && rows.length > 0 && rows.every((row) => row !== null && typeof row === "object")) {
        out[name] = many(rows.slice(0, 2), `${path}.${name}`, (row, n) => row.id === undefined ? row : { ...row, id: `${row.id}~${n}` });
      }
    }
    return out;
  }

  window.fetch = async (path, how = {}) => {
    if (!hostile.on || (how.method ?? "GET") !== "GET") return honest(path, how);
    const real = path.replace(/~\d+/g, "").replace(/&?before=[^&]*/, "");
    if (!heard.has(real)) {
      const answer = await honest(real, how);
      heard.set(real, { status: answer.status, headers: new Headers(answer.headers), text: await answer.text() });
    }
    const { status, headers, text } = heard.get(real);
    hostile.taken += 1;
    return new Response(JSON.stringify(change(path, JSON.parse(text))), { status, headers });
  };

  const TAGS = new Set(("html head body title link meta script noscript div span p a b i em strong del ins s br hr code pre kbd mark small time abbr "
    + "h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote table thead tbody tfoot tr th td caption figure figcaption section article aside header footer main nav "
    + "form label input textarea select option optgroup button fieldset legend details summary dialog progress meter output img svg g path rect circle line text "
    + "tspan defs marker title desc").split(" "));
  const LEADS = ["href", "src", "action", "formaction", "data", "srcset", "poster", "ping", "background", "xlink:href", "manifest", "srcdoc", "values", "to"];

  /** What stands in the document that no page of ours would put there. */
  hostile.strange = () => {
    const found = [];
    for (const element of document.querySelectorAll("*")) {
      const name = element.localName;
      if (!TAGS.has(name)) found.push(name);
      if (["script", "link", "meta", "title"].includes(name) && !element.closest("head, svg")) found.push(`${name} in the body`);
      for (const { name: attribute, value } of element.attributes) {
        if (attribute.startsWith("on")) found.push(`${name} ${attribute}`);
        if (LEADS.includes(attribute) && !/^(#|\/static\/)/.test(value)) found.push(`${name} ${attribute}=${value}`);
        if (attribute === "style" && /url|image|content/i.test(value)) found.push(`${name} style=${value}`);
      }
    }
    if (({}).polluted !== undefined || Object.keys(Object.prototype).length > 0) found.push("Object.prototype");
    return found.slice(0, 20);
  };

  const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029\u00ad\u115f\u1160\u3164\uffa0]/gu;
  const marked = (text) => text.replace(UNSEEN, (c) => c === "\n" || c === "\t" ? c : `U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
  /** Which of his texts are not to be read where they should be. */
  hostile.missing = (selector) => {
    const read = new Set(Array.from(document.querySelectorAll(selector), (element) => element.textContent));
    // A long one may stand folded.
    return texts.filter((text) => ![text, marked(text), `${text.slice(0, 600)}…`].some((form) => read.has(form))).map((text) => text.slice(0, 90));
  };
}
