// One frame to one picture: which card draws what, and what may be skipped because nothing in it changed.

import { ATTENTION, attentionFigure, looksKey, looksWords } from "./attention.js";
import { drawByUpdate, rememberCurve, rememberedCurve } from "./by_update.js";
import { unitsByTime } from "./captions.js";
import { makeCursor } from "./cursor.js";
import { html, setText, withSubscripts } from "./elements.js";
import { flowFigure } from "./flow.js";
import { fingerprint } from "./frame.js";
import { heatFigure } from "./heat.js";
import { scientific } from "./numbers.js";
import { keepFigure } from "./plotly.js";
import { makePicked } from "./picking.js";
import { makePredictions } from "./predictions.js";
import { keptImages } from "./thumbnails.js";
import { timeAxis, windowOf } from "./timeaxis.js";
import { makeUnrolled } from "./unrolled.js";
import { fedRoom } from "./unrolled_arrows.js";

const ROOM_FOR_SENTENCE = 900; // pixels of a card whose title line holds a sentence beside the shapes

/** Height shares of the three rows: a tall stack of layers takes more, the charts keep the rest. */
function networkShare(rows) {
  const lanes = new Map();
  for (const { start, stop } of rows) lanes.set(`${start}-${stop}`, (lanes.get(`${start}-${stop}`) ?? 0) + 1);
  const most = Math.max(1, ...lanes.values());
  return Math.min(1.5, 0.96 + 0.09 * most);
}

function setOptions(select, options, value) {
  const key = JSON.stringify(options);
  if (select.dataset.options !== key) {
    select.replaceChildren(...options.map(([id, label]) => new Option(label.replace(/_t\b/, "ₜ"), id)));
    select.dataset.options = key;
  }
  if (select.value !== value) select.value = value;
  select.disabled = options.length < 2;
}

function setSubtitle(node, text) {
  if (node.dataset.text === text) return;
  node.replaceChildren(...withSubscripts(text));
  node.dataset.text = text;
  node.title = text.replace(/_\{([^}]*)\}/g, "_$1"); // it may be cut off
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The six cards; `changed` asks for a new drawing of the same frame. */
export function makePicture({ cards, grid, layer, quantity, readout, picked, check, scale, curve }, changed) {
  const state = { frame: null, theme: null, sizes: {}, window: null, views: 0, log: false, branches: [] };
  state.curve = rememberedCurve();
  const pictured = [cards.network, cards.heat, cards.flow, cards.predictions];
  const unrolled = makeUnrolled(cards.network.body);
  const shapes = html("span", { class: "rl-shapes" });
  cards.network.subtitle.before(shapes);
  const cursor = makeCursor([cards.network, cards.heat, cards.flow], readout);
  const checked = makePicked(cards.flow, shownNow, drawPicked);
  const predictions = makePredictions(cards.predictions.body);
  const images = { inputs: keptImages("inputs"), rows: keptImages("rows") };

  function shownNow() {
    const { axis, frame } = state;
    return axis && frame?.header.network && frame.arrays.get("flow_median") ? { axis, frame } : null;
  }

  /** The number that the button checks. */
  function drawPicked(now) {
    const value = now?.frame.arrays.get("flow_median").data[now.column];
    setText(picked, now ? `t = ${now.time}: ${scientific(value)}` : "");
    check.flow.disabled = !now;
  }

  const onTimeAxis = {
    onHover: point,
    onZoom(range) {
      const { columns, stride } = state.axis;
      zoom(windowOf(range, columns, stride));
      return true;
    },
    onReset: () => zoom(null),
    onIdle: changed,
  };
  const onUpdateAxis = { onHover() {}, onZoom: () => false, onReset: changed, onIdle: changed };
  const figures = {
    heat: keepFigure(cards.heat.plot, "states", onTimeAxis),
    flow: keepFigure(cards.flow.plot, "gradient-flow", onTimeAxis),
    loss: keepFigure(cards.loss.plot, "loss", onUpdateAxis),
    norm: keepFigure(cards.norm.plot, "gradient-norm", onUpdateAxis),
  };

  function zoom(window) {
    state.window = window;
    state.views += 1;
    changed();
  }

  function columnsOf({ header, arrays }) {
    const columns =
      arrays.get("flow_median")?.shape[0] ?? arrays.get("heat")?.shape[1] ?? header.network.inputs.length;
    return { columns: Math.max(1, columns), stride: header.network.stride ?? 1 };
  }

  function point(time) {
    cursor.point(time);
    if (!state.frame?.header.network) return;
    cursor.draw(state.axis, state.frame);
  }

  unrolled.root.addEventListener("mousemove", ({ offsetX }) => {
    if (!state.axis) return;
    const column = state.axis.columnAtX(offsetX);
    point(state.axis.shows(column) ? state.axis.time(column) : null);
  });
  unrolled.root.addEventListener("mouseleave", () => point(null));
  unrolled.root.addEventListener("dblclick", () => zoom(null));
  for (const button of scale) {
    button.addEventListener("click", () => {
      state.log = button.dataset.scale === "log";
      for (const other of scale) other.setAttribute("aria-pressed", String(other === button));
      changed();
    });
  }

  for (const button of curve) {
    button.addEventListener("click", () => {
      state.curve = button.dataset.choice;
      rememberCurve(state.curve);
      changed();
    });
  }

  function drawNetwork() {
    const { frame, theme, axis, sizes } = state;
    const { network, flow } = frame.header;
    const median = frame.arrays.get("flow_median");
    unrolled.draw({
      network: { ...network, images: images.inputs(frame, theme) },
      axis,
      size: sizes.network,
      theme,
      rowOf: (name) => frame.arrays.get(`row:${name}`)?.data,
      norms: median?.data,
      gradientLayers: flow?.layers,
      gradientKey: fingerprint(median),
    });
    setSubtitle(shapes, network.shapes ?? "");
    const whole = network.fed_back && !fedRoom(network, axis) ? (network.fed_words ?? "") : "";
    const fed = sizes.network.width >= ROOM_FOR_SENTENCE ? whole : whole.split(":")[0];
    setSubtitle(cards.network.subtitle, [fed, frame.header.title].filter(Boolean).join(" · "));
    if (whole) cards.network.subtitle.title = [whole, frame.header.title].filter(Boolean).join(" · ");
    cards.network.node.classList.toggle("rl-timeless", !network.recurrent);
  }

  const common = (name) => [state.frame.header.run, JSON.stringify(state.sizes[name]), state.theme.key];
  const span = () => [state.axis.first, state.axis.last, state.axis.columns, state.axis.stride];

  function drawHeat() {
    const { frame, theme, axis, sizes } = state;
    const { views, network, run } = frame.header;
    const heat = frame.arrays.get("heat");
    setOptions(layer, views.layers, views.layer);
    setOptions(quantity, views.quantities, views.quantity);
    const label = views.quantities.find(([id]) => id === views.quantity)?.[1] ?? views.quantity;
    setText(cards.heat.heading, capital(label).replace(/_t\b/, "ₜ"));
    if (!heat) return;
    const looks = views.quantity === ATTENTION;
    setText(cards.heat.subtitle, looks ? looksWords(heat.shape, network) : unitsByTime(heat.shape[0], network));
    const key = [
      ...common("heat"),
      ...span(),
      state.views,
      fingerprint(heat),
      JSON.stringify([views.layer, views.quantity, views.scale, network.inputs, network.strong_inputs]),
      looks ? looksKey(network) : "",
    ].join("|");
    const figure = looks ? attentionFigure : heatFigure;
    figures.heat.draw(key, () => figure({ heat, views, network, axis, size: sizes.heat, theme, run }));
  }

  function drawFlow() {
    const { frame, theme, axis, sizes } = state;
    const { flow, run } = frame.header;
    const names = ["flow_median", "flow_low", "flow_high", ...(flow.has_cell ? ["cell_median"] : [])];
    const [median, low, high, cell] = names.map((name) => frame.arrays.get(name)?.data);
    const caption = [flow.caption, flow.has_cell ? "dotted ‖dL/dc_t‖" : ""].filter(Boolean).join("; ");
    setSubtitle(cards.flow.subtitle, [flow.layer_label, caption].filter(Boolean).join(" · "));
    if (!median) return;
    const key = [
      ...common("flow"),
      ...span(),
      state.views,
      ...names.map((name) => fingerprint(frame.arrays.get(name))),
    ].join("|");
    figures.flow.draw(key, () =>
      flowFigure({ arrays: { median, low, high, cell }, flow, axis, size: sizes.flow, theme, run }),
    );
  }

  const drawCurves = () => drawByUpdate({ state, cards, figures, common, setSubtitle, scale, curve });

  function drawPredictions() {
    const { frame, sizes, theme } = state;
    const said = frame.header.predictions;
    setText(cards.predictions.subtitle, said?.caption ?? "");
    cards.predictions.subtitle.title = said?.caption ?? "";
    predictions.draw(said, sizes.predictions, theme, images.rows(frame, theme));
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
    const { frame, sizes } = state;
    if (!frame || !state.theme || !sizes.network) return;
    const pending = !frame.header.network; // a new run has curves before it has its first picture
    for (const { node } of pictured) node.classList.toggle("rl-pending", pending);
    if (pending) return void attempt(drawCurves);
    drawPicture(frame, sizes);
  }

  function drawPicture(frame, sizes) {
    const { columns, stride } = columnsOf(frame);
    const shape = `${frame.header.run}/${columns}/${stride}`;
    if (state.shape !== shape) Object.assign(state, { shape, window: null, views: state.views + 1 });
    const { width, fontSize } = sizes.network;
    state.axis = timeAxis({ columns, stride, width, fontSize, window: state.window });
    grid.style.setProperty("--rl-network-share", `${networkShare(frame.header.network.rows)}fr`);
    [drawNetwork, drawHeat, drawFlow, drawCurves, drawPredictions].forEach(attempt);
    cursor.draw(state.axis, frame);
    checked.draw();
  }

  /** Sizes in pixels of what is drawn into; read only when something was resized. */
  function measure(fontSize) {
    for (const [name, { body }] of Object.entries(cards)) {
      state.sizes[name] = {
        width: Math.round(body.clientWidth),
        height: Math.round(body.clientHeight),
        fontSize,
      };
    }
  }

  return {
    draw,
    measure,
    /** The frame to draw, and the branches beside it: see by_update.js. */
    show: (frame, branches) => Object.assign(state, { frame, branches }),
    /** The chosen time step moves by one. */
    step: (by) => checked.step(by),
    paint: (theme) => Object.assign(state, { theme }),
    /** Layer and time step of the gradient to check; null before there is one. */
    picked() {
      const time_step = checked.draw();
      return time_step && { layer: state.frame.header.views.layer, state: "h", time_step };
    },
    purge() {
      checked.stop();
      Object.values(figures).forEach(({ purge }) => purge());
    },
    bodies: Object.values(cards).map(({ body }) => body),
  };
}
