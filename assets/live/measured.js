// What reports measured: held-out data beside a fixed sample of training data, and where held-out loss was lowest.

import * as by from "./curves.js";
import { faint } from "./gradients/palette.js";
import { grouped } from "./numbers.js";
import { textWidth } from "./timeaxis.js";

const NOTHING = new Float32Array(0);

/** The rows of the array `reports`, in the order of rnnlab/live/curves.py; older reports lack some. */
const ROWS = ["metric", "train_loss", "train_metric", "forced", "free"];

function rowsOf(frame) {
  const { data = NOTHING, shape = [0, 0] } = frame?.arrays.get("reports") ?? {};
  const row = (i) => (i < shape[0] ? data.subarray(i * shape[1], (i + 1) * shape[1]) : NOTHING);
  return Object.fromEntries(ROWS.map((name, i) => [name, row(i)]));
}

/** What a frame's reports measured: { update, loss, metric: { train, held }, exposure: { forced, free } }. */
export function measuredOf(frame) {
  const get = (name) => frame?.arrays.get(name)?.data ?? NOTHING;
  const rows = rowsOf(frame);
  return {
    update: Array.from(get("held_update")),
    loss: { train: rows.train_loss, held: get("held_loss") },
    metric: { train: rows.train_metric, held: rows.metric },
    exposure: { forced: rows.forced, free: rows.free },
  };
}

/** The reports later than an update, and the last one before: see measuredOf. */
export function measuredFrom(measured, update) {
  const later = measured.update.findIndex((at) => at > update);
  const start = later < 0 ? measured.update.length : Math.max(0, later - 1);
  const cut = (lists) => Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.slice(start)]));
  const { loss, metric, exposure } = measured;
  return {
    update: measured.update.slice(start),
    loss: cut(loss),
    metric: cut(metric),
    exposure: cut(exposure),
  };
}

/** Where held-out loss was lowest: its place among the reports, or -1 where that is the newest of them, or the first. */
export function lowestAt({ update, loss }) {
  let best = -1;
  loss.held.forEach((value, i) => {
    if (Number.isFinite(value) && (best < 0 || value < loss.held[best])) best = i;
  });
  return best > 0 && best < update.length - 1 ? best : -1;
}

/** A ring on the held-out curve where its loss was lowest, and a line that says so, on the side that has room. */
export function lowestMark({ measured, values, xaxis, width, theme, fontSize, down = 0, brief = "lowest" }) {
  const best = lowestAt(measured);
  if (best < 0) return { traces: [], shapes: [], annotations: [] };
  const x = measured.update[best];
  const y = values[best];
  const left = (x / xaxis.range[1]) * width;
  const wide = (words) => textWidth(words, `400 ${fontSize}px ${theme.font}`) + 10;
  const [whole, short] = ["lowest held-out loss", brief].map((words) => `${words}: ${grouped(x)}`);
  const text = wide(whole) < width - left ? whole : short; // on the left curves fall, on which words would lie
  const fits = wide(text) < width - left;
  const ring = { size: 11, symbol: "circle-open", color: theme.predict, line: { width: 2.2, color: theme.predict } };
  return {
    traces: y === null ? [] : [{ x: [x], y: [y], mode: "markers", marker: ring, hoverinfo: "skip" }],
    shapes: [{ ...by.vertical(x, theme.predict), line: { color: theme.predict, width: 1.2, dash: "dot" } }],
    annotations: [
      {
        text,
        x,
        xanchor: fits ? "left" : "right",
        xshift: fits ? 5 : -5,
        y: 1,
        yref: "paper",
        yanchor: "top",
        yshift: -down,
        showarrow: false,
        font: { size: fontSize, color: theme.predict },
        bgcolor: faint(theme.card, 0.66), // the curves may pass under it
        borderpad: 0,
      },
    ],
  };
}

/** Two curves of reports: the first solid, the second, which counts, dashed; `print` formats values on hover. */
export function measuredTraces({ update, curves, theme, print }) {
  const looks = [
    { colour: theme.forward, width: 2.4, marker: 4 },
    { colour: theme.predict, width: 2, marker: 5, dash: "dash" },
  ];
  return curves.map(({ values, words }, i) => ({
    x: update,
    y: values,
    mode: "lines+markers", // so that one sees how sparse it is
    line: { color: looks[i].colour, width: looks[i].width, dash: looks[i].dash },
    marker: { size: looks[i].marker },
    hovertemplate: `${words} <b>%{y:${print}}</b><extra></extra>`,
  }));
}
