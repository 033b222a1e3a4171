// Numbers over time as a line instead of boxes: what goes in, and what the network says, over the columns of the map.

import { svg } from "../elements.js";
import { short } from "./columns.js";

const NUMBER = /^[-−+]?\d+(?:[.,]\d+)?(?:\s?\S{0,6})?$/;
const HEIGHT = 120;
const EDGE = 10;

const value = (label) => Number.parseFloat(label.replace("−", "-").replace(",", "."));

/** The labels as numbers; null where one of them is none. */
export function numbersOf(labels) {
  return labels.length > 1 && labels.every((label) => NUMBER.test(label)) ? labels.map(value) : null;
}

/** What is said, as numbers, where it is on the scale of what goes in: a forecast, no class of changes. */
export function saidOf(panel) {
  const given = numbersOf(panel.reads);
  const said = numbersOf(panel.says.map(([label]) => label));
  const alike = given && said && Math.min(...said) <= Math.max(...given) && Math.max(...said) >= Math.min(...given);
  return alike ? said : null;
}

/** One panel's numbers, `left` pixels from the edge; a click says the column. */
export function drawLines(panel, first, { column, left, least }, theme) {
  const given = numbersOf(panel.reads);
  const said = saidOf(panel);
  const all = [...given, ...(said ?? [])];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const width = column * panel.steps;
  const x = (t) => left + (t + 0.5) * column;
  const y = (one) => EDGE + (HEIGHT - 2 * EDGE) * (1 - (one - low) / (high - low || 1));
  const line = (values, colour, dash) => svg("polyline", { points: values.map((one, t) => `${x(t).toFixed(1)},${y(one).toFixed(1)}`).join(" "), fill: "none", stroke: colour, "stroke-width": 2.2, "stroke-linejoin": "round", "stroke-dasharray": dash });
  const mark = (one) => svg("text", { x: left - 6, y: y(one) + 4, "text-anchor": "end", fill: theme.muted, "font-size": least }, short(one));
  const node = svg("svg", { class: "rt-lines", width: left + width, height: HEIGHT, role: "img", "aria-label": "What goes in over time, and what the network says" });
  node.append(mark(low), mark(high), line(given, theme.forward));
  if (said) node.append(line(said, theme.predict, "5 4"));
  const words = [["reads", theme.forward], ...(said ? [["says", theme.predict]] : [])];
  words.forEach(([word, fill], i) => node.append(svg("text", { x: left + width - 6, y: least + 2 + 1.25 * least * i, "text-anchor": "end", "font-size": least + 1, "font-weight": 650, fill }, word)));
  for (let t = 0; t < panel.steps; t += 1) node.append(svg("rect", { class: "rt-line-column", "data-column": first + t, x: left + t * column, y: 0, width: column, height: HEIGHT, fill: "transparent" }, svg("title", {}, `time step ${t + 1}: ${panel.reads[t]}`)));
  return node;
}
