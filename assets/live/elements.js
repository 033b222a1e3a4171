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

/** "x_t (29) → h_t (24)": a letter, an underscore and a letter become a subscript. */
export function withSubscripts(text) {
  const nodes = [];
  let rest = 0;
  for (const match of text.matchAll(/_(\w)(?!\w)/g)) {
    nodes.push(text.slice(rest, match.index), html("sub", {}, match[1]));
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

/** A symbol as a person can see it: blanks and control characters get a visible stand-in. */
export function visible(text) {
  const shown = INVISIBLE.get(text) ?? text;
  return shown.replace(/[\u0000-\u001f\u007f]/g, (c) =>
    c === "\u007f" ? "␡" : String.fromCharCode(0x2400 + c.charCodeAt(0)),
  );
}
