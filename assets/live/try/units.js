// Units that follow something known, with their correlation: a click colours the characters by one.

import { html } from "../elements.js";
import { minus } from "./columns.js";

function card(one, chosen, act) {
  const { label, words, unit, place, quantity, correlation, level } = one;
  const node = html(
    "button",
    { type: "button", class: "rt-tracked", "aria-pressed": String(chosen), title: words },
    html("b", {}, label),
    html("span", { class: "rt-tracked-number" }, minus(correlation.toFixed(2))),
    html("small", {}, `${quantity} of unit ${unit + 1}, ${place}`),
    html("small", {}, `chance ${level.toFixed(2)}`),
  );
  node.addEventListener("click", act);
  return node;
}

export function drawUnits(node, { data, stacks, stack, unit, quantity, follow }) {
  const { more } = data;
  if (!more?.tracked) return node.replaceChildren();
  if (!more.tracked.length) {
    return node.replaceChildren(html("p", { class: "rt-note" }, "No unit follows anything that is known here more than chance would have it."));
  }
  const { sequences, time_steps } = more.tracked[0];
  const cards = more.tracked.map((one) => {
    const here = stacks[stack]?.panels.some((panel) => panel.name === one.layer);
    return card(one, here && unit === one.unit && quantity === one.quantity, () => follow(one));
  });
  node.replaceChildren(
    html("p", { class: "rt-note" }, `What a unit follows, and its correlation with it over ${time_steps.toLocaleString("en-US")} time steps of ${sequences} held-out sequences. Choose one: the characters take its colours.`),
    html("div", { class: "rt-cards" }, ...cards),
  );
}
