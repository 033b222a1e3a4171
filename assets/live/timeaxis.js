// The one time axis of the left column: three charts, the same margins, so a time step has one x in all.

/** Pixels for the labels at both sides of a chart, wider where letters are large. */
const marginsFor = (fontSize) => ({ left: Math.max(76, 5.2 * fontSize), right: Math.max(70, 5 * fontSize) });

/**
 * `columns` pictures of time steps, `stride` time steps apart; `window` = [first, last] column or null for all.
 * x in pixels from the left edge of a chart; time steps are counted from 1, as in the textbooks.
 */
export function timeAxis({ columns, stride, width, window, fontSize = 12 }) {
  const margin = marginsFor(fontSize);
  const first = window ? Math.max(0, window[0]) : 0;
  const last = window ? Math.min(columns - 1, window[1]) : columns - 1;
  const step = Math.max(1, width - margin.left - margin.right) / (last - first + 1);
  const time = (column) => 1 + column * stride;
  return {
    columns,
    stride,
    width,
    margin,
    labelWidth: Math.max(34, 2.4 * fontSize),
    first,
    last,
    step,
    time,
    x: (column) => margin.left + (column - first + 0.5) * step,
    columnAtTime: (t) => Math.round((t - 1) / stride),
    columnAtX: (x) => first + Math.floor((x - margin.left) / step),
    shows: (column) => column >= first && column <= last,
    left: margin.left,
    right: margin.left + step * (last - first + 1),
    range: [1 + (first - 0.5) * stride, 1 + (last + 0.5) * stride],
  };
}

/** The columns that a dragged range of time steps covers, at least two of them. */
export function windowOf(range, columns, stride) {
  const low = Math.round((Math.min(...range) - 1) / stride + 0.5);
  const high = Math.round((Math.max(...range) - 1) / stride - 0.5);
  const first = Math.max(0, Math.min(low, columns - 2));
  const last = Math.min(columns - 1, Math.max(high, first + 1));
  return first === 0 && last === columns - 1 ? null : [first, last];
}

const STRIDES = [1, 2, 5, 10, 20, 25, 50, 100, 200, 500];

/** Which columns get a number underneath: the first, and then every round one that fits. */
export function numberedColumns(axis, labelWidth = axis.labelWidth) {
  const every = STRIDES.find((n) => n * axis.step >= labelWidth) ?? 500;
  const columns = [];
  for (let c = axis.first; c <= axis.last; c += 1) {
    const round =
      (c + 1) % every === 0 && (c === axis.first || (c - axis.first) * axis.step >= labelWidth * 0.7);
    if (every === 1 || c === axis.first || round) columns.push(c);
  }
  return columns;
}

/** The widest label, leaving out the odd long one among many short ones (a word among letters). */
export function usualWidth(widths) {
  const sorted = widths.filter((width) => width > 0).sort((a, b) => a - b);
  const limit = 2.2 * (sorted[Math.floor(sorted.length / 2)] ?? 0);
  return sorted.findLast((width) => width <= limit) ?? 0;
}

/**
 * Which labels to write so that none touches another: the strong ones first, then every n-th.
 * `widths` in pixels, 0 where there is nothing to write.
 */
export function fittingLabels(axis, widths, strong = [], gap = 3) {
  const taken = [];
  const chosen = [];
  const place = (column) => {
    const half = widths[column] / 2;
    if (!half || !axis.shows(column)) return;
    const [from, to] = [axis.x(column) - half - gap / 2, axis.x(column) + half + gap / 2];
    if (taken.some(([a, b]) => from < b && a < to)) return;
    taken.push([from, to]);
    chosen.push(column);
  };
  strong.forEach(place);
  const usual = usualWidth(widths.slice(axis.first, axis.last + 1));
  const every = STRIDES.find((n) => n * axis.step >= usual + gap) ?? 500;
  for (let c = Math.ceil(axis.first / every) * every; c <= axis.last; c += every) {
    if (widths[c] <= usual) place(c);
  }
  const late = (column) => !chosen.includes(column) && (axis.step > 20 || widths[column] > usual);
  for (let c = axis.first; c <= axis.last; c += 1) if (late(c)) place(c);
  return chosen.sort((a, b) => a - b);
}

const SHORTEST = 16; // pixels: a letter or two, and an ellipsis

/** Words that fitted nowhere, shortened to the room between `chosen` columns: [column, text] of all that is written. */
export function squeezed(axis, texts, chosen, font) {
  const written = chosen.map((column) => [column, texts[column]]);
  if (axis.step <= 20) return written;
  for (let c = axis.first; c <= axis.last; c += 1) {
    if (!texts[c] || chosen.includes(c) || /\d/.test(texts[c])) continue; // half a number misleads
    const beside = written.map(([other, text]) => Math.abs(axis.x(other) - axis.x(c)) - textWidth(text, font) / 2);
    const room = 2 * Math.min(...beside) - 4;
    if (room >= Math.min(SHORTEST, textWidth(texts[c], font))) written.push([c, shortened(texts[c], font, room)]);
  }
  return written.sort(([a], [b]) => a - b);
}

const canvas = document.createElement("canvas").getContext("2d");
const measured = new Map();

/** Width of a text in pixels. */
export function textWidth(text, font) {
  const key = `${font}|${text}`;
  if (!measured.has(key)) {
    if (measured.size > 5000) measured.clear(); // texts of users are endless
    canvas.font = font;
    measured.set(key, canvas.measureText(text).width);
  }
  return measured.get(key);
}

/** `text`, shortened with an ellipsis where it is wider than `room` pixels. */
export function shortened(text, font, room) {
  if (textWidth(text, font) <= room) return text;
  const symbols = [...text];
  let keep = symbols.length - 1;
  while (keep > 1 && textWidth(`${symbols.slice(0, keep).join("")}…`, font) > room) keep -= 1;
  return `${symbols.slice(0, keep).join("")}…`;
}
