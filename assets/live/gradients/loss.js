// The loss of all runs by update, with its baseline.

import * as by from "../curves.js";
import { plain } from "../numbers.js";
import { endLabels } from "../plotly.js";
import { shortened } from "../timeaxis.js";
import { arraysOf, line, marks, reaches, start, words } from "./curves.js";
import { faint } from "./palette.js";

function baselineOf(runs) {
  const found = runs.map(({ frame }) => frame?.header.baseline).filter(Boolean);
  const [first] = found;
  return found.every(({ loss }) => loss === first.loss) ? (first ?? null) : null;
}

function baselineLabel(baseline, y, { range, pixels, width }, size, theme) {
  const under = ((range[1] - y) / (range[1] - range[0])) * pixels < size.fontSize + 4;
  const label = shortened(
    baseline.label ?? baseline.words,
    `400 ${size.fontSize}px ${theme.font}`,
    0.7 * width,
  );
  return {
    ...words(plain(label), theme, size, theme.muted),
    bgcolor: faint(theme.card, 0.7), // the lines of several runs may pass under it
    hovertext: plain(baseline.words ?? label),
    x: 1,
    xref: "paper",
    xanchor: "right",
    y,
    yanchor: under ? "top" : "bottom",
    yshift: under ? -2 : 2,
  };
}

function lossAxis(quiet, log, shown, baseline, pixels) {
  if (!log) return { ...quiet, range: [0, by.linearTop(shown, baseline)], nticks: 5, tickformat: "~g" };
  const positive = shown.filter((v) => v > 0);
  if (!positive.length) return { ...quiet, range: [0, 1] };
  return by.logAxis(quiet, by.smallest(positive), by.largest(positive), pixels);
}

export function lossFigure({ runs, styles, log, branchAt, size, theme, revision }) {
  const labels = runs.map(({ spec }) => spec.label);
  const { layout, quiet, xaxis, pixels, short, width } = start({
    runs,
    labels,
    size,
    theme,
    revision: `${revision}/${log}`,
  });
  const all = runs.map((run) => {
    const { update, loss, heldUpdate, heldLoss } = arraysOf(run);
    const means = by.usable(by.smooth(loss), log);
    return { update, heldUpdate, raw: by.usable(loss, log), means, held: by.usable(heldLoss, log) };
  });
  const baseline = baselineOf(runs);
  const shown = [...all.flatMap(({ means, held }) => [...means, ...held]), baseline?.loss].filter(
    Number.isFinite,
  );
  const yaxis = lossAxis(quiet, log, shown, baseline?.loss, pixels);
  const onAxis = (v) => (log ? Math.log10(v) : v);
  const pale = all.map(({ update, raw }, i) =>
    line(update, raw, { mode: "lines", line: { color: faint(styles[i].colour, 0.22), width: 1 } }),
  );
  const strong = all.map(({ update, means }, i) =>
    line(
      update,
      means,
      {
        mode: by.dots(means.length),
        line: { color: styles[i].colour, width: 2.2 },
        marker: { size: 5, symbol: styles[i].symbol },
      },
      `${plain(labels[i])} <b>%{y:.4g}</b>`,
    ),
  );
  const dashed = all.map(({ heldUpdate, held }, i) =>
    line(
      heldUpdate,
      held,
      {
        mode: "lines+markers",
        line: { color: styles[i].colour, width: 1.5, dash: "dash" },
        marker: { size: 4.5, symbol: styles[i].symbol },
      },
      `${plain(labels[i])}, held out <b>%{y:.4g}</b>`,
    ),
  );
  const ends = all.map((one, i) => {
    const last = reaches(one, all) ? onAxis(by.lastOf(one.means)) : NaN;
    return {
      text: short(labels[i]) + (last > yaxis.range[1] ? " ↑" : ""),
      colour: styles[i].colour,
      y: last,
    };
  });
  const at = marks({ runs, branchAt, xaxis, styles, size, theme });
  const annotations = [
    ...endLabels(ends, { range: yaxis.range, pixels, fontSize: size.fontSize }),
    ...at.annotations,
  ];
  const data = [...pale, ...dashed, ...strong];
  if (baseline) {
    const level = baseline.loss;
    data.push(
      line([0, xaxis.range[1]], [level, level], {
        mode: "lines",
        line: { color: theme.quiet, width: 1.5, dash: "dot" },
      }),
    );
    annotations.push(
      baselineLabel(baseline, onAxis(level), { range: yaxis.range, pixels, width }, size, theme),
    );
  }
  Object.assign(layout, { xaxis, yaxis, annotations, shapes: at.shapes });
  return { data, layout };
}
