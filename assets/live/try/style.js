// The page's style sheet, fetched once beside the code.

import { html } from "../elements.js";

let styled = null;

export function loadStyle() {
  styled ??= new Promise((resolve) => {
    const link = html("link", { rel: "stylesheet", href: new URL("./try.css", import.meta.url).href });
    link.onload = link.onerror = resolve;
    document.head.append(link);
  });
  return styled;
}
