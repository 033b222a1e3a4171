// Where everything of the unrolled network stands: plain numbers, no DOM.

import { visible } from "./elements.js";
import { isImage } from "./shades.js";
import { fittingLabels, textWidth, usualWidth } from "./timeaxis.js";

const ROOM_FOR_ARROWS = 14; // pixels a time step needs for boxes with arrows between them; below: a band

const TALLEST_IMAGE = 48; // pixels

const clamp = (low, value, high) => Math.max(low, Math.min(high, value));

/** Rows that share a span of time stand on top of each other; the decoder's beside the encoder's. */
function lanesOf(rows) {
  const heights = new Map();
  return rows.map((row) => {
    const span = `${row.start}-${row.stop}`;
    const lane = heights.get(span) ?? 0;
    heights.set(span, lane + 1);
    return { ...row, lane, group: row.layer.replace(/\/(forward|backward)$/, "") };
  });
}

/** Layers, bottom to top within a span: one row, or a forward and a backward row drawn as one. */
function groupsOf(rows) {
  const groups = new Map();
  for (const row of rows) {
    const group = groups.get(row.group) ?? { rows: [], start: row.start, stop: row.stop };
    group.rows.push(row);
    groups.set(row.group, group);
  }
  return [...groups.values()].map((group) => ({
    ...group,
    low: Math.min(...group.rows.map(({ lane }) => lane)),
    high: Math.max(...group.rows.map(({ lane }) => lane)),
  }));
}

/** The gap above each lane but the last: the two directions of a layer stand closer than two layers. */
function gapsAbove(rows, laneCount, laneGap) {
  const groupAt = (lane) => rows.find((row) => row.lane === lane)?.group;
  const within = Array.from({ length: laneCount - 1 }, (_, lane) => groupAt(lane) === groupAt(lane + 1));
  const close = within.filter(Boolean).length;
  const apart = within.length - close;
  if (close === 0 || apart === 0) return within.map(() => laneGap);
  const narrow = laneGap * 0.55;
  const wide = laneGap + ((laneGap - narrow) * close) / apart;
  return within.map((same) => (same ? narrow : wide));
}

/** The largest of `sizes` at which every label fits; else the second, with fewer labels. */
export function fitText(labels, axis, { sizes, family, weight = 400, strong = [] }) {
  const letters = labels.filter((label) => [...label].length > 1).length * 4 < labels.length;
  const gap = letters ? 1 : 5;
  const attempt = (size) => {
    const widths = labels.map((label) => (label ? textWidth(label, `${weight} ${size}px ${family}`) : 0));
    const columns = fittingLabels(axis, widths, strong, gap);
    const usual = usualWidth(widths.slice(axis.first, axis.last + 1));
    const missing = widths.some(
      (width, c) => width && width <= usual && axis.shows(c) && !columns.includes(c),
    );
    return { size, columns, missing };
  };
  const full = sizes.map(attempt).find(({ missing }) => !missing);
  return full ?? attempt(sizes[Math.min(1, sizes.length - 1)]);
}

function outputsBlock(outputs, fontSize, scarce) {
  if (outputs.length === 0) return { texts: false, height: 12 };
  if (outputs.length === 1) return { texts: true, height: 2 * (fontSize + 5) + 0.7 * Math.max(0, fontSize - 14) };
  return { texts: !scarce, height: scarce ? 12 : 2 * (fontSize + 4) + 12 };
}

/** Inputs that are images: how wide and high they are drawn, and every how many time steps; null without any. */
function imageRoom(network, axis) {
  const [image] = network.images ?? [];
  if (!image) return null;
  const slices = image.width === 1 && image.height > 1; // of one large image, side by side
  const fitting = slices ? TALLEST_IMAGE : (axis.step * 0.92) / image.width;
  const pixel = Math.min(fitting, TALLEST_IMAGE / image.height, image.height > 1 ? 5 : 9);
  const size = Math.max(1, pixel < 2 ? Math.floor(2 * pixel) / 2 : Math.floor(pixel));
  const width = slices ? axis.step : image.width * size;
  return { width, height: image.height * size, every: Math.max(1, Math.ceil(width / (axis.step + 1))), slices };
}

/** Positions in pixels for a network in a drawing of `height`, on the given time axis. */
export function planNetwork(network, axis, height, fontSize) {
  const rows = lanesOf(network.rows);
  const laneCount = Math.max(1, ...rows.map(({ lane }) => lane + 1));
  const hasInputs = network.inputs.some(Boolean);
  const outputs = outputsBlock(network.outputs, fontSize, height < 90 + 14 * laneCount);
  const inputSize = Math.round(clamp(fontSize, axis.step * 0.5, fontSize + 6));
  const image = imageRoom(network, axis);
  const inputRoom = image ? image.height + 10 : hasInputs ? inputSize + 8 : 6;
  const partRoom = network.parts.length > 1 ? fontSize + 5 : 0;
  const arrow = clamp(8, height * 0.075, 24);
  const lossY = 3 + outputs.height + 6;
  const top = lossY + 6 + arrow;
  const bottom = height - partRoom - inputRoom - arrow;
  const boxed = axis.step >= ROOM_FOR_ARROWS;
  const laneRoom = Math.max(4, (bottom - top) / laneCount);
  const laneGap = laneCount === 1 ? 0 : clamp(boxed ? 3 : 8, laneRoom * 0.34, 18);
  const boxWidth = boxed ? Math.min(Math.max(64, 4.4 * fontSize), axis.step * 0.62) : axis.step;
  const tallest = Math.max(boxed ? Math.min(boxWidth * 0.9, Math.max(60, 4 * fontSize)) : 40, 0.44 * laneRoom, 34);
  const boxHeight = clamp(4, laneRoom - laneGap, tallest);
  const gaps = gapsAbove(rows, laneCount, laneGap);
  const stack = laneCount * boxHeight + (laneCount - 1) * laneGap;
  const slack = Math.max(0, bottom - top - stack) / 2;
  const laneY = (lane) =>
    bottom -
    slack -
    boxHeight / 2 -
    lane * boxHeight -
    gaps.slice(0, lane).reduce((sum, gap) => sum + gap, 0);
  return {
    rows,
    groups: groupsOf(rows),
    laneCount,
    boxed,
    boxWidth,
    boxHeight,
    laneGap,
    corner: Math.min(7, 0.24 * Math.min(boxWidth, boxHeight)),
    laneY,
    laneTop: (lane) => laneY(lane) - boxHeight / 2,
    laneBottom: (lane) => laneY(lane) + boxHeight / 2,
    inputSize,
    image,
    inputY: height - partRoom - 8,
    inputTop: height - partRoom - inputRoom,
    partY: height - 5,
    targetY: 3 + fontSize,
    fedY: outputs.texts ? 3 + fontSize * 0.62 : lossY, // the middle of the targets
    predictedY: 3 + 2 * fontSize + 4,
    markY: 3 + 2 * (fontSize + 4) + 6,
    texts: outputs.texts,
    lossY,
    fontSize,
  };
}

const START = { word: "start", sign: "▸" }; // the symbol that sets a decoder going

/** What stands under each time step, as a person can see it. */
export function inputLabels(network) {
  const letters = network.inputs.filter((text) => [...(text ?? "")].length === 1).length;
  const sign = letters * 2 > network.inputs.length;
  return network.inputs.map((text, c) => {
    if (isImage(text ?? "")) return text.includes("\n") ? "image" : `row ${c + 1}`;
    return sign && text === START.word ? START.sign : visible(text ?? "");
  });
}

/** Inputs to show first; none where nearly all are marked, since then the mark says nothing. */
export function strongInputs(network) {
  const strong = network.strong_inputs ?? [];
  return strong.length * 2 > network.inputs.filter(Boolean).length ? [] : strong;
}
