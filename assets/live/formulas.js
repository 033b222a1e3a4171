// Formulas as MathML, which browsers typeset themselves. Terms are strings or nodes; a string becomes one symbol.

const MATH = "http://www.w3.org/1998/Math/MathML";

function element(tag, children, attributes = {}) {
  const node = document.createElementNS(MATH, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function term(part) {
  if (typeof part !== "string") return part;
  if (/^\d/.test(part)) return element("mn", [part]);
  if (/^[\p{L}ℓ]{2,}$/u.test(part)) return element("mi", [part], { mathvariant: "normal" });
  return element(/^\p{L}/u.test(part) ? "mi" : "mo", [part]);
}

const row = (...parts) => element("mrow", parts.map(term));
const sub = (base, index) => element("msub", [term(base), term(index)]);
const power = (base, exponent) => element("msup", [term(base), term(exponent)]);
const both = (base, index, exponent) => element("msubsup", [base, index, exponent].map(term));
const over = (above, below) => element("mfrac", [term(above), term(below)]);
const root = (...parts) => element("msqrt", [row(...parts)]);
const sum = (index) => element("munder", [element("mo", ["∑"]), term(index)]);
const norm = (...parts) => row("‖", ...parts, "‖");
const line = (...parts) => element("math", [row(...parts)], { display: "block" });

const next = () => row("t", "+", "1");
const total = (state, index) => over(row("d", "L"), row("d", sub(state, index)));

const FLOW = () => [
  line(
    sub("g", "t"),
    "=",
    total("s", "t"),
    "=",
    sub("d", "t"),
    "+",
    both("J", next(), "⊤"),
    sub("g", next()),
  ),
  line(sub("J", next()), "=", over(row("∂", sub("s", next())), row("∂", sub("s", "t")))),
  line(norm(sub("g", "t")), "=", root(sum("i"), both("g", row("t", ",", "i"), "2"))),
];

const WEIGHTS = () =>
  line(
    norm("g"),
    "=",
    root(sum("i"), power(row("(", over(row("∂", "L"), row("∂", sub("θ", "i"))), ")"), "2")),
  );
const BY_NORM = () => line("g", "←", "g", "·", "min", "(", "1", ",", over("c", norm("g")), ")");
const BY_VALUE = () =>
  line(sub("g", "i"), "←", "min", "(", "max", "(", sub("g", "i"), ",", "−", "c", ")", ",", "c", ")");
const ANGLE = () =>
  line(
    "cos",
    "φ",
    "=",
    over(
      row(sub("g", "before"), "·", sub("g", "after")),
      row(norm(sub("g", "before")), norm(sub("g", "after"))),
    ),
  );

const ENTROPY = () => line("L", "=", "−", over("1", "N"), sum("n"), "ln", "p", "(", sub("y", "n"), ")");
const SQUARED = () =>
  line("L", "=", over("1", "N"), sum("n"), power(row("(", sub("ŷ", "n"), "−", sub("y", "n"), ")"), "2"));

/** By name: the lines of a formula, and what its letters mean. */
const FORMULAS = {
  flow: [
    FLOW,
    "s is the state: h, in an LSTM h and c as two states; dL/dc as drawn counts what c does through h at t too. d is the direct derivative: through the output at t alone or, below the top, through the layer above. J is the Jacobian of one time step. Where the reading ends, g is d (in an encoder, what the decoder sends back).",
  ],
  fall: [
    FLOW,
    "One row is the median of ‖g‖ over the sequences at one update; the colour is its logarithm to base 10.",
  ],
  loss: [
    () => [ENTROPY(), SQUARED()],
    "Cross-entropy in nats where a symbol, a class, or yes or no is predicted (p is the probability given to the right one), squared error where a number is; the mean over all N of them, at every time step that counts.",
  ],
  clipping: [
    () => [WEIGHTS(), BY_NORM(), BY_VALUE(), ANGLE()],
    "θ are all weights and biases as one long vector; c is the threshold, by norm or by value; φ is the angle by which clipping turned the gradient.",
  ],
};

/** Lines of MathML and a sentence on the letters. */
export function formula(name) {
  const [lines, letters] = FORMULAS[name];
  return { lines: lines(), letters };
}
