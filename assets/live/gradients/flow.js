// The norms of the gradient that reaches each time step, all runs on one log axis. Arrays are log10 already.

import { bandOutline, rangeOf } from "../flow.js";
import { plain, powerTicks, scientific } from "../numbers.js";
import { baseLayout, endLabels } from "../plotly.js";
import { numberedColumns, shortened, textWidth, timeAxis } from "../timeaxis.js";
import { faint } from "./palette.js";

const LEFT = 4.6; // letters, for the ticks
const RIGHT = 16;
const LANE = 0.13; // of the plot's range, for what has no place on a log axis
const WIDEST_LABEL = 10.7; // letters, and at least 150 pixels
const MOST_MARKERS = 9;

export const SYMBOL = { h: "hₜ", c: "cₜ" };
export const normOf = (state) => `‖dL/d${SYMBOL[state]}‖`;

/** The curves of all runs: { run, state, values, low, high, stride, label, ... }, one per run and state. */
export function curvesOf(runs) {
  return runs.flatMap((run, index) => {
    const { flow } = run.frame?.header ?? {};
    if (!flow) return [];
    return flow.states.flatMap((state) => {
      const of = (name) => run.frame.arrays.get(`${state === "h" ? "flow" : "cell"}_${name}`)?.data;
      const values = of("median");
      if (!values) return [];
      const time = (column) => 1 + column * flow.stride;
      const { label: name } = run.spec;
      const quantiles = { low: of("low"), high: of("high") };
      return [
        {
          run: index,
          state,
          values,
          ...quantiles,
          stride: flow.stride,
          time,
          name,
          label: `${name} ${normOf(state)}`,
          flow,
        },
      ];
    });
  });
}

/** A name without what stands in brackets where the whole is too long, then cut. */
export function shortName(name, font, room) {
  const fits = textWidth(name, font) <= room;
  return fits ? name : shortened(name.replace(/\s*\([^)]*\)$/, ""), font, room);
}

const columnsOf = ({ values }) => [...values.keys()];
const isMissing = (value) => Number.isNaN(value) || value === Infinity;

/** Which run, and which of its norms where there is room for both. */
function endWords({ name, label }, font, room) {
  const roomy = textWidth(label, font) <= room;
  return roomy ? label : shortName(name, font, room);
}

/** Where things stand: pixels of the plot, ranges of its axes, lanes for zeros and non-numbers. */
export function flowFrame({ curves, window, size, theme, length }) {
  const font = `600 ${size.fontSize}px ${theme.font}`;
  const room = Math.min(Math.max(150, WIDEST_LABEL * size.fontSize), 0.24 * size.width);
  const widths = curves.map((curve) => textWidth(endWords(curve, font, room), font));
  const gutter = Math.min(room, Math.max(0, ...widths)) + 16;
  const margin = { l: Math.round(LEFT * size.fontSize), r: RIGHT, t: 10, b: 2 * size.fontSize + 18 };
  const width = Math.max(50, size.width - margin.l - margin.r);
  const [from, to] = window ?? [1, length];
  const half = 0.5; // a time step is as wide as its distance to the next
  const perStep = Math.max(1, width - gutter) / (to - from + 2 * half);
  const inner = rangeOf(curves.flatMap(({ values, low, high }) => [values, low, high]));
  const span = inner[1] - inner[0];
  const has = (test) => curves.some(({ values }) => values.some(test));
  const lanes = {
    zero: has((value) => value === -Infinity) ? inner[0] - 0.55 * LANE * span : null,
    missing: has(isMissing) ? inner[1] + 0.55 * LANE * span : null,
  };
  const y = [
    inner[0] - (lanes.zero === null ? 0 : LANE * span),
    inner[1] + (lanes.missing === null ? 0 : LANE * span),
  ];
  const x = [from - half - gutter / perStep, to + half];
  return {
    margin,
    room,
    gutter,
    inner,
    lanes,
    x,
    y,
    width,
    perStep,
    height: size.height - margin.t - margin.b,
    fontSize: size.fontSize,
    from,
    to,
  };
}

/** Where a run's value stands on the vertical axis; what has no place there stands in a lane, null without one. */
export function levelOf(value, run, { lanes, inner }) {
  if (Number.isFinite(value)) return value;
  const lane = value === -Infinity ? lanes.zero : lanes.missing;
  return lane === null ? null : lane + (run - 1) * 0.03 * (inner[1] - inner[0]);
}

export const wordsOf = (value) => (Number.isNaN(value) ? "no number" : scientific(value));

function bandTrace({ values, low, high, time }, colour, frame, theme) {
  const outline = bandOutline(
    Array.from(values, (_, c) => time(c)),
    low,
    high,
    frame.inner[0],
  );
  return {
    ...outline,
    mode: "lines",
    fill: "toself",
    fillcolor: faint(colour, theme.dark ? 0.13 : 0.1),
    line: { width: 0 },
    hoverinfo: "skip",
  };
}

function lineTrace(curve, { colour, symbol }) {
  const { values, low, high, time, state, label } = curve;
  const band = (i) => (low ? `  (${scientific(low[i])} to ${scientific(high[i])})` : "");
  return {
    x: columnsOf(curve).map(time),
    y: Array.from(values, (value) => (Number.isFinite(value) ? value : null)),
    mode: "lines+markers",
    line: { color: colour, width: state === "c" ? 2.8 : 2.4, dash: state === "c" ? "dot" : "solid" },
    marker: { symbol, size: 7, color: colour, maxdisplayed: values.length > MOST_MARKERS ? MOST_MARKERS : 0 },
    text: Array.from(values, (value, i) => `${plain(label)} <b>${scientific(value)}</b>${band(i)}`),
    hovertemplate: "%{text}<extra></extra>",
  };
}

/** What a log axis has no place for, each run on its own height of the lane. */
function laneTrace(curve, test, frame, { colour, symbol }) {
  const columns = columnsOf(curve).filter((c) => test(curve.values[c]));
  return {
    x: columns.map(curve.time),
    y: columns.map((c) => levelOf(curve.values[c], curve.run, frame)),
    mode: "markers",
    marker: { symbol, size: 6, color: colour, line: { width: 1.4, color: colour } },
    text: columns.map((c) => `${plain(curve.label)} <b>${wordsOf(curve.values[c])}</b>`),
    hovertemplate: "%{text}<extra></extra>",
    cliponaxis: false,
  };
}

function lanesOf(curve, style, frame) {
  const open = { ...style, symbol: `${style.symbol}-open` };
  return [
    laneTrace(curve, (v) => v === -Infinity, frame, open),
    laneTrace(curve, isMissing, frame, { ...style, symbol: "x-thin" }),
  ].filter(({ x }) => x.length);
}

/** At the left, where the lines differ most. */
function startLabels(curves, styles, frame, size, theme) {
  const labels = curves.map((curve) => {
    const first = columnsOf(curve).find((c) => curve.time(c) >= frame.from) ?? 0;
    const text = endWords(curve, `600 ${size.fontSize}px ${theme.font}`, frame.room);
    return {
      text: `<b>${plain(text)}</b>`,
      colour: styles[curve.run].colour,
      y: levelOf(curve.values[first], curve.run, frame) ?? NaN,
    };
  });
  const placed = endLabels(labels, { range: frame.y, pixels: frame.height, fontSize: size.fontSize });
  return placed.map((one) => ({
    ...one,
    x: 0,
    xanchor: "right",
    xshift: frame.gutter - 8,
    bgcolor: theme.card,
    borderpad: 1,
  }));
}

/** Where an encoder ends and a decoder begins. */
function partsOf(curves, frame, size, theme) {
  const parts = curves[0]?.flow.parts ?? [];
  if (parts.length < 2) return { shapes: [], annotations: [] };
  const visible = parts.filter(({ start, stop }) => stop >= frame.from && start < frame.to);
  const border = ({ start }) => ({
    type: "line",
    x0: start + 0.5,
    x1: start + 0.5,
    y0: 0,
    y1: 1,
    yref: "paper",
    line: { color: theme.muted, width: 1, dash: "dot" },
  });
  const name = ({ label, start, stop }) => ({
    text: label,
    x: (Math.max(start + 1, frame.from) + Math.min(stop, frame.to)) / 2,
    y: 0,
    yref: "paper",
    yanchor: "bottom",
    showarrow: false,
    font: { size: size.fontSize, color: theme.muted },
    bgcolor: theme.card,
  });
  return {
    shapes: visible.filter(({ start }) => start >= frame.from).map(border),
    annotations: visible.map(name),
  };
}

function axisWords(curves, frame, size, theme) {
  const reverse = curves[0]?.flow.reverse;
  const narrow = frame.width - frame.gutter < 30 * size.fontSize;
  const under = { y: 0, yref: "paper", yanchor: "top", yshift: -(size.fontSize + 10), showarrow: false };
  const tight = frame.width - frame.gutter < 20 * size.fontSize; // room for one of the two: the direction stays
  return [
    {
      ...under,
      text: tight ? "" : "time step <i>t</i>",
      x: narrow ? frame.from : (frame.from + frame.to) / 2,
      xanchor: narrow ? "left" : "center",
      font: { size: size.fontSize, color: theme.muted },
    },
    {
      ...under,
      text: reverse ? "the gradient flows this way →" : "← the gradient flows this way",
      x: reverse ? frame.from : 1,
      xref: reverse ? "x" : "paper",
      xanchor: reverse ? "left" : "right",
      font: { size: size.fontSize, color: theme.muted },
    },
  ];
}

/** Powers of ten, and names of the lanes; where no number is finite there is no scale to name. */
function ticksOf(curves, frame, size) {
  const most = Math.max(3, Math.floor(frame.height / (size.fontSize + 14)));
  const any = curves.some(({ values }) => values.some(Number.isFinite));
  const ticks = any ? powerTicks(...frame.inner, most) : { values: [], text: [] };
  const add = (level, text) => level !== null && (ticks.values.push(level), ticks.text.push(text));
  const infinite = curves.some(({ values }) => values.includes(Infinity));
  add(frame.lanes.zero, "exactly 0");
  add(frame.lanes.missing, infinite ? "no finite<br>number" : "no<br>number");
  return ticks;
}

function timeTicks(frame) {
  const window = [frame.from - 1, frame.to - 1];
  const axis = timeAxis({ columns: frame.to, stride: 1, width: 0, window, fontSize: frame.fontSize });
  return numberedColumns({ ...axis, step: frame.perStep }).map(axis.time);
}

/** `frame` from flowFrame, `styles` { colour, symbol } of each run. */
export function flowFigure({ curves, styles, frame, size, theme, revision }) {
  const { layout, axis: quiet } = baseLayout({ size, theme, margin: frame.margin, revision });
  const data = [
    ...curves
      .filter(({ low, high }) => low && high)
      .map((one) => bandTrace(one, styles[one.run].colour, frame, theme)),
    ...curves.map((one) => lineTrace(one, styles[one.run])),
    ...curves.flatMap((one) => lanesOf(one, styles[one.run], frame)),
  ];
  const ticks = ticksOf(curves, frame, size);
  const times = timeTicks(frame);
  const parts = partsOf(curves, frame, size, theme);
  Object.assign(layout, {
    xaxis: {
      ...quiet,
      range: frame.x,
      hoverformat: "d",
      unifiedhovertitle: { text: "time step %{x}" },
      showgrid: false,
      tickvals: times,
      ticktext: times.map(String),
    },
    yaxis: { ...quiet, range: frame.y, tickvals: ticks.values, ticktext: ticks.text },
    shapes: parts.shapes,
    annotations: [
      ...startLabels(curves, styles, frame, size, theme),
      ...parts.annotations,
      ...axisWords(curves, frame, size, theme),
    ],
  });
  return { data, layout };
}
