// The same network twice: folded with its loop, and unfolded with one column for each time step.

import { svg } from "../elements.js";
import { shortNumber } from "./typeset.js";
import { plan } from "./plan.js";

/** What is known at the player's place: `get(what, t)` gives a matrix, or null where it is still ahead. */
export function knownAt(player, arrays) {
  const found = new Map();
  for (const line of player.lines.slice(0, player.at + 1))
    for (const what of line.shows) found.set(`${what} ${line.t ?? ""}`, arrays[line.value]);
  return { get: (what, t) => found.get(`${what} ${t ?? ""}`) ?? null };
}

/** A symbol with an index, such as h and t, as SVG text. */
function symbol(name, index, x, y, size, cls = "") {
  return svg(
    "text",
    { x, y, class: `ru-symbol ${cls}`, "font-size": size },
    name,
    svg("tspan", { dy: size * 0.25, "font-size": size * 0.72 }, String(index)),
  );
}

function arrow(from, to, cls) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const tip = 7;
  const base = [to[0] - ux * tip, to[1] - uy * tip];
  const side = [-uy * tip * 0.6, ux * tip * 0.6];
  const head = [to, [base[0] + side[0], base[1] + side[1]], [base[0] - side[0], base[1] - side[1]]];
  return svg(
    "g",
    { class: `ru-arrow ${cls}` },
    svg("line", { x1: from[0], y1: from[1], x2: base[0], y2: base[1] }),
    svg("polygon", { points: head.map((point) => point.join()).join(" ") }),
  );
}

/** The name of a shared weight beside an arrow: the same at every time step. */
function pill(letter, x, y, place, chosen, lit) {
  const [w, h] = [place.size * 1.55, place.size * 1.4];
  const cls = `ru-pill${chosen === letter ? " ru-chosen" : ""}${lit ? " ru-lit" : ""}`;
  return svg(
    "g",
    { class: cls, "data-weight": letter },
    svg("rect", { x: x - w / 2, y: y - h / 2, width: w, height: h, rx: h / 2 }),
    svg("text", { x, y: y + place.size * 0.34, "font-size": place.size * 0.95 }, letter),
  );
}

/** A number centred on `x`; a long one, such as a power of ten, in smaller letters. */
function number(value, x, y, size, cls, decimals, room = Infinity) {
  const bad = typeof value !== "number";
  const shown = shortNumber(value, decimals);
  const fitting = Math.min(size, room / (0.56 * shown.length));
  return svg(
    "text",
    { x, y, "font-size": fitting, class: `ru-num ${cls}${bad ? " ru-nan" : ""}` },
    shown,
    svg("title", {}, String(value)),
  );
}

/** One unit of a state: its value, below it the derivative of the loss with respect to it. */
function unit(x, y, width, place, value, gradient) {
  const { size } = place;
  const middle = x + width / 2;
  const both = gradient !== undefined;
  const nodes = [svg("rect", { x, y: y + 2, width, height: place.unit - 4, rx: 6, class: "ru-unit" })];
  if (value !== undefined)
    nodes.push(number(value, middle, y + place.unit * (both ? 0.47 : 0.66), size, "ru-forward", place.decimals, width));
  if (both)
    nodes.push(number(gradient, middle, y + place.unit * 0.86, size * 0.85, "ru-gradient", place.decimals, width));
  return nodes;
}

/** A cell at one time step. */
function box(t, data, place, known) {
  const [top, tall] = place.boxRow;
  const left = place.left(t);
  const nodes = [svg("rect", { x: left, y: top, width: place.box, height: tall, rx: 11, class: "ru-box" })];
  data.states.forEach((state, k) => {
    const section = place.states[k];
    const [x, wide] = [left + section.offset * place.box, section.share * place.box];
    nodes.push(symbol(state, t, x + wide / 2, section.top + place.head * 0.78, place.size));
    const [value, gradient] = [known.get(state, t), known.get(`grad ${state}`, t)];
    for (let i = 0; i < data.hidden_size; i += 1)
      nodes.push(
        ...unit(x + 4, section.top + place.head + i * place.unit, wide - 8, place, value?.[i][0], gradient?.[i][0]),
      );
  });
  return nodes;
}

function output(t, data, place, known) {
  const [top, tall] = place.output;
  const [x, width] = [place.left(t) + place.box * 0.1, place.box * 0.8];
  const [value, gradient] = [known.get("y", t)?.[0][0], known.get("grad y", t)?.[0][0]];
  const nodes = [svg("rect", { x, y: top, width, height: tall, rx: tall / 2.6, class: "ru-output" })];
  const middle = place.middle(t);
  if (value === undefined) nodes.push(symbol("y", t, middle, top + tall * 0.62, place.size));
  else nodes.push(number(value, middle, top + tall * (gradient === undefined ? 0.64 : 0.46), place.size, "ru-predict", place.decimals));
  if (gradient !== undefined)
    nodes.push(number(gradient, middle, top + tall * 0.84, place.size * 0.85, "ru-gradient", place.decimals));
  return nodes;
}

function loss(t, data, place, known) {
  if (!data.loss_times.includes(t)) return [];
  const [top, tall] = place.loss;
  const middle = place.middle(t);
  const value = known.get("L", t)?.[0][0];
  const goal = data.arrays[data.target][t - 1][0];
  const shown = value === undefined ? "" : ` = ${shortNumber(value, place.decimals)}`;
  const size = Math.min(place.size * 0.9, place.box / (0.56 * (shown.length + 1.5)));
  const text = (words, share, cls) =>
    svg("text", { x: middle, y: top + tall * share, "font-size": size, class: `ru-num ${cls}` }, ...words);
  const down = (s) => svg("tspan", { dy: size * 0.22, "font-size": size * 0.72 }, s);
  const back = (s) => svg("tspan", { dy: -size * 0.22 }, s);
  return [
    svg("rect", { x: place.left(t), y: top, width: place.box, height: tall, rx: 8, class: "ru-loss" }),
    text(["L", down(t), back(shown)], 0.42, "ru-losstext"),
    text([`y* = ${shortNumber(goal, place.decimals)}`], 0.84, "ru-quiet"),
  ];
}

function input(t, data, place, known) {
  const [top, tall] = place.input;
  const [x, width] = [place.left(t) + place.box * 0.15, place.box * 0.7];
  const values = data.arrays[data.x][t - 1];
  const lit = known.get("x", t) ? "" : " ru-waiting";
  return [
    svg("rect", { x, y: top, width, height: tall, rx: 8, class: "ru-input" }),
    ...values.map((value, i) =>
      number(value, place.middle(t), top + 4 + place.size * (1.35 * i + 1.05), place.size, `ru-forward${lit}`, place.decimals),
    ),
  ];
}

const lit = (yes, now) => `${yes ? " ru-on" : ""}${now ? " ru-now" : ""}`;

/** The arrows of one time step; blue ones run forward, orange ones back. */
function arrows(t, data, place, known, now) {
  const middle = place.middle(t);
  const [boxTop, boxTall] = place.boxRow;
  const [outTop, outTall] = place.output;
  const beside = Math.min(9, place.box * 0.12);
  const has = (what, time = t) => known.get(what, time) !== null;
  const at = (key, time = t) => now.t === time && now.shows.includes(key);
  const works = now.t === t && now.kind === "forward" && !["x", "y", "y*", "L"].includes(now.key);
  const nodes = [
    arrow([middle - beside, place.input[0] - 2], [middle - beside, boxTop + boxTall + 2], `ru-f${lit(has("h"), works)}`),
    arrow([middle - beside, boxTop - 2], [middle - beside, outTop + outTall + 2], `ru-f${lit(has("y"), at("y"))}`),
  ];
  if (data.loss_times.includes(t)) {
    const lossBottom = place.loss[0] + place.loss[1];
    nodes.push(arrow([middle - beside, outTop - 2], [middle - beside, lossBottom + 2], `ru-f${lit(has("L"), at("L"))}`));
    if (has("grad y")) nodes.push(arrow([middle + beside, lossBottom + 2], [middle + beside, outTop - 2], `ru-b${lit(true, at("grad y"))}`));
    if (has("direct")) nodes.push(arrow([middle + beside, outTop + outTall + 2], [middle + beside, boxTop - 2], `ru-b${lit(true, at("direct"))}`));
  }
  return [...nodes, ...across(t, data, place, known, { has, at, works })];
}

/** The arrows between this time step and the one before. */
function across(t, data, place, known, { has, at, works }) {
  const [from, to] = [place.left(t) - place.between + 2, place.left(t) - 2];
  const nodes = [];
  data.states.forEach((state, k) => {
    const { top, tall, shift } = place.states[k];
    const middle = top + tall / 2;
    const off = 9 + shift;
    nodes.push(arrow([from, middle - off], [to, middle - off], `ru-f${lit(has("h"), works)}`));
    if (t > 1 && has(`carried ${state}`, t - 1))
      nodes.push(arrow([to, middle + off], [from, middle + off], `ru-b${lit(true, at(`carried ${state}`, t - 1))}`));
    if (t === 1) nodes.push(symbol(state, 0, from - 8, middle - off + 4, place.size * 0.85, "ru-end"));
  });
  return nodes;
}

function pills(t, data, place, chosen, works) {
  const beside = Math.min(9, place.box * 0.12) + place.size * 1.3;
  const x = place.middle(t) - beside;
  const high = place.states[0].top + place.states[0].tall / 2 - 9 - Math.max(...place.states.map(({ shift }) => shift));
  const gap = (above, below) => (above[0] + above[1] + below[0]) / 2;
  return [
    pill("W", x, gap(place.boxRow, place.input), place, chosen, works),
    pill("U", place.left(t) - place.between / 2, high - place.size * 1.1, place, chosen, works),
    pill("V", x, gap(place.output, place.boxRow), place, chosen, works),
  ];
}

function folded(data, place, chosen) {
  const width = Math.min(78, place.folded * 0.48);
  const x = width / 2 + Math.max(14, place.size * 1.2);
  const [boxTop, boxTall] = place.boxRow;
  const tall = Math.min(boxTall, place.size * 4.2);
  const top = boxTop + (boxTall - tall) / 2;
  const node = (y, h, cls, rx) => svg("rect", { x: x - width / 2, y, width, height: h, rx, class: cls });
  const states = [...data.states].reverse();
  const right = x + width / 2;
  const middle = top + tall / 2;
  const reach = Math.min(44, (place.folded - right) * 0.95);
  const gap = (a, b) => (a + b) / 2;
  return [
    node(place.input[0], place.input[1], "ru-input", 8),
    symbol("x", "t", x, place.input[0] + place.input[1] / 2 + place.size * 0.3, place.size),
    node(top, tall, "ru-box", 11),
    ...states.map((state, k) =>
      symbol(state, "t", x + (k - (states.length - 1) / 2) * width * 0.45, middle + place.size * 0.3, place.size * 1.1),
    ),
    node(place.output[0], place.output[1], "ru-output", place.output[1] / 2.6),
    symbol("y", "t", x, place.output[0] + place.output[1] * 0.62, place.size),
    arrow([x, place.input[0] - 2], [x, top + tall + 2], "ru-f ru-on"),
    arrow([x, top - 2], [x, place.output[0] + place.output[1] + 2], "ru-f ru-on"),
    svg("path", {
      class: "ru-loop",
      d: `M${right},${middle - tall * 0.22} c${reach},-${tall * 0.35} ${reach},${tall * 0.8} 9,${tall * 0.46}`,
    }),
    svg("polygon", { class: "ru-loophead", points: `${right + 1},${middle + tall * 0.24} ${right + 10},${middle + tall * 0.14} ${right + 10},${middle + tall * 0.32}` }),
    pill("W", x - place.size * 1.3, gap(top + tall, place.input[0]), place, chosen),
    pill("V", x - place.size * 1.3, gap(place.output[0] + place.output[1], top), place, chosen),
    pill("U", right + reach * 0.55, middle - tall * 0.5 - place.size * 0.35, place, chosen),
    svg("text", { x, y: place.time + place.size, class: "ru-caption", "font-size": place.size * 0.85 }, "folded"),
    svg("line", { class: "ru-divider", x1: place.folded, x2: place.folded, y1: 6, y2: place.input[0] + place.input[1] }),
  ];
}

/** The whole drawing, anew, into the SVG node `canvas`. `chosen` is the letter of the weight looked at. */
export function drawNetwork(canvas, player, data, chosen) {
  const { clientWidth: width, clientHeight: height } = canvas.parentElement;
  if (!width || !height) return;
  const place = plan(width, height, data);
  const known = knownAt(player, data.arrays);
  const stage = player.stages[player.stage];
  const now = { ...player.lines[player.at], kind: stage.kind };
  const nodes = folded(data, place, chosen);
  for (let t = 1; t <= data.length; t += 1) {
    const active = stage.t === t;
    if (active) nodes.push(band(t, place, stage.kind));
    nodes.push(
      svg(
        "text",
        { x: place.middle(t), y: place.time + place.size, class: `ru-caption${active ? " ru-active" : ""}`, "font-size": place.size * 0.85 },
        `t = ${t}`,
      ),
      ...arrows(t, data, place, known, now),
      ...pills(t, data, place, chosen, active && stage.kind === "forward"),
      ...box(t, data, place, known),
      ...output(t, data, place, known),
      ...loss(t, data, place, known),
      ...input(t, data, place, known),
    );
  }
  canvas.setAttribute("viewBox", `0 0 ${width} ${height}`);
  canvas.replaceChildren(...nodes);
}

/** The column of the time step in force. */
function band(t, place, kind) {
  const margin = Math.min(9, place.between * 0.2);
  const bottom = place.input[0] + place.input[1] + 4;
  return svg("rect", {
    x: place.left(t) - margin,
    y: place.time - 3,
    width: place.box + 2 * margin,
    height: bottom - place.time + 6,
    rx: 12,
    class: `ru-column ru-column-${kind}`,
  });
}
