// By update, all runs together: the norm of the gradient before and after clipping, and the angle between.

import * as by from "../curves.js";
import { plain } from "../numbers.js";
import { endLabels } from "../plotly.js";
import { arraysOf, line, marks, reaches, start } from "./curves.js";
import { faint } from "./palette.js";

/** Thresholds by norm, each once: by value the threshold is one entry's, not the norm's. */
function thresholds(runs) {
  const clips = runs.flatMap(({ frame }) =>
    frame?.header.clip?.kind === "norm" ? [frame.header.clip.threshold] : [],
  );
  return [...new Set(clips)];
}

/** The mean of the logarithms around each point: how large the norm usually is there. */
function usual(norms) {
  const logs = by.smooth(norms.map((norm) => (norm === null ? NaN : Math.log10(norm))));
  return logs.map((log) => (log === null ? null : 10 ** log));
}

/** `smoothed`: the strong lines show what is usual, which is all one can tell apart of several noisy runs. */
export function normFigure({ runs, styles, branchAt, size, theme, revision, smoothed }) {
  const limits = thresholds(runs);
  const labels = runs.map(({ spec }) => spec.label);
  const named = [...labels, ...limits.map((limit) => `clip at ${limit}`)];
  const { layout, quiet, xaxis, pixels, short } = start({ runs, labels: named, size, theme, revision });
  const all = runs.map((run) => {
    const { update, norm, clipped } = arraysOf(run);
    const clips = (run.frame?.header.clip?.kind ?? "off") !== "off";
    const before = by.usable(norm, true);
    const after = clips ? by.usable(clipped, true) : before;
    return { update, clips, before, after: smoothed ? usual(after) : after };
  });
  const shown = [...all.flatMap(({ before, after }) => [...before, ...after]), ...limits].filter(
    Number.isFinite,
  );
  const yaxis = shown.length
    ? by.logAxis(quiet, by.smallest(shown), by.largest(shown), pixels)
    : { ...quiet, range: [0, 1] };
  const before = all.flatMap((one, i) =>
    one.clips || smoothed
      ? [
          line(
            one.update,
            one.before,
            { mode: by.dots(one.update.length), line: { color: faint(styles[i].colour, 0.42), width: 1.2 } },
            one.clips ? `${plain(labels[i])} before <b>%{y:.3g}</b>` : null,
          ),
        ]
      : [],
  );
  const after = all.map((one, i) =>
    line(
      one.update,
      one.after,
      {
        mode: by.dots(one.update.length),
        line: { color: styles[i].colour, width: 1.7 },
        marker: { size: 5, symbol: styles[i].symbol },
      },
      `${plain(labels[i])}${one.clips ? " after" : ""} <b>%{y:.3g}</b>`,
    ),
  );
  const dashes = limits.map((limit) =>
    line([0, xaxis.range[1]], [limit, limit], {
      mode: "lines",
      line: { color: theme.text, width: 1.5, dash: "dash" },
    }),
  );
  const ends = [
    ...all.map((one, i) => ({
      text: short(labels[i]),
      colour: styles[i].colour,
      y: reaches(one, all) ? Math.log10(by.lastOf(one.after)) : NaN,
    })),
    ...limits.map((limit) => ({ text: `clip at ${limit}`, colour: theme.text, y: Math.log10(limit) })),
  ];
  const at = marks({ runs, branchAt, xaxis, styles, size, theme });
  const annotations = [
    ...endLabels(ends, { range: yaxis.range, pixels, fontSize: size.fontSize }),
    ...at.annotations,
  ];
  Object.assign(layout, { xaxis, yaxis, annotations, shapes: at.shapes });
  return { data: [...before, ...after, ...dashes], layout };
}

/** How far clipping turned the gradient, in degrees: 0 where it only shortened it. */
export function angleFigure({ runs, styles, branchAt, size, theme, revision }) {
  const labels = runs.map(({ spec }) => spec.label);
  const { layout, quiet, xaxis, pixels, short } = start({ runs, labels, size, theme, revision });
  const all = runs.map((run) => ({ ...arraysOf(run), kind: run.frame?.header.clip?.kind ?? "off" }));
  const lines = all.map(({ update, angle, kind }) => ({
    update,
    y: kind === "off" ? [] : by.usable(angle, false),
  }));
  const most = Math.max(1, ...lines.flatMap(({ y }) => y.filter(Number.isFinite)));
  const yaxis = {
    ...quiet,
    range: [0, Math.min(95, Math.ceil(most / 10 + 0.3) * 10)],
    nticks: 4,
    ticksuffix: "°",
  };
  const data = lines.map(({ update, y }, i) =>
    line(
      y.length ? update : [],
      y,
      {
        mode: by.dots(update.length),
        line: { color: styles[i].colour, width: 1.7 },
        marker: { size: 5, symbol: styles[i].symbol },
      },
      `${plain(labels[i])} turned by <b>%{y:.1f}°</b>`,
    ),
  );
  const ends = lines.map((one, i) => ({
    text: short(labels[i]),
    colour: styles[i].colour,
    y: reaches(one, lines) ? by.lastOf(one.y) : NaN,
  }));
  const at = marks({ runs, branchAt, xaxis, styles, size, theme });
  const annotations = endLabels(ends, { range: yaxis.range, pixels, fontSize: size.fontSize });
  Object.assign(layout, { xaxis, yaxis, annotations, shapes: at.shapes });
  return { data, layout };
}
