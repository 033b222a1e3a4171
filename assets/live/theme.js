// Colours and fonts: read from Streamlit's CSS variables, handed to CSS (--rl-*) and to Plotly alike.
// Blue is what runs forward, orange is a gradient, teal is a prediction, on every page and in both themes.

const LIGHT = {
  forward: "#2563eb",
  forwardSoft: "#93b4f5",
  gradient: "#d9480f",
  gradientSoft: "#f3a47f",
  gradientPale: "#a0603a", // its words: pale lines may be faint, words may not
  predict: "#0f766e",
  wrong: "#be123c",
  amber: "#a15c07",
  red: "#b91c1c",
  quiet: "#64748b",
  branches: ["#2563eb", "#a21caf", "#4d7c0f", "#7c4a21"], // of a run and its branches, in every chart by update
  // ColorBrewer's Blues and RdBu (colour-blind safe), a little deeper at the ends
  sequential: ["#f3f8fe", "#d3e4f5", "#a6cbe8", "#67a9d6", "#3282be", "#1259a1", "#08306b"],
  diverging: [
    "#0b3c74",
    "#2f7ab8",
    "#7fb6d9",
    "#cfe3ef",
    "#f8f7f6",
    "#fbd5c0",
    "#ef9c7c",
    "#cf4d44",
    "#8e0f25",
  ],
};

const DARK = {
  forward: "#6aa5ff",
  forwardSoft: "#3d6199",
  gradient: "#ff9550",
  gradientSoft: "#935936",
  gradientPale: "#c98a62",
  predict: "#2dd4bf",
  wrong: "#fb7185",
  amber: "#f5b84a",
  red: "#f87171",
  quiet: "#94a3b8",
  branches: ["#6aa5ff", "#e879f9", "#a3d94f", "#d6a97c"],
  // on a dark page the quiet end is dark, so that what glows is what is large
  sequential: ["#131c2b", "#1b3252", "#21507f", "#2c71b0", "#4a95d9", "#86bdf0", "#cfe6ff"],
  diverging: [
    "#9fd0ff",
    "#5ba1e0",
    "#2f6ba6",
    "#1e3b5a",
    "#1b1f27",
    "#57302c",
    "#a34a3c",
    "#e27a63",
    "#ffc0a8",
  ],
};

const probe = document.createElement("canvas").getContext("2d");

function channels(colour) {
  probe.fillStyle = colour;
  const hex = probe.fillStyle;
  if (hex.startsWith("#")) return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  return hex
    .match(/[\d.]+/g)
    .slice(0, 3)
    .map(Number);
}

const toHex = (rgb) => `#${rgb.map((c) => Math.round(c).toString(16).padStart(2, "0")).join("")}`;
const luminance = ([r, g, b]) => (0.299 * r + 0.587 * g + 0.114 * b) / 255;

function blend(a, b, share) {
  const [from, to] = [channels(a), channels(b)];
  return toHex(from.map((c, i) => c + (to[i] - c) * share));
}

/** `levels` colours along evenly spaced stops. */
function ramp(stops, levels) {
  const rgb = stops.map(channels);
  return Array.from({ length: levels }, (_, level) => {
    const place = (level / (levels - 1)) * (stops.length - 1);
    const i = Math.min(Math.floor(place), stops.length - 2);
    return toHex(rgb[i].map((c, k) => c + (rgb[i + 1][k] - c) * (place - i)));
  });
}

const colorscale = (stops) => stops.map((colour, i) => [i / (stops.length - 1), colour]);

function variable(style, name, otherwise) {
  const value = style.getPropertyValue(name).trim();
  return value && value !== "unset" ? value : otherwise;
}

/** For a projector: words and lines as strong as the page can make them. */
const STRONG = {
  light: { text: "#000000", forward: "#1740b8", forwardSoft: "#6f97ee", gradient: "#b03a06", gradientSoft: "#e8814e", gradientPale: "#7c3f1c", predict: "#0a5750", quiet: "#475569" },
  dark: { text: "#ffffff", forward: "#8dbbff", forwardSoft: "#5b86c9", gradient: "#ffad73", gradientSoft: "#c0764a", gradientPale: "#e3a981", predict: "#4be8d0", quiet: "#b6c2d2" },
};

function surfaces(style, projector) {
  const page = toHex(channels(variable(style, "--st-background-color", "#ffffff")));
  const text = toHex(channels(variable(style, "--st-text-color", "#1e293b")));
  const dark = luminance(channels(page)) < 0.5;
  const [line, fine, word] = projector ? [0.4, 0.2, 0.86] : [dark ? 0.16 : 0.13, dark ? 0.12 : 0.09, 0.62];
  return {
    dark,
    text,
    card: dark ? blend(page, text, 0.045) : "#ffffff",
    border: blend(page, text, line),
    grid: blend(dark ? blend(page, text, 0.045) : "#ffffff", text, fine),
    muted: blend(page, text, word),
    ...(projector ? STRONG[dark ? "dark" : "light"] : {}),
  };
}

/** The theme as it is now under `element`, stronger for a projector; `key` changes when anything in it does. */
export function readTheme(element, projector = false) {
  const style = getComputedStyle(element);
  const surface = surfaces(style, projector);
  const palette = surface.dark ? DARK : LIGHT;
  const even = ramp(palette.sequential, 255);
  const shades = even.map((_, level) => even[Math.round(254 * (level / 254) ** 0.6)]); // means are small: spread them
  const theme = {
    projector,
    ...palette,
    ...surface,
    font: variable(style, "--st-font", "system-ui, sans-serif"),
    mono: variable(style, "--st-code-font", "ui-monospace, monospace"),
    shades,
    onShade: shades.map((shade) => (luminance(channels(shade)) > 0.55 ? "#0f2440" : "#ffffff")),
    gradientBand: withAlpha(surface.gradient ?? palette.gradient, projector ? 0.26 : 0.16),
    branchesQuiet: palette.branches.map((colour) => blend(surface.card, colour, projector ? 0.7 : 0.55)),
    sequentialScale: colorscale(palette.sequential),
    divergingScale: colorscale(palette.diverging),
  };
  theme.key = [surface.dark, surface.card, surface.text, theme.font, projector].join();
  return theme;
}

/** Hand the colours to the style sheet. */
export function applyTheme(root, theme) {
  for (const name of [
    "text",
    "card",
    "border",
    "grid",
    "muted",
    "forward",
    "gradient",
    "predict",
    "wrong",
    "amber",
    "red",
    "quiet",
    "font",
    "mono",
  ]) {
    root.style.setProperty(`--rl-${name}`, theme[name]);
  }
  root.style.setProperty("--rl-forward-soft", theme.forwardSoft);
  theme.branches.forEach((colour, style) => root.style.setProperty(`--rl-branch-${style}`, colour));
  root.classList.toggle("rl-dark", theme.dark);
}

function withAlpha(colour, alpha) {
  return `rgba(${channels(colour).map(Math.round).join(",")},${alpha})`;
}
