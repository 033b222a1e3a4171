// What reports measure, by update: the task's metric held out and on training data, or what a generating
// network names when it is fed the truth and when it is fed its own symbols. Of one run, or beside its branches.

import * as by from "./curves.js";
import { asked, finished } from "./branch_curves.js";
import { line, marks, start } from "./gradients/curves.js";
import { lowestMark, measuredFrom, measuredOf, measuredTraces } from "./measured.js";
import { plain } from "./numbers.js";
import { baseLayout, endLabels } from "./plotly.js";
import { textWidth } from "./timeaxis.js";

const PERCENT = { tickformat: ".0%", tickvals: [0, 0.25, 0.5, 0.75, 1] };
const FULL = [-0.02, 1.03]; // a line at 0 or 1 is not cut

const exposed = (said) => ({ label: "symbols right", percent: true, said, beside: "fed its own; dotted: fed the truth" });

/** By name: two curves of reports, of which the second counts, their names, and what a card says of them. */
const SHOWN = {
  metric: {
    values: ({ metric }) => [metric.train, metric.held],
    names: ["training", "held out"],
    facts: ({ metric }) => metric && { ...metric, beside: "held out; dotted: training" },
  },
  exposure: {
    values: ({ exposure }) => [exposure.forced, exposure.free],
    names: ["fed truth", "fed own"],
    facts: ({ exposure }) => exposure && exposed(exposure),
  },
};

/** Whether a frame with this header has the curve, and what a card says of it: null where it has not. */
export const factsOf = (curve, header) => SHOWN[curve]?.facts(header) || null;

function axisOf(quiet, log, { percent, baseline }, shown, pixels) {
  if (percent) return { ...quiet, ...PERCENT, range: FULL };
  if (!log) return { ...quiet, range: [0, by.linearTop(shown, baseline)], nticks: 5, tickformat: "~g" };
  const positive = shown.filter((v) => v > 0);
  if (!positive.length) return { ...quiet, range: [0, 1] };
  return by.logAxis(quiet, by.smallest(positive), by.largest(positive), pixels);
}

/** The level of the trivial predictor, with its words. */
function baselineOf(facts, header, { xaxis, yaxis, onAxis, pixels, width, theme, size }) {
  if (!Number.isFinite(facts.baseline)) return { traces: [], annotations: [] };
  const ends = { x: [0, xaxis.range[1]], y: [facts.baseline, facts.baseline] };
  const style = { mode: "lines", line: { color: theme.quiet, width: 1.5, dash: "dot" }, hoverinfo: "skip" };
  const level = facts.percent ? `${(100 * facts.baseline).toFixed(1)} %` : Number(facts.baseline.toPrecision(3));
  const words = `${header.baseline?.words ?? "trivial predictor"}: ${level}`;
  const said = { ...header, baseline: { label: `trivial predictor: ${level}`, words } };
  const place = { range: yaxis.range, y: onAxis(facts.baseline), pixels, width };
  return {
    traces: [{ ...ends, ...style }],
    annotations: [by.baselineLabel(said, xaxis, theme, size.fontSize, place)],
  };
}

/** What was measured in words, at the bottom, in as many lines as it takes. */
function sentence(words, { theme, size, width }) {
  const font = `400 ${size.fontSize}px ${theme.font}`;
  const lines = [""];
  for (const word of words.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (lines.at(-1) && textWidth(longer, font) > width - 8) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return {
    text: plain(lines.join("\n")).replaceAll("\n", "<br>"),
    x: 1,
    xref: "paper",
    xanchor: "right",
    y: 0,
    yref: "paper",
    yanchor: "bottom",
    align: "right",
    showarrow: false,
    font: { size: size.fontSize, color: theme.text },
    bgcolor: theme.card,
    borderpad: 1,
  };
}

const printOf = ({ percent }) => (percent ? ".1%" : ".4g");
const numbers = (...lists) => lists.flatMap((values) => [...values]).filter(Number.isFinite);

/** Of one run; `curve` is a key of SHOWN. */
export function reportFigure({ curve, frame, log: wanted, size, theme }) {
  const { header } = frame;
  const { names, values, facts: factsIn } = SHOWN[curve];
  const facts = factsIn(header);
  const log = wanted && !facts.percent;
  const margin = by.marginsFor(size.fontSize);
  const [width, pixels] = [size.width - margin.l - margin.r, size.height - margin.t - margin.b];
  const { layout, axis: quiet } = baseLayout({ size, theme, margin, revision: `${header.run}/${curve}/${log}` });
  const measured = measuredOf(frame);
  const [first, second] = values(measured).map((one) => by.usable(one, log));
  const xaxis = by.updateAxis(quiet, measured.update, header);
  const yaxis = axisOf(quiet, log, facts, numbers(first, second, [facts.baseline]), pixels);
  const onAxis = (v) => (log ? Math.log10(v) : v);
  const baseline = baselineOf(facts, header, { xaxis, yaxis, onAxis, pixels, width, theme, size });
  const said = facts.said ? [sentence(facts.said, { theme, size, width })] : [];
  const down = Number.isFinite(facts.baseline) ? by.clearOf(onAxis(facts.baseline), yaxis, pixels, size.fontSize) : 0;
  const brief = "lowest loss"; // the metric itself may be at its highest there
  const mark = lowestMark({ measured, values: second, xaxis, width, theme, fontSize: size.fontSize, down, brief });
  const labels = [first, second].map((one, i) => ({
    text: names[i],
    colour: [theme.forward, theme.predict][i],
    y: onAxis(by.lastOf(one)),
  }));
  const curves = [first, second].map((one, i) => ({ values: one, words: names[i] }));
  const traces = measuredTraces({ update: measured.update, curves, theme, print: printOf(facts) });
  Object.assign(layout, {
    xaxis,
    yaxis,
    shapes: [...by.moments(header, theme), ...mark.shapes],
    annotations: [
      ...endLabels(labels, { range: yaxis.range, pixels, fontSize: size.fontSize }),
      ...baseline.annotations,
      ...(said.length ? said : mark.annotations),
    ],
  });
  return { data: [...baseline.traces, ...traces, ...mark.traces], layout };
}

/** What counts solid, the other one dotted, each branch in its colour; `branches` as in branch_curves.js. */
export function branchesReportFigure({ curve, branches, header, log: wanted, size, theme }) {
  const { names, values, facts: factsIn } = SHOWN[curve];
  const one = asked(branches, theme);
  const facts = factsIn(header);
  const log = wanted && !facts.percent;
  const labels = one.runs.map(({ spec }) => spec.label);
  const revision = `${one.revision}/${curve}/${log}`;
  const { layout, quiet, xaxis, pixels, short, width } = start({ runs: one.runs, labels, size, theme, revision });
  const all = one.shown.map(({ frame, from, quiet }) => {
    const measured = quiet ? measuredFrom(measuredOf(frame), from) : measuredOf(frame);
    const [first, second] = values(measured).map((each) => by.usable(each, log));
    return { update: measured.update, first, second };
  });
  const shown = numbers(...all.flatMap(({ first, second }) => [first, second]), [facts.baseline]);
  const yaxis = axisOf(quiet, log, facts, shown, pixels);
  const onAxis = (v) => (log ? Math.log10(v) : v);
  const lines = (which, name, style) =>
    all.map((each, i) =>
      line(
        each.update,
        each[which],
        { ...style, line: { color: one.styles[i].colour, ...style.line } },
        `${labels[i]}, ${name} <b>%{y:${printOf(facts)}}</b>`,
      ),
    );
  const ends = all.map(({ second }, i) => ({
    text: short(labels[i]),
    colour: one.styles[i].colour,
    y: onAxis(by.lastOf(second)),
  }));
  const baseline = baselineOf(facts, header, { xaxis, yaxis, onAxis, pixels, width, theme, size });
  const at = marks({ runs: one.runs, xaxis, styles: one.styles, size, theme });
  Object.assign(layout, {
    xaxis,
    yaxis,
    shapes: at.shapes,
    annotations: [
      ...endLabels(ends, { range: yaxis.range, pixels, fontSize: size.fontSize }),
      ...at.annotations,
      ...baseline.annotations,
    ],
  });
  const data = [
    ...baseline.traces,
    ...lines("first", names[0], { mode: "lines", line: { width: 1.4, dash: "dot" } }),
    ...lines("second", names[1], { mode: "lines+markers", line: { width: 2.2 }, marker: { size: 4.5 } }),
  ];
  const counted = (frame) => by.usable(values(measuredOf(frame))[1], log);
  return finished({ data, layout }, one, header, counted, size, theme);
}
