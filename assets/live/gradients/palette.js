// The colours of this page. A run keeps its colour and its marker in every chart, so that no colour is needed to
// tell runs apart; solid, dotted and dashed lines always say which quantity, never which run.

import { svg } from "../elements.js";

const RUNS = {
  light: ["#d9480f", "#6d28d9", "#0b8a7d"],
  dark: ["#ff9550", "#b79cff", "#2fd0b5"],
};
const STRONG = {
  light: ["#b03a06", "#5415c4", "#066b61"],
  dark: ["#ffad73", "#cdb8ff", "#5cf0d6"],
};
const SYMBOLS = ["circle", "square", "triangle-up"];
const GLYPHS = ["M11 4.5a4.5 4.5 0 1 0 .01 0z", "M7 5h8v8h-8z", "M11 3.6l5.2 9.4h-10.4z"];

// ColorBrewer's YlOrBr (colour-blind safe): gradients are orange; on a dark page what glows is what is large.
const MAPS = {
  light: ["#fffbe2", "#fff0b0", "#fedd80", "#fdbb48", "#f8922a", "#e56a12", "#c44902", "#923204", "#5b2005"],
  dark: ["#1c1410", "#3d2109", "#6b320a", "#9c430b", "#cf5c10", "#f08330", "#fbb15a", "#fdd88f", "#fff6d6"],
};
const LEVELS = 254; // bytes 0 to 253 are numbers

const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** A colour with `alpha`, for bands and pale lines. */
export const faint = (hex, alpha) => `rgba(${channels(hex).join(",")},${alpha})`;

function coloursOf({ dark, projector }) {
  const set = projector ? STRONG : RUNS;
  return dark ? set.dark : set.light;
}

export function runStyle(index, theme) {
  const colours = coloursOf(theme);
  return { colour: colours[index % colours.length], symbol: SYMBOLS[index % SYMBOLS.length] };
}

/** A stretch of the run's line with its marker. */
export function swatch(index) {
  return svg(
    "svg",
    { class: `rg-swatch rg-run-${index}`, viewBox: "0 0 22 18", "aria-hidden": "true" },
    svg("path", { class: "rg-swatch-line", d: "M0 9h22" }),
    svg("path", { class: "rg-swatch-mark", d: GLYPHS[index % GLYPHS.length] }),
  );
}

/** Hand the runs' colours to the style sheet. */
export function applyRuns(root, theme) {
  const colours = coloursOf(theme);
  colours.forEach((colour, index) => root.style.setProperty(`--rg-run-${index}`, colour));
}

/** One [red, green, blue] for each byte of a waterfall that is a number. */
export function heatColours(theme) {
  const stops = (theme.dark ? MAPS.dark : MAPS.light).map(channels);
  return Array.from({ length: LEVELS }, (_, level) => {
    const place = (level / (LEVELS - 1)) * (stops.length - 1);
    const i = Math.min(Math.floor(place), stops.length - 2);
    return stops[i].map((channel, k) => Math.round(channel + (stops[i + 1][k] - channel) * (place - i)));
  });
}

/** The map as a CSS gradient, the large end at the top. */
export const heatGradient = (theme) =>
  `linear-gradient(to top, ${(theme.dark ? MAPS.dark : MAPS.light).join(", ")})`;
