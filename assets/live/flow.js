// The norm of the gradient that reaches each time step, on a log axis. Arrays are log10 already.

import { powerTicks, scientific } from "./numbers.js";
import { numberedColumns } from "./timeaxis.js";
import { baseLayout, endLabels } from "./plotly.js";

const MOST_MARKERS = 60;
const LONELY_WIDTH = 0.03; // half the width, in time steps, of the band of a time step without neighbours

/** Rounded outwards to half decades, so that the axis does not tremble from frame to frame. */
export function rangeOf(arrays) {
  let [low, high] = [Infinity, -Infinity];
  for (const values of arrays) {
    for (const value of values ?? []) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return [-1, 1];
  const range = [Math.floor(low * 2) / 2 - 0.1, Math.ceil(high * 2) / 2 + 0.1];
  return range[1] - range[0] < 1.2 ? [range[0] - 0.5, range[1] + 0.5] : range;
}

/** The band as closed outlines, one per stretch without gaps; exact zeros reach down to the floor. */
export function bandOutline(times, low, high, floor) {
  const x = [];
  const y = [];
  const add = (time, value) => {
    x.push(time);
    y.push(value);
  };
  const floored = (c) => Math.max(low[c], floor);
  const outline = (columns) => {
    columns.forEach((c) => add(times[c], high[c]));
    columns.toReversed().forEach((c) => add(times[c], floored(c)));
    add(null, null);
  };
  const outlineOne = (c) => {
    const [left, right] = [times[c] - LONELY_WIDTH, times[c] + LONELY_WIDTH];
    [left, right].forEach((time) => add(time, high[c]));
    [right, left].forEach((time) => add(time, floored(c)));
    add(null, null);
  };
  let start = 0;
  const usable = (i) => i < times.length && !Number.isNaN(low[i]) && Number.isFinite(high[i]);
  while (start < times.length) {
    if (!usable(start)) {
      start += 1;
      continue;
    }
    let stop = start;
    while (usable(stop)) stop += 1;
    const columns = Array.from({ length: stop - start }, (_, i) => start + i);
    if (columns.length === 1) outlineOne(columns[0]);
    else outline(columns);
    start = stop;
  }
  return { x, y };
}

function words(values, low, high) {
  return Array.from(values, (value, i) => {
    const band = low ? `<br>middle 80 %: ${scientific(low[i])} to ${scientific(high[i])}` : "";
    return `<b>${scientific(value)}</b>${band}`;
  });
}

function zeroMarkers(times, median, level, theme) {
  const columns = [...median.keys()].filter((i) => median[i] === -Infinity);
  return {
    columns,
    trace: {
      x: columns.map((c) => times[c]),
      y: columns.map(() => level),
      mode: "markers",
      marker: { symbol: "circle-open", size: 7, color: theme.gradient, line: { width: 1.5 } },
      text: columns.map(() => "<b>exactly 0</b>"),
      hovertemplate: "%{text}<extra></extra>",
      cliponaxis: false,
    },
  };
}

const finite = (values) => Array.from(values, (value) => (Number.isFinite(value) ? value : null));

function line(x, values, style, text) {
  return { x, y: finite(values), hovertemplate: "%{text}<extra></extra>", text, ...style };
}

const lastFinite = (values, axis) => {
  for (let c = axis.last; c >= axis.first; c -= 1) if (Number.isFinite(values?.[c])) return values[c];
  return NaN;
};

function traces({ arrays, axis, theme, range, level }) {
  const { median, low, high, cell } = arrays;
  const times = Array.from(median, (_, c) => axis.time(c));
  const zeros = zeroMarkers(times, median, level, theme);
  const shown = axis.last - axis.first + 1;
  const band = low && high ? bandOutline(times, low, high, range[0]) : { x: [], y: [] };
  const markers = shown <= MOST_MARKERS || median.length === 1;
  const data = [
    {
      ...band,
      mode: "lines",
      fill: "toself",
      fillcolor: theme.gradientBand,
      line: { width: 0 },
      hoverinfo: "skip",
    },
    line(
      times,
      cell ?? [],
      {
        mode: median.length === 1 ? "markers" : "lines",
        line: { color: theme.gradient, width: 1.8, dash: "dot" },
        marker: { symbol: "diamond-open", size: 7, color: theme.gradient },
        hoverinfo: "skip",
        hovertemplate: null,
      },
      null,
    ),
    line(
      times,
      median,
      {
        mode: markers ? "lines+markers" : "lines",
        line: { color: theme.gradient, width: 2.4 },
        marker: { size: shown > 30 ? 4 : 6, color: theme.gradient },
      },
      words(median, low, high),
    ),
    zeros.trace,
  ];
  return { data, zeros: zeros.columns.length };
}

/** arrays: { median, low, high, cell } of log10 norms, each Float32Array (T) or undefined. */
export function flowFigure({ arrays, flow, axis, size, theme, run }) {
  const margin = { l: axis.margin.left, r: axis.margin.right, t: 10, b: size.fontSize + 12 };
  const { layout, axis: quiet } = baseLayout({ size, theme, margin, revision: run });
  const inner = rangeOf([arrays.median, arrays.low, arrays.high, arrays.cell]);
  const hasZero = arrays.median.includes(-Infinity);
  const room = (inner[1] - inner[0]) * 0.16;
  const range = hasZero ? [inner[0] - room, inner[1]] : inner;
  const level = inner[0] - room * 0.55;
  const { data } = traces({ arrays, axis, theme, range: inner, level });
  const ticks = powerTicks(inner[0], inner[1], Math.max(3, Math.floor((size.height - 30) / Math.max(22, 1.5 * size.fontSize))));
  if (hasZero) {
    ticks.values.push(level);
    ticks.text.push("exactly 0");
  }
  const columns = numberedColumns(axis);
  const labels = [
    {
      text: "‖dL/dh<sub>t</sub>‖",
      colour: theme.gradient,
      y: hasZero && !Number.isFinite(arrays.median[axis.last]) ? level : lastFinite(arrays.median, axis),
    },
    {
      text: "‖dL/dc<sub>t</sub>‖",
      colour: theme.gradient,
      y: flow.has_cell ? lastFinite(arrays.cell, axis) : NaN,
    },
  ];
  Object.assign(layout, {
    xaxis: {
      ...quiet,
      range: axis.range,
      hoverformat: "d",
      unifiedhovertitle: { text: "time step %{x}" },
      showgrid: false,
      tickvals: columns.map(axis.time),
      ticktext: columns.map((c) => String(axis.time(c))),
    },
    yaxis: { ...quiet, range, tickvals: ticks.values, ticktext: ticks.text },
    annotations: endLabels(labels, {
      range,
      pixels: size.height - margin.t - margin.b,
      fontSize: size.fontSize,
      margin: 8,
    }),
  });
  return { data, layout };
}
