// The moving part of the Lab page. Mounted once; Streamlit calls mount() again for new data or a new theme.

import { connect } from "./socket.js";
import { decode } from "./frame.js";
import { buildLayout, closeHelpOutside } from "./layout.js";
import { makePicture } from "./picture.js";
import { loadPlotly } from "./plotly.js";
import { setText } from "./elements.js";
import { makeStrip } from "./strip.js";
import { applyTheme, readTheme } from "./theme.js";

const WIDE = 1300; // pixels from which a projector's distance is served by larger letters
const WAITING = { starting: "starting…", waiting: "waiting for a free worker…" };
const AT_REST = ["diverged", "stopped"]; // the page's own widgets follow these

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
  const live = {
    component: null,
    token: null,
    socket: null,
    next: null,
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
    const fresh = live.next;
    if (fresh) Object.assign(live, { frame: fresh, next: null });
    if (!live.frame) return;
    picture.show(live.frame);
    if (fresh) drawFacts(fresh.header);
    picture.draw();
    if (fresh) acknowledge(fresh);
  }

  function drawFacts(header) {
    if (header.network) root.classList.remove("rl-waiting");
    Object.assign(root.dataset, {
      update: header.update,
      status: header.status,
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

  function acknowledge({ header, bytes }) {
    live.socket?.send({ type: "drawn", stamp_ms: header.stamp_ms });
    const detail = { update: header.update, stamp_ms: header.stamp_ms, drawn_ms: Date.now(), bytes };
    root.dispatchEvent(new CustomEvent("rnnlab:drawn", { detail, bubbles: true }));
  }

  function receive(buffer) {
    live.next = decode(buffer); // a frame that was not drawn yet is dropped: every frame is complete
    schedule();
  }

  function open(base, token) {
    live.socket?.close();
    Object.assign(live, { token, next: null, chosen: null });
    const current = () => live.token === token; // designs change faster than sockets close
    live.socket = connect({
      base,
      token,
      onBuffer: (buffer) => current() && receive(buffer),
      onLink(state) {
        if (!current()) return;
        live.link = state;
        showLink();
        if (state === "open" && live.chosen) live.socket.send(live.chosen);
      },
      onGone(message) {
        if (!current()) return;
        live.link = "open";
        showLink();
        root.dataset.status = "gone";
        strip.say(message || "This run is no longer on the server. Reload the page to start it again.");
      },
    });
    live.link = "open";
    showLink();
  }

  /** A small word on why nothing moves yet. */
  function showLink() {
    const status = live.frame?.header.status;
    const words = live.link === "lost" ? "reconnecting…" : WAITING[status];
    link.hidden = !words;
    setText(link, words ?? "");
  }

  function chooseView() {
    live.chosen = { type: "view", layer: layout.layer.value, quantity: layout.quantity.value };
    live.socket?.send(live.chosen);
  }
  layout.layer.addEventListener("change", chooseView);
  layout.quantity.addEventListener("change", chooseView);

  const resized = new ResizeObserver(() => {
    const fontSize = root.clientWidth >= WIDE ? 14 : 12;
    root.style.setProperty("--rl-size", `${fontSize}px`);
    picture.measure(fontSize);
    schedule();
  });
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
    const theme = readTheme(parentElement);
    if (theme.key !== live.theme) {
      live.theme = theme.key;
      applyTheme(root, theme);
      picture.paint(theme);
    }
    const base = data?.base ?? "";
    loadPlotly(`${base}${data?.plotly ?? "/live/plotly.min.js"}`).then(schedule, (error) => strip.say(error.message));
    if (data?.token && data.token !== live.token) open(base, data.token);
    schedule();
  }

  function destroy() {
    cancelAnimationFrame(live.pending);
    live.socket?.close();
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
