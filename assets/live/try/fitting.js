// How labels find room over columns: upright in boxes, words at a slant, numbers as a line, letters as running text.
// A label never leaves its column: where nothing fits, the columns keep their least width and the stage scrolls.

import { visible } from "../elements.js";
import { isImage } from "../shades.js";
import { numbersOf } from "./lines.js";

export const GAP = 22; // pixels between panels
const WIDEST = 150;
const MOST_FONT = 17; // of words at a slant
const LONGEST = 130; // pixels of a word at a slant; a longer one is shortened
const LINE = 1.12; // from one slanted line of words to the next, in letters' heights
const SLANTS = [(50 * Math.PI) / 180, Math.PI / 2];
const SWATCH = 14;
const EDGE = 6; // letters are not all as wide as measured

const pen = document.createElement("canvas").getContext("2d");

/** The width of a label in letters of one pixel. */
export function widthAt(label, family, weight = 600) {
  if (isImage(label)) return 0;
  pen.font = `${weight} 100px ${family}`;
  return pen.measureText(visible(label)).width / 100;
}

/** Labels with the left edge of their column, in whole columns and in pixels of gaps. */
function placed(panels, { left, gap, family }) {
  let column = 0;
  return panels.flatMap((labels, p) => labels.map((label) => ({ width: widthAt(label, family), column: column++, before: left + p * gap })));
}

/** The widest columns over which words of a slant end within the room. */
function widestColumn(labels, font, angle, room) {
  const ends = labels.map(({ width, column, before }) => (room - before - Math.min(LONGEST, width * font) * Math.cos(angle)) / (column + 0.5));
  const last = labels.at(-1);
  return Math.min(WIDEST, (room - last.before) / (last.column + 1), ...ends);
}

function slanted(labels, { width, least }) {
  for (const angle of SLANTS) {
    for (let font = Math.max(least, MOST_FONT); font >= least; font -= 1) {
      const column = widestColumn(labels, font, angle, width - EDGE);
      if (column * Math.sin(angle) >= font * LINE) return { column, font, angle };
    }
  }
  return { column: least * LINE + 1, font: least, angle: SLANTS.at(-1) };
}

/** Pixels that words of a slant need above their swatches. */
function headOf(labels, { font, angle }) {
  const longest = Math.min(LONGEST, Math.max(...labels.map(({ width }) => width * font)));
  return Math.ceil(longest * Math.sin(angle) + font * Math.cos(angle) * 0.6 + font * 0.35) + SWATCH + 5;
}

/**
 * Columns for labels by panel in a room { width, font, least, family }: `way` is "upright", "slanted", "lines" or
 * "running"; `font` the size of the labels, `least` the smallest that can be read.
 */
export function fitted(panels, { width, font, least, family }, left, gap = GAP) {
  const labels = placed(panels, { left, gap, family });
  const column = Math.min(WIDEST, (width - left - gap * (panels.length - 1)) / labels.length);
  const known = { column, gap, left, font, least, angle: 0, swatch: SWATCH };
  const widest = Math.max(0.3, ...labels.map((one) => one.width));
  const upright = Math.min(font, (column - Math.max(3, 0.14 * column)) / widest);
  if (upright >= least) return { ...known, way: "upright", font: upright };
  if (panels.length === 1 && numbersOf(panels[0])) return { ...known, way: "lines" };
  if (panels.flat().every((label) => visible(label).length <= 1 || isImage(label))) return { ...known, way: "running" };
  const found = slanted(labels, { width, least });
  return { ...known, ...found, way: "slanted", head: headOf(labels, found) };
}
