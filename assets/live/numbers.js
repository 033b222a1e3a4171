// Numbers as people read them.

const SUPERSCRIPT = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
};

function powerOfTen(exponent) {
  const digits = [...String(exponent)].map((digit) => SUPERSCRIPT[digit]).join("");
  return `10${digits}`;
}

/** log10 of a number -> "1.23 × 10⁻³"; exact zeros and non-numbers are named. */
export function scientific(log10) {
  if (log10 === -Infinity) return "exactly 0";
  if (!Number.isFinite(log10)) return log10 === Infinity ? "infinite" : "not a number";
  let exponent = Math.floor(log10);
  let mantissa = (10 ** (log10 - exponent)).toFixed(2);
  if (mantissa === "10.00") {
    mantissa = "1.00";
    exponent += 1;
  }
  return exponent === 0 ? mantissa : `${mantissa} × ${powerOfTen(exponent)}`;
}

/** Whole exponents between two log10 values, thinned to at most `most` ticks: { values, text }. */
export function decadeTicks(low, high, most = 5) {
  let stride = Math.max(1, Math.ceil((Math.floor(high) - Math.ceil(low) + 1) / most));
  const count = (n) => Math.floor(high / n) - Math.ceil(low / n) + 1;
  while (stride > 1 && count(stride) < 3) stride -= 1; // two ticks do not make a scale
  const values = [];
  for (let n = Math.ceil(low / stride) * stride; n <= high; n += stride) values.push(n === 0 ? 0 : n);
  return {
    values,
    text: values.map((n) =>
      n === 0 ? "1" : n === 1 ? "10" : `10<sup>${n < 0 ? "−" : ""}${Math.abs(n)}</sup>`,
    ),
  };
}

const MANTISSAS = [[1, 3], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]];

/** Values between two positive numbers for an axis of less than three decades, from coarse to fine. */
function* fineTicks(low, high) {
  const inside = (values) => values.filter((v) => v >= low && v <= high);
  for (const mantissas of MANTISSAS) {
    const values = [];
    for (let n = Math.floor(Math.log10(low)); n <= Math.log10(high); n += 1)
      for (const m of mantissas) values.push(m * 10 ** n);
    yield inside(values);
  }
  const grain = 10 ** Math.floor(Math.log10(high));
  for (const share of [0.5, 0.25, 0.2, 0.1, 0.05]) {
    const step = grain * share;
    const count = Math.floor(high / step);
    yield inside(Array.from({ length: count }, (_, i) => (i + 1) * step));
  }
}

/** Ticks of a log axis over [low, high] in log10: { values, text }, at least three, apart by a line of text. */
export function logTicks(low, high, pixels, fontSize) {
  const perDecade = pixels / (high - low);
  const decades = decadeTicks(low, high, Math.max(3, Math.floor(pixels / (fontSize + 12))));
  if (decades.values.length >= 3) return { values: decades.values.map((n) => 10 ** n), text: decades.text };
  const apart = (values) =>
    values.every((v, i) => i === 0 || Math.log10(v / values[i - 1]) * perDecade >= fontSize + 1);
  const sets = [...fineTicks(10 ** low, 10 ** high)].filter((values) => values.length >= 3);
  const values = sets.find(apart) ?? sets[0] ?? decades.values.map((n) => 10 ** n);
  return { values, text: values.map(shortNumber) };
}

/** Three significant figures; plotly reads the power. */
export function shortNumber(value) {
  const n = Math.floor(Math.log10(value) + 1e-9);
  if (n >= -3 && n <= 4) return String(Number(value.toPrecision(3)));
  const mantissa = Number((value / 10 ** n).toPrecision(3));
  const power = `10<sup>${n < 0 ? "−" : ""}${Math.abs(n)}</sup>`;
  return mantissa === 1 ? power : `${mantissa}·${power}`;
}

/** Text for Plotly, which reads a little HTML: what came from a person must show as it is. */
export function plain(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

export const grouped = (number) => Number(number).toLocaleString("en-US");

/** As decadeTicks, with 2 and 5 times each power where the range holds hardly any whole one. */
export function powerTicks(low, high, most) {
  const decades = decadeTicks(low, high, most);
  if (high - low > 3 || decades.values.length >= 3) return decades;
  const values = [];
  const text = [];
  for (let n = Math.floor(low); n <= high; n += 1) {
    for (const times of [1, 2, 5]) {
      const value = n + Math.log10(times);
      if (value < low || value > high) continue;
      values.push(value);
      text.push(
        n >= -3 && n <= 2
          ? String(Number((times * 10 ** n).toPrecision(1)))
          : `${times > 1 ? `${times}·` : ""}${decadeTicks(n, n).text[0]}`,
      );
    }
  }
  return { values, text };
}
