// A card as one SVG drawing: its figures, its drawings, its maps and its words, each where it stands on the page.

import { svg } from "./elements.js";
import { shortened, textWidth } from "./timeaxis.js";

const LOOKS = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "font-style",
  "text-anchor",
  "dominant-baseline",
  "paint-order",
  "visibility",
];
const PAD = 12;
const HEAD_LINES = 2.7;
const NOTHING = ["rgba(0, 0, 0, 0)", "transparent"];

const place = (node, origin) => {
  const { left, top, width, height } = node.getBoundingClientRect();
  return { x: left - origin.left, y: top - origin.top, width, height };
};

/** Plotly's own drawing of a figure, without its buttons. */
async function figureDrawing(node, at) {
  const { width, height } = at;
  const url = await window.Plotly.toImage(node, { format: "svg", width, height });
  const text = decodeURIComponent(url.slice(url.indexOf(",") + 1));
  const drawn = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  for (const [name, value] of Object.entries(at)) drawn.setAttribute(name, value);
  return drawn;
}

/** A drawing of ours, with the looks that the style sheet gave it written into it. */
function ownDrawing(node, at) {
  const copy = node.cloneNode(true);
  const copies = [copy, ...copy.querySelectorAll("*")];
  [node, ...node.querySelectorAll("*")].forEach((one, i) => {
    const style = getComputedStyle(one);
    if (style.display === "none") copies[i].setAttribute("display", "none");
    for (const look of LOOKS) copies[i].setAttribute(look, style.getPropertyValue(look));
    copies[i].removeAttribute("class");
  });
  for (const [name, value] of Object.entries(at)) copy.setAttribute(name, value);
  return copy;
}

function mapDrawing(canvas, at) {
  const smooth = getComputedStyle(canvas).imageRendering;
  const style = `image-rendering: ${smooth === "auto" ? "auto" : "pixelated"}`;
  return svg("image", { ...at, href: canvas.toDataURL("image/png"), preserveAspectRatio: "none", style });
}

/** The words of one text node, line by line; what does not fit into its element is cut off as on the page. */
function wordsOf(node, origin) {
  const element = node.parentElement;
  const style = getComputedStyle(element);
  const range = document.createRange();
  range.selectNodeContents(node);
  const boxes = [...range.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
  if (!boxes.length) return [];
  const box = boxes[0];
  const cut = boxes.length > 1 ? node.data.length : fitting(node, range, element);
  const text = node.data.trim().slice(0, cut) + (cut < node.data.trim().length ? "…" : "");
  const attributes = {
    x: box.left - origin.left,
    y: box.top - origin.top + box.height / 2,
    "dominant-baseline": "central",
    fill: style.color,
    "font-family": style.fontFamily,
    "font-size": style.fontSize,
    "font-weight": style.fontWeight,
    opacity: style.opacity,
  };
  return [svg("text", attributes, text)];
}

/** How many characters of a line are inside the element that cuts it off. */
function fitting(node, range, element) {
  if (getComputedStyle(element).overflowX === "visible") return node.data.length;
  const edge = element.getBoundingClientRect().right + 1;
  range.selectNodeContents(node);
  if (range.getBoundingClientRect().right <= edge) return node.data.length;
  let [low, high] = [0, node.data.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    range.setEnd(node, middle);
    if (range.getBoundingClientRect().right <= edge - 8) low = middle;
    else high = middle - 1;
  }
  return low;
}

const fills = ({ width, height }) => width > 0 && height > 0;

/** Whether anything of an element can be seen; one without a size of its own may hold others that have one. */
function isSeen(element) {
  const style = getComputedStyle(element);
  return style.display !== "none" && style.visibility !== "hidden" && style.opacity !== "0";
}

async function drawInto(target, node, origin) {
  if (node.nodeType === Node.TEXT_NODE) return void target.append(...(node.data.trim() ? wordsOf(node, origin) : []));
  if (node.nodeType !== Node.ELEMENT_NODE || !isSeen(node)) return;
  const at = place(node, origin);
  if (node.matches(".js-plotly-plot, svg, canvas") && !fills(at)) return;
  if (node.matches(".js-plotly-plot")) return void target.append(await figureDrawing(node, at));
  if (node.matches("svg")) return void target.append(ownDrawing(node, at));
  if (node.matches("canvas")) return void target.append(mapDrawing(node, at));
  const { backgroundColor, borderTopLeftRadius, opacity } = getComputedStyle(node);
  if (!NOTHING.includes(backgroundColor) && fills(at)) {
    const rx = parseFloat(borderTopLeftRadius) || 0;
    target.append(svg("rect", { ...at, fill: backgroundColor, opacity, rx }));
  }
  for (const child of node.childNodes) await drawInto(target, child, origin);
}

/** A text in lines no wider than `room` pixels, parted between words where that is possible. */
function linesOf(text, font, room) {
  const lines = [""];
  for (const word of text.split(" ").filter(Boolean)) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (textWidth(longer, font) <= room) lines[lines.length - 1] = longer;
    else lines.push(...parted(word, font, room));
  }
  return lines.filter(Boolean);
}

/** A word in pieces that fit. */
function parted(word, font, room) {
  const pieces = [""];
  for (const sign of word) {
    if (textWidth(pieces.at(-1) + sign, font) > room) pieces.push("");
    pieces[pieces.length - 1] += sign;
  }
  return pieces;
}

/** The whole card: the run's title, the card's, a caption, then what its body shows. Resolves to an svg element. */
export async function drawingOf(card, { run, title, caption }) {
  const body = card.querySelector(".rl-body");
  const style = getComputedStyle(card);
  const size = parseFloat(style.fontSize);
  const box = body.getBoundingClientRect();
  const width = Math.ceil(box.width);
  const called = linesOf(run, `650 ${size + 3}px ${style.fontFamily}`, width - 2 * PAD);
  const below = called.length * 1.5 * size;
  const head = Math.round(HEAD_LINES * size + PAD + below);
  const height = Math.ceil(box.height) + head;
  const font = `400 ${size - 1}px ${style.fontFamily}`;
  const words = (text, y, more) =>
    svg("text", { x: PAD, y, fill: style.color, "font-family": style.fontFamily, ...more }, text);
  const drawing = svg(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` },
    svg("rect", { width, height, fill: style.backgroundColor }),
    ...called.map((line, i) => words(line, PAD + size * (1 + 1.5 * i), { "font-size": size + 3, "font-weight": 650 })),
    words(title, PAD + size + below, { "font-size": size + 3, "font-weight": 650 }),
    words(shortened(caption, font, width - 2 * PAD), PAD + size * 2.4 + below, { "font-size": size - 1, opacity: 0.7 }),
  );
  const inside = svg("svg", { y: head, width, height: height - head });
  drawing.append(inside);
  for (const child of body.childNodes) await drawInto(inside, child, box);
  return drawing;
}

export const asText = (drawing) => new XMLSerializer().serializeToString(drawing);

/** The drawing as a PNG, `scale` pixels for each of its own. */
export async function asPixels(drawing, scale) {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([asText(drawing)], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = drawing.getAttribute("width") * scale;
  canvas.height = drawing.getAttribute("height") * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.drawImage(image, 0, 0);
  URL.revokeObjectURL(image.src);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
