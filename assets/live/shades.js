// Small images as text: lines of shades, for whoever cannot see them as images.

export const SHADES = "·░▒▓█";

/** Whether a text is an image: eight or more shades, in one row or several. */
export function isImage(text) {
  return text.length >= 8 && [...text].every((sign) => sign === "\n" || SHADES.includes(sign));
}
