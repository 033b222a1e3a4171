// The outputs above the unrolled network: predicted beside target, where the loss attaches, what is discarded.

import { svg, visible } from "./elements.js";
import { shortened, textWidth } from "./timeaxis.js";
import { round } from "./unrolled_arrows.js";
import { fitText } from "./unrolled_plan.js";

const diamond = (x, y, r) => `M${round(x)} ${round(y - r)}l${r} ${r}l${-r} ${r}l${-r} ${-r}z`;
const check = (x, y, r) =>
  `M${round(x - r)} ${round(y)}l${round(r * 0.7)} ${round(r * 0.8)}l${round(r * 1.3)} ${round(-r * 1.6)}`;
const cross = (x, y, r) =>
  `M${round(x - r)} ${round(y - r)}l${2 * r} ${2 * r}M${round(x + r)} ${round(y - r)}l${-2 * r} ${2 * r}`;

const judged = (correct) =>
  correct === null || correct === undefined ? "rl-open" : correct ? "rl-right" : "rl-wrong";

function risers(outputs, axis, plan) {
  if (axis.step < 7 && outputs.length > 1) return [];
  const from = plan.laneTop(plan.laneCount - 1) - 1;
  let d = "";
  let heads = "";
  for (const { step } of outputs) {
    const [x, to] = [axis.x(step), plan.lossY + 7];
    d += `M${round(x)} ${round(from)}V${round(to + 3)}`;
    heads += `M${round(x)} ${round(to)}l-2.6 4h5.2z`;
  }
  return [
    svg("path", { class: "rl-shaft rl-forward", d }),
    svg("path", { class: "rl-head rl-forward", d: heads }),
  ];
}

function lossMarks(outputs, axis, plan) {
  const marked = outputs.filter(({ loss }) => loss);
  if (marked.length === 0) return [];
  const r = outputs.length === 1 ? Math.max(5, 0.35 * plan.fontSize) : Math.max(1.2, Math.min(4, axis.step * 0.32));
  const d = marked.map(({ step }) => diamond(axis.x(step), plan.lossY, r)).join("");
  const nodes = [svg("path", { class: "rl-loss", d })];
  if (outputs.length > 1)
    nodes.push(
      svg(
        "text",
        { class: "rl-side rl-loss-word", x: 12, y: plan.lossY + 0.33 * plan.fontSize, "font-size": plan.fontSize },
        "loss ◆",
      ),
    );
  else
    nodes.push(
      svg(
        "text",
        {
          class: "rl-loss-word",
          x: round(axis.x(marked[0].step) + 10),
          y: plan.lossY + 0.33 * plan.fontSize,
          "font-size": plan.fontSize,
        },
        "loss",
      ),
    );
  return nodes;
}

function longestRun(columns) {
  let best = [];
  let run = [];
  for (const c of columns) {
    run = run.length && c === run.at(-1) + 1 ? [...run, c] : [c];
    if (run.length > best.length) best = run;
  }
  return best;
}

/** Outputs that nobody asked for: a faint stump with a lid, and words where there is room. */
function discarded(network, axis, plan, theme) {
  const columns = (network.discarded ?? []).filter(axis.shows);
  if (columns.length === 0) return [];
  const from = plan.laneTop(plan.laneCount - 1) - 2;
  const wide = Math.min(4, axis.step * 0.3);
  const d =
    axis.step < 5
      ? ""
      : columns
          .map((c) => `M${round(axis.x(c))} ${round(from)}v-7m${round(-wide)} 0h${round(2 * wide)}`)
          .join("");
  const nodes = [svg("path", { class: "rl-discarded", d })];
  const run = longestRun(columns);
  const [left, right] = [axis.x(run[0]) - axis.step / 2, axis.x(run.at(-1)) + axis.step / 2];
  const words = "outputs discarded";
  const font = `400 ${plan.fontSize}px ${theme.font}`;
  const crowded = network.join || network.parts.length > 1;
  if (!crowded && right - left > textWidth(words, font) + 12) {
    nodes.push(svg("text", { class: "rl-note", x: round((left + right) / 2), y: round(from - 13) }, words));
  }
  return nodes;
}

/** Bidirectional, one output: forward's last state and backward's first are what it sees. */
function joining(network, axis, plan, theme) {
  if (!network.join || network.outputs.length === 0) return [];
  const back = plan.rows.filter(({ direction }) => direction === "backward").at(-1);
  const ahead = plan.rows.filter(({ direction }) => direction === "forward").at(-1);
  if (!back || !ahead) return [];
  const [x0, x1] = [axis.x(back.start), axis.x(ahead.stop - 1)];
  const y = (plan.lossY + 6 + plan.laneTop(plan.laneCount - 1)) / 2 - 2;
  const half = plan.boxWidth / 2 + 1.5;
  const ring = (x, row) =>
    svg("rect", {
      class: "rl-joined",
      x: round(x - half),
      y: round(plan.laneTop(row.lane) - 1.5),
      width: round(2 * half),
      height: round(plan.boxHeight + 3),
      rx: plan.corner + 1.5,
    });
  const text = shortened(network.join, `400 ${plan.fontSize}px ${theme.font}`, x1 - x0 - 90);
  return [
    ring(x0, back),
    ring(x1, ahead),
    svg("path", {
      class: "rl-shaft rl-forward",
      d: `M${round(x0)} ${round(plan.laneTop(back.lane) - 1)}V${round(y + 5)}q0 -5 5 -5H${round(x1)}`,
    }),
    svg("text", { class: "rl-note", x: round((x0 + x1) / 2 - 20), y: round(y - 5) }, text),
  ];
}

/** One output: the words at full size, beside its own target. */
function single(output, axis, plan, theme) {
  const big = plan.fontSize + 4;
  const sure =
    output.confidence === null || output.confidence === undefined
      ? ""
      : ` · ${Math.round(output.confidence * 100)} %`;
  const room = axis.width - 40;
  const said = shortened(visible(output.predicted), `700 ${big}px ${theme.font}`, room * 0.6);
  const target = shortened(`target ${visible(output.target)}`, `400 ${plan.fontSize}px ${theme.font}`, room);
  const width =
    textWidth(said, `700 ${big}px ${theme.font}`) + textWidth(sure, `400 ${big}px ${theme.font}`) + 22;
  const half = Math.max(width, textWidth(target, `400 ${plan.fontSize}px ${theme.font}`)) / 2;
  const x = Math.min(Math.max(axis.x(output.step), half + 12), axis.width - half - 12);
  const [left, y] = [x - width / 2, plan.predictedY + 4];
  const mark =
    output.correct === null || output.correct === undefined
      ? ""
      : (output.correct ? check : cross)(left + 6, y - big * 0.35, output.correct ? 5 : 4);
  const bold = svg("tspan", { "font-weight": 700 }, said);
  return [
    svg("text", { class: "rl-target", x: round(x), y: plan.targetY, "font-size": plan.fontSize }, target),
    svg("path", { class: `rl-mark ${judged(output.correct)}`, d: mark }),
    svg(
      "text",
      {
        class: `rl-said rl-start ${judged(output.correct)}`,
        x: round(left + (mark ? 18 : 8)),
        y,
        "font-size": big,
      },
      bold,
      svg("tspan", { class: "rl-sure" }, sure),
    ),
  ];
}

/** Target above, predicted below it: the same time steps in both lines, as many as fit. */
function textRows(outputs, axis, plan, theme) {
  const widest = Array.from({ length: axis.columns }, () => "");
  const longer = (a, b) =>
    [...a].length > [...b].length || ([...a].length === [...b].length && a > b) ? a : b;
  for (const { step, target, predicted } of outputs)
    widest[step] = longer(visible(target ?? ""), visible(predicted ?? ""));
  const sizes = [plan.fontSize + 2, plan.fontSize, plan.fontSize - 1, 10];
  const fit = fitText(widest, axis, { sizes, family: theme.font, weight: 700 });
  const chosen = new Set(fit.columns);
  return outputs
    .filter(({ step }) => chosen.has(step))
    .flatMap(({ step, target, predicted, correct }) => {
      const place = { x: round(axis.x(step)), "font-size": fit.size };
      return [
        svg("text", { class: "rl-target", y: plan.targetY, ...place }, visible(target ?? "")),
        svg(
          "text",
          { class: `rl-said ${judged(correct)}`, y: plan.predictedY, ...place },
          visible(predicted ?? ""),
        ),
      ];
    });
}

/** Right or wrong at every time step: ticks and crosses, or bars where a time step is narrow. */
function marks(outputs, axis, y) {
  const r = Math.min(3, axis.step * 0.28);
  const narrow = axis.step < 7;
  const half = Math.max(0.4, axis.step * 0.4);
  const bar = (x, height) =>
    `M${round(x - half)} ${round(y + 4)}h${round(2 * half)}v${-height}h${round(-2 * half)}z`;
  const draw = (right) =>
    outputs
      .filter(({ correct }) => correct === right)
      .map(({ step }) =>
        narrow ? bar(axis.x(step), right ? 3 : 9) : (right ? check : cross)(axis.x(step), y, r),
      )
      .join("");
  const kind = narrow ? "rl-bar" : "rl-mark";
  return [
    svg("path", { class: `${kind} rl-right`, d: draw(true) }),
    svg("path", { class: `${kind} rl-wrong`, d: draw(false) }),
  ];
}

function many(outputs, axis, plan, theme) {
  const y = plan.texts ? plan.markY : 8;
  const nodes = marks(outputs, axis, y);
  const right = outputs.filter(({ correct }) => correct).length;
  const counted = outputs.some(({ correct }) => correct !== null && correct !== undefined);
  if (counted)
    nodes.push(
      svg(
        "text",
        { class: "rl-side rl-right-words", x: round(axis.right + 8), y: y + 4, "font-size": plan.fontSize },
        `${right} of ${outputs.length}`,
      ),
    );
  if (!plan.texts) return nodes;
  return [
    ...nodes,
    svg("text", { class: "rl-side", x: 12, y: plan.targetY, "font-size": plan.fontSize }, "target"),
    svg(
      "text",
      { class: "rl-side rl-right-words", x: 12, y: plan.predictedY, "font-size": plan.fontSize },
      "predicted",
    ),
    ...textRows(outputs, axis, plan, theme),
  ];
}

export function drawOutputs(group, network, axis, plan, theme) {
  const outputs = network.outputs.filter(({ step }) => axis.shows(step));
  const words =
    network.outputs.length === 1
      ? outputs.flatMap((output) => single(output, axis, plan, theme))
      : outputs.length
        ? many(outputs, axis, plan, theme)
        : [];
  group.replaceChildren(
    ...discarded(network, axis, plan, theme),
    ...risers(outputs, axis, plan),
    ...joining(network, axis, plan, theme),
    ...lossMarks(outputs, axis, plan),
    ...words,
  );
}
