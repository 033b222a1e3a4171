// The states of one layer over time: units upwards, time steps to the right, one colour per value.

import { fitText, inputLabels, strongInputs } from "./unrolled_plan.js";
import { numberedColumns, textWidth } from "./timeaxis.js";
import { baseLayout } from "./plotly.js";
import { plain } from "./numbers.js";

const LARGEST = 254;
const MOST_TICKS = 16; // Plotly redraws every tick label with every frame: fifty cost more than the map itself

/** uint8 (units, T) -> rows of numbers on the scale of the view; 255 stays empty. */
function valuesOf({ data, shape: [units, columns] }, [low, high]) {
  const table = Float32Array.from({ length: 256 }, (_, level) => low + ((high - low) * level) / LARGEST);
  table[255] = NaN;
  return Array.from({ length: units }, (_, unit) =>
    Float32Array.from(data.subarray(unit * columns, (unit + 1) * columns), (level) => table[level]),
  );
}

/** Stretches of time steps without any value, as [first, last] column. */
function emptySpans({ data, shape: [units, columns] }) {
  const spans = [];
  for (let c = 0; c < columns; c += 1) {
    let empty = true;
    for (let unit = 0; unit < units && empty; unit += 1) empty = data[unit * columns + c] === 255;
    if (!empty) continue;
    if (spans.length && spans.at(-1)[1] === c - 1) spans.at(-1)[1] = c;
    else spans.push([c, c]);
  }
  return spans;
}

function emptyNotes(heat, network, layer, axis, theme, fontSize) {
  const row = network.rows.find((one) => one.layer === layer);
  return emptySpans(heat)
    .map(([first, last]) => ({
      room: (last - first + 1) * axis.step,
      text: row && first >= row.start && last < row.stop ? "not a number" : "not part of this layer",
      x: (axis.time(first) + axis.time(last)) / 2,
      y: 0.5,
      yref: "paper",
      showarrow: false,
      font: { size: fontSize, color: theme.muted },
    }))
    .filter(({ text, room }) => textWidth(text, `400 ${fontSize}px ${theme.font}`) < room - 8)
    .map(({ room: _, ...note }) => note);
}

/** Inputs underneath where they fit and are few, else the marked ones, else numbers of time steps. */
function timeTicks(network, axis, size, theme) {
  const labels = inputLabels(network);
  const strong = strongInputs(network);
  const { size: fontSize, columns } = fitText(labels, axis, {
    sizes: [size.fontSize, 11, 10],
    family: theme.font,
    strong,
  });
  const wanted = labels.filter((label, c) => label && axis.shows(c)).length;
  const most = wanted * 2 > axis.last - axis.first; // one label among many says less than numbers do
  const all = most && columns.length === wanted && wanted <= MOST_TICKS;
  const shown = all ? columns : columns.filter((c) => strong.includes(c)).slice(0, MOST_TICKS);
  const font = { size: all ? fontSize : size.fontSize, color: theme.muted };
  if (shown.length)
    return { tickfont: font, tickvals: shown.map(axis.time), ticktext: shown.map((c) => plain(labels[c])) };
  const numbers = numberedColumns(axis).map(axis.time);
  return { tickvals: numbers, ticktext: numbers.map(String) };
}

function unitTicks(units) {
  if (units <= 6) return Array.from({ length: units }, (_, i) => i + 1);
  return [1, Math.round(units / 2), units];
}

const scaleText = (value) => String(Number(value.toPrecision(2))).replace("-", "−");

function colourbar(views, size, theme, height) {
  const [low, high] = views.scale;
  const values = [low, (low + high) / 2, high];
  return {
    x: 1,
    xanchor: "left",
    xpad: 10,
    thickness: 10,
    len: Math.min(1, 150 / height),
    outlinewidth: 0,
    tickvals: values,
    ticktext: values.map(scaleText),
    tickfont: { size: size.fontSize, color: theme.muted },
    ticks: "",
  };
}

/** The figure for an array "heat" under the header's views and network. */
export function heatFigure({ heat, views, network, axis, size, theme, run }) {
  const margin = { l: axis.margin.left, r: axis.margin.right, t: 6, b: size.fontSize + 12 };
  const { layout, axis: quiet } = baseLayout({
    size,
    theme,
    margin,
    revision: `${run}/${views.layer}/${views.quantity}`,
  });
  const units = heat.shape[0];
  const pixels = size.height - margin.t - margin.b;
  const data = [
    {
      type: "heatmap",
      z: valuesOf(heat, views.scale),
      x0: 1,
      dx: network.stride,
      y0: 1,
      dy: 1,
      zmin: views.scale[0],
      zmax: views.scale[1],
      colorscale: views.diverging ? theme.divergingScale : theme.sequentialScale,
      colorbar: colourbar(views, size, theme, pixels),
      hoverongaps: false,
      hovertemplate: "time step %{x:d}, unit %{y}<br><b>%{z:.3f}</b><extra></extra>",
    },
  ];
  Object.assign(layout, {
    hovermode: "closest",
    xaxis: { ...quiet, range: axis.range, showgrid: false, ...timeTicks(network, axis, size, theme) },
    yaxis: {
      ...quiet,
      range: [0.5, units + 0.5],
      showgrid: false,
      tickvals: unitTicks(units),
      title: { text: "unit", font: { size: size.fontSize, color: theme.muted }, standoff: 4 },
    },
    annotations: emptyNotes(heat, network, views.layer, axis, theme, size.fontSize),
    plot_bgcolor: theme.dark ? "#20262f" : "#f4f4f2",
  });
  return { data, layout };
}
