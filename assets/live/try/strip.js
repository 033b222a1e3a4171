// What goes in at each time step, in boxes over the columns of the map, or as running text where it is long;
// below each what the network says there.

import { html, visible } from "../elements.js";
import { isImage } from "./pixels.js";
import { percent, shown } from "./answer.js";
import { drawLines, numbersOf } from "./lines.js";

const NARROWEST = 15;
const pen = document.createElement("canvas").getContext("2d");

/** Whether every label fits into its column. */
export function fitsColumns(stack, column, font) {
  pen.font = font;
  const labels = stack.panels.flatMap((panel) => panel.reads);
  return column >= NARROWEST && labels.every((label) => isImage(label) || pen.measureText(visible(label)).width < column - 3);
}

function box(panel, t, column, { look, theme, boxed }) {
  const label = panel.reads[t];
  const style = look(panel, t);
  const node = html(
    "button",
    {
      type: "button",
      class: label ? "rt-character" : "rt-character rt-start",
      "data-column": column,
      style,
      title: `time step ${t + 1}: ${visible(label)}`,
      "aria-label": `time step ${t + 1}: ${visible(label)}`,
      tabindex: -1,
    },
    !label ? "▸" : shown(label, /color:(#\w+)$/.exec(style)?.[1] ?? theme.text),
  );
  return node;
}

/** Runs of one and the same label become one block over their columns. */
function blocks(says) {
  const found = [];
  says.forEach(([label, chance], t) => {
    const last = found.at(-1);
    if (last && last.label === label) last.chances.push(chance);
    else found.push({ label, start: t, chances: [chance] });
  });
  return found;
}

function ribbon(panel, first, width) {
  const long = panel.says.some(([label]) => label.length > 2);
  const all = long ? blocks(panel.says) : panel.says.map(([label, chance], t) => ({ label, start: t, chances: [chance] }));
  return all.map(({ label, start, chances }) =>
    html(
      "div",
      { class: "rt-says", style: `width:${width * chances.length}px`, "data-column": first + start, title: `${label}, ${chances.map(percent).join(", ")}` },
      html("span", { class: "rt-says-word" }, visible(label)),
      html("span", { class: "rt-says-bars" }, ...chances.map((chance) => html("i", { style: `height:${Math.round(100 * (chance ?? 0))}%` }))),
    ),
  );
}

/**
 * Draw a stack's strips. `look(panel, t)` is a box's style, `geometry` the columns' width, gap and left edge.
 */
export function drawStrip(node, stack, geometry, options) {
  const { column, gap, left, boxed } = geometry;
  if (!boxed && stack.panels.length === 1 && numbersOf(stack.panels[0].reads)) {
    return node.replaceChildren(drawLines(stack.panels[0], 0, geometry, options.theme));
  }
  node.style.setProperty("--rt-column", `${column}px`);
  const rows = { read: [], said: [] };
  let first = 0;
  for (const panel of stack.panels) {
    const boxes = panel.reads.map((_, t) => box(panel, t, first + t, { ...options, boxed }));
    const apart = !boxed && panel.reads.some((label) => label.length > 1);
    const spaced = apart ? boxes.flatMap((one) => [one, " "]) : boxes;
    rows.read.push(html("div", { class: "rt-panel", style: `margin-right:${boxed ? gap : 0}px` }, ...spaced));
    const own = panel.says.length ? ribbon(panel, first, column) : [];
    const look = `width:${column * panel.steps}px;margin-right:${gap}px`;
    rows.said.push(html("div", { class: "rt-panel", style: look }, ...own));
    first += panel.steps;
  }
  const says = column >= NARROWEST && stack.panels.some((panel) => panel.says.length);
  node.replaceChildren(
    html("div", { class: boxed ? "rt-row" : "rt-running", style: boxed ? `padding-left:${left}px` : null }, ...rows.read),
    says ? html("div", { class: "rt-row rt-said-row", style: `padding-left:${left}px` }, ...rows.said) : "",
  );
}
