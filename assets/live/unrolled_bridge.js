// The bridge from encoder to decoder: the context vector forward, and how much gradient comes back by it.

import { svg } from "./elements.js";
import { shortened, textWidth } from "./timeaxis.js";
import { arrow, joined, round } from "./unrolled_arrows.js";

const NAME = "context vector →";

/** Where encoder and decoder meet, for each place where both sides are in view. */
function borders(network, axis, plan) {
  return network.parts.slice(0, -1).flatMap((part) => {
    const c = part.stop - 1;
    if (!axis.shows(c) || !axis.shows(c + 1)) return [];
    const lanes = plan.rows
      .filter(({ stop, direction }) => stop === part.stop && direction === "forward")
      .map(({ lane }) => lane);
    const reach = plan.boxed ? (axis.step - plan.boxWidth) / 2 - 0.5 : 9;
    return [{ c, lanes, reach, x: axis.x(c) + axis.step / 2 }];
  });
}

/** The way from encoder to decoder: the last state, as a strong arrow with its name. */
export function contextVector(network, axis, plan) {
  return borders(network, axis, plan).flatMap(({ c, lanes, reach, x: border }) => {
    const { shaft, head } = joined(
      lanes.map((lane) =>
        arrow(border - reach, border + reach, plan.laneY(lane) - plan.boxHeight * 0.2, Math.min(8, reach * 1.3)),
      ),
    );
    const [x, half, highest] = [axis.x(c), plan.boxWidth / 2 + 1, Math.max(...lanes)];
    const height = plan.laneBottom(Math.min(...lanes)) - plan.laneTop(highest) + 3;
    const labelY = plan.lossY - 4;
    return [
      svg("path", {
        class: "rl-border",
        d: `M${round(border)} ${round(labelY - 6)}V${round(plan.laneBottom(0) + 6)}`,
      }),
      svg("rect", {
        class: "rl-joined",
        x: round(x - half),
        y: round(plan.laneTop(highest) - 1.5),
        width: round(2 * half),
        height: round(height),
        rx: round(plan.corner + 1.5),
      }),
      svg("path", { class: "rl-shaft rl-context", d: shaft }),
      svg("path", { class: "rl-head rl-context", d: head }),
      svg("text", { class: "rl-context-label", x: round(border - 6), y: round(labelY + 8) }, NAME),
    ];
  });
}

/** In the gradient's colour: an arrow back under the context's, and the norms that cross. */
export function drawBridge(group, network, axis, plan, theme) {
  const { bridge } = network;
  const nodes = bridge
    ? borders(network, axis, plan).flatMap((place) => [...arrowsBack(place, plan), ...norms(bridge, place, axis, plan, theme)])
    : [];
  group.replaceChildren(...nodes);
}

function arrowsBack({ lanes, reach, x }, plan) {
  const { shaft, head } = joined(
    lanes.map((lane) =>
      arrow(x + reach, x - reach, plan.laneY(lane) + plan.boxHeight * 0.2, Math.min(6, reach * 1.1)),
    ),
  );
  return [
    svg("path", { class: "rl-shaft rl-gradient rl-g-0", d: shaft }),
    svg("path", { class: "rl-head rl-gradient rl-g-0", d: head }),
  ];
}

/** What crosses, over the context's name, or before it where there is one line only; in as many words as fit. */
function norms(bridge, { x }, axis, plan, theme) {
  const font = `600 ${plan.fontSize}px ${theme.font}`;
  const aside = plan.texts ? 0 : textWidth(NAME, font) + 14;
  const room = x - axis.left - 8 - aside;
  const way = bridge.attention === null ? "" : `through attention ${bridge.attention}`;
  const told = `← gradient ‖dL/d(context)‖ ${bridge.context}`;
  const words = [
    [told, way].filter(Boolean).join(", "),
    [`← ‖dL/d(context)‖ ${bridge.context}`, way && `attention ${bridge.attention}`].filter(Boolean).join(", "),
    `← ${bridge.context}${bridge.attention === null ? "" : ` + ${bridge.attention}`}`,
  ];
  const said = words.find((text) => textWidth(text, font) <= room) ?? shortened(words[2], font, Math.max(room, 60));
  const place = { x: round(x - 6 - aside), y: round(plan.lossY + 4 - (plan.texts ? plan.fontSize + 3 : 0)) };
  const whole = `The gradient that crosses from the decoder into the encoder, median of the held-out sequences: by the context of ${bridge.size} numbers ${bridge.context}${bridge.attention === null ? "" : `, by way of attention ${bridge.attention}`}`;
  return [
    svg(
      "text",
      { class: "rl-bridge-norm", ...place, "font-size": plan.fontSize },
      said,
      svg("title", {}, whole),
    ),
  ];
}
