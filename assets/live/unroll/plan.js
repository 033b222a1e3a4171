// Where things stand in the drawing: one folded column, then one column for each time step.

const WIDE_NUMBER = 3.7; // "−0.462" in units of the letter size, with a little air
const NARROW_NUMBER = 3.1; // "−0.46"
const SMALLEST = 7;

/** Columns that the network and the gradients below it share. */
export function columns(width, data) {
  const folded = Math.max(124, Math.min(200, width * 0.2));
  const share = data.length > 4 ? 0.25 : 0.32;
  const each = (width - folded - 34) / data.length;
  const between = Math.max(24, Math.min(90, each * share));
  const first = folded + 22 + between;
  const step = (width - first - 10 + between) / data.length;
  const box = step - between;
  const left = (t) => first + step * (t - 1);
  return { folded, each: step, between, box, left, middle: (t) => left(t) + box / 2 };
}

/** How the states of a cell share its box: side by side, or one above the other. */
const ARRANGEMENTS = [
  { beside: (n) => n, above: () => 1 },
  { beside: () => 1, above: (n) => n },
];

/** All heights for one letter size; `rest` is what the arrows get. */
function heights(size, height, data, above) {
  const inputs = data.arrays[data.x][0].length;
  const unit = size * 2.3;
  const head = size * 1.55;
  const parts = {
    time: size * 1.45,
    loss: size * 2.75,
    output: unit + 6,
    box: above * (data.hidden_size * unit + head) + 6,
    input: inputs * size * 1.35 + 8,
  };
  const rest = height - Object.values(parts).reduce((sum, part) => sum + part, 0) - 10;
  return { ...parts, unit, head, rest };
}

/** The largest letters, up to `largest`, with which everything fits. */
function largestSize(width, height, data, arrangement, letters, largest) {
  const n = data.states.length;
  const room = columns(width, data).box / arrangement.beside(n) - 8;
  for (let size = largest; size > SMALLEST; size -= 0.5) {
    const tall = heights(size, height, data, arrangement.above(n));
    if (tall.rest >= 3 * Math.max(18, size * 1.5) && letters * size <= room) return size;
  }
  return SMALLEST;
}

/** { size, decimals, and the place of everything }. */
export function plan(width, height, data) {
  const largest = Math.max(15, Math.min(34, width / 31));
  const tries = ARRANGEMENTS.flatMap((arrangement) => [
    { arrangement, decimals: 3, size: largestSize(width, height, data, arrangement, WIDE_NUMBER, largest) },
    { arrangement, decimals: 2, size: largestSize(width, height, data, arrangement, NARROW_NUMBER, Math.min(12, largest)) },
  ]);
  const { arrangement, decimals, size } = tries.reduce((best, one) => (one.size > best.size ? one : best));
  const n = data.states.length;
  const tall = heights(size, height, data, arrangement.above(n));
  const { box: boxRow, ...others } = rows(tall, Math.max(76, height * 0.13));
  return { ...columns(width, data), size, decimals, ...others, boxRow, states: sections(n, arrangement, boxRow, tall) };
}

/** For each state, h first, its part of the box: { share, offset } of the width and { top, tall }. */
function sections(n, arrangement, boxRow, tall) {
  const share = 1 / arrangement.beside(n);
  const section = (boxRow[1] - 6) / arrangement.above(n);
  return Array.from({ length: n }, (_, k) => ({
    share,
    offset: arrangement.beside(n) > 1 ? (n - 1 - k) * share : 0,
    top: boxRow[0] + (arrangement.above(n) > 1 ? k * section : 0),
    tall: section,
    shift: arrangement.above(n) > 1 ? 0 : 15 * k,
  }));
}

function rows(tall, longest) {
  const gap = Math.min(tall.rest / 3, longest);
  const spare = Math.max(0, tall.rest - 3 * gap);
  const time = 4 + spare * 0.35;
  const loss = time + tall.time;
  const output = loss + tall.loss + gap * 0.8;
  const box = output + tall.output + gap * 1.1;
  const input = box + tall.box + gap * 1.1;
  return { unit: tall.unit, head: tall.head, time, loss: [loss, tall.loss], output: [output, tall.output], box: [box, tall.box], input: [input, tall.input] };
}
