// The unrolled network: inputs underneath, a row of states per layer and direction, outputs and loss above.
// What stands still is rebuilt only when the network, the size or the theme changes; a frame then recolours it.

import { svg, visible } from "./elements.js";
import { drawOutputs } from "./unrolled_outputs.js";
import { fitText, inputLabels, planNetwork } from "./unrolled_plan.js";
import { shortened } from "./timeaxis.js";

const NOT_A_NUMBER = 255;
const FEEDBACK_DROP = 10; // pixels under the lowest row at which a fed-back output turns upwards
const STRENGTHS = 5; // classes of gradient arrows, one per power of ten below the largest

const round = (value) => Math.round(value * 10) / 10;

/** A horizontal arrow as path data: the shaft and, apart, the head. */
function arrow(from, to, y, head) {
  const back = to > from ? -head : head;
  return {
    shaft: `M${round(from)} ${round(y)}H${round(to + back * 0.8)}`,
    head: `M${round(to)} ${round(y)}l${round(back)} ${round(-head * 0.62)}v${round(head * 1.24)}z`,
  };
}

function upArrow(x, from, to, head = 3.5) {
  return {
    shaft: `M${round(x)} ${round(from)}V${round(to + head * 0.8)}`,
    head: `M${round(x)} ${round(to)}l${round(-head * 0.7)} ${round(head)}h${round(head * 1.4)}z`,
  };
}

const joined = (arrows) => ({
  shaft: arrows.map(({ shaft }) => shaft).join(""),
  head: arrows.map(({ head }) => head).join(""),
});

function arrowPaths(kind, arrows) {
  const { shaft, head } = joined(arrows);
  return [
    svg("path", { class: `rl-shaft rl-${kind}`, d: shaft }),
    svg("path", { class: `rl-head rl-${kind}`, d: head }),
  ];
}

function visibleSpan(row, axis) {
  return [Math.max(row.start, axis.first), Math.min(row.stop - 1, axis.last)];
}

/** Arrows along one row; `sign` is the direction of the signal, gradients run against it. */
function rowArrows(row, axis, plan, upstream) {
  const [first, last] = visibleSpan(row, axis);
  const rightward = (row.direction === "forward") !== upstream;
  const y = plan.laneY(row.lane) + (upstream ? 1 : -1) * plan.boxHeight * 0.2;
  const gap = axis.step - plan.boxWidth;
  const head = Math.min(upstream ? 5 : 6, gap * 0.55, plan.boxHeight * 0.36);
  const arrows = [];
  for (let c = first; c < last; c += 1) {
    const left = axis.x(c) + plan.boxWidth / 2 + 1;
    const right = axis.x(c + 1) - plan.boxWidth / 2 - 1;
    const column = row.direction === "forward" ? c : c + 1; // where this gradient arrives
    arrows.push({ column, ...(rightward ? arrow(left, right, y, head) : arrow(right, left, y, head)) });
  }
  return arrows;
}

/** Where a time step is too narrow for boxes: one long arrow above the band, one below it. */
function bandArrows(row, axis, plan, upstream) {
  const [first, last] = visibleSpan(row, axis);
  const rightward = (row.direction === "forward") !== upstream;
  const y = upstream ? plan.laneBottom(row.lane) + 3.5 : plan.laneTop(row.lane) - 3.5;
  const ends = [axis.x(first) - axis.step / 2, axis.x(last) + axis.step / 2];
  if (!upstream) return [arrow(...(rightward ? ends : ends.reverse()), y, 6)];
  const segments = [];
  for (let c = first; c <= last; c += 1) {
    segments.push({ column: c, shaft: `M${round(axis.x(c) - axis.step / 2)} ${round(y)}h${round(axis.step)}`, head: "" });
  }
  const tip = arrow(...(rightward ? ends : ends.reverse()), y, 6);
  segments.push({ column: rightward ? last : first, shaft: "", head: tip.head });
  return segments;
}

const alongRow = (row, axis, plan, upstream) =>
  (plan.boxed ? rowArrows : bandArrows)(row, axis, plan, upstream);

/** Inputs into the lowest layer, and each layer into the next. */
function upwardArrows(network, axis, plan) {
  if (axis.step < 7) return [];
  const arrows = [];
  for (const group of plan.groups) {
    const [first, last] = visibleSpan(group, axis);
    const below = plan.groups.find(({ high, start }) => high === group.low - 1 && start === group.start);
    for (let c = first; c <= last; c += 1) {
      const fed = network.inputs[c] || isFedBack(network, c);
      if (!below && !fed) continue;
      const from = below ? plan.laneTop(below.high) - 1 : network.inputs[c] ? plan.inputTop + 3 : plan.laneBottom(0) + FEEDBACK_DROP;
      const to = plan.laneBottom(group.low) + 1.5;
      if (from - to > 2.5) arrows.push(upArrow(axis.x(c), from, to, Math.min(4, (from - to) * 0.6)));
    }
  }
  return arrows;
}

function generatingPart(network) {
  return network.parts.at(-1) ?? { start: 0, stop: network.time_steps };
}

function isFedBack(network, column) {
  const part = generatingPart(network);
  return Boolean(network.fed_back) && column > part.start && column < part.stop;
}

/** Dashed: from the output of one time step, down between the boxes, into the input of the next. */
function feedback(network, axis, plan) {
  if (!network.fed_back || !plan.boxed) return [];
  const part = generatingPart(network);
  const top = plan.laneTop(plan.laneCount - 1) - 7;
  const bottom = plan.laneBottom(0) + FEEDBACK_DROP;
  const bend = Math.min(6, axis.step * 0.2);
  let d = "";
  for (let c = Math.max(part.start, axis.first); c < Math.min(part.stop - 1, axis.last); c += 1) {
    const [x, middle, next] = [axis.x(c), axis.x(c) + axis.step / 2, axis.x(c + 1)];
    d += `M${round(x)} ${round(top)}H${round(middle - bend)}q${bend} 0 ${bend} ${bend}V${round(bottom - bend)}`;
    d += `q0 ${bend} ${bend} ${bend}H${round(next)}`;
  }
  return [svg("path", { class: "rl-feedback", d })];
}

function groupOutlines(axis, plan) {
  return plan.groups
    .filter(({ rows }) => rows.length > 1)
    .map((group) => {
      const [first, last] = visibleSpan(group, axis);
      const pad = Math.min(5, plan.laneGap * 0.4);
      const [left, top] = [axis.x(first) - axis.step / 2 - 2, plan.laneTop(group.high) - pad];
      const width = axis.x(last) + axis.step / 2 + 2 - left;
      const height = plan.laneBottom(group.low) + pad - top;
      return svg("rect", { class: "rl-layer", x: round(left), y: round(top), width: round(width), height: round(height), rx: 7 });
    });
}

function partMarks(network, axis, plan, height) {
  if (network.parts.length < 2) return [];
  const nodes = [];
  for (const part of network.parts) {
    const [first, last] = visibleSpan(part, axis);
    if (first > last) continue;
    const [left, right] = [axis.x(first) - axis.step / 2 + 2, axis.x(last) + axis.step / 2 - 2];
    nodes.push(svg("path", { class: "rl-bracket", d: `M${round(left)} ${height - plan.fontSize - 7}v3H${round(right)}v-3` }));
    nodes.push(svg("text", { class: "rl-part", x: round((left + right) / 2), y: plan.partY + 2 }, part.label));
  }
  return nodes;
}

/** The only way from encoder to decoder: the last state, as a strong arrow with its name. */
function contextVector(network, axis, plan) {
  const nodes = [];
  for (const part of network.parts.slice(0, -1)) {
    const c = part.stop - 1;
    if (!axis.shows(c) || !axis.shows(c + 1)) continue;
    const lanes = plan.rows.filter(({ stop, direction }) => stop === part.stop && direction === "forward").map(({ lane }) => lane);
    const border = axis.x(c) + axis.step / 2;
    const reach = plan.boxed ? (axis.step - plan.boxWidth) / 2 - 0.5 : 9;
    const arrows = lanes.map((lane) => arrow(border - reach, border + reach, plan.laneY(lane) - plan.boxHeight * 0.2, Math.min(8, reach * 1.3)));
    const { shaft, head } = joined(arrows);
    const labelY = plan.lossY - 4;
    const [x, half, highest] = [axis.x(c), plan.boxWidth / 2 + 1, Math.max(...lanes)];
    const height = plan.laneBottom(Math.min(...lanes)) - plan.laneTop(highest) + 3;
    nodes.push(svg("path", { class: "rl-border", d: `M${round(border)} ${round(labelY - 6)}V${round(plan.laneBottom(0) + 6)}` }));
    nodes.push(svg("rect", { class: "rl-joined", x: round(x - half), y: round(plan.laneTop(highest) - 1.5), width: round(2 * half), height: round(height), rx: round(plan.corner + 1.5) }));
    nodes.push(svg("path", { class: "rl-shaft rl-context", d: shaft }), svg("path", { class: "rl-head rl-context", d: head }));
    nodes.push(svg("text", { class: "rl-context-label", x: round(border - 6), y: round(labelY + 8) }, "context vector →"));
  }
  return nodes;
}

function rowLabels(network, axis, plan, theme) {
  const font = `400 ${plan.fontSize}px ${theme.font}`;
  const done = new Set();
  const nodes = [];
  for (const row of plan.rows) {
    if (done.has(row.lane)) continue;
    done.add(row.lane);
    const part = network.parts.find(({ start }) => start === row.start)?.label ?? "";
    const own = part && network.parts.length > 1 ? row.label.replace(part, "").replace(/^[\s·,:]+/, "") : row.label;
    const twoWays = plan.rows.some(({ direction }) => direction === "backward");
    const name = (own || `layer ${row.lane + 1}`).replace(/[\s,·]*(forward|backward)$/, "");
    const text = twoWays ? `${name} ${row.direction === "backward" ? "←" : "→"}` : name;
    const size = Math.min(plan.fontSize, plan.boxHeight + plan.laneGap - 1);
    nodes.push(svg("text", { class: "rl-side", x: 12, y: round(plan.laneY(row.lane) + size * 0.35), "font-size": size }, shortened(text, font, axis.left - 16)));
  }
  return nodes;
}

/** Where labels stand for narrow time steps, a line shows which one each belongs to. */
function pointers(columns, strong, axis, plan) {
  if (axis.step >= 7) return [];
  const bottom = plan.inputTop + 5;
  const path = (kind, chosen, top) =>
    svg("path", { class: `rl-pointer ${kind}`, d: chosen.map((c) => `M${round(axis.x(c))} ${round(bottom)}V${round(top)}`).join("") });
  const marked = columns.filter((c) => strong.has(c));
  return [
    path("", columns.filter((c) => !strong.has(c)), bottom - 4),
    path("rl-strong", marked, plan.laneBottom(0) + 7),
  ];
}

function inputTexts(network, axis, plan, theme) {
  const labels = inputLabels(network);
  if (!labels.some(Boolean)) return [];
  const few = axis.last - axis.first < 3;
  const room = few ? axis.step - 8 : Math.max(axis.step * 1.5, 80);
  const font = `600 ${plan.inputSize}px ${theme.font}`;
  const short = labels.map((label) => shortened(label, font, room));
  const strong = network.strong_inputs ?? [];
  const sizes = [plan.inputSize, plan.fontSize, plan.fontSize - 1, 10].filter((size, i, all) => all.indexOf(size) === i);
  const fit = fitText(short, axis, { sizes, family: theme.font, weight: 600, strong });
  const bold = new Set(strong);
  const texts = fit.columns.map((c) =>
    svg("text", { class: bold.size && !bold.has(c) ? "rl-input rl-weak" : "rl-input", x: round(axis.x(c)), y: plan.inputY, "font-size": fit.size }, short[c]),
  );
  const side = svg("text", { class: "rl-side", x: 12, y: plan.inputY, "font-size": plan.fontSize }, "input");
  return [side, ...pointers(fit.columns, bold, axis, plan), ...texts];
}

/** The boxes of one row, with the label that each may carry. */
function boxes(row, axis, plan) {
  const [first, last] = visibleSpan(row, axis);
  const labelled = plan.boxed && plan.boxWidth >= 25 && plan.boxHeight >= 19;
  const cells = [];
  for (let c = first; c <= last; c += 1) {
    const rect = svg("rect", {
      class: plan.boxed ? "rl-box" : "rl-band",
      x: round(axis.x(c) - plan.boxWidth / 2),
      y: round(plan.laneTop(row.lane)),
      width: plan.boxed ? round(plan.boxWidth) : round(axis.step) + 0.3,
      height: round(plan.boxHeight),
      rx: plan.boxed ? round(plan.corner) : 0,
    });
    const label = labelled
      ? svg("text", { class: "rl-state", x: round(axis.x(c)), y: round(plan.laneY(row.lane) + 5), "font-size": plan.fontSize + 2 }, "h", svg("tspan", { dy: 3, "font-size": plan.fontSize - 2 }, String(axis.time(c))))
      : null;
    cells.push({ column: c, rect, label, shade: -1 });
  }
  return cells;
}

function frameOf(row, axis, plan) {
  const [first, last] = visibleSpan(row, axis);
  if (plan.boxed || first > last) return [];
  const left = axis.x(first) - axis.step / 2;
  return [svg("rect", { class: "rl-frame", x: round(left), y: round(plan.laneTop(row.lane)), width: round(axis.step * (last - first + 1)), height: round(plan.boxHeight), rx: 3 })];
}

/** Strength classes 0 (strongest) to STRENGTHS - 1, or "zero", from log10 norms; all 0 where unknown. */
function strengths(arrows, norms) {
  if (!norms) return arrows.map(() => 0);
  const finite = norms.filter(Number.isFinite);
  const largest = finite.length ? Math.max(...finite) : 0;
  return arrows.map(({ column }) => {
    const norm = norms[column];
    if (norm === -Infinity) return "zero";
    if (!Number.isFinite(norm)) return 0;
    return Math.min(STRENGTHS - 1, Math.max(0, Math.floor(largest - norm)));
  });
}

function standing(network, axis, size, theme, nodes) {
  const plan = planNetwork(network, axis, size.height, size.fontSize);
  const forward = network.recurrent ? plan.rows.flatMap((row) => alongRow(row, axis, plan, false)) : [];
  const shown = plan.rows.filter((row) => visibleSpan(row, axis)[0] <= visibleSpan(row, axis)[1]);
  const cells = new Map(shown.map((row) => [row.layer, boxes(row, axis, plan)]));
  const rects = [...cells.values()].flat().flatMap(({ rect, label }) => (label ? [rect, label] : [rect]));
  nodes.still.replaceChildren(
    ...groupOutlines(axis, plan),
    ...arrowPaths("quiet", upwardArrows(network, axis, plan)),
    ...feedback(network, axis, plan),
    ...rects,
    ...shown.flatMap((row) => frameOf(row, axis, plan)),
    ...arrowPaths("forward", forward),
    ...contextVector(network, axis, plan),
    ...rowLabels(network, axis, plan, theme),
    ...inputTexts(network, axis, plan, theme),
    ...partMarks(network, axis, plan, size.height),
  );
  if (!network.recurrent) nodes.still.append(lonely(axis, plan));
  return { plan, cells };
}

function lonely(axis, plan) {
  return svg("text", { class: "rl-note rl-start", x: round(axis.x(0) + plan.boxWidth / 2 + 16), y: round(plan.laneY(0) + 4) }, "no recurrence in time");
}

function shadeCells(cells, magnitudes, theme) {
  for (const cell of cells) {
    const shade = magnitudes ? magnitudes[cell.column] : 0;
    if (shade === cell.shade) continue;
    cell.shade = shade;
    const lost = shade === NOT_A_NUMBER;
    cell.rect.setAttribute("fill", lost ? "var(--rl-card)" : theme.shades[shade]);
    cell.rect.classList.toggle("rl-lost", lost);
    if (cell.label) cell.label.style.fill = lost ? theme.wrong : theme.onShade[shade];
  }
}

function drawGradients(group, network, axis, plan, norms, layer) {
  const classes = new Map();
  for (const row of network.recurrent ? plan.rows : []) {
    const arrows = alongRow(row, axis, plan, true);
    const known = plan.laneCount === 1 || row.layer === layer;
    const strength = strengths(arrows, known ? norms : null);
    arrows.forEach((one, i) => {
      const name = known ? strength[i] : "plain";
      classes.set(name, [...(classes.get(name) ?? []), one]);
    });
  }
  group.replaceChildren(...[...classes].flatMap(([name, arrows]) => arrowPaths(`gradient rl-g-${name}`, arrows)));
}

/** A drawing kept in `body`; draw() takes the header's network, the time axis, the size and the arrays. */
export function makeUnrolled(body) {
  const nodes = { still: svg("g"), gradients: svg("g"), outputs: svg("g") };
  const root = svg("svg", { class: "rl-network", role: "img" }, nodes.still, nodes.gradients, nodes.outputs);
  body.append(root);
  const drawn = {};

  function draw({ network, axis, size, theme, rowOf, norms, gradientLayer, gradientKey }) {
    const { outputs, ...fixed } = network;
    const place = JSON.stringify([fixed, outputs.map(({ step, loss }) => [step, loss]), axis.first, axis.last, size, theme.key]);
    const fresh = place !== drawn.place;
    if (fresh) {
      root.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
      root.setAttribute("width", size.width);
      root.setAttribute("height", size.height);
      Object.assign(drawn, standing(network, axis, size, theme, nodes), { place });
    }
    for (const [layer, cells] of drawn.cells) shadeCells(cells, rowOf(layer), theme);
    if (fresh || gradientKey !== drawn.gradientKey) {
      drawGradients(nodes.gradients, network, axis, drawn.plan, norms, gradientLayer);
      drawn.gradientKey = gradientKey;
    }
    const said = JSON.stringify(outputs);
    if (fresh || said !== drawn.said) {
      drawOutputs(nodes.outputs, network, axis, drawn.plan, theme);
      drawn.said = said;
      root.setAttribute("aria-label", describe(network));
    }
  }

  return { draw, root };
}

function describe(network) {
  const [first] = network.outputs;
  const said = network.outputs.length === 1 ? `; predicted ${visible(first.predicted)}, target ${visible(first.target)}` : "";
  return `Network unrolled over ${network.time_steps} time steps, ${network.rows.length} rows of states, ${network.outputs.length} outputs${said}`;
}

