// The states of the unrolled network: a box for every time step, or a band where boxes would be too narrow.

import { svg } from "./elements.js";
import { round, visibleSpan } from "./unrolled_arrows.js";

const NOT_A_NUMBER = 255;

/** The boxes of one row, with the label that each may carry. */
export function boxes(row, axis, plan) {
  const [first, last] = visibleSpan(row, axis);
  const labelled = plan.boxed && plan.boxWidth >= 25 && plan.boxHeight >= 19;
  const cells = [];
  for (let c = first; c <= last; c += 1) {
    const rect = svg("rect", {
      class: plan.boxed ? "rl-box" : "rl-band",
      x: round(axis.x(c) - plan.boxWidth / 2),
      y: round(plan.laneTop(row.lane)),
      width: plan.boxed ? round(plan.boxWidth) : round(axis.step) + 0.3,
      height: round(plan.boxHeight),
      rx: plan.boxed ? round(plan.corner) : 0,
    });
    const label = labelled
      ? svg(
          "text",
          {
            class: "rl-state",
            x: round(axis.x(c)),
            y: round(plan.laneY(row.lane) + 5),
            "font-size": plan.fontSize + 2,
          },
          "h",
          svg("tspan", { dy: 3, "font-size": plan.fontSize - 2 }, String(axis.time(c))),
        )
      : null;
    cells.push({ column: c, rect, label, shade: -1 });
  }
  return cells;
}

export function frameOf(row, axis, plan) {
  const [first, last] = visibleSpan(row, axis);
  if (plan.boxed || first > last) return [];
  const left = axis.x(first) - axis.step / 2;
  return [
    svg("rect", {
      class: "rl-frame",
      x: round(left),
      y: round(plan.laneTop(row.lane)),
      width: round(axis.step * (last - first + 1)),
      height: round(plan.boxHeight),
      rx: 3,
    }),
  ];
}

/** Recolour the boxes of one row; only those whose shade changed are touched. */
export function shadeCells(cells, row, magnitudes, theme) {
  for (const cell of cells) {
    const shade = magnitudes?.[cell.column - row.start] ?? 0; // a layer's array holds its own time steps only
    if (shade === cell.shade) continue;
    cell.shade = shade;
    const lost = shade === NOT_A_NUMBER;
    cell.rect.setAttribute("fill", lost ? "var(--rl-card)" : theme.shades[shade]);
    cell.rect.classList.toggle("rl-lost", lost);
    if (cell.label) cell.label.style.fill = lost ? theme.wrong : theme.onShade[shade];
  }
}
