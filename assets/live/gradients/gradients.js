// The moving part of the Gradients page. Mounted once; Streamlit calls mount() again for other runs or a new theme.

import { arrange, fontSizeFor } from "../arrange.js";
import { decode } from "../frame.js";
import { closeHelpOutside } from "../layout.js";
import { listen } from "../keyboard.js";
import { loadPlotly } from "../plotly.js";
import { connect } from "../socket.js";
import { applyTheme, readTheme } from "../theme.js";
import { buildLayout } from "./layout.js";
import { applyRuns } from "./palette.js";
import { makePicture } from "./picture.js";
import { fillWindow } from "./room.js";

const BETWEEN_MS = 140; // frames of several runs that come within this time are drawn together
const MOST_SHARE = 0.4; // of the time, on a slow machine, that may go into drawing
const AT_REST = ["diverged", "stopped"]; // the page's own widgets follow these
const STYLES = ["../live.css", "./gradients.css"];

const mounted = new WeakMap();

let styled = null;

function loadSheet(name) {
  return new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL(name, import.meta.url).href;
    link.onload = resolve;
    link.onerror = resolve;
    document.head.append(link);
  });
}

/** Resolves once the style sheets are there, or cannot be had. */
function loadStyles() {
  styled ??= Promise.all(STYLES.map(loadSheet));
  return styled;
}

/** One run that is watched: its socket, its latest frame, and the one that waits to be drawn. */
function watch(base, spec, onNews) {
  const run = { spec, frame: null, next: null, link: "open", gone: "" };
  run.socket = connect({
    base,
    token: spec.token,
    onBuffer(buffer) {
      run.next = decode(buffer); // a frame that was not drawn yet is dropped: every frame is complete
      onNews();
    },
    onLink(link) {
      run.link = link;
      onNews();
    },
    onGone(message) {
      run.gone = message || "This run is no longer on the server. Reload the page to start it again.";
      onNews();
    },
  });
  return run;
}

function acknowledge(run, root) {
  const { header, bytes } = run.frame;
  run.socket.send({ type: "drawn", stamp_ms: header.stamp_ms });
  const detail = { update: header.update, stamp_ms: header.stamp_ms, drawn_ms: Date.now(), bytes };
  root.dispatchEvent(new CustomEvent("rnnlab:drawn", { detail, bubbles: true }));
}

/** One kept picture in one parent element. */
function makeGradients(parentElement) {
  const layout = buildLayout();
  const { root } = layout;
  const page = {
    component: null,
    runs: [],
    pending: 0,
    timer: 0,
    drawn_ms: 0,
    rest_ms: 0,
    theme: null,
    reported: null,
    projector: false,
  };
  const picture = makePicture(layout, {
    changed: schedule,
    onCheck: (what) => page.component.setTriggerValue?.("check", what),
  });

  function schedule() {
    page.pending ||= requestAnimationFrame(draw);
  }

  /** All runs share one drawing: what comes shortly after another waits for the next. */
  function scheduleNews() {
    if (page.timer || page.pending) return;
    const wait_ms = Math.max(0, page.drawn_ms + page.rest_ms - performance.now());
    page.timer = window.setTimeout(() => {
      page.timer = 0;
      schedule();
    }, wait_ms);
  }

  function draw() {
    page.pending = 0;
    const began_ms = performance.now();
    const fresh = page.runs.filter(({ next }) => next);
    for (const run of fresh) Object.assign(run, { frame: run.next, next: null });
    picture.draw();
    tell();
    for (const run of fresh) acknowledge(run, root);
    page.drawn_ms = performance.now();
    page.rest_ms = Math.max(BETWEEN_MS, (page.drawn_ms - began_ms) * (1 / MOST_SHARE - 1));
  }

  function tell() {
    const status = ({ gone, frame }) => (gone ? "gone" : (frame?.header.status ?? "connecting"));
    root.dataset.status = page.runs.map(status).join(" ");
    root.dataset.settled = page.runs.every(({ frame }) => frame?.header.settled);
    root.dataset.updates = JSON.stringify(page.runs.map(({ frame }) => frame?.header.update ?? null));
    report(page.runs.map(status));
  }

  /** Tell Python when a run comes to rest or leaves it, and nothing else: each value is a rerun. */
  function report(statuses) {
    const now = statuses.map((status) => (AT_REST.includes(status) ? status : "–")).join(" ");
    const before = page.reported ?? statuses.map(() => "–").join(" ");
    page.reported = now;
    if (now !== before) page.component.setStateValue?.("status", now);
  }

  function watchRuns(base, specs) {
    const kept = new Map(page.runs.map((run) => [run.spec.token, run]));
    const same = specs.length === page.runs.length && specs.every(({ token }) => kept.has(token));
    page.runs = specs.map((spec) => {
      const run = kept.get(spec.token);
      if (!run) return watch(base, spec, scheduleNews);
      kept.delete(spec.token);
      return Object.assign(run, { spec });
    });
    for (const run of kept.values()) run.socket.close();
    if (!same) page.reported = null;
  }

  function measure() {
    const fontSize = fontSizeFor(root.clientWidth, page.projector);
    root.style.setProperty("--rl-size", `${fontSize}px`);
    picture.measure(fontSize);
    schedule();
  }
  const resized = new ResizeObserver(measure);
  const observed = new Set();

  function observe() {
    const bodies = new Set(picture.bodies());
    for (const body of observed) if (!bodies.has(body)) resized.unobserve(body);
    for (const body of bodies) if (!observed.has(body)) resized.observe(body);
    observed.clear();
    for (const body of bodies) observed.add(body);
  }
  const closeHelp = closeHelpOutside(root);
  const room = fillWindow(root);
  const stopKeys = listen(root, (asked) => {
    if (asked === "left" || asked === "right") picture.step(asked === "left" ? -1 : 1);
    else page.component.setTriggerValue?.("key", asked);
  });

  function paint() {
    const theme = readTheme(parentElement, page.projector);
    if (theme.key === page.theme) return;
    page.theme = theme.key;
    applyTheme(root, theme);
    applyRuns(root, theme);
    picture.paint(theme);
  }

  function update(component) {
    const {
      base = "",
      plotly = "/live/plotly.min.js",
      runs = [],
      mode = "cells",
      branch_at: branchAt = null,
      room: arranged = {},
    } = component.data ?? {};
    page.projector = Boolean(arranged.projector);
    page.component = component;
    if (!root.isConnected) {
      root.style.visibility = "hidden"; // until it has its style
      parentElement.append(root);
      loadStyles().then(() => root.style.removeProperty("visibility"));
      room.start();
    }
    paint();
    loadPlotly(`${base}${plotly}`).then(schedule, (error) => console.error(error));
    watchRuns(base, runs);
    picture.show({ runs: page.runs, mode, branchAt });
    picture.arrange(page.runs.length);
    arrange(root, arranged);
    observe();
    measure();
    room.fit();
    schedule();
  }

  function destroy() {
    cancelAnimationFrame(page.pending);
    window.clearTimeout(page.timer);
    for (const { socket } of page.runs) socket.close();
    resized.disconnect();
    room.stop();
    closeHelp();
    stopKeys();
    picture.purge();
    root.remove();
    mounted.delete(parentElement);
  }

  return { update, destroy };
}

/** Streamlit's entry point; returns what takes everything away again. */
export default function mount(component) {
  const { parentElement } = component;
  if (!mounted.has(parentElement)) mounted.set(parentElement, makeGradients(parentElement));
  const gradients = mounted.get(parentElement);
  gradients.update(component);
  return () => gradients.destroy();
}
