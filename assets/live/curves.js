// By update: the loss with its baseline, and the norm of the gradient before and after clipping.

import { logTicks, plain, shortNumber } from "./numbers.js";
import { shortened } from "./timeaxis.js";
import { lowestMark, measuredTraces } from "./measured.js";
import { faint } from "./gradients/palette.js";
import { baseLayout, endLabels } from "./plotly.js";

/** Pixels for the labels around a chart, more where letters are large. */
export function marginsFor(fontSize) {
  const [l, r] = [Math.max(50, 3.4 * fontSize), Math.max(66, 4.6 * fontSize)];
  return { l, r, t: 8, b: fontSize + 12 };
}

/** A centred mean over about a twentieth of the points; non-numbers are left out, and leave a gap where alone. */
export function smooth(values) {
  const reach = Math.max(1, Math.round(values.length / 40));
  return Array.from(values, (value, i) => {
    if (!Number.isFinite(value)) return null;
    let [sum, count] = [0, 0];
    const wide = Math.min(reach, i, values.length - 1 - i); // symmetric to the ends, so that no end lags
    for (let k = i - wide; k <= i + wide; k += 1) {
      if (!Number.isFinite(values[k])) continue;
      sum += values[k];
      count += 1;
    }
    return sum / count;
  });
}

export const usable = (values, log) =>
  Array.from(values, (v) => (Number.isFinite(v) && (!log || v > 0) ? v : null));
export const lastOf = (values) => values.findLast((v) => v !== null) ?? NaN;
export const largest = (values) => values.reduce((most, v) => (v !== null && v > most ? v : most), -Infinity);
export const smallest = (values) =>
  values.reduce((least, v) => (v !== null && v < least ? v : least), Infinity);

export function updateAxis(quiet, updates, header) {
  const last = Math.max(10, header.update ?? 0, header.furthest ?? 0, updates.at(-1) ?? 0);
  return {
    ...quiet,
    range: [0, last * 1.005],
    nticks: 5,
    tickformat: ",d",
    unifiedhovertitle: { text: "update %{x}" },
    showgrid: false,
    dtick: last <= 12 ? 2 : undefined,
  };
}

export const vertical = (x, colour) => ({
  type: "line",
  x0: x,
  x1: x,
  y0: 0,
  y1: 1,
  yref: "paper",
  line: { color: colour, width: 1.5, dash: "dot" },
});

/** Where a rewound run stands, and where a broken one broke. */
export function moments(header, theme) {
  const shapes = [];
  if (header.divergence) shapes.push(vertical(header.divergence.update, theme.red));
  if (header.update < header.furthest) shapes.push(vertical(header.update, theme.quiet));
  return shapes;
}

const breaksLate = ({ divergence }, xaxis) => Boolean(divergence) && divergence.update > xaxis.range[1] / 2;

/** At the top, on the side of the line that has more room. */
function broken(header, xaxis, theme, fontSize, down = 0) {
  if (!header.divergence) return [];
  const late = breaksLate(header, xaxis);
  return [
    {
      text: "✕ broke here",
      x: header.divergence.update,
      xanchor: late ? "right" : "left",
      xshift: late ? -5 : 5,
      y: 1,
      yref: "paper",
      yanchor: "top",
      yshift: -down,
      showarrow: false,
      font: { size: fontSize, color: theme.red },
      bgcolor: theme.card,
      borderpad: 0,
    },
  ];
}

/** Axis for positive numbers on a log scale. */
export function logAxis(quiet, low, high, pixels) {
  const range = [Math.floor(Math.log10(low) * 4 - 0.2) / 4, Math.ceil(Math.log10(high) * 4 + 0.2) / 4]; // steady quarters
  const { values, text } = logTicks(range[0], range[1], pixels, quiet.tickfont.size);
  return { ...quiet, type: "log", range, tickvals: values, ticktext: text };
}

/** The top of a linear axis: everything, unless a few points of a run that broke would flatten the rest. */
export function linearTop(shown, baseline) {
  const sorted = shown.toSorted((a, b) => a - b);
  const most = sorted.at(-1) ?? 1;
  const usual = Math.max(sorted[Math.floor(0.95 * (sorted.length - 1))] ?? 1, baseline ?? 0);
  const top = most > 3 * usual ? usual * 1.3 : (most || 1) * 1.1;
  const grain = 10 ** Math.floor(Math.log10(top)) / 4; // rounded up, so that the axis rests between frames
  return Math.ceil(top / grain) * grain;
}

function lossAxis(quiet, log, { means, held, baseline, pixels }) {
  const shown = [...means, ...held, baseline].filter((v) => v !== null);
  if (!log) return { ...quiet, range: [0, linearTop(shown, baseline)], nticks: 5, tickformat: "~g" };
  const most = shown.length ? largest(shown) : 1;
  const least = smallest(shown.filter((v) => v > 0));
  return Number.isFinite(least) ? logAxis(quiet, least, most, pixels) : { ...quiet, range: [0, 1] };
}

export const dots = (count) => (count < 3 ? "lines+markers" : "lines");

/** What a linear axis leaves out is said where it leaves; at the end of the line its label says so. */
function beyond(updates, values, axis, theme, fontSize, down) {
  const most = largest(values);
  if (axis.type === "log" || !(most > axis.range[1]) || lastOf(values) > axis.range[1]) return [];
  const x = updates[values.indexOf(most)];
  const leftHalf = x < updates.at(-1) / 2;
  return [
    {
      text: `↑ up to ${shortNumber(Number(most.toPrecision(2)))}`,
      x,
      xanchor: leftHalf ? "left" : "right",
      xshift: leftHalf ? 6 : -6,
      y: 1,
      yref: "paper",
      yanchor: "top",
      yshift: -down,
      showarrow: false,
      font: { size: fontSize, color: theme.forward },
    },
  ];
}

/** How far below the top words must be to stand clear of the label of a level near it. */
export function clearOf(level, { range: [bottom, top] }, pixels, fontSize) {
  const at = ((top - level) / (top - bottom)) * pixels;
  return at < 3 * fontSize ? at + fontSize + 8 : 0;
}

/** Short, over its line or, where that is the top of the plot, under it; the whole sentence on hover. */
export function baselineLabel(header, xaxis, theme, fontSize, { range, y, pixels, width }) {
  const { label, words } = header.baseline;
  const left = breaksLate(header, xaxis); // the right is taken by what is said of the break
  const under = ((range[1] - y) / (range[1] - range[0])) * pixels < fontSize + 4;
  return {
    text: plain(shortened(label ?? words, `400 ${fontSize}px ${theme.font}`, 0.62 * width)),
    hovertext: plain(words ?? label),
    x: left ? 0 : 1,
    xref: "paper",
    xanchor: left ? "left" : "right",
    y,
    yanchor: under ? "top" : "bottom",
    yshift: under ? -2 : 2,
    showarrow: false,
    font: { size: fontSize, color: theme.muted },
    bgcolor: faint(theme.card, 0.66), // a curve may pass under it
    borderpad: 1,
  };
}

export function lossFigure({ curves, measured, header, log, size, theme }) {
  const margin = marginsFor(size.fontSize);
  const width = size.width - margin.l - margin.r;
  const pixels = size.height - margin.t - margin.b;
  const { layout, axis: quiet } = baseLayout({ size, theme, margin, revision: `${header.run}/${log}` });
  const updates = Array.from(curves.update);
  const raw = usable(curves.loss, log);
  const means = usable(smooth(curves.loss), log);
  const [train, held] = [measured.loss.train, measured.loss.held].map((values) => usable(values, log));
  const sampled = train.some((v) => v !== null); // a run of an earlier version has no sample of training data
  const baseline = header.baseline?.loss ?? null;
  const xaxis = updateAxis(quiet, updates, header);
  const yaxis = lossAxis(quiet, log, { means, held: [...held, ...train], baseline, pixels });
  const onAxis = (v) => (log ? Math.log10(v) : v);
  const down = baseline === null ? 0 : clearOf(onAxis(baseline), yaxis, pixels, size.fontSize);
  const labels = [
    {
      text: !log && lastOf(means) > yaxis.range[1] ? "training ↑" : "training",
      colour: theme.forward,
      y: onAxis(lastOf(sampled ? train : means)),
    },
    { text: "held out", colour: theme.predict, y: onAxis(lastOf(held)) },
  ];
  const data = [
    {
      x: updates,
      y: raw,
      mode: "lines",
      line: { color: theme.forwardSoft, width: 1 },
      opacity: 0.75,
      hoverinfo: "skip",
    },
    {
      x: updates,
      y: means,
      mode: dots(means.length),
      line: { color: theme.forward, width: sampled ? 1.2 : 2.4 },
      marker: { size: 5 },
      hovertemplate: "training batches <b>%{y:.4g}</b><extra></extra>",
    },
    ...measuredTraces({
      update: measured.update,
      curves: [
        { values: train, words: "training sample" },
        { values: held, words: "held out" },
      ],
      theme,
      print: ".4g",
    }),
    {
      x: baseline === null ? [] : [0, xaxis.range[1]],
      y: baseline === null ? [] : [baseline, baseline],
      mode: "lines",
      line: { color: theme.quiet, width: 1.5, dash: "dot" },
      hoverinfo: "skip",
    },
  ];
  const annotations = [
    ...endLabels(labels, { range: yaxis.range, pixels, fontSize: size.fontSize }),
    ...broken(header, xaxis, theme, size.fontSize, down),
    ...beyond(updates, means, yaxis, theme, size.fontSize, header.divergence ? down + size.fontSize + 4 : 0),
  ];
  if (baseline !== null) {
    const place = { range: yaxis.range, y: onAxis(baseline), pixels, width };
    annotations.push(baselineLabel(header, xaxis, theme, size.fontSize, place));
  }
  const mark = lowestMark({ measured, values: held, xaxis, width, theme, fontSize: size.fontSize, down });
  annotations.push(...mark.annotations);
  data.push(...mark.traces);
  Object.assign(layout, { xaxis, yaxis, annotations, shapes: [...moments(header, theme), ...mark.shapes] });
  return { data, layout };
}

export function normFigure({ curves, header, size, theme }) {
  const margin = marginsFor(size.fontSize);
  const pixels = size.height - margin.t - margin.b;
  const { layout, axis: quiet } = baseLayout({ size, theme, margin, revision: header.run });
  const updates = Array.from(curves.update);
  const before = usable(curves.norm, true);
  const after = usable(curves.clipped, true);
  const { kind, threshold } = header.clip;
  const limit = kind === "norm" ? threshold : null; // by value the threshold is one entry's, not the norm's
  const shown = [...before, ...after, limit].filter((v) => v !== null);
  const yaxis = shown.length
    ? logAxis(quiet, smallest(shown), largest(shown), pixels)
    : { ...quiet, range: [0, 1] };
  const xaxis = updateAxis(quiet, updates, header);
  const clipped = kind !== "off";
  const labels = [
    {
      text: clipped ? "before" : "norm",
      colour: clipped ? theme.gradientPale : theme.gradient,
      y: Math.log10(lastOf(before)),
    },
    { text: "after", colour: theme.gradient, y: clipped ? Math.log10(lastOf(after)) : NaN },
    { text: `clip at ${threshold}`, colour: theme.text, y: limit === null ? NaN : Math.log10(limit) },
  ];
  const data = [
    {
      x: updates,
      y: before,
      mode: dots(before.length),
      line: { color: clipped ? theme.gradientSoft : theme.gradient, width: 1.4 },
      marker: { size: 5 },
      hovertemplate: "before <b>%{y:.3g}</b><extra></extra>",
    },
    {
      x: updates,
      y: clipped ? after : [],
      mode: dots(after.length),
      line: { color: theme.gradient, width: 1.6 },
      marker: { size: 5 },
      hovertemplate: "after <b>%{y:.3g}</b><extra></extra>",
    },
    {
      x: limit === null ? [] : [0, xaxis.range[1]],
      y: limit === null ? [] : [limit, limit],
      mode: "lines",
      line: { color: theme.text, width: 1.5, dash: "dash" },
      hoverinfo: "skip",
    },
  ];
  const annotations = [
    ...endLabels(labels, { range: yaxis.range, pixels, fontSize: size.fontSize }),
    ...broken(header, xaxis, theme, size.fontSize),
  ];
  Object.assign(layout, { xaxis, yaxis, annotations, shapes: moments(header, theme) });
  return { data, layout };
}
