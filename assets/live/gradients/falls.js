// The row of waterfalls: one card per run, one scale of colours for all.

import { setAttribute, setText } from "../elements.js";
import { normOf, shortName } from "./flow.js";
import { fallCard } from "./layout.js";
import { drawAxes, fallFrame, fallOf, followMouse, ownScale, paint, sharedScale } from "./waterfall.js";

const ROOM_FOR_BUTTONS = 215; // pixels of a title line that are not the run's name

/** `picker` gets every card, for clicks, arrow keys and its button. */
export function makeFalls({ falls: row, bar }, { state, picker }) {
  const all = [];

  function add() {
    const one = fallCard(all.length);
    followMouse(one, () => (one.fall && one.frame ? one : null));
    one.stop = picker.addFall(one, all.length);
    all.push(one);
    bar.node.before(one.node);
  }

  function remove(one) {
    one.stop();
    one.node.remove();
  }

  function arrange(count) {
    while (all.length < count) add();
    while (all.length > count) remove(all.pop());
    row.style.setProperty("--rg-falls", String(count));
  }

  function drawOne(one, i, { scale: shared, length, prints, colours }) {
    const { theme, window, runs } = state;
    const size = state.sizes.falls[i];
    const letter = one.fall?.state ?? "h";
    const font = `650 ${state.fontSize + 1}px ${theme.font}`;
    const room = (size?.width ?? 0) - ROOM_FOR_BUTTONS;
    setText(one.name, `${shortName(runs[i].spec.label, font, room)}:`);
    setText(one.norm, normOf(letter));
    const scale = one.fall && ownScale(one.fall, shared);
    setText(
      one.subtitle,
      scale?.own ? "its own update axis, newest on top" : "updates upwards, newest on top",
    );
    one.node.classList.toggle("rl-pending", !one.fall);
    if (!one.fall || !size?.width) return;
    one.frame = fallFrame({ window, size, length, until: scale.until });
    const key = JSON.stringify([
      prints[i],
      scale,
      size,
      theme.key,
      window,
      length,
      one.fall.low,
      one.fall.high,
    ]);
    if (key === one.key) return;
    one.key = key;
    paint(one.canvas, { fall: one.fall, scale, frame: one.frame, colours, theme });
    drawAxes(one, { frame: one.frame, scale, size });
    const last = one.fall.updates.at(-1);
    setAttribute(
      one.canvas,
      "aria-label",
      `${normOf(letter)} of ${runs[i].spec.label}, updates 0 to ${last} by time steps`,
    );
  }

  function draw(what) {
    const falls = state.runs.map(({ frame }) => fallOf(frame));
    const scale = sharedScale(falls);
    all.forEach((one, i) => {
      one.fall = falls[i] ?? null;
      drawOne(one, i, { scale, ...what });
    });
    return { falls, scale };
  }

  return {
    arrange,
    draw,
    bodies: () => all.map(({ body }) => body),
    stop: () => all.forEach(({ stop }) => stop()),
  };
}
