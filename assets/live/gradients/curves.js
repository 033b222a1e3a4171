// What the charts by update share: the arrays of a run, the axes, and the marks of branches and breaks.

import * as by from "../curves.js";
import { plain } from "../numbers.js";
import { baseLayout } from "../plotly.js";
import { textWidth } from "../timeaxis.js";
import { shortName } from "./flow.js";

const WIDEST_LABEL = 10.7; // letters, and at least 150 pixels
const LABEL_SHARE = 0.24; // of the width

const NOTHING = new Float32Array(0);

/** The arrays of one run by short names. */
export function arraysOf({ frame }) {
  const get = (name) => frame?.arrays.get(name)?.data ?? NOTHING;
  return {
    update: Array.from(get("curve_update")),
    loss: get("curve_loss"),
    norm: get("curve_norm"),
    clipped: get("curve_clipped"),
    angle: get("curve_angle"),
    heldUpdate: Array.from(get("held_update")),
    heldLoss: get("held_loss"),
  };
}

/** Layout, axes and margins that the three figures share. */
export function start({ runs, labels, size, theme, revision }) {
  const font = `600 ${size.fontSize}px ${theme.font}`;
  const widest = Math.min(Math.max(150, WIDEST_LABEL * size.fontSize), LABEL_SHARE * size.width);
  const room = Math.max(30, ...labels.map((label) => textWidth(shortName(label, font, widest), font)));
  const margin = { l: Math.max(50, 3.4 * size.fontSize), r: room + 14, t: 8, b: size.fontSize + 12 };
  const { layout, axis: quiet } = baseLayout({ size, theme, margin, revision });
  const headers = runs.flatMap(({ frame }) => (frame ? [frame.header] : []));
  const most = (key) => Math.max(0, ...headers.map((header) => header[key] ?? 0));
  const xaxis = by.updateAxis(quiet, [], { update: most("update"), furthest: most("furthest") });
  const pixels = Math.max(20, size.height - margin.t - margin.b);
  const short = (label) => `<b>${plain(shortName(label, font, widest))}</b>`;
  return { layout, quiet, xaxis, pixels, short, width: size.width - margin.l - margin.r };
}

/** Whether a line still has an end beside which a label can stand: one that broke early has not. */
export function reaches({ update }, all) {
  return update.at(-1) >= Math.max(...all.map((one) => one.update.at(-1) ?? 0)) / 2;
}

export const words = (text, theme, size, colour) => ({
  text,
  showarrow: false,
  font: { size: size.fontSize, color: colour },
  bgcolor: theme.card,
  borderpad: 1,
});

/** Where a run branched off, and where one broke. */
export function marks({ runs, branchAt, xaxis, styles, size, theme }) {
  const shapes = [];
  const annotations = [];
  const mark = (update, text, colour, row) => {
    const late = update > xaxis.range[1] / 2;
    shapes.push({ ...by.vertical(update, colour), line: { color: colour, width: 1.2, dash: "dot" } });
    annotations.push({
      ...words(text, theme, size, colour),
      x: update,
      xanchor: late ? "right" : "left",
      xshift: late ? -4 : 4,
      y: 1,
      yref: "paper",
      yanchor: "top",
      yshift: -row * (size.fontSize + 4),
    });
  };
  if (branchAt !== null && branchAt !== undefined) mark(branchAt, "branches here", theme.muted, 0);
  const broke = runs.flatMap(({ frame }, i) =>
    frame?.header.divergence ? [[i, frame.header.divergence]] : [],
  );
  const lanes = annotations.length;
  broke.forEach(([i, { update }], k) => mark(update, "✕ broke here", styles[i].colour, lanes + k));
  return { shapes, annotations };
}

export const line = (x, y, style, template) => ({
  x,
  y,
  ...(template ? { hovertemplate: `${template}<extra></extra>` } : { hoverinfo: "skip" }),
  ...style,
});
