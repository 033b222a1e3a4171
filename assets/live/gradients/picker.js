// Choosing a number on the charts, showing where it stands, and asking for it to be checked.

import { setText } from "../elements.js";
import { listenForArrows, listenForClicks } from "../picking.js";
import { curvesOf, levelOf, normOf, wordsOf } from "./flow.js";
import { setChoices } from "./layout.js";
import { runStyle } from "./palette.js";
import { makeSelection } from "./selection.js";

/** The curve that passes closest to a height, among those that have a value there. */
function nearest(curves, time, height, frame) {
  const away = (curve) => {
    const value = curve.values[Math.round((time - 1) / curve.stride)];
    const level = value === undefined ? null : levelOf(value, curve.run, frame);
    return level === null ? Infinity : Math.abs(level - height);
  };
  return curves.toSorted((a, b) => away(a) - away(b))[0];
}

function place(node, shown, x, y) {
  node.hidden = !shown;
  if (shown) node.style.transform = y === undefined ? `translateX(${x}px)` : `translate(${x}px, ${y}px)`;
}

export function makePicker(cards, { state, onCheck }) {
  const falls = [];
  const selection = makeSelection(() => curvesOf(state.runs), draw);
  const { flow, norm } = cards;

  /** A y zoom is Plotly's own, so its axis is asked. */
  const heights = () => flow.plot.layout?.yaxis?.range ?? state.flowFrame.y;

  const stops = [
    listenForClicks(flow.body, (x, y) => {
      const frame = state.flowFrame;
      if (!frame || y > frame.margin.t + frame.height) return;
      const left = frame.margin.l + frame.gutter;
      const time = Math.round(frame.from - 0.5 + (x - left) / frame.perStep);
      if (x < left - 4 || time > frame.to) return;
      const [low, high] = heights();
      const height = high - ((y - frame.margin.t) / frame.height) * (high - low);
      const curve = nearest(curvesOf(state.runs), Math.max(1, time), height, frame);
      if (curve) selection.choose({ time: Math.max(1, time), run: curve.run, state: curve.state });
    }),
  ];
  listenForArrows(flow.node, selection.step);
  flow.check.addEventListener("click", () => {
    const now = selection.current();
    if (now) onCheck({ run: now.curve.run, state: now.curve.state, time_step: now.time });
  });
  flow.curve.addEventListener("change", () => {
    const { run, state: letter } = curvesOf(state.runs)[Number(flow.curve.value)];
    selection.choose({ run, state: letter });
  });
  norm.run.addEventListener("change", () => selection.choose({ run: Number(norm.run.value), state: null }));
  norm.check.addEventListener("click", () => {
    onCheck({ run: Number(norm.run.value) || 0, state: "weights", time_step: null });
  });

  function addFall(one, run) {
    falls.push(one);
    listenForArrows(one.node, selection.step);
    one.check.addEventListener("click", () => {
      const now = selection.current();
      if (now && one.fall) onCheck({ run, state: one.fall.state, time_step: now.time });
    });
    const stop = listenForClicks(one.body, (x, y) => {
      const frame = one.frame;
      if (!frame || x < frame.left || y > frame.top + frame.height) return;
      const time = Math.round(frame.timeAt(x));
      if (time >= frame.from && time <= frame.to) selection.choose({ time, run, state: one.fall.state });
    });
    return () => {
      stop();
      falls.splice(falls.indexOf(one), 1);
    };
  }

  function drawOnFlow(now, frame) {
    const shown = Boolean(now && frame) && now.time >= frame.from && now.time <= frame.to;
    if (!shown) {
      place(flow.line, false);
      return place(flow.ring, false);
    }
    const x = frame.margin.l + frame.gutter + (now.time - frame.from + 0.5) * frame.perStep;
    const [low, high] = heights();
    const level = levelOf(now.value, now.curve.run, frame);
    const y = frame.margin.t + ((high - level) / (high - low)) * frame.height;
    const inside = level !== null && y >= frame.margin.t && y <= frame.margin.t + frame.height;
    flow.line.style.height = `${frame.margin.t + frame.height}px`;
    place(flow.line, true, x);
    place(flow.ring, inside, x, y);
    flow.ring.style.color = runStyle(now.curve.run, state.theme).colour;
  }

  function drawOnFall(one, now) {
    const { frame } = one;
    const shown = Boolean(now && frame && one.fall) && now.time >= frame.from && now.time <= frame.to;
    if (shown) Object.assign(one.line.style, { height: `${frame.height}px`, top: `${frame.top}px` });
    place(one.line, shown, shown ? frame.x(now.time) : 0);
    one.check.title = shown
      ? `Measure ${normOf(one.fall.state)} at time step ${now.time} again with finite differences, and compare`
      : "";
  }

  /** Only these few nodes move when another number is chosen; the charts stay as they are. */
  function draw() {
    const curves = curvesOf(state.runs);
    const now = selection.current();
    setChoices(
      flow.curve,
      curves.map(({ label }) => label),
      now ? curves.findIndex(({ run, state: s }) => run === now.curve.run && s === now.curve.state) : 0,
    );
    setChoices(
      norm.run,
      state.runs.map(({ spec }) => spec.label),
      now?.curve.run ?? 0,
    );
    const one = curves.length === 1 && now ? `${normOf(now.curve.state)} at ` : "";
    setText(flow.picked, now ? `${one}t = ${now.time}: ${wordsOf(now.value)}` : "");
    for (const button of [flow.check, ...falls.map(({ check }) => check)]) button.disabled = !now;
    drawOnFlow(now, state.flowFrame);
    falls.forEach((fall) => drawOnFall(fall, now));
  }

  return { draw, addFall, step: selection.step, stop: () => stops.forEach((stop) => stop()) };
}
