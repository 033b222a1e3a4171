// Before and after: what a changed character, a silenced unit or a held gate changes from there on.

import { html, visible } from "../elements.js";
import { drawMap, rowHeight } from "./map.js";
import { drawStrip, fitsColumns } from "./strip.js";
import { drawColumns, largest } from "./columns.js";
import { columnsOf, quantityOf, unpacked } from "./states.js";
import { percent } from "./answer.js";

const GAP = 22;
const LEFT = 64;

/** The states of `b` less those of `a`, as far as both go. */
function less(a, b) {
  const panels = a.panels.map((panel, i) => {
    const other = b.panels[i];
    const steps = Math.min(panel.steps, other.steps);
    const quantities = panel.quantities.map((one) => {
      const at = (unit, t) => quantityOf(other, one.name).at(unit, t) - one.at(unit, t);
      const values = Array.from({ length: steps }, (_, t) => Array.from({ length: a.units }, (_, unit) => Math.abs(at(unit, t)))).flat();
      return { ...one, signed: true, reach: largest(values), at };
    });
    return { ...panel, steps, quantities };
  });
  return { ...a, panels };
}

function outcome(words, { words: said, sure }, tone) {
  return html(
    "div",
    { class: `rt-outcome ${tone}` },
    html("small", {}, words),
    html("b", {}, visible(said)),
    sure === null ? "" : html("span", {}, percent(sure)),
  );
}

function strip(stack, words, geometry, ctx, other) {
  const node = html("div", { class: "rt-strip" });
  const look = (panel, t) => {
    const one = quantityOf(panel, ctx.quantity);
    return ctx.colours.look(one.at(ctx.unit, t), one.reach, one.signed);
  };
  drawStrip(node, stack, geometry, { look, theme: ctx.theme });
  const given = other.panels.flatMap((panel) => panel.reads);
  const labels = stack.panels.flatMap((panel) => panel.reads);
  for (const one of node.querySelectorAll(".rt-character")) {
    const column = Number(one.dataset.column);
    one.classList.toggle("rt-otherwise", labels[column] !== given[column]);
  }
  return html("div", { class: "rt-pair" }, html("span", { class: "rt-pair-name" }, words), node);
}

export function drawChanged(node, ctx) {
  const { more, answer } = ctx.data;
  if (!more?.after) {
    return node.replaceChildren(html("p", { class: "rt-note" }, more?.hint ?? ""));
  }
  const before = ctx.stackNow;
  const after = unpacked(more.after)[ctx.stack] ?? unpacked(more.after)[0];
  const columns = Math.max(columnsOf(before), columnsOf(after));
  const column = Math.min(150, (ctx.room.width - LEFT - GAP * (before.panels.length - 1)) / columns);
  const font = `600 ${ctx.room.font}px ${ctx.theme.font}`;
  const boxed = fitsColumns(before, column, font) && fitsColumns(after, column, font);
  const geometry = { column, gap: GAP, left: LEFT, boxed };
  const difference = less(before, after);
  const row = rowHeight(before.units, Math.max(90, ctx.room.height - 26 * ctx.room.font * 0.8));
  const canvas = html("canvas", { class: "rt-map", style: `margin-left:${boxed ? LEFT : 0}px`, role: "img", "aria-label": `difference of ${ctx.quantity}, units by time steps` });
  drawMap(canvas, difference, { column, gap: GAP, row }, ctx.quantity, ctx.colours);
  const words = [...(more.after.text === answer.text ? [] : [`“${visible(more.after.text)}”`]), ...more.changes];
  const far = difference.panels.map((panel) => {
    const values = (more.distances[panel.name] ?? []).slice(0, panel.steps);
    return html("div", { style: `margin-right:${GAP}px` }, drawColumns(values.map(() => "\u2009"), values, { column, height: 44, tone: "rt-tone-forward" }));
  });
  node.replaceChildren(
    html("div", { class: "rt-outcomes" }, outcome("before", answer, "rt-tone-quiet"), html("span", { class: "rt-then" }, "→"), outcome(words.join(", ") || "after", more.after, "")),
    strip(before, "before", geometry, ctx, after),
    strip(after, "after", geometry, ctx, before),
    html("p", { class: "rt-note" }, "How far the hidden states are apart"),
    html("div", { class: "rt-row rt-far", style: `padding-left:${boxed ? LEFT : 0}px` }, ...far),
    html("p", { class: "rt-note" }, `Difference of ${ctx.quantity}, unit by unit`),
    canvas,
  );
}
