// plotly.js, loaded once from this server; and a figure that is kept while its data changes.

import { enlarge } from "./projector.js";

let loading = null;

/** Resolves to Plotly; rejects where the file cannot be had. */
export function loadPlotly(url) {
  if (window.Plotly?.react) return Promise.resolve(window.Plotly);
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      loading = null;
      reject(new Error(`${script.src} could not be loaded.`));
    };
    document.head.append(script);
  });
  return loading;
}

function configuration(name, reset) {
  return {
    displaylogo: false,
    responsive: false,
    doubleClick: false, // a figure that grows has no initial range to return to: see reset
    showTips: false,
    modeBarButtons: [
      [
        "toImage",
        "zoom2d",
        "pan2d",
        { name: "Whole picture", title: "Whole picture", icon: window.Plotly.Icons.home, click: reset },
      ],
    ],
    toImageButtonOptions: { format: "png", filename: `rnn-lab-${name}`, scale: 2 },
  };
}

/**
 * A Plotly figure kept in `node`. draw(key, build) calls build() only when `key` is new.
 * Plotly's own uirevision forgets a zoom as soon as the full range grows, so what a person zoomed to is kept here.
 * Handlers: onHover(x or null), onZoom([x0, x1]) true where the caller keeps that range itself, onReset(), onIdle().
 */
export function keepFigure(node, name, { onHover, onZoom, onReset, onIdle }) {
  let key = null;
  let zoomed = {};
  let revision = null;
  let draws = 0;
  let mouse = null;
  let started = false;

  function reset() {
    zoomed = {};
    key = null;
    onReset();
  }

  function start() {
    node.on("plotly_hover", ({ points }) => onHover(points[0]?.x ?? null));
    node.on("plotly_unhover", () => onHover(null));
    node.on("plotly_doubleclick", reset);
    node.on("plotly_relayout", (change) => {
      for (const axis of ["xaxis", "yaxis"]) {
        const range = [change[`${axis}.range[0]`], change[`${axis}.range[1]`]];
        if (range.includes(undefined)) continue;
        if (axis === "xaxis" && onZoom(range)) continue;
        zoomed[axis] = range;
        key = null;
      }
      onIdle();
    });
    node.addEventListener("mousemove", ({ clientX, clientY }) => {
      mouse = { clientX, clientY };
    });
    node.addEventListener("mouseleave", () => {
      mouse = null;
    });
    document.addEventListener("mouseup", onIdle);
    started = true;
  }

  /** A redraw takes the label away under a mouse that rests: show it again. */
  function hoverAgain() {
    const target = mouse && node.querySelector(".nsewdrag");
    if (!target) return;
    const box = target.getBoundingClientRect();
    const inside =
      mouse.clientX >= box.left &&
      mouse.clientX <= box.right &&
      mouse.clientY >= box.top &&
      mouse.clientY <= box.bottom;
    if (inside) window.Plotly.Fx.hover(node, { ...mouse, target });
  }

  function keepZoom(layout) {
    if (layout.uirevision !== revision) zoomed = {};
    revision = layout.uirevision;
    draws += 1;
    for (const axis of ["xaxis", "yaxis"]) {
      layout[axis].uirevision = draws; // ours is always the range that counts
      if (!zoomed[axis]) continue;
      layout[axis].range = zoomed[axis];
      if (layout[axis].type === "log") delete layout[axis].tickvals; // chosen for the whole range
    }
  }

  function draw(newKey, build) {
    if (!window.Plotly || newKey === key || node._dragging) return false;
    const { data, layout } = build();
    keepZoom(layout);
    enlarge(node, data, layout);
    window.Plotly.react(node, data, layout, started ? undefined : configuration(name, reset));
    key = newKey;
    if (!started) start();
    hoverAgain();
    return true;
  }

  function purge() {
    document.removeEventListener("mouseup", onIdle);
    if (started) window.Plotly.purge(node);
  }

  return { draw, purge };
}

/** What all figures share: size, fonts, colours, quiet axes. */
export function baseLayout({ size, theme, margin, revision }) {
  const axis = {
    color: theme.muted,
    gridcolor: theme.grid,
    zeroline: false,
    showline: false,
    automargin: false,
    autorange: false,
    fixedrange: false,
    tickfont: { size: size.fontSize, color: theme.muted },
    ticks: "",
    showspikes: false,
  };
  return {
    layout: {
      width: size.width,
      height: size.height,
      margin: { ...margin, pad: 0, autoexpand: false },
      paper_bgcolor: theme.card,
      plot_bgcolor: theme.card,
      font: { family: theme.font, size: size.fontSize, color: theme.text },
      showlegend: false,
      hovermode: "x unified", // one box, chosen by x alone
      hoverdistance: 40,
      dragmode: "zoom",
      modebar: { orientation: "h", bgcolor: theme.card, color: theme.muted, activecolor: theme.forward },
      hoverlabel: {
        bgcolor: theme.card,
        bordercolor: theme.border,
        font: { family: theme.font, size: size.fontSize, color: theme.text },
        namelength: 0,
      },
      uirevision: revision,
    },
    axis,
  };
}

/** Labels right of the plot, moved apart vertically where they would touch; y in axis units. */
export function endLabels(labels, { range, pixels, fontSize, margin = 6 }) {
  const least = fontSize + 3;
  const perUnit = pixels / (range[1] - range[0]);
  const place = (y) => Math.min(pixels, Math.max(0, (range[1] - y) * perUnit));
  const placed = labels
    .filter(({ y }) => Number.isFinite(y))
    .map((label) => ({ ...label, at: place(label.y) }))
    .sort((a, b) => a.at - b.at);
  for (let i = 1; i < placed.length; i += 1) placed[i].at = Math.max(placed[i].at, placed[i - 1].at + least);
  const excess = placed.length ? placed.at(-1).at - pixels : 0;
  if (excess > 0) {
    placed.at(-1).at = pixels;
    for (let i = placed.length - 2; i >= 0; i -= 1)
      placed[i].at = Math.min(placed[i].at, placed[i + 1].at - least);
  }
  return placed.map(({ text, colour, at }) => ({
    text,
    x: 1,
    xref: "paper",
    xanchor: "left",
    xshift: margin,
    y: 1 - at / pixels,
    yref: "paper",
    yanchor: "middle",
    showarrow: false,
    font: { size: fontSize, color: colour },
  }));
}
