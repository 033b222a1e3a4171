// How the gradient flow changed while training: one row of pixels per moment, the newest on top, colour for the norm.
// Painted straight onto a canvas: three maps that grow several times a second would cost Plotly the frame.

import { html } from "../elements.js";
import { scientific } from "../numbers.js";
import { numberedColumns, timeAxis } from "../timeaxis.js";

const LEFT = 5.2; // letters, for the updates
const RIGHT = 10;
const TOP = 6;
const DEEPEST = 253;
const ZERO = 254;
const NO_NUMBER = 255;

const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const packed = ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r;
const mixed = (a, b, share) => channels(a).map((c, i) => Math.round(c + (channels(b)[i] - c) * share));

/** One run's waterfall: bytes, the update of each row, and what the bytes mean; null before the first picture. */
export function fallOf(frame) {
  const fall = frame?.arrays.get("fall");
  const updates = frame?.arrays.get("fall_update")?.data;
  if (!frame?.header.fall || !fall || !updates?.length || !fall.shape[1]) return null;
  return { bytes: fall.data, columns: fall.shape[1], updates, ...frame.header.fall };
}

/** The last row stays for as long as a row usually does. */
const lastsUntil = ({ updates }) =>
  updates.at(-1) + Math.max(1, (updates.at(-1) - updates[0]) / Math.max(1, updates.length - 1));

/** One scale of colours and one axis of updates for all runs: { low, high, until }. */
export function sharedScale(falls) {
  const there = falls.filter(Boolean);
  if (!there.length) return null;
  return {
    low: Math.min(...there.map(({ low }) => low)),
    high: Math.max(...there.map(({ high }) => high)),
    until: Math.max(...there.map(lastsUntil)),
  };
}

const SHORT = 0.15; // of the longest run: less would be a line at the bottom

/** The scale for one run: that of all, but with updates of its own where it ended long before the others. */
export function ownScale(fall, scale) {
  const until = lastsUntil(fall);
  return until < SHORT * scale.until ? { ...scale, until, own: true } : scale;
}

/** Sizes in pixels and how time steps and updates lie in them. */
export function fallFrame({ window, size, length, until }) {
  const left = Math.max(62, Math.round(LEFT * size.fontSize));
  const width = Math.max(20, Math.floor(size.width - left - RIGHT));
  const height = Math.max(20, Math.floor(size.height - TOP - size.fontSize - 10));
  const [from, to] = window ?? [1, length];
  const perStep = width / (to - from + 1);
  return {
    left,
    fontSize: size.fontSize,
    top: TOP,
    width,
    height,
    from,
    to,
    perStep,
    x: (time) => left + (time - from + 0.5) * perStep,
    timeAt: (x) => from - 0.5 + (x - left) / perStep,
    y: (update) => TOP + height * (1 - update / until),
    updateAt: (y) => until * (1 - (y - TOP) / height),
  };
}

/** The colour of each byte of one run on the scale of all. */
function table({ low, high }, scale, colours) {
  const room = scale.high - scale.low || 1;
  return Uint32Array.from({ length: DEEPEST + 1 }, (_, byte) => {
    const value = low + ((high - low) * byte) / DEEPEST;
    return packed(colours[Math.round(Math.min(1, Math.max(0, (value - scale.low) / room)) * DEEPEST)]);
  });
}

/** The row that was the newest at an update; -1 before the first and after the last. */
function rowAt(fall, update) {
  if (update < fall.updates[0] || update >= lastsUntil(fall)) return -1;
  let [low, high] = [0, fall.updates.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (fall.updates[middle] <= update) low = middle;
    else high = middle - 1;
  }
  return low;
}

function columnAt(fall, time) {
  const column = Math.round((time - 1) / fall.stride);
  return column >= 0 && column < fall.columns ? column : -1;
}

/** Exact zeros are hatched, what is no number is plain grey: neither is a colour of the map. */
export function paint(canvas, { fall, scale, frame, colours, theme }) {
  const dots = globalThis.devicePixelRatio || 1;
  const [width, height] = [Math.round(frame.width * dots), Math.round(frame.height * dots)];
  Object.assign(canvas, { width, height });
  Object.assign(canvas.style, {
    left: `${frame.left}px`,
    top: `${frame.top}px`,
    width: `${frame.width}px`,
    height: `${frame.height}px`,
  });
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const colour = table(fall, scale, colours);
  const [card, line] = [packed(channels(theme.card)), packed(mixed(theme.card, theme.text, 0.45))];
  const none = packed(mixed(theme.card, theme.quiet, 0.45));
  const period = Math.round(7 * dots);
  const columns = Int32Array.from({ length: width }, (_, x) =>
    columnAt(fall, frame.timeAt(frame.left + (x + 0.5) / dots)),
  );
  for (let y = 0; y < height; y += 1) {
    const row = rowAt(fall, frame.updateAt(frame.top + (y + 0.5) / dots));
    if (row < 0) continue;
    for (let x = 0; x < width; x += 1) {
      if (columns[x] < 0) continue;
      const byte = fall.bytes[row * fall.columns + columns[x]];
      if (byte <= DEEPEST) pixels[y * width + x] = colour[byte];
      else if (byte === NO_NUMBER) pixels[y * width + x] = none;
      else pixels[y * width + x] = (x + y) % period < 1.5 * dots ? line : card;
    }
  }
  pen.putImageData(image, 0, 0);
}

/** Which marks the maps hold, so that the legend names those alone. */
export const holds = (falls, byte) => falls.some((fall) => fall?.bytes.includes(byte));
export const MARKS = { zero: ZERO, none: NO_NUMBER };

const STEPS = [1, 2, 5];

/** Round updates that stand at least `apart` pixels from each other. */
function updateTicks(until, height, apart) {
  const least = (until * apart) / height;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  const step = [...STEPS.map((n) => n * power), 10 * power].find((n) => n >= least) ?? 10 * power;
  return Array.from({ length: Math.floor(until / step) + 1 }, (_, i) => i * step);
}

const label = (text, style) => html("span", { style }, text);

export function drawAxes({ updates, times }, { frame, scale, size }) {
  const all = updateTicks(scale.until, frame.height, size.fontSize + 12).filter((u) => u < scale.until);
  updates.replaceChildren(
    ...all.map((u) => label(u.toLocaleString("en-US"), `top:${frame.y(u).toFixed(1)}px;width:${frame.left - 7}px`)),
  );
  const window = [frame.from - 1, frame.to - 1];
  const axis = timeAxis({ columns: frame.to, stride: 1, width: 0, window, fontSize: frame.fontSize });
  const shown = numberedColumns({ ...axis, step: frame.perStep }).map(axis.time);
  const top = frame.top + frame.height + 3;
  times.replaceChildren(
    ...shown.map((t) => label(String(t), `left:${frame.x(t).toFixed(1)}px;top:${top}px`)),
  );
}

/** What stands under the mouse, in words; null outside the map. */
export function wordsAt(fall, frame, x, y) {
  const row = rowAt(fall, frame.updateAt(y));
  const column = columnAt(fall, frame.timeAt(x));
  if (row < 0 || column < 0 || x < frame.left || y > frame.top + frame.height) return null;
  const byte = fall.bytes[row * fall.columns + column];
  const value =
    byte === ZERO
      ? -Infinity
      : byte === NO_NUMBER
        ? NaN
        : fall.low + ((fall.high - fall.low) * byte) / DEEPEST;
  const rounded = Number.isFinite(value) ? `about ${scientific(value)}` : scientific(value);
  return `update ${fall.updates[row].toLocaleString("en-US")}, time step ${1 + column * fall.stride}: ${rounded}`;
}

/** Follows the mouse over one waterfall; `current()` gives { fall, frame } or null. */
export function followMouse(one, current) {
  one.body.addEventListener("mousemove", ({ clientX, clientY }) => {
    const box = one.body.getBoundingClientRect();
    const now = current();
    const [x, y] = [clientX - box.left, clientY - box.top];
    const words = now && wordsAt(now.fall, now.frame, x, y);
    one.hover.hidden = !words;
    if (!words) return;
    one.hover.textContent = words;
    const left = Math.min(x + 12, box.width - one.hover.offsetWidth - 4);
    const top = y > box.height / 2 ? y - one.hover.offsetHeight - 10 : y + 14;
    one.hover.style.transform = `translate(${Math.max(2, left)}px, ${top}px)`;
  });
  one.body.addEventListener("mouseleave", () => {
    one.hover.hidden = true;
  });
}
