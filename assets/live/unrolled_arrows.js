// The arrows of the unrolled network: state forward, gradient against it, layers upwards, outputs fed back.

import { svg } from "./elements.js";
import { shortened } from "./timeaxis.js";

const FEEDBACK_DROP = 10; // pixels under the lowest row at which a fed-back output turns upwards
const STRENGTHS = 5; // classes of gradient arrows, one per power of ten below the largest

export const round = (value) => Math.round(value * 10) / 10;

/** A horizontal arrow as path data: the shaft and, apart, the head. */
export function arrow(from, to, y, head) {
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

export const joined = (arrows) => ({
  shaft: arrows.map(({ shaft }) => shaft).join(""),
  head: arrows.map(({ head }) => head).join(""),
});

export function arrowPaths(kind, arrows) {
  const { shaft, head } = joined(arrows);
  return [
    svg("path", { class: `rl-shaft rl-${kind}`, d: shaft }),
    svg("path", { class: `rl-head rl-${kind}`, d: head }),
  ];
}

export function visibleSpan(row, axis) {
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
    segments.push({
      column: c,
      shaft: `M${round(axis.x(c) - axis.step / 2)} ${round(y)}h${round(axis.step)}`,
      head: "",
    });
  }
  const tip = arrow(...(rightward ? ends : ends.reverse()), y, 6);
  segments.push({ column: rightward ? last : first, shaft: "", head: tip.head });
  return segments;
}

export const alongRow = (row, axis, plan, upstream) =>
  (plan.boxed ? rowArrows : bandArrows)(row, axis, plan, upstream);

/** Inputs into the lowest layer, and each layer into the next. */
export function upwardArrows(network, axis, plan) {
  if (axis.step < 7) return [];
  const arrows = [];
  for (const group of plan.groups) {
    const [first, last] = visibleSpan(group, axis);
    const below = plan.groups.find(({ high, start }) => high === group.low - 1 && start === group.start);
    for (let c = first; c <= last; c += 1) {
      const fed = network.inputs[c] || isFedBack(network, c);
      if (!below && !fed) continue;
      const from = below
        ? plan.laneTop(below.high) - 1
        : network.inputs[c]
          ? plan.inputTop + 1
          : plan.laneBottom(0) + FEEDBACK_DROP;
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

/** Dashed: from the output of one time step, or from its target, down between the boxes, into the input of the next. */
export function feedback(network, axis, plan) {
  if (!network.fed_back || !plan.boxed) return [];
  const part = generatingPart(network);
  const fromTarget = network.fed === "target"; // teacher forcing: what is fed is no prediction
  const top = fromTarget ? plan.fedY : plan.laneTop(plan.laneCount - 1) - 7;
  const aside = fromTarget ? Math.min(9, axis.step * 0.3) : 0; // beside the target, not through it
  const bottom = plan.laneBottom(0) + FEEDBACK_DROP;
  const bend = Math.min(6, axis.step * 0.2);
  let d = "";
  for (let c = Math.max(part.start, axis.first); c < Math.min(part.stop - 1, axis.last); c += 1) {
    const [x, middle, next] = [axis.x(c), axis.x(c) + axis.step / 2, axis.x(c + 1)];
    d += `M${round(x + aside)} ${round(top)}H${round(middle - bend)}q${bend} 0 ${bend} ${bend}V${round(bottom - bend)}`;
    d += `q0 ${bend} ${bend} ${bend}H${round(next)}`;
  }
  return [svg("path", { class: fromTarget ? "rl-feedback rl-fed-target" : "rl-feedback", d })];
}

/** What the next input is made of, over the part that has no outputs; null where there is no such room. */
export function fedRoom(network, axis) {
  const first = Math.min(...network.outputs.map(({ step }) => step));
  const right = axis.shows(first) ? axis.x(first) - axis.step / 2 : axis.right;
  const room = right - axis.left - 8;
  return network.fed_back && network.parts.length > 1 && room > 150 ? room : null;
}

/** In words, where there is room for them. */
export function fedNote(network, axis, plan, theme) {
  const room = network.fed_words && plan.texts ? fedRoom(network, axis) : null;
  if (!room) return [];
  const text = shortened(network.fed_words, `400 ${plan.fontSize}px ${theme.font}`, room);
  const place = { x: round(axis.left + room), y: plan.targetY, "font-size": plan.fontSize };
  return [svg("text", { class: "rl-note rl-fed", ...place }, text, svg("title", {}, network.fed_words))];
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

export function drawGradients(group, network, axis, plan, norms, layers) {
  const classes = new Map();
  for (const row of network.recurrent ? plan.rows : []) {
    const arrows = alongRow(row, axis, plan, true);
    const known = plan.laneCount === 1 || layers?.includes(row.layer);
    const strength = strengths(arrows, known ? norms : null);
    arrows.forEach((one, i) => {
      const name = known ? strength[i] : "plain";
      if (!classes.has(name)) classes.set(name, []);
      classes.get(name).push(one);
    });
  }
  group.replaceChildren(
    ...[...classes].flatMap(([name, arrows]) => arrowPaths(`gradient rl-g-${name}`, arrows)),
  );
}
