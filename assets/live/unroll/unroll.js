// The Unroll page's moving part. Streamlit sends the whole computation once; everything else happens here.

import { arrange, fontSizeFor } from "../arrange.js";
import { html, setText, svg } from "../elements.js";
import { KEYS, listen } from "../keyboard.js";
import { applyTheme, readTheme } from "../theme.js";
import { drawEditor } from "./editor.js";
import { drawEquations } from "./equations.js";
import { buildLayout, closeHelpOutside } from "./layout.js";
import { drawNetwork } from "./network.js";
import { makePlayer } from "./player.js";
import { drawSums, makeChooser } from "./sums.js";
import { shortNumber } from "./typeset.js";

const WIDE = 1300; // pixels from which a projector's distance is served by larger letters
const SHORT = { start: () => "start", forward: (t) => t, loss: () => "L", backward: (t) => t, sum: () => "Σ", clip: () => "clip", update: (_, stages) => (stages > 12 ? "new" : "update") };
const OWN_KEYS = [["↓  ↑", "another line"], ["Home  End", "first, last"]];
const SHOWN_AS = /^(?:part|sum|new) (.*)$/;

const mounted = new WeakMap();
let styled = null;

function loadStyle() {
  styled ??= new Promise((resolve) => {
    const href = new URL("./unroll.css", import.meta.url).href;
    const link = html("link", { rel: "stylesheet", href });
    link.onload = link.onerror = resolve;
    document.head.append(link);
  });
  return styled;
}

/** A falling line of the losses so far. */
function sparkline(losses) {
  const values = losses.filter((loss) => typeof loss === "number");
  if (values.length < 2) return "";
  const [w, h] = [84, 30];
  const [low, high] = [Math.min(0, ...values), Math.max(...values)];
  const point = (loss, i) => `${(3 + (i / (values.length - 1)) * (w - 6)).toFixed(1)},${(h - 3 - ((loss - low) / (high - low || 1)) * (h - 6)).toFixed(1)}`;
  return svg("svg", { class: "ru-spark", width: w, height: h, "aria-hidden": "true" }, svg("polyline", { points: values.map(point).join(" ") }));
}

function makeUnroll(parentElement) {
  const chooser = makeChooser((key) => choose(key));
  const layout = buildLayout(chooser.node);
  const { root, bar } = layout;
  const canvas = layout.net.appendChild(svg("svg", { class: "ru-canvas", role: "img", "aria-label": "Network" }));
  const sumCanvas = layout.sums.appendChild(svg("svg", { class: "ru-canvas", role: "img", "aria-label": "Contributions to the gradient" }));
  const state = { component: null, data: null, text: "" };
  const player = makePlayer(moved);

  function choose(key) {
    chooser.key = key;
    chooser.show(state.data.blocks);
    draw();
  }

  /** The weight that the line in force is about comes into view, while one goes line by line. */
  function follow() {
    if (player.moved !== "line") return;
    const [key] = player.lines[player.at].shows.flatMap((what) => SHOWN_AS.exec(what)?.[1] ?? []);
    if (!key || key === chooser.key || player.lines[player.at].shows.some((what) => what.endsWith(` ${chooser.key}`))) return;
    chooser.key = key;
    chooser.show(state.data.blocks);
  }

  function moved() {
    follow();
    draw();
  }

  function draw() {
    if (!state.data || !root.isConnected) return;
    const stage = player.stages[player.stage];
    drawNetwork(canvas, player, state.data, chooser.key.split("_")[0]);
    drawSums(sumCanvas, player, state.data, chooser.key);
    drawEquations(layout.equations, player, state.data.arrays);
    setText(layout.title, stage.title);
    layout.title.className = `ru-stage ru-tone-${stage.kind}`;
    setText(bar.play, player.playing ? "❚❚ Pause" : "▶ Play");
    bar.play.setAttribute("aria-label", player.playing ? "Pause (space bar)" : "Play (space bar)");
    bar.slider.value = player.stage;
    bar.slider.setAttribute("aria-valuetext", stage.title);
    [...bar.rail.children].forEach((one, i) => one.setAttribute("aria-pressed", String(i === player.stage)));
    bar.back.disabled = player.at === 0;
    bar.forward.disabled = bar.line.disabled = player.at === player.lines.length - 1;
    Object.assign(root.dataset, { stage: player.stage, title: stage.title, line: player.lines[player.at].key, playing: player.playing });
  }

  function drawRail() {
    const { stages } = state.data;
    bar.rail.style.gridTemplateColumns = bar.slider.style.gridTemplateColumns = `repeat(${stages.length}, 1fr)`;
    bar.rail.replaceChildren(
      ...stages.map(({ kind, title, t }, i) => {
        const one = html("button", { type: "button", class: `ru-stop ru-tone-${kind}`, title, "aria-label": title }, String(SHORT[kind](t, stages.length)));
        one.addEventListener("click", () => (player.play(false), player.toStage(i)));
        return one;
      }),
    );
    bar.slider.max = stages.length - 1;
    bar.slider.style.setProperty("--stages", stages.length);
  }

  function drawFacts() {
    const { losses, parameters } = state.data;
    const made = losses.length - 1;
    const words = made ? `after ${made} update${made > 1 ? "s" : ""}` : "before any update";
    const value = html("span", { class: "ru-loss-value" }, shortNumber(losses.at(-1)));
    bar.losses.replaceChildren(html("span", {}, "loss ", value, html("small", {}, words)), sparkline(losses));
    setText(layout.count, `${parameters} parameters, whatever T is`);
  }

  bar.back.addEventListener("click", () => (player.play(false), player.step(-1)));
  bar.forward.addEventListener("click", () => (player.play(false), player.step(1)));
  bar.line.addEventListener("click", () => (player.play(false), player.line(1)));
  bar.play.addEventListener("click", () => player.play());
  bar.speed.addEventListener("change", () => {
    player.speed = Number(bar.speed.value);
    bar.speed.blur(); // the arrow keys go on moving through the computation
  });
  bar.slider.addEventListener("input", () => {
    const wanted = Number(bar.slider.value); // stopping draws, and drawing sets the slider back
    player.play(false);
    player.toStage(wanted);
  });
  layout.tabs.forEach((tab, i) =>
    tab.addEventListener("click", () => {
      layout.tabs.forEach((one, k) => one.setAttribute("aria-selected", String(k === i)));
      layout.equations.hidden = layout.title.hidden = i === 1;
      layout.editor.hidden = i === 0;
      draw();
    }),
  );

  const ACTS = {
    toggle: () => player.play(),
    left: () => (player.play(false), player.step(-1)),
    right: () => (player.play(false), player.step(1)),
  };
  const stopKeys = listen(
    root,
    (asked) => {
      if (asked === "one_update") state.component.setTriggerValue?.("key", asked);
      else if (!player.rests) ACTS[asked]();
    },
    [...KEYS.slice(0, 3), ...OWN_KEYS, ...KEYS.slice(3)],
  );

  const resized = new ResizeObserver(measure);
  function measure() {
    const size = state.projector ? `${fontSizeFor(root.clientWidth, true)}px` : "";
    root.style.setProperty("--ru-size", size);
    root.classList.toggle("ru-wide", root.clientWidth >= WIDE);
    draw();
  }
  for (const node of [root, layout.net, layout.sums]) resized.observe(node);
  const closeHelp = closeHelpOutside(root);

  function load(data) {
    state.data = data;
    layout.sums.style.setProperty("--rows", data.hidden_size);
    chooser.show(data.blocks);
    drawRail();
    drawFacts();
    drawEditor(layout.editor, data, (edit) => state.component.setTriggerValue?.("edit", edit));
    player.load(data.stages);
  }

  function update(component) {
    state.component = component;
    if (!root.isConnected) {
      root.style.visibility = "hidden"; // until it has its style
      parentElement.append(root);
      loadStyle().then(() => {
        root.style.removeProperty("visibility");
        draw();
      });
    }
    const room = component.data?.room;
    state.projector = Boolean(room?.projector);
    player.rests = [...(room?.hidden ?? []), ...(room?.locked ?? [])].includes("play");
    const theme = readTheme(parentElement, state.projector);
    if (theme.key !== state.theme) {
      state.theme = theme.key;
      applyTheme(root, theme);
    }
    const { computed, answer } = component.data ?? {};
    const text = JSON.stringify([computed, answer]);
    if (computed && text !== state.text) {
      state.text = text;
      load(computed);
    }
    arrange(root, room);
    measure();
  }

  function destroy() {
    player.destroy();
    stopKeys();
    resized.disconnect();
    closeHelp();
    root.remove();
    mounted.delete(parentElement);
  }

  return { update, destroy };
}

/** Streamlit's entry point; returns what takes everything away again. */
export default function mount(component) {
  const { parentElement } = component;
  if (!mounted.has(parentElement)) mounted.set(parentElement, makeUnroll(parentElement));
  const unroll = mounted.get(parentElement);
  unroll.update(component);
  return () => unroll.destroy();
}
