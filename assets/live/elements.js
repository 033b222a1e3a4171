// Building DOM nodes. Text goes in as text, never as HTML: labels come from tasks and from users.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  for (const child of children) node.append(child);
  return node;
}

export function html(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Set text only where it differs, so that an unchanged label costs no layout. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** "x_t (29) → y_{t-1} (8)": what follows an underscore, a letter or braces, becomes a subscript. */
export function withSubscripts(text) {
  const nodes = [];
  let rest = 0;
  for (const match of text.matchAll(/_(?:\{([^}]*)\}|(\w(?:[-−]\d)?)(?!\w))/g)) {
    nodes.push(text.slice(rest, match.index), html("sub", {}, (match[1] ?? match[2]).replace("-", "−")));
    rest = match.index + match[0].length;
  }
  nodes.push(text.slice(rest));
  return nodes;
}

const INVISIBLE = new Map([
  [" ", "␣"],
  ["\n", "⏎"],
  ["\t", "⇥"],
]);

/** A text as a person can see it: blanks at its ends and control characters get a visible stand-in. */
export function visible(text) {
  const shown = INVISIBLE.get(text) ?? text;
  const ended = shown.replace(/^ +| +$/g, (blanks) => "␣".repeat(blanks.length));
  return ended.replace(/[\u0000-\u001f\u007f]/g, (c) =>
    c === "\u007f" ? "␡" : String.fromCharCode(0x2400 + c.charCodeAt(0)),
  );
}
