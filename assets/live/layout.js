// The nodes of the picture, built once: a strip above, then six cards in two columns.

import { html } from "./elements.js";

const HELP = {
  network:
    "Each box is the hidden state after one time step; the darker the blue, the larger its mean size. Blue arrows carry the state along, orange ones carry the gradient back: the fainter, the more powers of ten below the largest.",
  heat: "Every line is one unit of the chosen layer, every column a time step of the same sequence as above. Watch units switch on an input and hold its trace over time, or forget it.",
  flow: "How strongly the loss depends on the hidden state at each time step: the norm of the total derivative, over all paths, on a log axis. The line is the median of the probe sequences, the band their middle 80 %; where it falls towards the left, early time steps learn little.",
  loss: "The training loss of every update (pale) with a smoothed line, and the held-out loss (dashed). The dotted line is what a guess without memory reaches: learning starts below it.",
  norm: "The norm of the whole gradient in every update.",
  predictions:
    "Samples that training never sees, with what the network says now. Generated lines are free-running: the network reads its own output as its next input.",
};

/** Clipping by norm and by value do different things to the gradient. */
export const CLIP_HELP = {
  off: `${HELP.norm} Clipping is off: every step is taken as it comes.`,
  norm: `${HELP.norm} The pale line is before clipping: where it rises above the threshold, the gradient was shortened to it and kept its direction.`,
  value: `${HELP.norm} The pale line is before clipping. By value each number in the gradient is cut at the threshold by itself, which makes the gradient smaller and also turns it; so the norm has no threshold here.`,
};

function helpButton(title, words) {
  return html(
    "details",
    { class: "rl-help" },
    html("summary", { "aria-label": `What ${title} shows`, title: "What is this?" }, "?"),
    words,
  );
}

function card(name, title, ...controls) {
  const heading = html("span", { class: "rl-title" }, title);
  const subtitle = html("span", { class: "rl-subtitle" });
  const body = html("div", { class: "rl-body" });
  const help = html("div", { class: "rl-popover" }, HELP[name]);
  const head = html(
    "div",
    { class: "rl-head-line" },
    heading,
    subtitle,
    html("span", { class: "rl-space" }),
    ...controls,
    helpButton(title, help),
  );
  const node = html("section", { class: `rl-card rl-card-${name}`, "aria-label": title }, head, body);
  return { node, heading, subtitle, body, help };
}

function plotOf(one, label) {
  const plot = html("div", { class: "rl-plot", role: "img", "aria-label": label });
  one.body.append(plot);
  one.plot = plot;
  return one;
}

function cursorOf(one) {
  one.cursor = html("div", { class: "rl-cursor", hidden: "" });
  one.body.append(one.cursor);
  return one;
}

function scaleSwitch() {
  const buttons = ["linear", "log"].map((name) =>
    html(
      "button",
      { type: "button", class: "rl-choice", "data-scale": name, "aria-pressed": String(name === "linear") },
      name,
    ),
  );
  return {
    buttons,
    node: html("span", { class: "rl-switch", role: "group", "aria-label": "Loss axis" }, ...buttons),
  };
}

function legend() {
  const key = (kind, text) => html("span", { class: `rl-key rl-key-${kind}` }, text);
  return html(
    "span",
    { class: "rl-keys", "aria-hidden": "true" },
    key("forward", "state →"),
    key("gradient", "← gradient"),
  );
}

/** Everything that is drawn into, under names; append `root` to the page. */
export function buildLayout() {
  const layer = html("select", { class: "rl-select", "aria-label": "Layer and direction" });
  const quantity = html("select", { class: "rl-select", "aria-label": "Quantity" });
  const readout = html("span", { class: "rl-readout" });
  const scale = scaleSwitch();
  const cards = {
    network: cursorOf(card("network", "Unrolled network", readout, legend())),
    loss: plotOf(card("loss", "Loss", scale.node), "Loss by update"),
    heat: cursorOf(plotOf(card("heat", "Hidden states", layer, quantity), "Heat map, units by time steps")),
    norm: plotOf(card("norm", "Gradient norm"), "Gradient norm by update, before and after clipping"),
    flow: cursorOf(
      plotOf(card("flow", "Gradient at each time step"), "Gradient norm by time step, log axis"),
    ),
    predictions: card("predictions", "Predictions"),
  };
  const strip = {
    numbers: html("div", { class: "rl-numbers" }),
    verdict: html("div", { class: "rl-verdict rl-verdict-none", hidden: "" }),
    notices: html("div", { class: "rl-notices" }),
  };
  const link = html("span", { class: "rl-link", role: "status", hidden: "" }, "reconnecting…");
  const grid = html("div", { class: "rl-grid" }, ...Object.values(cards).map(({ node }) => node));
  const top = html("div", { class: "rl-strip" }, strip.numbers, link, strip.verdict);
  const root = html(
    "div",
    { class: "rl-root rl-waiting", "data-testid": "live", "data-status": "connecting" },
    top,
    strip.notices,
    grid,
  );
  return { root, grid, cards, strip, link, layer, quantity, readout, scale: scale.buttons };
}

/** Only one explanation open at a time; Escape or a click elsewhere closes it. Returns how to stop. */
export function closeHelpOutside(root) {
  const closeAll = (except) => {
    for (const details of root.querySelectorAll(".rl-help[open]"))
      if (details !== except) details.open = false;
  };
  const onClick = ({ target }) => closeAll(target.closest?.(".rl-help"));
  const onKey = ({ key }) => key === "Escape" && closeAll(null);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  return () => {
    document.removeEventListener("click", onClick);
    document.removeEventListener("keydown", onKey);
  };
}
