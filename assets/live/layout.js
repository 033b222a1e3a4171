// The nodes of the picture, built once: a strip above, then six cards in two columns.

import { html } from "./elements.js";
import { formula } from "./formulas.js";
import { saveMenu } from "./save.js";
import { buildTimeline } from "./timeline.js";
import { buildTitle } from "./title.js";

const HELP = {
  network:
    "Each box is the hidden state after one time step; the darker the blue, the larger its mean size. Blue arrows carry the state along, orange ones carry the gradient back: the fainter, the more powers of ten below the largest.",
  heat: "Every line is one unit of the chosen layer, every column a time step of the same sequence as above. Watch units switch on an input and hold its trace over time, or forget it.",
  flow: "How strongly the loss depends on the hidden state at each time step: the norm of the total derivative, over all paths, on a log axis. The line is the median of the probe sequences, the band their middle 80 %; where it falls towards the left, early time steps learn little.",
  loss: "Loss, or the task's metric, on held-out data (dashed) and on a fixed sample of training data, both without dropout (solid); pale is the training loss of every update. Where the two part, the network learns by heart: overfitting. The dotted line is what a guess without memory reaches. Exposure, for a network that writes: the share of symbols that it names right when it is fed the truth (solid), and when it is fed its own (dashed).",
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

const TIMELINE_HELP =
  "Every update so far, exactly as it was: click or drag, or use the arrow keys. A tick is a setting that was changed. Going back brings back the settings of that moment; one that you change and have not played with yet stays. Change a setting and press Play: a branch leaves here, and what was there stays beside it. One branch trains at a time. The pencil gives all of it a title. The address holds the branch that you look at; a reload brings back that one only.";

const FORMULA = { flow: "flow", loss: "loss", norm: "clipping" };

export const CHECK = "Measure this derivative again with finite differences, and compare";

/** Two sentences, and underneath on demand the formula: { node, words }. */
function helpButton(title, { words, formula: name }) {
  const said = html("p", {}, words);
  const popover = html("div", { class: "rl-popover" }, said);
  if (name) popover.append(formulaFold(name));
  const summary = html(
    "summary",
    { "aria-label": `What ${title || "this"} shows`, title: "What is this?" },
    "?",
  );
  const node = html("details", { class: "rl-help" }, summary, popover);
  keepOnScreen(node, popover);
  return { node, words: said };
}

const EDGE_PIXELS = 8;
const LEAST_SUBTITLE_PIXELS = 60;

/** Moved up where it would reach below the window: the page does not scroll. */
function keepOnScreen(details, popover) {
  const move = () => {
    popover.style.translate = "";
    if (!details.open) return;
    const below = popover.getBoundingClientRect().bottom - window.innerHeight + EDGE_PIXELS;
    if (below > 0) popover.style.translate = `0 ${-below}px`;
  };
  details.addEventListener("toggle", () => requestAnimationFrame(move), true); // the formula's does not bubble
}

/** Typeset only when it is first opened. */
function formulaFold(name) {
  const fold = html("details", { class: "rl-formula" }, html("summary", {}, "Formula"));
  fold.addEventListener("toggle", () => {
    if (fold.childElementCount > 1) return;
    const { lines, letters } = formula(name);
    fold.append(html("div", { class: "rl-math" }, ...lines), html("p", { class: "rl-letters" }, letters));
  });
  return fold;
}

/** A card with its title line; `help` is { words, formula: the name of one or nothing }. */
export function card(name, title, help, ...controls) {
  const heading = html("span", { class: "rl-title" }, title);
  const subtitle = html("span", { class: "rl-subtitle" });
  const body = html("div", { class: "rl-body" });
  const { node: button, words } = helpButton(title, help);
  const space = html("span", { class: "rl-space" });
  const head = html("div", { class: "rl-head-line" }, heading, subtitle, space, ...controls, button);
  const node = html("section", { class: `rl-card rl-card-${name}`, "aria-label": title }, head, body);
  button.before(saveMenu(node));
  readable(subtitle);
  return { node, heading, subtitle, body, help: words };
}

/** A subtitle of which there is room for no more than a letter or two says nothing: it is left out. */
function readable(subtitle) {
  const look = () => {
    const { clientWidth, scrollWidth } = subtitle;
    subtitle.classList.toggle("rl-cut", clientWidth < LEAST_SUBTITLE_PIXELS && scrollWidth > clientWidth);
  };
  new ResizeObserver(look).observe(subtitle);
}

const labCard = (name, title, ...controls) =>
  card(name, title, { words: HELP[name], formula: FORMULA[name] }, ...controls);

/** The button that has a drawn gradient measured again. */
export function checkButton(title) {
  const attributes = { type: "button", class: "rl-check", "aria-label": "Check this number", title };
  return html("button", attributes, "Check", html("span", {}, " this number"));
}

export function plotOf(one, label) {
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

/** A line at the time step that was chosen by a click, or by arrow keys while the card has the focus. */
function pickedOf(one) {
  one.picked = html("div", { class: "rl-cursor rl-cursor-picked", hidden: "" });
  one.body.append(one.picked);
  one.node.tabIndex = 0;
  return one;
}

/** Buttons of which one is pressed, the first to begin with. */
export function switchOf(label, names) {
  const buttons = names.map((name, i) =>
    html(
      "button",
      { type: "button", class: "rl-choice", "data-choice": name, "aria-pressed": String(i === 0) },
      name,
    ),
  );
  return {
    buttons,
    node: html("span", { class: "rl-switch", role: "group", "aria-label": label }, ...buttons),
  };
}

export function scaleSwitch() {
  const made = switchOf("Loss axis", ["linear", "log"]);
  for (const button of made.buttons) button.dataset.scale = button.dataset.choice;
  return made;
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
  const curve = switchOf("Which curve", ["loss", "metric", "exposure"]);
  const picked = html("span", { class: "rl-picked", "aria-live": "polite" });
  const check = { flow: checkButton(CHECK), norm: checkButton(CHECK) };
  const cards = {
    network: cursorOf(labCard("network", "Unrolled network", readout, legend())),
    loss: plotOf(labCard("loss", "Loss", curve.node, scale.node), "Loss by update"),
    heat: cursorOf(
      plotOf(labCard("heat", "Hidden states", layer, quantity), "Heat map, units by time steps"),
    ),
    norm: plotOf(
      labCard("norm", "Gradient norm", check.norm),
      "Gradient norm by update, before and after clipping",
    ),
    flow: pickedOf(
      cursorOf(
        plotOf(
          labCard("flow", "Gradient at each time step", picked, check.flow),
          "Gradient norm by time step, log axis",
        ),
      ),
    ),
    predictions: labCard("predictions", "Predictions"),
  };
  const strip = {
    numbers: html("div", { class: "rl-numbers" }),
    verdict: html("div", { class: "rl-verdict rl-verdict-none", hidden: "" }),
    notices: html("div", { class: "rl-notices" }),
  };
  const link = html("span", { class: "rl-link", role: "status", hidden: "" }, "reconnecting…");
  const grid = html("div", { class: "rl-grid" }, ...Object.values(cards).map(({ node }) => node));
  const title = buildTitle();
  const timeline = buildTimeline(helpButton("the timeline", { words: TIMELINE_HELP }).node, title.begin);
  const top = html("div", { class: "rl-strip" }, strip.numbers, link, strip.verdict);
  const root = html(
    "div",
    { class: "rl-root rl-waiting", "data-testid": "live", "data-status": "connecting" },
    title.root,
    timeline.root,
    top,
    strip.notices,
    grid,
  );
  return { root, grid, cards, strip, title, timeline, link, layer, quantity, readout, picked, check, scale: scale.buttons, curve: curve.buttons };
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
