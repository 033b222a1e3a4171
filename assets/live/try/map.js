// Units by time steps, one colour for each value: a canvas, with the chosen unit framed.

import { columnsOf, panelAt, quantityOf } from "./states.js";

const LEAST_ROW = 3;
const MOST_ROW = 22;
const LONGEST_SIDE = 32000; // pixels; browsers paint no longer canvas

/** The height of a unit's row in a room of so many pixels. */
export const rowHeight = (units, room) => Math.max(LEAST_ROW, Math.min(MOST_ROW, Math.floor(room / units)));

/** The left edge of a column, past the gaps between panels. */
export function leftOf(stack, column, { column: width, gap }) {
  const { panel } = panelAt(stack, column);
  return column * width + stack.panels.indexOf(panel) * gap;
}

export function widthOf(stack, { column, gap }) {
  return columnsOf(stack) * column + (stack.panels.length - 1) * gap;
}

export function drawMap(canvas, stack, geometry, name, colours) {
  const { column, row } = geometry;
  const [width, height] = [widthOf(stack, geometry), row * stack.units];
  const ratio = Math.min(window.devicePixelRatio || 1, LONGEST_SIDE / Math.max(1, width));
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const brush = canvas.getContext("2d");
  brush.scale(ratio, ratio);
  const total = columnsOf(stack);
  const [dx, dy] = [column > 6 ? 1 : 0, row > 5 ? 1 : 0];
  for (let c = 0; c < total; c += 1) {
    const { panel, t } = panelAt(stack, c);
    const quantity = quantityOf(panel, name);
    const x = leftOf(stack, c, geometry);
    for (let unit = 0; unit < stack.units; unit += 1) {
      brush.fillStyle = `rgb(${colours.rgb(quantity.at(unit, t), quantity.reach, quantity.signed).join()})`;
      brush.fillRect(x, unit * row, column - dx, row - dy);
    }
  }
}

/** Unit and column under a point of the canvas, or null in a gap. */
export function hit(stack, geometry, x, y) {
  const unit = Math.floor(y / geometry.row);
  if (unit < 0 || unit >= stack.units) return null;
  for (let c = 0; c < columnsOf(stack); c += 1) {
    const left = leftOf(stack, c, geometry);
    if (x >= left && x < left + geometry.column) return { unit, column: c };
  }
  return null;
}
