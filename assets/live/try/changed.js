// Before and after: what a changed character, a silenced unit or a held gate changes from there on.

import { html, visible } from "../elements.js";
import { drawMap, rowHeight } from "./map.js";
import { GAP, fitted } from "./fitting.js";
import { drawStrip, labelsOf } from "./strip.js";
import { drawColumns, largest } from "./columns.js";
import { quantityOf, unpacked } from "./states.js";
import { percent } from "./answer.js";

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

/** Columns in which both find room, in the same way. */
function common(before, after, room) {
  const both = before.panels.map((panel, p) => {
    const other = after.panels[p].reads;
    return Array.from({ length: Math.max(panel.steps, other.length) }, (_, t) => [panel.reads[t] ?? "", other[t] ?? ""].sort((a, b) => b.length - a.length)[0]);
  });
  return fitted(both, room, LEFT);
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

/** One of the two; words that stand already above are not said again. */
function strip(stack, words, geometry, ctx, other, again = false) {
  const labels = labelsOf(stack).flat();
  const given = labelsOf(other).flat();
  const wordless = again && geometry.way === "slanted" && labels.join("\n") === given.join("\n");
  const node = html("div", { class: wordless ? "rt-strip rt-wordless" : "rt-strip" });
  const look = (panel, t) => {
    const one = quantityOf(panel, ctx.quantity);
    return ctx.colours.look(one.at(ctx.unit, t), one.reach, one.signed);
  };
  const own = wordless ? { ...geometry, head: geometry.swatch + 3 } : geometry;
  drawStrip(node, stack, own, { look, theme: ctx.theme, size: ctx.room.size });
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
  const geometry = common(before, after, ctx.room);
  const { column } = geometry;
  const difference = less(before, after);
  const row = rowHeight(before.units, Math.max(90, ctx.room.height - 26 * ctx.room.font * 0.8));
  const canvas = html("canvas", { class: "rt-map", style: `margin-left:${LEFT}px`, role: "img", "aria-label": `difference of ${ctx.quantity}, units by time steps` });
  drawMap(canvas, difference, { column, gap: GAP, row }, ctx.quantity, ctx.colours);
  const words = [...(more.after.text === answer.text ? [] : [`“${visible(more.after.text)}”`]), ...more.changes];
  const far = difference.panels.map((panel) => {
    const values = (more.distances[panel.name] ?? []).slice(0, panel.steps);
    return html("div", { style: `margin-right:${GAP}px` }, drawColumns(values.map(() => "\u2009"), values, { column, height: 44, tone: "rt-tone-forward" }));
  });
  node.replaceChildren(
    html("div", { class: "rt-outcomes" }, outcome("before", answer, "rt-tone-quiet"), html("span", { class: "rt-then" }, "→"), outcome(words.join(", ") || "after", more.after, "")),
    html(
      "div",
      { class: "rt-scroll" },
      strip(before, "before", geometry, ctx, after),
      strip(after, "after", geometry, ctx, before, true),
      html("p", { class: "rt-note" }, "How far the hidden states are apart"),
      html("div", { class: "rt-row rt-far", style: `padding-left:${LEFT}px` }, ...far),
      html("p", { class: "rt-note" }, `Difference of ${ctx.quantity}, unit by unit`),
      canvas,
    ),
  );
}
