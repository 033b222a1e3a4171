// Loss and gradient norm of a run beside its branches: one past, then a line for each, named at its end.

import * as by from "./curves.js";
import { lossFigure } from "./gradients/loss.js";
import { normFigure } from "./gradients/norms.js";
import { plain } from "./numbers.js";
import { shortened } from "./timeaxis.js";

const CURVES = ["curve_update", "curve_loss", "curve_norm", "curve_clipped"];
const QUIET_HAS_NONE = ["held_update", "held_loss"];
const NAME_SHARE = 0.3; // of the width, for a name beside the end of a line that ends early

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

function asked(branches, theme) {
  const shown = inOrder(branches);
  const parted = shown.filter(({ parent }) => parent);
  return {
    runs: shown.map((branch) => ({ spec: { label: branch.name }, frame: ownStretch(branch) })),
    styles: shown.map(({ style, quiet }) => ({
      colour: (quiet ? theme.branchesQuiet : theme.branches)[style % theme.branches.length],
      symbol: "circle",
    })),
    branchAt: parted.length === 1 ? parted[0].left_at : null,
    revision: shown.map(({ frame }) => frame.header.run).sort().join(),
  };
}

/** Names of lines that end too early for the margin, beside their ends. */
function earlyEnds({ runs, styles }, figure, values, size, theme) {
  const last = Math.max(...runs.map(({ frame }) => frame.arrays.get("curve_update")?.data.at(-1) ?? 0));
  const font = `600 ${size.fontSize}px ${theme.font}`;
  return runs.flatMap(({ spec, frame }, i) => {
    const updates = frame.arrays.get("curve_update")?.data ?? [];
    const end = updates.at(-1);
    if (end === undefined || end >= last / 2) return [];
    const y = by.lastOf(values(frame));
    const axis = figure.layout.yaxis;
    const level = axis.type === "log" ? Math.log10(y) : y;
    if (!Number.isFinite(level)) return [];
    return [
      {
        text: `<b>${plain(shortened(spec.label, font, NAME_SHARE * size.width))}</b>`,
        x: end,
        xanchor: "left",
        xshift: 5,
        y: Math.min(level, axis.range[1]),
        yanchor: level > (axis.range[0] + axis.range[1]) / 2 ? "top" : "bottom",
        showarrow: false,
        font: { size: size.fontSize, color: styles[i].colour },
        bgcolor: theme.card,
        borderpad: 0,
      },
    ];
  });
}

function finished(figure, one, header, values, size, theme) {
  figure.layout.annotations.push(...earlyEnds(one, figure, values, size, theme));
  if (header.update < header.furthest) figure.layout.shapes.push(by.vertical(header.update, theme.text));
  return figure;
}

/** `branches` are { name, style, quiet, from, parent, left_at, frame }; `header` is the current one's. */
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
