// Inputs that are images: sixteen shades of the text's colour, from a frame to the drawing and the table.

import { fingerprint } from "./frame.js";

const SHADES = 15;
const MOST_KEPT = 400;
const kept = new Map();

/** The images of one kind in a frame ("inputs" or "rows"): [{ width, height, shades, key }], none where there are none. */
export function imagesOf({ header, arrays }, kind) {
  const [count, height, width] = header.images?.[kind] ?? [0, 0, 0];
  const packed = arrays.get(`images:${kind}`)?.data;
  if (!packed) return [];
  const shade = (i) => (i % 2 ? packed[i >> 1] & 15 : packed[i >> 1] >> 4);
  const size = width * height;
  return Array.from({ length: count }, (_, n) => {
    const shades = Uint8Array.from({ length: size }, (_, i) => shade(n * size + i));
    return { width, height, shades, key: `${width}x${height}:${String.fromCharCode(...shades.map((s) => 97 + s))}` };
  });
}

/** "#0a1b2c" as numbers. */
const channelsOf = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));

/** Draw an image on a canvas of one pixel for each of its own. */
function paint(canvas, { width, height, shades }, colour) {
  canvas.width = width;
  canvas.height = height;
  const ink = channelsOf(colour);
  const pixels = new ImageData(width, height);
  shades.forEach((shade, i) => pixels.data.set([...ink, Math.round((255 * shade) / SHADES)], 4 * i));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

/** The image as a data URL in a colour, for an `image` in a drawing. */
function urlOf(image, colour) {
  const key = `${colour}|${image.key}`;
  if (!kept.has(key)) {
    if (kept.size > MOST_KEPT) kept.clear();
    const canvas = document.createElement("canvas");
    paint(canvas, image, colour);
    kept.set(key, canvas.toDataURL("image/png"));
  }
  return kept.get(key);
}

/**
 * keptImages(kind)(frame, theme): the images of one kind in the colour of the text, made anew where the frame has
 * others: [{ width, height, url, paintOn(canvas) }].
 */
export function keptImages(kind) {
  const now = { key: null, images: [] };
  return (frame, { text, key: themeKey }) => {
    const bytes = fingerprint(frame.arrays.get(`images:${kind}`));
    const key = [JSON.stringify(frame.header.images?.[kind]), bytes, themeKey].join("|");
    if (key === now.key) return now.images;
    const images = imagesOf(frame, kind).map((image) => ({
      width: image.width,
      height: image.height,
      url: urlOf(image, text),
      paintOn: (canvas) => paint(canvas, image, text),
    }));
    Object.assign(now, { key, images });
    return images;
  };
}
