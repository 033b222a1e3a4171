// The frames of all runs to one picture: which card draws what, and what nothing new has to be drawn for.

import { fingerprint } from "../frame.js";
import { setText } from "../elements.js";
import { keepFigure } from "../plotly.js";
import { drawBar } from "./colourbar.js";
import { curvesOf, flowFigure, flowFrame } from "./flow.js";
import { makeFalls } from "./falls.js";
import { HELP, setTitled } from "./layout.js";
import { heatColours, runStyle } from "./palette.js";
import { lossFigure } from "./loss.js";
import { angleFigure, normFigure } from "./norms.js";
import { makePicker } from "./picker.js";
import { makeTable } from "./table.js";

const prints = new WeakMap(); // arrays never change once they have arrived

function printOf(array) {
  if (!array) return "-";
  if (!prints.has(array)) prints.set(array, fingerprint(array));
  return prints.get(array);
}

const printsOf = (runs, names) =>
  runs.map(({ frame }) => names.map((name) => printOf(frame?.arrays.get(name))));
const facts = (runs, name) => runs.map(({ frame }) => frame?.header[name] ?? null);

function clippedWords(runs) {
  const clips = runs.flatMap(({ spec, frame }) =>
    frame?.header.clip ? [{ label: spec.label, ...frame.header.clip }] : [],
  );
  const said = clips.filter(({ kind, share }) => kind !== "off" && Number.isFinite(share));
  if (!said.length) return clips.length ? "by update · clipping is off" : "by update";
  const shares = said.map(
    ({ label, share }) => `${said.length > 1 ? `${label} ` : ""}${Math.round(share * 100)} %`,
  );
  return `clipped: ${shares.join(", ")} ${said[0].window ?? "of updates"}`;
}

/** `changed` asks for a new drawing of the same frames; `onCheck({ run, state, time_step })`. */
export function makePicture(layout, { changed, onCheck }) {
  const { cards, grid, bar, root } = layout;
  const state = {
    runs: [],
    theme: null,
    sizes: {},
    window: null,
    views: 0,
    log: false,
    mode: "cells",
    branchAt: null,
  };
  const drawTable = makeTable(layout.runs);
  const picker = makePicker(cards, { state, onCheck });
  const falls = makeFalls(layout, { state, picker });

  function zoom(window) {
    Object.assign(state, { window, views: state.views + 1 });
    changed();
  }

  const onTimeAxis = {
    onHover() {},
    onZoom(range) {
      const length = lengthOf(state.runs);
      const low = Math.max(1, Math.ceil(Math.min(...range)));
      const high = Math.min(length, Math.floor(Math.max(...range)));
      zoom(high > low && (low > 1 || high < length) ? [low, high] : null);
      return true;
    },
    onReset: () => zoom(null),
    onIdle: changed,
  };
  const onUpdateAxis = { onHover() {}, onZoom: () => false, onReset: changed, onIdle: changed };
  const figures = {
    flow: keepFigure(cards.flow.plot, "gradient-flow", onTimeAxis),
    loss: keepFigure(cards.loss.plot, "loss", onUpdateAxis),
    norm: keepFigure(cards.norm.plot, "gradient-norm", onUpdateAxis),
    angle: keepFigure(cards.norm.anglePlot, "clipping-angle", onUpdateAxis),
  };

  function press(buttons, chosen) {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button === chosen));
    changed();
  }
  for (const button of layout.scale) {
    button.addEventListener("click", () => {
      state.log = button.dataset.choice === "log";
      press(layout.scale, button);
    });
  }
  for (const button of cards.norm.view.buttons) {
    button.addEventListener("click", () => {
      state.angle = button.dataset.choice === "angle";
      press(cards.norm.view.buttons, button);
    });
  }

  const lengthOf = (runs) => Math.max(1, ...facts(runs, "flow").map((flow) => flow?.all_time_steps ?? 1));
  const revision = () => state.runs.map(({ spec, frame }) => `${spec.token}/${frame?.header.run}`).join();
  const common = (name) =>
    JSON.stringify([
      revision(),
      state.sizes[name],
      state.theme.key,
      state.runs.map(({ spec }) => spec.label),
      state.branchAt,
    ]);
  const styles = () => state.runs.map((_, i) => runStyle(i, state.theme));
  const shared = (name) => ({
    runs: state.runs,
    styles: styles(),
    branchAt: state.branchAt,
    size: state.sizes[name],
    theme: state.theme,
    revision: revision(),
  });

  function drawFlow() {
    const { runs, theme, window } = state;
    const size = state.sizes.flow;
    const curves = curvesOf(runs);
    const caption = facts(runs, "flow").find(Boolean)?.caption ?? "";
    const hasCell = curves.some((curve) => curve.state === "c");
    setTitled(cards.flow.subtitle, [caption, hasCell ? "dotted ‖dL/dcₜ‖" : ""].filter(Boolean).join(" · "));
    if (!curves.length) return;
    const length = lengthOf(runs);
    const frame = flowFrame({ curves, window, size, theme, length });
    const names = ["flow", "cell"].flatMap((kind) =>
      ["median", "low", "high"].map((curve) => `${kind}_${curve}`),
    );
    const key = [
      common("flow"),
      state.views,
      length,
      window,
      JSON.stringify([printsOf(runs, names), facts(runs, "flow")]),
    ].join("|");
    figures.flow.draw(key, () =>
      flowFigure({ curves, styles: styles(), frame, size, theme, revision: revision() }),
    );
    state.flowFrame = frame;
  }

  const where = () =>
    JSON.stringify(
      state.runs.map(({ frame }) => {
        const { update, furthest, divergence, baseline, clip } = frame?.header ?? {};
        return [update, furthest, divergence?.update, baseline, clip?.kind, clip?.threshold];
      }),
    );

  function drawLoss() {
    const { runs, log } = state;
    setText(
      cards.loss.subtitle,
      [facts(runs, "loss_unit").find(Boolean), "by update"].filter(Boolean).join(", "),
    );
    const key = [
      common("loss"),
      log,
      where(),
      printsOf(runs, ["curve_update", "curve_loss", "held_update", "held_loss"]),
    ].join("|");
    figures.loss.draw(key, () => lossFigure({ ...shared("loss"), log }));
  }

  /** Both plots where the card is large, else the one that was chosen. */
  function arrangeNorm() {
    const turns = facts(state.runs, "clip").some((clip) => clip?.kind === "value");
    const both = turns && state.mode === "clipping";
    const angle = turns && !both && Boolean(state.angle);
    cards.norm.view.node.hidden = !turns || both;
    const shown = both ? "both" : angle ? "angle" : "norm";
    if (cards.norm.node.dataset.shown !== shown) {
      cards.norm.node.dataset.shown = shown;
      measure(state.fontSize);
    }
    setText(
      cards.norm.heading,
      both ? "Gradient norm and angle" : turns ? "Gradient" : "Gradient norm", // the switch says which
    );
    return { norm: shown !== "angle", angle: shown !== "norm" };
  }

  const smoothed = () => state.runs.length > 1 && state.mode !== "clipping";

  function drawNorm() {
    const { runs } = state;
    setTitled(cards.norm.subtitle, clippedWords(runs));
    const shown = arrangeNorm();
    const names = ["curve_update", "curve_norm", "curve_clipped", "curve_angle"];
    const data = [where(), smoothed(), printsOf(runs, names)].join("|");
    setText(
      cards.norm.help,
      smoothed() ? `${HELP.norm.words} Of several runs the strong lines are smoothed.` : HELP.norm.words,
    );
    if (shown.norm)
      figures.norm.draw(`${common("norm")}|${data}`, () =>
        normFigure({ ...shared("norm"), smoothed: smoothed() }),
      );
    if (shown.angle) figures.angle.draw(`${common("angle")}|${data}`, () => angleFigure(shared("angle")));
  }

  function drawFalls() {
    const { runs, theme } = state;
    const drawn = falls.draw({
      length: lengthOf(runs),
      prints: printsOf(runs, ["fall", "fall_update"]),
      colours: heatColours(theme),
    });
    const size = { fontSize: state.fontSize };
    drawBar(bar, { ...drawn, theme, size, height: Math.max(40, bar.ramp.clientHeight) });
  }

  /** A card that cannot be drawn must not take the others with it. */
  function attempt(drawCard) {
    try {
      drawCard();
    } catch (error) {
      console.error("RNN Lab: a chart could not be drawn.", error);
    }
  }

  function draw() {
    attempt(() => drawTable(state.runs));
    falls.arrange(state.runs.length);
    if (!state.theme || !state.sizes.flow || !state.runs.some(({ frame }) => frame)) return;
    root.classList.remove("rl-waiting");
    [drawFlow, drawLoss, drawNorm, drawFalls, picker.draw].forEach(attempt);
  }

  /** Sizes in pixels of what is drawn into; read only when something was resized. */
  function measure(fontSize) {
    const sizeOf = (node) => ({
      width: Math.round(node.clientWidth),
      height: Math.round(node.clientHeight),
      fontSize,
    });
    state.fontSize = fontSize;
    state.sizes = {
      flow: sizeOf(cards.flow.plot),
      loss: sizeOf(cards.loss.plot),
      norm: sizeOf(cards.norm.plot),
      angle: sizeOf(cards.norm.anglePlot),
      falls: falls.bodies().map(sizeOf),
    };
  }

  function show({ runs, mode, branchAt }) {
    const tokens = runs.map(({ spec }) => spec.token).join();
    if (tokens !== state.tokens) Object.assign(state, { tokens, window: null });
    Object.assign(state, { runs, mode, branchAt });
    grid.dataset.mode = mode;
  }

  return {
    draw,
    measure,
    show,
    paint: (theme) => Object.assign(state, { theme }),
    arrange: falls.arrange,
    step: picker.step,
    bodies: () => [cards.flow, cards.loss, cards.norm].map(({ body }) => body).concat(falls.bodies()),
    purge() {
      picker.stop();
      falls.stop();
      Object.values(figures).forEach(({ purge }) => purge());
    },
  };
}
