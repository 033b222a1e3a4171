// Rows of an image that come as shades, from light to dark: painted as pixels.

import { SHADES } from "../shades.js";

/** Paint an image on a canvas of one pixel for each of its own. */
export function paint(canvas, text, colour) {
  const rows = text.split("\n").map((row) => [...row]);
  canvas.width = Math.max(...rows.map((row) => row.length));
  canvas.height = rows.length;
  const brush = canvas.getContext("2d");
  brush.fillStyle = colour;
  rows.forEach((row, y) =>
    row.forEach((sign, x) => {
      brush.globalAlpha = SHADES.indexOf(sign) / (SHADES.length - 1);
      brush.fillRect(x, y, 1, 1);
    }),
  );
}
