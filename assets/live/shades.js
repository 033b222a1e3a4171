// Small images, which arrive as lines of shades: drawn as pixels, on a canvas or in a drawing.

const SHADES = "·░▒▓█";

/** Whether a text is an image: eight or more shades, in one row or several. */
export function isImage(text) {
  return text.length >= 8 && [...text].every((sign) => sign === "\n" || SHADES.includes(sign));
}

/** How many rows and columns of pixels an image has. */
export function imageSize(text) {
  const rows = text.split("\n");
  return { rows: rows.length, columns: Math.max(...rows.map((row) => row.length)) };
}

/** Every pixel that is not empty: its place and its strength in (0, 1]. */
function pixels(text) {
  return text
    .split("\n")
    .flatMap((row, y) => [...row].map((sign, x) => ({ x, y, strength: SHADES.indexOf(sign) / 4 })))
    .filter(({ strength }) => strength > 0);
}

/** Draw an image on a canvas of one pixel for each of its own. */
export function paintImage(canvas, text, colour) {
  const { rows, columns } = imageSize(text);
  canvas.width = columns;
  canvas.height = rows;
  const pen = canvas.getContext("2d");
  pen.fillStyle = colour;
  for (const { x, y, strength } of pixels(text)) {
    pen.globalAlpha = strength;
    pen.fillRect(x, y, 1, 1);
  }
}

/** An image as SVG path data, by strength: pixels of `size`, the upper left one at (left, top). */
export function imagePaths(text, left, top, size) {
  const byStrength = new Map();
  for (const { x, y, strength } of pixels(text)) {
    const square = `M${left + x * size} ${top + y * size}h${size}v${size}h${-size}z`;
    byStrength.set(strength, (byStrength.get(strength) ?? "") + square);
  }
  return byStrength;
}
