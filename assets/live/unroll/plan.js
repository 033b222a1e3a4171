// Where things stand in the drawing: one folded column, then one column for each time step.

const WIDE_NUMBER = 3.6; // "−0.462" in units of the letter size
const NARROW_NUMBER = 3.0; // "−0.46"
const SMALLEST = 7;

/** Columns that the network and the gradients below it share. */
export function columns(width, data) {
  const folded = Math.max(118, Math.min(190, width * 0.19));
  const first = folded + Math.max(34, width * 0.05);
  const each = (width - first - 6) / data.length;
  const between = Math.max(24, Math.min(90, each * 0.33));
  return { folded, each, between, box: each - between, left: (t) => first + each * (t - 1), middle: (t) => first + each * (t - 1) + (each - between) / 2 };
}

/** All heights for one letter size; `rest` is what the arrows get. */
function heights(size, height, data) {
  const inputs = data.arrays[data.x][0].length;
  const unit = size * 2.3;
  const head = size * 1.55;
  const parts = {
    time: size * 1.45,
    loss: size * 2.75,
    output: unit + 6,
    box: data.hidden_size * unit + head + 6,
    input: inputs * size * 1.35 + 8,
  };
  const rest = height - Object.values(parts).reduce((sum, part) => sum + part, 0) - 10;
  return { ...parts, unit, head, rest };
}

/** The largest letters for which everything fits: { size, decimals, and the place of each row }. */
export function plan(width, height, data) {
  const cols = columns(width, data);
  const room = cols.box / data.states.length - 6;
  const largest = width > 900 ? 25 : 19;
  const fits = (size, number) => {
    const tall = heights(size, height, data);
    return tall.rest >= 3 * Math.max(18, size * 1.4) && number * size <= room;
  };
  let size = largest;
  while (size > SMALLEST && !fits(size, WIDE_NUMBER)) size -= 0.5;
  let decimals = 3;
  if (size < 11) {
    let narrow = Math.min(11, largest);
    while (narrow > SMALLEST && !fits(narrow, NARROW_NUMBER)) narrow -= 0.5;
    if (narrow > size) [size, decimals] = [narrow, 2];
  }
  const { box: boxRow, ...others } = rows(heights(size, height, data));
  return { ...cols, size, decimals, ...others, boxRow };
}

function rows(tall) {
  const gap = Math.min(tall.rest / 3, 76);
  const spare = Math.max(0, tall.rest - 3 * gap);
  const time = 4 + spare * 0.35;
  const loss = time + tall.time;
  const output = loss + tall.loss + gap * 0.8;
  const box = output + tall.output + gap * 1.1;
  const input = box + tall.box + gap * 1.1;
  return { unit: tall.unit, head: tall.head, time, loss: [loss, tall.loss], output: [output, tall.output], box: [box, tall.box], input: [input, tall.input] };
}
