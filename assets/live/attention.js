// What the decoder looks back at: a row for each output, its inputs on the time axis that all charts share.

import { visible } from "./elements.js";
import { heatFigure } from "./heat.js";
import { plain } from "./numbers.js";

/** The quantity that is drawn here and not as a heat map of units. */
export const ATTENTION = "attention";

const written = (network) => network.outputs.map(({ predicted }) => plain(visible(predicted ?? "")));

/** e.g. "a row for each of 10 outputs, over 20 inputs; each row adds up to 1". */
export function looksWords([rows], network) {
  const [encoder] = network.parts;
  const read = (encoder.stop - encoder.start) * (network.stride ?? 1);
  return `a row for each of ${rows} outputs, over ${read} inputs; each row adds up to 1`;
}

/** What else the figure shows than its numbers, to see whether anything changed. */
export const looksKey = (network) => JSON.stringify(written(network));

/** Output symbols where their own time steps are: each row leads to its output above. */
function ownSteps(network, axis, theme, fontSize) {
  if (axis.step < fontSize * 0.8) return [];
  return network.outputs
    .map(({ step, predicted }, row) => ({ step, row, text: plain(visible(predicted ?? "")) }))
    .filter(({ step }) => axis.shows(step))
    .map(({ step, row, text }) => ({
      x: axis.time(step),
      y: row + 1,
      text,
      showarrow: false,
      font: { size: fontSize, color: theme.predict },
    }));
}

/** The same as marks, where rows are too low for symbols. */
function marks(network, axis, rowHeight, theme) {
  const shown = network.outputs.map(({ step }, row) => ({ step, row })).filter(({ step }) => axis.shows(step));
  return {
    type: "scatter",
    mode: "markers",
    x: shown.map(({ step }) => axis.time(step)),
    y: shown.map(({ row }) => row + 1),
    marker: { symbol: "square", size: Math.max(3, Math.min(7, 0.6 * rowHeight)), color: theme.predict },
    hoverinfo: "skip",
    showlegend: false,
  };
}

/** The figure for the weights of attention as an array "heat" (outputs, time steps). */
export function attentionFigure({ heat, views, network, axis, size, theme, run }) {
  const { data, layout } = heatFigure({ heat, views, network, axis, size, theme, run });
  const rows = heat.shape[0];
  const names = written(network);
  const rowHeight = (size.height - size.fontSize - 18) / rows;
  const named = names.length === rows && rowHeight >= Math.max(8, 0.6 * size.fontSize);
  const places = Array.from({ length: rows }, (_, i) => i + 1);
  const fontSize = Math.min(size.fontSize, rowHeight);
  const inputs = network.inputs.map((text) => plain(visible(text ?? "")));
  data[0].customdata = places.map((row) =>
    Array.from({ length: heat.shape[1] }, (_, c) => [named ? ` “${names[row - 1]}”` : "", inputs[c] ?? ""]),
  );
  data[0].hovertemplate =
    "output %{y}%{customdata[0]} looks at input %{x:d} “%{customdata[1]}”<br><b>%{z:.1%}</b><extra></extra>";
  Object.assign(layout.yaxis, {
    range: [rows + 0.5, 0.5],
    title: { ...layout.yaxis.title, text: "output" },
    ...(named
      ? { tickvals: places, ticktext: names, tickfont: { size: fontSize, color: theme.muted } }
      : { tickvals: [1, Math.round(rows / 2), rows] }),
  });
  if (!named) data.push(marks(network, axis, rowHeight, theme));
  layout.annotations = named ? ownSteps(network, axis, theme, Math.min(size.fontSize, fontSize + 1)) : [];
  return { data, layout };
}
