// The nodes of the page: a table with one row per run, three cards, and one waterfall per run.

import { card, CHECK, checkButton, plotOf, scaleSwitch, switchOf } from "../layout.js";
import { html, setText } from "../elements.js";
import { swatch } from "./palette.js";

export const HELP = {
  flow: {
    words:
      "How strongly the loss depends on the state at each time step, all runs on one log axis: the median of the held-out sequences, the band their middle 80 %. Where a line falls towards the left, that network learns little from early time steps; an LSTM keeps its long memory in the cell state, so look at its dotted line.",
    formula: "flow",
  },
  loss: {
    words:
      "The training loss of every update (pale) with a smoothed line, and the held-out loss (dashed). The dotted line is what a guess without memory reaches: learning starts below it.",
    formula: "loss",
  },
  norm: {
    words:
      "The norm of the whole gradient in every update: pale before clipping, strong after it. By norm a long gradient is shortened to the threshold and keeps its direction; by value each number is cut by itself, which turns it by the angle.",
    formula: "clipping",
  },
  fall: {
    words:
      "Each row is one moment of training, the newest on top: the line of the chart above, as colour. Watch how far to the left the strong colour reaches, and whether training carries it further.",
    formula: "fall",
  },
};

function overlayOf(one) {
  one.line = html("div", { class: "rg-picked-line", hidden: "" });
  one.ring = html("div", { class: "rg-picked-ring", hidden: "" });
  one.body.append(one.line, one.ring);
  return one;
}

function pickable(one, name) {
  one.node.tabIndex = 0;
  one.node.classList.add("rg-pickable");
  one.node.setAttribute("aria-label", `${name}. Arrow keys left and right choose a time step.`);
  return one;
}

function flowCard() {
  const check = checkButton(CHECK);
  const picked = html("span", { class: "rg-picked", "aria-live": "polite" });
  const curve = html("select", { class: "rl-select rg-curve", "aria-label": "Curve to check" });
  const one = card("rg-flow", "Gradient at each time step", HELP.flow, curve, picked, check);
  plotOf(one, "Gradient norm of every run by time step, log axis");
  return Object.assign(pickable(overlayOf(one), "Gradient at each time step"), { check, picked, curve });
}

function normCard() {
  const check = checkButton(CHECK);
  const run = html("select", { class: "rl-select rg-curve", "aria-label": "Run to check" });
  const view = switchOf("Gradient norm or angle", ["norm", "angle"]);
  const one = card("rg-norm", "Gradient norm", HELP.norm, view.node, run, check);
  plotOf(one, "Gradient norm by update, before and after clipping");
  one.anglePlot = html("div", { class: "rl-plot rg-angle", role: "img", "aria-label": "Angle by update" });
  one.body.append(one.anglePlot);
  return Object.assign(one, { check, run, view });
}

/** A waterfall's card: a canvas between two axes. */
export function fallCard(index) {
  const check = checkButton(CHECK);
  const one = card("rg-fall", "", HELP.fall, check);
  one.heading.before(swatch(index));
  one.name = html("span", { class: "rg-fall-name" });
  one.norm = html("span", { class: "rg-fall-norm" });
  one.heading.append(one.name, one.norm);
  one.canvas = html("canvas", { class: "rg-heat", role: "img" });
  one.updates = html("div", { class: "rg-axis rg-axis-updates", "aria-hidden": "true" });
  one.times = html("div", { class: "rg-axis rg-axis-times", "aria-hidden": "true" });
  one.caption = html("div", { class: "rg-caption", "aria-hidden": "true" }, "↑ update");
  one.hover = html("div", { class: "rg-hover", hidden: "" });
  one.body.append(one.canvas, one.updates, one.times, one.caption, one.hover);
  one.check = check;
  return pickable(overlayOf(one), "Waterfall");
}

function colourBar() {
  const ramp = html("div", { class: "rg-ramp" });
  const ticks = html("div", { class: "rg-ramp-ticks" });
  const keys = ["zero", "none"].map((kind) =>
    html(
      "div",
      { class: `rg-chip rg-chip-${kind}`, hidden: "" },
      html("i"),
      kind === "zero" ? "exactly 0" : "no number",
    ),
  );
  const node = html(
    "div",
    { class: "rg-bar" },
    html("div", { class: "rg-bar-title" }, "norm"),
    html("div", { class: "rg-scale" }, ramp, ticks),
    ...keys,
  );
  return { node, ramp, ticks, zero: keys[0], none: keys[1] };
}

/** Everything that is drawn into, under names; append `root` to the page. */
export function buildLayout() {
  const scale = scaleSwitch();
  const cards = {
    flow: flowCard(),
    loss: plotOf(card("rg-loss", "Loss", HELP.loss, scale.node), "Loss of every run by update"),
    norm: normCard(),
  };
  const bar = colourBar();
  const falls = html("div", { class: "rg-falls" }, bar.node);
  const runs = html("div", { class: "rg-runs" });
  const grid = html("div", { class: "rg-grid" }, ...Object.values(cards).map(({ node }) => node), falls);
  const root = html(
    "div",
    {
      class: "rl-root rg-root rl-waiting",
      "data-testid": "gradients",
      "data-status": "connecting",
      "data-updates": "[]",
    },
    runs,
    grid,
  );
  return { root, grid, runs, cards, falls, bar, scale: scale.buttons };
}

/** Options of a select, rebuilt only when they differ; hidden where there is no choice. */
export function setChoices(select, labels, chosen) {
  const key = JSON.stringify(labels);
  if (select.dataset.choices !== key) {
    select.replaceChildren(...labels.map((label, i) => new Option(label, String(i))));
    select.dataset.choices = key;
    select.hidden = labels.length < 2;
  }
  if (select.value !== String(chosen)) select.value = String(chosen);
}

export function setTitled(node, text) {
  setText(node, text);
  node.title = text; // it may be cut off
}
