// The moving part of the Lab page. Mounted once; Streamlit calls mount() again for new data or a new theme.

import { arrange, fontSizeFor } from "./arrange.js";
import { makeBranches } from "./branches.js";
import { listen } from "./keyboard.js";
import { buildLayout, closeHelpOutside } from "./layout.js";
import { makePicture } from "./picture.js";
import { loadPlotly } from "./plotly.js";
import { setText } from "./elements.js";
import { makeStrip } from "./strip.js";
import { applyTheme, readTheme } from "./theme.js";
import { makeTimeline } from "./timeline.js";
import { planOf, separation } from "./timeline_plan.js";
import { makeTitle } from "./title.js";

const WAITING = { starting: "starting…" };
const AT_REST = ["diverged", "stopped", "stopped early"]; // the page's own widgets follow these

const mounted = new WeakMap();

let styled = null;

/** Resolves once the style sheet is there, or cannot be had. */
function loadStyle() {
  styled ??= new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("./live.css", import.meta.url).href;
    link.onload = resolve;
    link.onerror = resolve;
    document.head.append(link);
  });
  return styled;
}

/** One kept picture in one parent element. */
function makeLive(parentElement) {
  const layout = buildLayout();
  const { root, link } = layout;
  const picture = makePicture(layout, schedule);
  const check = (what) => what && live.component.setTriggerValue?.("check", what);
  layout.check.flow.addEventListener("click", () => check(picture.picked()));
  layout.check.norm.addEventListener("click", () => check({ state: "weights" }));
  const strip = makeStrip(layout.strip, (target) => live.component.setTriggerValue?.("rewind", target));
  const timeline = makeTimeline(layout.timeline, (wish) => live.component.setTriggerValue?.("timeline", wish));
  const title = makeTitle(layout.title, (text) => live.component.setTriggerValue?.("title", { text }));
  const branches = makeBranches({ onNews: schedule, onLink: showLink, onGone: gone });
  const stopKeys = listen(root, (act) => {
    if (act === "left" || act === "right") picture.step(act === "right" ? 1 : -1);
    else live.component.setTriggerValue?.("key", act);
  });
  const live = {
    component: null,
    token: null,
    data: {},
    frame: null,
    pending: 0,
    chosen: null,
    reported: null,
  };

  function schedule() {
    live.pending ||= requestAnimationFrame(draw);
  }

  function draw() {
    live.pending = 0;
    const fresh = branches.takeNews();
    const frame = branches.frameOf(live.token);
    const isNew = frame && frame !== live.frame;
    if (frame) live.frame = frame;
    drawTimeline();
    if (live.frame) {
      picture.show(live.frame, besides());
      if (isNew) drawFacts(frame.header);
      picture.draw();
    }
    fresh.forEach(acknowledge);
  }

  function drawTimeline() {
    const { branches: told = [], on_play: onPlay, undo, room = {} } = live.data;
    const [hidden, locked] = [room.hidden, room.locked].map((names) => names?.includes("timeline"));
    const { frameOf } = branches;
    timeline.draw({ branches: told, current: live.token, frameOf, onPlay, undo, hidden, locked });
  }

  /** The branches with what the charts by update need; only the one that is looked at, where it is alone. */
  function besides() {
    const told = live.data.branches ?? [];
    const known = told.filter(({ token }) => branches.frameOf(token));
    if (told.length < 2 || !known.some(({ token }) => token === live.token)) return [];
    const plan = planOf(told, (token) => branches.frameOf(token)?.header.furthest ?? 0);
    return known.map((branch) => ({
      ...branch,
      quiet: branch.token !== live.token,
      from: separation(plan, branch.token, live.token),
      frame: branches.frameOf(branch.token),
    }));
  }

  function drawFacts(header) {
    if (header.network) root.classList.remove("rl-waiting");
    Object.assign(root.dataset, {
      update: header.update,
      status: header.status,
      settled: header.settled, // a slice that was under way when Pause was pressed has landed
      loss: header.loss ?? header.loss_text ?? "",
      task: header.task?.label ?? "",
    });
    strip.draw(header);
    showLink();
    report(header.status);
  }

  /** Tell Python when the run comes to rest or leaves it, and nothing else: each value is a rerun. */
  function report(status) {
    const now = AT_REST.includes(status) ? status : null;
    if (now === live.reported) return;
    live.reported = now;
    live.component.setStateValue?.("status", status);
  }

  function acknowledge(run) {
    branches.acknowledge(run);
    const { header, bytes } = run.frame;
    const detail = { update: header.update, stamp_ms: header.stamp_ms, drawn_ms: Date.now(), bytes };
    root.dispatchEvent(new CustomEvent("rnnlab:drawn", { detail, bubbles: true }));
  }

  function gone(token, message) {
    if (token !== live.token) return; // a quiet branch that the server put away: Python hears of it
    showLink();
    root.dataset.status = "gone";
    strip.say(message || "This run is no longer on the server. Reload the page to start it again.");
  }

  function watch(base, data) {
    live.data = data;
    if (data.token !== live.token) {
      if (!branches.knows(data.token) && (data.branches ?? []).length < 2) live.chosen = null;
      live.token = data.token;
    }
    const tokens = (data.branches ?? []).map(({ token }) => token);
    branches.watch(base, tokens.includes(data.token) ? tokens : [...tokens, data.token]);
    branches.choose(live.token, live.chosen);
    root.dataset.branches = tokens.length;
    drawTitle(data);
    showLink();
  }

  function drawTitle({ title: text = "", room = {} }) {
    const fixed = [room.hidden, room.locked].some((names) => names?.includes("title")); // hidden is the way to change it
    title.show({ text, fixed, projector: Boolean(room.projector) });
    root.dataset.title = text; // what is saved of a chart bears it
  }

  /** A small word on why nothing moves yet. */
  function showLink() {
    const status = live.frame?.header.status;
    const words = branches.linkOf(live.token) === "lost" ? "reconnecting…" : WAITING[status];
    link.hidden = !words;
    setText(link, words ?? "");
  }

  function chooseView() {
    live.chosen = { type: "view", layer: layout.layer.value, quantity: layout.quantity.value };
    branches.choose(live.token, live.chosen);
  }
  layout.layer.addEventListener("change", chooseView);
  layout.quantity.addEventListener("change", chooseView);

  function measure() {
    const fontSize = fontSizeFor(root.clientWidth, live.projector);
    root.style.setProperty("--rl-size", `${fontSize}px`);
    picture.measure(fontSize);
    schedule();
  }
  const resized = new ResizeObserver(measure);
  picture.bodies.forEach((body) => resized.observe(body));
  const closeHelp = closeHelpOutside(root);

  function update(component) {
    const { data } = component;
    live.component = component;
    if (!root.isConnected) {
      root.style.visibility = "hidden"; // until it has its style
      parentElement.append(root);
      loadStyle().then(() => root.style.removeProperty("visibility"));
    }
    live.projector = Boolean(data?.room?.projector);
    arrange(root, data?.room);
    measure();
    const theme = readTheme(parentElement, live.projector);
    if (theme.key !== live.theme) {
      live.theme = theme.key;
      applyTheme(root, theme);
      picture.paint(theme);
    }
    const base = data?.base ?? "";
    loadPlotly(`${base}${data?.plotly ?? "/live/plotly.min.js"}`).then(schedule, (error) => strip.say(error.message));
    if (data?.token) watch(base, data);
    schedule();
  }

  function destroy() {
    cancelAnimationFrame(live.pending);
    branches.closeAll();
    timeline.stop();
    title.stop();
    stopKeys();
    resized.disconnect();
    closeHelp();
    picture.purge();
    root.remove();
    mounted.delete(parentElement);
  }

  return { update, destroy };
}

/** Streamlit's entry point; returns what takes everything away again. */
export default function mount(component) {
  const { parentElement } = component;
  if (!mounted.has(parentElement)) mounted.set(parentElement, makeLive(parentElement));
  const live = mounted.get(parentElement);
  live.update(component);
  return () => live.destroy();
}
