// Where a sequence has ended and its batch has not: padding, in which there is no state and no loss.

import { svg } from "./elements.js";
import { textWidth } from "./timeaxis.js";
import { round } from "./unrolled_arrows.js";

const APART = 5; // pixels between the lines of a hatching
const [NARROWEST, WIDEST] = [6, 30]; // pixels of padding that can be seen; and most, at the right edge

const steps = (count) => `${count} time step${count === 1 ? "" : "s"}`;

/** A rectangle of slanted lines as path data. */
function hatching(x, y, width, height) {
  let d = "";
  for (let at = APART; at < width + height; at += APART) {
    const [x0, y0] = [x + Math.max(0, at - height), y + Math.min(at, height)];
    const [x1, y1] = [x + Math.min(at, width), y + Math.max(0, at - width)];
    d += `M${round(x0)} ${round(y0)}L${round(x1)} ${round(y1)}`;
  }
  return d;
}

/** After the last state of each part that is padded: a hatched end in every row, with how much there is. */
export function padding(network, axis, plan) {
  return network.parts.flatMap((part, number) => {
    const c = part.stop - 1;
    if (!part.padding || !axis.shows(c)) return [];
    const last = number === network.parts.length - 1;
    const left = axis.x(c) + (plan.boxed ? plan.boxWidth / 2 : axis.step / 2) + 2;
    const width = last ? Math.min(WIDEST, axis.margin.right - 34) : axis.x(c) + axis.step / 2 - 1 - left;
    if (width < NARROWEST) return [];
    const lanes = plan.rows.filter(({ stop }) => stop === part.stop).map(({ lane }) => lane);
    const words = `Then ${steps(part.padding)} of padding: no state, no loss.`;
    const alone = network.parts.length === 1; // else the words are under the part's bracket
    const place = { class: "rl-side", x: round(left), y: plan.inputY, "font-size": plan.fontSize };
    return [
      ...lanes.flatMap((lane) => hatched(left, plan.laneTop(lane), width, plan.boxHeight, svg("title", {}, words))),
      ...(alone ? [svg("text", place, `${part.padding} padding`)] : []),
    ];
  });
}

/** A part's name under its bracket, and how much padding comes after it where there is room to say so. */
export function partWords(part, left, right, plan, theme) {
  const font = `600 ${plan.fontSize}px ${theme.font}`;
  const then = part.padding ? `${part.label}, then ${part.padding} of padding` : part.label;
  const whole = part.padding ? `${then}: no state, no loss` : part.label;
  const swatch = 18;
  const room = right - left - (part.padding ? 2 * swatch + 12 : 0);
  const text = [whole, then].find((words) => textWidth(words, font) < room) ?? part.label;
  const [x, y] = [(left + right) / 2, plan.partY + 2];
  const label = svg("text", { class: "rl-part", x: round(x), y }, text);
  if (text === part.label) return [label];
  const place = [x + textWidth(text, font) / 2 + 6, y - plan.fontSize * 0.75, swatch, plan.fontSize * 0.8];
  return [label, ...hatched(...place)];
}

function hatched(x, y, width, height, ...title) {
  const box = { x: round(x), y: round(y), width: round(width), height: round(height) };
  return [
    svg("rect", { class: "rl-padding", ...box }, ...title),
    svg("path", { class: "rl-hatching", d: hatching(x, y, width, height) }),
  ];
}
