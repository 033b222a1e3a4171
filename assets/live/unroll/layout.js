// The nodes of the page, built once: the row of controls, the drawing, the equations.

import { html } from "../elements.js";
import { typeset } from "./typeset.js";

const HELP = {
  network: [
    "One network, drawn twice: at the left folded, its state running back into itself; at the right unfolded, a copy for every time step, with blue values running forward and orange derivatives of the loss running back. Every copy uses the same W, U and V.",
    "h_{t} = f(W x_{t} + b + U h_{t-1} + b′),   y_{t} = V h_{t} + k",
  ],
  sums: [
    "Because a weight is used at every time step, its gradient has one part from each of them, drawn below that time step. Their sum, at the left, is what the update uses. (Where numbers would be too small to read, orange squares are positive and blue ones negative.)",
    "\\frac{dL}{dU} = \\fn{sum over t of} \\frac{dL}{dU^{(t)}},   U^{\\fn{new}} = U − η \\frac{dL}{dU}",
  ],
  equations: [
    "Every line of the computation: the formula, the same with numbers, the result. → and ← go one time step, ↓ and ↑ one line, the space bar plays.",
    "\\frac{dL}{dh_{t}} = \\fn{directly, through the output} + \\fn{what time step} t+1 \\fn{sends back}",
  ],
};

function help(name) {
  const [words, formula] = HELP[name];
  const more = html("details", { class: "ru-formula" }, html("summary", {}, "Formula"), html("div", {}, ...typeset(formula)));
  return html(
    "details",
    { class: "ru-help" },
    html("summary", { "aria-label": `What am I looking at: ${name}`, title: "What am I looking at?" }, "?"),
    html("div", { class: "ru-popover" }, html("p", {}, words), more),
  );
}

function button(name, say, text) {
  return html("button", { type: "button", class: `ru-button ru-${name}`, "aria-label": say, title: say }, text);
}

function controls() {
  const parts = {
    back: button("back", "One time step back (←)", "◀"),
    play: button("play", "Play (space bar)", "▶ Play"),
    forward: button("forward", "One time step forward (→)", "▶"),
    line: button("line", "Next line (↓)", "Line ↓"),
    speed: html(
      "select",
      { class: "ru-select", "aria-label": "Speed", title: "Speed" },
      ...[0.5, 1, 2, 4].map((n) => html("option", { value: n }, `${n}×`)),
    ),
    rail: html("div", { class: "ru-rail", role: "group", "aria-label": "Stages" }),
    slider: html("input", { type: "range", class: "ru-slider", min: 0, step: 1, "aria-label": "Stage" }),
    losses: html("div", { class: "ru-losses", "aria-live": "polite" }),
  };
  parts.speed.value = "1";
  const stages = html("div", { class: "ru-stages" }, parts.rail, parts.slider);
  const { back, play, forward, line, speed, losses } = parts;
  return { ...parts, node: html("div", { class: "ru-controls" }, back, play, forward, line, speed, stages, losses) };
}

/** Everything that is drawn into; append `root` to the page. */
export function buildLayout(chooser) {
  const bar = controls();
  const net = html("div", { class: "ru-net" });
  const sums = html("div", { class: "ru-sums" });
  const count = html("span", { class: "ru-count" });
  const title = html("span", { class: "ru-stage" });
  const tabs = ["Equations", "Weights and inputs"].map((name, i) =>
    html("button", { type: "button", role: "tab", class: "ru-tab", "aria-selected": String(i === 0) }, name),
  );
  const equations = html("div", { class: "ru-body", "data-testid": "equations" });
  const editor = html("div", { class: "ru-body", hidden: "" });
  const head = (...children) => html("div", { class: "ru-head" }, ...children);
  const left = html(
    "section",
    { class: "ru-card ru-picture", "aria-label": "The network, folded and unfolded" },
    head(html("b", {}, "The same weights at every time step"), count, html("span", { class: "ru-space" }), help("network")),
    net,
    html("div", { class: "ru-between" }, chooser, html("span", { class: "ru-space" }), help("sums")),
    sums,
  );
  const right = html(
    "section",
    { class: "ru-card ru-computation", "aria-label": "The computation" },
    head(html("div", { class: "ru-tabs", role: "tablist" }, ...tabs), html("span", { class: "ru-space" }), help("equations")),
    title,
    equations,
    editor,
  );
  const grid = html("div", { class: "ru-grid" }, left, right);
  const root = html("div", { class: "ru-root", "data-testid": "unroll" }, bar.node, grid);
  return { root, bar, net, sums, count, title, tabs, equations, editor };
}

/** Only one explanation open at a time; Escape or a click elsewhere closes it. Returns how to stop. */
export function closeHelpOutside(root) {
  const closeAll = (except) => {
    for (const details of root.querySelectorAll(".ru-help[open]")) if (details !== except) details.open = false;
  };
  const onClick = ({ target }) => closeAll(target.closest?.(".ru-help"));
  const onKey = ({ key }) => key === "Escape" && closeAll(null);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  return () => {
    document.removeEventListener("click", onClick);
    document.removeEventListener("keydown", onKey);
  };
}
