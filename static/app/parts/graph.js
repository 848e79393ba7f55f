// A flow graph: dagre says where things stand, the drawing is ours. Solid lines carry a stranger's words, so does the word
// on the box: colour says nothing alone.
import { html, useEffect, useState } from "../html.js";
import { Label, isTrusted } from "./label.js";
import { flowText } from "./flow-table.js";
import { Status, stateWord } from "./status.js";
import { ReasonList, brief } from "./steps.js";
import { Value } from "./value.js";

const WIDTH = 190;
const HEIGHT = 62;

/** Boxes and lines of a graph, for the layout: one box a call, one for the reply. */
export function boxes({ calls, reply }) {
  const nodes = calls.map((call) => ({ id: String(call.site), call }));
  const edges = new Map();
  const link = (flow, to) => {
    // One line between two boxes, however many arguments it stands for; a loop's own line says nothing.
    for (const from of flow.from.map(String)) {
      if (from === to) continue;
      const strange = !isTrusted(flow.label) || (edges.get(`${from} ${to}`)?.strange ?? false);
      edges.set(`${from} ${to}`, { from, to, strange });
    }
  };
  for (const call of calls) for (const flow of call.args) link(flow, String(call.site));
  if (reply) {
    nodes.push({ id: "reply", call: null });
    link(reply, "reply");
  }
  return { nodes, edges: direct(nodes, [...edges.values()]) };
}

/** Without the lines that go the same way as others do in steps: what a step takes from, it takes from all that came before. */
function direct(nodes, edges) {
  const place = new Map(nodes.map(({ id }, n) => [id, n]));
  const into = new Map(nodes.map(({ id }) => [id, new Map()]));
  for (const { from, to, strange } of edges) into.get(to)?.set(from, strange);
  const between = ({ from, to, strange }) => [...into.get(to) ?? []].some(([by, last]) => {
    const first = into.get(by)?.get(from);
    // Forward only, or two steps of a loop would stand for each other; and a stranger's words are never left out.
    return first !== undefined && place.get(from) < place.get(by) && place.get(by) < place.get(to) && (!strange || first && last);
  });
  return edges.filter((edge) => !between(edge));
}

/** So many rows may all lines together pass: beyond that dagre takes long, and far beyond it the page stands still. */
const MOST_PASSED = 1_500;

/** The row of each box: below all that it takes from. A loop's way back counts for nothing. */
export function rows({ nodes, edges }) {
  const place = new Map(nodes.map(({ id }, n) => [id, n]));
  const row = nodes.map(() => 0);
  const into = Map.groupBy(edges, ({ to }) => place.get(to));
  for (const n of row.keys()) {
    for (const { from } of into.get(n) ?? []) if (place.get(from) < n) row[n] = Math.max(row[n], row[place.get(from)] + 1);
  }
  const passed = edges.reduce((sum, { from, to }) => sum + Math.abs(row[place.get(to)] - row[place.get(from)]), 0);
  return { row, passed };
}

/** Row by row, with straight lines: for what is too tangled for more. */
function plainly({ nodes, edges }, row) {
  const filled = [];
  const placed = new Map(nodes.map((node, n) => {
    const column = filled[row[n]] ??= 0;
    filled[row[n]] += 1;
    return [node.id, { ...node, x: 8 + WIDTH / 2 + column * (WIDTH + 24), y: 8 + HEIGHT / 2 + row[n] * (HEIGHT + 44) }];
  }));
  const points = ({ from, to }) => [[from, HEIGHT / 2], [to, -HEIGHT / 2]].map(([id, off]) => ({ x: placed.get(id).x, y: placed.get(id).y + off }));
  return {
    width: 16 + Math.max(...filled) * (WIDTH + 24),
    height: 16 + filled.length * (HEIGHT + 44),
    nodes: [...placed.values()],
    edges: edges.map((edge) => ({ ...edge, points: points(edge) })),
  };
}

async function layout(graph) {
  const { nodes, edges } = boxes(graph);
  const { row, passed } = rows({ nodes, edges });
  if (passed > MOST_PASSED) return plainly({ nodes, edges }, row);
  const dagre = await import("../../vendor/dagre.js");
  const Engine = dagre.graphlib?.Graph ?? dagre.default.graphlib.Graph;
  const run = dagre.layout ?? dagre.default.layout;
  const drawing = new Engine();
  drawing.setGraph({ rankdir: "TB", nodesep: 24, ranksep: 44, marginx: 8, marginy: 8 });
  drawing.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) drawing.setNode(id, { width: WIDTH, height: HEIGHT });
  for (const { from, to } of edges) drawing.setEdge(from, to);
  run(drawing);
  const { width, height } = drawing.graph();
  return {
    width,
    height,
    nodes: nodes.map((node) => ({ ...node, ...drawing.node(node.id) })),
    edges: edges.map((edge) => ({ ...edge, points: drawing.edge(edge.from, edge.to).points })),
  };
}

/** A curve through points. */
function curve(points) {
  const [first, ...rest] = points;
  const bends = rest.map((point, n) => {
    const before = n === 0 ? first : rest[n - 1];
    const middle = (before.y + point.y) / 2;
    return `C${before.x} ${middle} ${point.x} ${middle} ${point.x} ${point.y}`;
  });
  return `M${first.x} ${first.y}${bends.join("")}`;
}

/** @param {{graph: object, steps: object[], chosen: number, onChoose: (site: number) => void}} props */
export function Graph({ graph, steps, chosen, onChoose }) {
  const [drawn, setDrawn] = useState(null);
  useEffect(() => {
    let gone = false;
    layout(graph).then((drawing) => gone || setDrawn(drawing)).catch(() => gone || setDrawn(null));
    return () => {
      gone = true;
    };
  }, [graph]);
  if (drawn === null) return null;
  const call = graph.calls.find((call) => call.site === chosen);
  const near = ({ from, to }) => [from, to].includes(String(chosen));
  return html`<div class="graph-row">
    <div class="graph scrolls ${call ? "has-choice" : ""}" tabindex="0" role="group" aria-label="The plan as a drawing; the table below says the same">
      <svg viewBox="0 0 ${drawn.width} ${drawn.height}" width=${drawn.width} height=${drawn.height}>
        <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" class="tip-head" /></marker></defs>
        ${drawn.edges.map((edge) => html`<path class="edge ${edge.strange ? "strange" : ""} ${near(edge) ? "near" : ""}" d=${curve(edge.points)} marker-end="url(#tip)" />`)}
        ${drawn.nodes.map((node) => html`<${Box} key=${node.id} node=${node} chosen=${chosen} onChoose=${onChoose} />`)}
      </svg>
    </div>
    <p class="small quiet legend"><span class="line strange"></span> carries a stranger's words <span class="line"></span> does not</p>
    ${call ? html`<section class="card detail" aria-label="Step ${call.site}"><h2><code>${call.name}</code> <${Status} state=${call.prediction} /></h2>
      <p class="quiet small">Step ${call.site}, line ${call.line} of the plan${ran(steps, call)}.</p>
      <dl class="args">${call.args.map((flow) => html`<div key=${flow.name}><dt><code>${flow.name}</code></dt><dd>${flowText(flow)} <${Label} label=${flow.label} /></dd></div>`)}
        <div><dt>gives</dt><dd><${Label} label=${call.output} /></dd></div></dl>
      ${call.reasons.length > 0 ? html`<${ReasonList} reasons=${call.reasons} />` : null}
      <${Gave} steps=${made(graph, steps, call)} />
    </section>` : null}
  </div>`;
}

/** Most results that are shown of one call. */
const MOST = 8;

/** The steps that a call of the plan made; none where another call of the same name may have made them. */
export function made(graph, steps, { name }) {
  const alike = graph.calls.filter((call) => call.name === name);
  return alike.length === 1 ? steps.filter((step) => step.call === name && step.value !== undefined) : [];
}

/** What came of it, each with where it comes from. */
function Gave({ steps }) {
  if (steps.length === 0) return null;
  return html`<h3>What it gave</h3>
    <ul class="gave-list">${steps.slice(0, MOST).map((step) => html`<li key=${step.n}><p class="small">${brief(step)} <${Label} label=${step.label} data=${step.data_ids?.result ?? null} /></p><${Value} value=${step.value} /></li>`)}</ul>
    ${steps.length > MOST ? html`<p class="small quiet">And ${steps.length - MOST} more: the task lists them.</p>` : null}`;
}

function ran(steps, call) {
  const count = steps.filter((step) => step.call === call.name).length;
  return count === 0 ? "; not called yet" : "";
}

function Box({ node, chosen, onChoose }) {
  const { call } = node;
  const x = node.x - WIDTH / 2;
  const y = node.y - HEIGHT / 2;
  if (call === null) return html`<g class="box reply"><rect x=${x} y=${y} width=${WIDTH} height=${HEIGHT} rx="31" /><text x=${node.x} y=${node.y + 5} class="name">Reply</text></g>`;
  const strange = !isTrusted(call.output);
  const choose = () => onChoose(call.site);
  return html`<g class="box is-${call.prediction} ${chosen === call.site ? "chosen" : ""}" role="button" tabindex="0" aria-pressed=${chosen === call.site} onClick=${choose}
    onKeyDown=${(event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose();
    }}>
    <rect x=${x} y=${y} width=${WIDTH} height=${HEIGHT} rx="12" />
    <text x=${x + 14} y=${y + 26} class="name">${call.site}. ${call.name.length > 18 ? `${call.name.slice(0, 17)}…` : call.name}</text>
    <text x=${x + 14} y=${y + 46} class="sub">${stateWord(call.prediction)} · ${strange ? "stranger's" : "trusted"}</text>
  </g>`;
}
