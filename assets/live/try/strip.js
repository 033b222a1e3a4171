// What goes in at each time step, over the columns of the map: in boxes, as words at a slant, or as running text
// where letters are many; below each what the network says there.

import { html, visible } from "../elements.js";
import { percent, shown } from "./answer.js";
import { widthAt } from "./fitting.js";
import { drawLines, saidOf } from "./lines.js";
import { slantedParts } from "./words.js";

const NARROWEST = 6; // pixels below which what the network says is left out

/** What stands at each time step, by panel. */
export const labelsOf = (stack) => stack.panels.map((panel) => panel.reads);

const inkOf = (look, otherwise) => /color:(#\w+)$/.exec(look)?.[1] ?? otherwise;

function box(panel, t, number, { look, theme, geometry }) {
  const label = panel.reads[t];
  const style = look(panel, t);
  const slanted = geometry.way === "slanted";
  const words = `time step ${t + 1}: ${visible(label)}`;
  const kind = slanted ? "rt-character rt-slanted" : label ? "rt-character" : "rt-character rt-start";
  const own = slanted ? `height:${geometry.head}px` : style;
  const inside = slanted ? slantedParts(label || "▸", geometry, style) : [label ? shown(label, inkOf(style, theme.text)) : "▸"];
  return html("button", { type: "button", class: kind, "data-column": number, style: own, title: words, "aria-label": words, tabindex: -1 }, ...inside);
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

/** Blocks with the room that their word takes: along the columns, or across where they are narrower. */
function wordy(panel, column, { family, size, least }) {
  const long = panel.says.some(([label]) => label.length > 2);
  const all = long ? blocks(panel.says) : panel.says.map(([label, chance], t) => ({ label, start: t, chances: [chance] }));
  return all.map((block) => {
    const width = column * block.chances.length;
    const letters = widthAt(block.label, family, 700);
    const along = Math.min(size, (width - 4) / letters);
    const upended = along < least && width >= least;
    const font = upended ? Math.max(least, Math.min(size, width * 0.8)) : Math.max(least, along);
    return { ...block, width, upended, font, tall: upended ? letters * font + 8 : 0 };
  });
}

function ribbon(all, first, tall) {
  return all.map(({ label, start, chances, width, upended, font }) =>
    html(
      "div",
      { class: "rt-says", style: `width:${width}px`, "data-column": first + start, title: `${label}, ${chances.map(percent).join(", ")}` },
      html("span", { class: upended ? "rt-says-word rt-upended" : "rt-says-word", style: `font-size:${font}px${tall ? `;height:${tall}px` : ""}` }, visible(label)),
      chances.every((chance) => chance === null) ? "" : html("span", { class: "rt-says-bars" }, ...chances.map((chance) => html("i", { style: `height:${Math.round(100 * (chance ?? 0))}%` }))),
    ),
  );
}

/** What the network says, over the columns; nothing where they are too narrow for it. */
function said(stack, { column, gap, left, least }, { theme, size }) {
  const given = stack.panels.map((panel) => wordy(panel, column, { family: theme.font, size, least }));
  const tall = Math.ceil(Math.max(...given.flat().map((block) => block.tall), 0));
  let first = 0;
  const panels = stack.panels.map((panel, p) => {
    const own = ribbon(given[p], first, tall);
    first += panel.steps;
    return html("div", { class: "rt-panel", style: `width:${column * panel.steps}px;margin-right:${gap}px` }, ...own);
  });
  return html("div", { class: "rt-row rt-said-row", style: `padding-left:${left}px` }, ...panels);
}

/** Draw a stack's strips. `look(panel, t)` is a box's style, `size` the letters of what the network says. */
export function drawStrip(node, stack, geometry, options) {
  const { column, gap, left, way } = geometry;
  if (way === "lines") {
    const [panel] = stack.panels;
    const apart = panel.says.length && !saidOf(panel) ? said(stack, geometry, options) : "";
    return node.replaceChildren(drawLines(panel, 0, geometry, options.theme), apart);
  }
  node.style.setProperty("--rt-column", `${column}px`);
  const running = way === "running";
  let first = 0;
  const read = stack.panels.map((panel) => {
    const boxes = panel.reads.map((_, t) => box(panel, t, first + t, { ...options, geometry }));
    first += panel.steps;
    return html("div", { class: "rt-panel", style: `margin-right:${running ? 0 : gap}px` }, ...boxes);
  });
  const look = running ? null : `padding-left:${left}px;--rt-letters:${geometry.font}px`;
  const says = column >= NARROWEST && stack.panels.some((panel) => panel.says.length);
  return node.replaceChildren(html("div", { class: running ? "rt-running" : "rt-row", style: look }, ...read), says ? said(stack, geometry, options) : "");
}
