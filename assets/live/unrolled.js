// The unrolled network: inputs underneath, a row of states per layer and direction, outputs and loss above.
// What stands still is rebuilt only when the network, the size or the theme changes; a frame then recolours it.

import { svg, visible } from "./elements.js";
import {
  alongRow,
  arrowPaths,
  drawGradients,
  fedNote,
  feedback,
  round,
  upwardArrows,
  visibleSpan,
} from "./unrolled_arrows.js";
import { contextVector, drawBridge } from "./unrolled_bridge.js";
import { boxes, frameOf, shadeCells } from "./unrolled_cells.js";
import { drawOutputs } from "./unrolled_outputs.js";
import { padding, partWords } from "./unrolled_padding.js";
import { fitText, inputLabels, planNetwork, strongInputs } from "./unrolled_plan.js";
import { shortened, squeezed } from "./timeaxis.js";

function groupOutlines(axis, plan) {
  return plan.groups
    .filter(({ rows }) => rows.length > 1)
    .map((group) => {
      const [first, last] = visibleSpan(group, axis);
      const pad = Math.min(5, plan.laneGap * 0.4);
      const [left, top] = [axis.x(first) - axis.step / 2 - 2, plan.laneTop(group.high) - pad];
      const width = axis.x(last) + axis.step / 2 + 2 - left;
      const height = plan.laneBottom(group.low) + pad - top;
      return svg("rect", {
        class: "rl-layer",
        x: round(left),
        y: round(top),
        width: round(width),
        height: round(height),
        rx: 7,
      });
    });
}

function partMarks(network, axis, plan, height, theme) {
  if (network.parts.length < 2) return [];
  const nodes = [];
  for (const part of network.parts) {
    const [first, last] = visibleSpan(part, axis);
    if (first > last) continue;
    const [left, right] = [axis.x(first) - axis.step / 2 + 2, axis.x(last) + axis.step / 2 - 2];
    nodes.push(
      svg("path", {
        class: "rl-bracket",
        d: `M${round(left)} ${height - plan.fontSize - 7}v3H${round(right)}v-3`,
      }),
    );
    nodes.push(...partWords(part, left, right, plan, theme));
  }
  return nodes;
}

function rowLabels(network, axis, plan, theme) {
  const font = `400 ${plan.fontSize}px ${theme.font}`;
  const done = new Set();
  const nodes = [];
  for (const row of plan.rows) {
    if (done.has(row.lane)) continue;
    done.add(row.lane);
    const part = network.parts.find(({ start }) => start === row.start)?.label ?? "";
    const own =
      part && network.parts.length > 1 ? row.label.replace(part, "").replace(/^[\s·,:]+/, "") : row.label;
    const twoWays = plan.rows.some(({ direction }) => direction === "backward");
    const name = (own || `layer ${row.lane + 1}`).replace(/[\s,·]*(forward|backward)$/, "");
    const text = twoWays ? `${name} ${row.direction === "backward" ? "←" : "→"}` : name;
    const size = Math.min(plan.fontSize, plan.boxHeight + plan.laneGap - 1);
    nodes.push(
      svg(
        "text",
        { class: "rl-side", x: 12, y: round(plan.laneY(row.lane) + size * 0.35), "font-size": size },
        shortened(text, font, axis.left - 16),
      ),
    );
  }
  return nodes;
}

/** Where labels stand for narrow time steps, a line shows which one each belongs to. */
function pointers(columns, strong, axis, plan) {
  if (axis.step >= 7) return [];
  const bottom = plan.inputTop + 1;
  const path = (kind, chosen, top) =>
    svg("path", {
      class: `rl-pointer ${kind}`,
      d: chosen.map((c) => `M${round(axis.x(c))} ${round(bottom)}V${round(top)}`).join(""),
    });
  const marked = columns.filter((c) => strong.has(c));
  return [
    path(
      "",
      columns.filter((c) => !strong.has(c)),
      bottom - 4,
    ),
    path("rl-strong", marked, plan.laneBottom(0) + 7),
  ];
}

/** Each input where it enters; slices of one large image stand side by side in one frame. */
function inputImages(network, axis, plan) {
  const { width, height, every, slices } = plan.image;
  const y = plan.inputTop + 5;
  const columns = network.images.map((_, c) => c).filter((c) => axis.shows(c) && c % every === 0);
  const place = (c) => ({ x: slices ? axis.x(c) - width / 2 : Math.round(axis.x(c) - width / 2), y, width, height });
  const pictures = columns.map((c) =>
    svg("image", {
      ...place(c),
      href: network.images[c].url,
      preserveAspectRatio: "none",
      style: "image-rendering: pixelated",
    }),
  );
  const frames = slices ? [{ ...place(columns[0] ?? 0), width: width * columns.length }] : columns.map(place);
  return [...pictures, ...frames.map((box) => svg("rect", { class: "rl-image-frame", ...box }))];
}

function inputTexts(network, axis, plan, theme) {
  const labels = inputLabels(network);
  if (!labels.some(Boolean)) return [];
  const side = svg("text", { class: "rl-side", x: 12, y: plan.inputY, "font-size": plan.fontSize }, "input");
  const few = axis.last - axis.first < 3;
  const room = few ? axis.step - 8 : Math.max(axis.step * 1.5, 80);
  const font = `600 ${plan.inputSize}px ${theme.font}`;
  const short = labels.map((label) => shortened(label, font, room));
  const strong = strongInputs(network);
  const sizes = [plan.inputSize, plan.fontSize, plan.fontSize - 1, 10].filter(
    (size, i, all) => all.indexOf(size) === i,
  );
  const pictures = plan.image ? inputImages(network, axis, plan) : [];
  if (plan.image) network.images.forEach((_, c) => (short[c] = "")); // shown, not told
  const fit = fitText(short, axis, { sizes, family: theme.font, weight: 600, strong });
  const bold = new Set(strong);
  const written = squeezed(axis, short, fit.columns, `600 ${fit.size}px ${theme.font}`);
  const texts = written.map(([c, text]) =>
    svg(
      "text",
      {
        class: bold.size && !bold.has(c) ? "rl-input rl-weak" : "rl-input",
        x: round(axis.x(c)),
        y: plan.inputY,
        "font-size": fit.size,
      },
      text,
    ),
  );
  return [
    side,
    ...pictures,
    ...pointers(
      written.map(([c]) => c).filter((c) => short[c] !== "·"),
      bold,
      axis,
      plan,
    ),
    ...texts,
  ];
}

function standing(network, axis, size, theme, nodes) {
  const plan = planNetwork(network, axis, size.height, size.fontSize);
  const forward = network.recurrent ? plan.rows.flatMap((row) => alongRow(row, axis, plan, false)) : [];
  const shown = plan.rows.filter((row) => visibleSpan(row, axis)[0] <= visibleSpan(row, axis)[1]);
  const cells = new Map(shown.map((row) => [row, boxes(row, axis, plan)]));
  const rects = [...cells.values()].flat().flatMap(({ rect, label }) => (label ? [rect, label] : [rect]));
  nodes.still.replaceChildren(
    ...groupOutlines(axis, plan),
    ...arrowPaths("quiet", upwardArrows(network, axis, plan)),
    ...feedback(network, axis, plan),
    ...fedNote(network, axis, plan, theme),
    ...rects,
    ...shown.flatMap((row) => frameOf(row, axis, plan)),
    ...arrowPaths("forward", forward),
    ...padding(network, axis, plan),
    ...contextVector(network, axis, plan, theme),
    ...rowLabels(network, axis, plan, theme),
    ...inputTexts(network, axis, plan, theme),
    ...partMarks(network, axis, plan, size.height, theme),
  );
  if (!network.recurrent) nodes.still.append(lonely(axis, plan));
  return { plan, cells };
}

function lonely(axis, plan) {
  return svg(
    "text",
    { class: "rl-note rl-start", x: round(axis.x(0) + plan.boxWidth / 2 + 16), y: round(plan.laneY(0) + 4) },
    "no recurrence in time",
  );
}

/** A drawing kept in `body`; draw() takes the header's network, the time axis, the size and the arrays. */
export function makeUnrolled(body) {
  const nodes = { still: svg("g"), gradients: svg("g"), outputs: svg("g"), bridge: svg("g") };
  const root = svg("svg", { class: "rl-network", role: "img" }, ...Object.values(nodes));
  body.append(root);
  const drawn = {};

  function draw({ network, axis, size, theme, rowOf, norms, gradientLayers, gradientKey }) {
    const { outputs, bridge, ...fixed } = network;
    const place = JSON.stringify([
      fixed,
      outputs.map(({ step, loss }) => [step, loss]),
      axis.first,
      axis.last,
      size,
      theme.key,
    ]);
    const fresh = place !== drawn.place;
    if (fresh) {
      root.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
      root.setAttribute("width", size.width);
      root.setAttribute("height", size.height);
      Object.assign(drawn, standing(network, axis, size, theme, nodes), { place });
    }
    for (const [row, cells] of drawn.cells) shadeCells(cells, row, rowOf(row.layer), theme);
    if (fresh || gradientKey !== drawn.gradientKey) {
      drawGradients(nodes.gradients, network, axis, drawn.plan, norms, gradientLayers);
      drawn.gradientKey = gradientKey;
    }
    const crossed = JSON.stringify(bridge);
    if (fresh || crossed !== drawn.crossed) {
      drawBridge(nodes.bridge, network, axis, drawn.plan, theme);
      drawn.crossed = crossed;
    }
    const said = JSON.stringify(outputs);
    if (fresh || said !== drawn.said) {
      drawOutputs(nodes.outputs, network, axis, drawn.plan, theme);
      drawn.said = said;
      root.setAttribute("aria-label", describe(network));
    }
  }

  return { draw, root };
}

function describe(network) {
  const [first] = network.outputs;
  const said =
    network.outputs.length === 1
      ? `; predicted ${visible(first.predicted)}, target ${visible(first.target)}`
      : "";
  return `Network unrolled over ${network.time_steps} time steps, ${network.rows.length} rows of states, ${network.outputs.length} outputs${said}`;
}
