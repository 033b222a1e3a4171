// Loss and gradient norm of a run beside its branches: one past, then a line for each, named at its end.

import * as by from "./curves.js";
import { lossFigure } from "./gradients/loss.js";
import { normFigure } from "./gradients/norms.js";
import { faint } from "./gradients/palette.js";
import { plain } from "./numbers.js";
import { textWidth } from "./timeaxis.js";

const CURVES = ["curve_update", "curve_loss", "curve_norm", "curve_clipped"];
const QUIET_HAS_NONE = ["held_update", "held_loss"];
const NEAR_THE_MARGIN = 0.88; // of the width: a line that ends before it is named at its end, not in the margin

/** The frame of a quiet branch, without the past that is the current one's too: that is drawn once. */
function ownStretch({ frame, from, quiet }) {
  if (!quiet) return frame;
  const updates = frame.arrays.get("curve_update")?.data ?? [];
  const first = Math.max(0, updates.findIndex((update) => update > from) - 1);
  const start = updates.length && updates.at(-1) <= from ? updates.length : first;
  const arrays = new Map(frame.arrays);
  for (const name of CURVES) {
    const data = frame.arrays.get(name)?.data.subarray(start);
    if (data) arrays.set(name, { data, shape: [data.length] });
  }
  for (const name of QUIET_HAS_NONE) arrays.delete(name);
  return { ...frame, arrays };
}

/** The current branch last, so that it lies on top. */
function inOrder(branches) {
  return [...branches.filter(({ quiet }) => quiet), ...branches.filter(({ quiet }) => !quiet)];
}

/** What a figure of several runs asks for: runs, looks, and what is common to all; `shown` is in that order. */
export function asked(branches, theme) {
  const shown = inOrder(branches);
  return {
    shown,
    runs: shown.map((branch) => ({ spec: { label: branch.label }, frame: ownStretch(branch) })),
    styles: shown.map(({ style, quiet }) => ({
      colour: (quiet ? theme.branchesQuiet : theme.branches)[style % theme.branches.length],
      symbol: "circle",
    })),
    words: shown.map(({ style }) => theme.branches[style % theme.branches.length]), // never faint
    forks: [...new Set(shown.filter(({ parent }) => parent).map(({ left_at }) => left_at))],
    revision: shown.map(({ frame }) => frame.header.run).sort().join(),
  };
}

const nameFont = (size, theme) => `600 ${size.fontSize}px ${theme.font}`;

const lastUpdate = ({ frame }) => frame.arrays.get("curve_update")?.data.at(-1) ?? 0;

/** Lines that end well before the margin, or have no room there for their name; with the ends in pixels of the plot. */
function freeEnds({ runs, words }, { layout }, values, size, theme) {
  const { xaxis, yaxis, margin } = layout;
  const [wide, high] = [size.width - margin.l - margin.r, size.height - margin.t - margin.b];
  return runs.flatMap((run, i) => {
    const share = lastUpdate(run) / xaxis.range[1];
    const y = by.lastOf(values(run.frame));
    const level = yaxis.type === "log" ? Math.log10(y) : y;
    const fits = textWidth(run.spec.label, nameFont(size, theme)) + 10 < margin.r;
    if ((share > NEAR_THE_MARGIN && fits) || !Number.isFinite(level)) return [];
    const down = ((yaxis.range[1] - level) / (yaxis.range[1] - yaxis.range[0])) * high;
    return [{ text: run.spec.label, colour: words[i], run: i, x: share * wide, y: Math.max(0, down), wide, high }];
  });
}

/** Where a name may begin, in pixels from above: next to the line's end first, never across it. */
function topsBeside({ y, high }, line) {
  const across = y - 0.4 * line;
  const away = (top) => Math.abs(top - across);
  const tops = Array.from({ length: Math.max(0, Math.ceil((high - line) / 2)) }, (_, i) => 2 * i);
  return tops.filter((top) => away(top) >= 0.7 * line).sort((one, other) => away(one) - away(other));
}

/** Their names beside the ends: above the line, or where another name stands, below or further up. */
function placed(ends, inMargin, size, theme, card) {
  const [font, line] = [nameFont(size, theme), size.fontSize + 3];
  const taken = ends.length ? inMargin.map(({ y }) => [ends[0].wide, (1 - y) * ends[0].high - line / 2, size.width]) : [];
  return ends.map((end) => {
    const width = textWidth(end.text, font) + 14;
    const start = Math.max(0, Math.min(end.x, card - width)); // a long name begins earlier, to end on the card
    const free = (top) => !taken.some(([x, y, w]) => start < x + w && x < start + width && Math.abs(y - top) < line);
    const tops = topsBeside(end, line);
    const top = tops.find(free) ?? tops[0] ?? 0;
    taken.push([start, top, width]);
    return {
      text: `<b>${plain(end.text)}</b>`,
      x: start / end.wide,
      xref: "paper",
      xanchor: "left",
      xshift: 3,
      y: 1 - top / end.high,
      yref: "paper",
      yanchor: "top",
      showarrow: false,
      font: { size: size.fontSize, color: end.colour },
      bgcolor: faint(theme.card, 0.66), // lines of other branches may pass under it
      borderpad: 0,
    };
  });
}

export function finished(figure, one, header, values, size, theme) {
  const { layout } = figure;
  const ends = freeEnds(one, figure, values, size, theme);
  const early = new Set(ends.map(({ run }) => run));
  const ofRun = ({ xref, x, font }) =>
    xref === "paper" && x === 1 ? one.styles.findIndex(({ colour }) => colour === font.color) : -1;
  layout.annotations = layout.annotations.filter((label) => !early.has(ofRun(label)));
  for (const label of layout.annotations) if (ofRun(label) >= 0) label.font.color = one.words[ofRun(label)];
  const inMargin = layout.annotations.filter(({ xref, x, xanchor }) => xref === "paper" && x === 1 && xanchor === "left");
  layout.annotations.push(...placed(ends, inMargin, size, theme, size.width - layout.margin.l));
  const thin = (shape) => ({ ...shape, line: { ...shape.line, width: 1.2 } });
  layout.shapes.push(...one.forks.map((update) => thin(by.vertical(update, theme.muted))));
  if (header.update < header.furthest) {
    const here = by.vertical(header.update, theme.text);
    layout.shapes.push({ ...here, line: { ...here.line, dash: "solid" } });
  }
  return figure;
}

/** `branches` are { label, style, quiet, from, parent, left_at, frame }; `header` is the current one's. */
export function branchesLossFigure({ branches, header, log, size, theme }) {
  const one = asked(branches, theme);
  const figure = lossFigure({ ...one, log, size, theme });
  const values = ({ arrays }) => by.usable(by.smooth(arrays.get("curve_loss")?.data ?? []), log);
  return finished(figure, one, header, values, size, theme);
}

export function branchesNormFigure({ branches, header, size, theme }) {
  const one = asked(branches, theme);
  const figure = normFigure({ ...one, size, theme, smoothed: true });
  const values = ({ arrays }) => by.usable(arrays.get("curve_norm")?.data ?? [], true);
  return finished(figure, one, header, values, size, theme);
}
