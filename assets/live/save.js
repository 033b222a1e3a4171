// Every chart's save menu: a picture, a drawing, or a page of its own. All of it is made in the browser.

import { html } from "./elements.js";
import { asPixels, asText, drawingOf } from "./save_drawing.js";
import { pageOf } from "./save_page.js";

const SCALE = 2;
const KINDS = {
  png: { label: "PNG", words: "picture, for slides", make: async (card, about) => asPixels(await drawingOf(card, about), SCALE) },
  svg: {
    label: "SVG",
    words: "drawing, for print",
    make: async (card, about) => new Blob([asText(await drawingOf(card, about))], { type: "image/svg+xml" }),
  },
  html: {
    label: "HTML",
    words: "page to zoom and hover, offline",
    make: async (card, about) => new Blob([await pageOf(card, about)], { type: "text/html" }),
  },
};

let styled = false;

function loadStyle() {
  if (styled) return;
  styled = true;
  document.head.append(html("link", { rel: "stylesheet", href: new URL("./save.css", import.meta.url).href }));
}

const LONGEST_SLUG = 40; // characters, in no script more bytes than file systems take

/** A text as part of a file's name: letters and digits of any script, and hyphens. */
function slug(text) {
  const kept = text.normalize("NFC").toLowerCase().replace(/[^\p{L}\p{N}\p{M}]+/gu, "-");
  return [...kept].slice(0, LONGEST_SLUG).join("").replace(/^-|-$/g, "");
}

/** What is written above a saved chart, and its file's name. */
function aboutCard(card) {
  const root = card.closest(".rl-root");
  const { task = "", update, title: run = "" } = root?.dataset ?? {};
  const [title, subtitle] = [".rl-title", ".rl-subtitle"].map((name) => card.querySelector(name)?.textContent ?? "");
  const at = update ? `update ${Number(update).toLocaleString("en")}` : "";
  return {
    run,
    title: title || card.getAttribute("aria-label") || "Chart",
    caption: [task, at, subtitle].filter(Boolean).join(" · "),
    link: window.location.href,
    date: new Intl.DateTimeFormat("sv-SE").format(new Date()),
    name: ["rnnlab", slug(run), slug(title), update].filter(Boolean).join("-"),
  };
}

function hand(blob, name) {
  const link = html("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The menu's node for a card; it finds what there is to save when it is asked. */
export function saveMenu(card) {
  loadStyle();
  const said = html("div", { class: "rl-save-said", role: "status" });
  const buttons = Object.entries(KINDS).map(([kind, { label, words }]) =>
    html("button", { type: "button", class: "rl-save-kind", "data-kind": kind }, html("b", {}, label), " ", words),
  );
  const popover = html("div", { class: "rl-popover" }, ...buttons, said);
  const summary = html("summary", { "aria-label": "Save this chart", title: "Save this chart" }, "↓");
  const menu = html("details", { class: "rl-help rl-save" }, summary, popover);
  for (const button of buttons) {
    button.addEventListener("click", async () => {
      const about = aboutCard(card);
      const kind = button.dataset.kind;
      said.textContent = "";
      try {
        hand(await KINDS[kind].make(card, about), `${about.name}.${kind}`);
        menu.open = false;
        summary.focus({ focusVisible: false });
      } catch (error) {
        console.error("RNN Lab: a chart could not be saved.", error);
        said.textContent = "This chart could not be saved: try another form.";
      }
    });
  }
  return menu;
}
