// A chart as a page of its own that needs no server: plotly.js and the numbers are inside, or the drawing is.

import { asText, drawingOf } from "./save_drawing.js";

const escaped = (text) =>
  String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Typed arrays as lists, and nothing in it that could end a script element. */
const asJson = (value) =>
  JSON.stringify(value, (_, one) => (ArrayBuffer.isView(one) ? Array.from(one) : one)).replace(/</g, "\\u003c");

let library = null;

/** The source of plotly.js, as this page loaded it. */
function plotlySource() {
  const { src } = document.querySelector('script[src*="/live/plotly.min.js"]');
  library ??= fetch(src).then((answer) => {
    if (!answer.ok) throw new Error("plotly.js could not be had from the server.");
    return answer.text();
  });
  library.catch(() => {
    library = null;
  });
  return library.then((text) => text.replaceAll("</script", "<\\/script"));
}

const figureOf = ({ data, layout }) => {
  const { width, height, ...rest } = layout;
  return { data, layout: { ...rest, autosize: true, dragmode: "zoom" }, aspect: width / height };
};

const START = `
for (const [i, { data, layout }] of figures.entries()) {
  Plotly.newPlot("figure-" + i, data, layout, {
    responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d"],
    toImageButtonOptions: { scale: 2, filename: name },
  });
}`;

const page = ({ run, title, caption, link, date, look, body }) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped([run, title].filter(Boolean).join(": "))}</title>
<style>
body { margin: 0; padding: 20px 28px; background: ${escaped(look.background)}; color: ${escaped(look.color)};
  font: 16px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.35rem; margin: 0; overflow-wrap: anywhere; }
h1 + h2 { font-size: 1.1rem; margin: 2px 0 0; }
p { margin: 2px 0 14px; opacity: 0.75; overflow-wrap: anywhere; }
a { color: inherit; }
.figure { width: 100%; height: min(72vh, 620px); }
svg { max-width: 100%; height: auto; }
</style>
</head>
<body>
${headings([run, title].filter(Boolean))}
<p>${escaped(caption)}</p>
${body}
<p>RNN Lab, ${escaped(date)}. The experiment: <a href="${escaped(link)}">${escaped(link)}</a></p>
</body>
</html>
`;

/** The run's title, where it has one, and the chart's below it. */
const headings = (titles) =>
  titles.map((text, i) => `<h${i + 1} dir="auto">${escaped(text)}</h${i + 1}>`).join("\n");

/** The text of the page for a card: its figures to zoom and hover, or its drawing where it has none. */
export async function pageOf(card, about) {
  const { backgroundColor: background, color } = getComputedStyle(card);
  const figures = [...card.querySelectorAll(".js-plotly-plot")].filter((node) => node.offsetWidth);
  const look = { background, color };
  if (!figures.length) {
    const body = asText(await drawingOf(card, { run: "", title: "", caption: "" }));
    return page({ ...about, look, body });
  }
  const places = figures.map((_, i) => `<div class="figure" id="figure-${i}"></div>`).join("\n");
  const source = await plotlySource();
  const start = `const name = ${asJson(about.name)};\nconst figures = ${asJson(figures.map(figureOf))};${START}`;
  return page({ ...about, look, body: [places, "<script>", source, "</script>", "<script>", start, "</script>"].join("\n") });
}
