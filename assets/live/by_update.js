// The two charts by update: loss or metric of one run and its clipping, or of a run beside its branches.

import { clipWords } from "./captions.js";
import { branchesLossFigure, branchesNormFigure } from "./branch_curves.js";
import { lossFigure, normFigure } from "./curves.js";
import { setAttribute, setText } from "./elements.js";
import { measuredOf } from "./measured.js";
import { branchesReportFigure, factsOf, reportFigure } from "./metric_curves.js";
import { fingerprint } from "./frame.js";
import { CLIP_HELP } from "./layout.js";

const NOTHING = { data: new Float32Array(0), shape: [0] };
const BESIDE = "Each branch has its colour, and its name at the end of its line; those that you do not look at are faint.";

function curvesOf({ arrays }) {
  const get = (name) => (arrays.get(name) ?? NOTHING).data;
  return {
    update: get("curve_update"),
    loss: get("curve_loss"),
    norm: get("curve_norm"),
    clipped: get("curve_clipped"),
  };
}

const REMEMBERED = "rnnlab.curve";

/** Which curve a person looked at last in this browser. */
export function rememberedCurve() {
  try {
    return window.localStorage.getItem(REMEMBERED) ?? "loss";
  } catch {
    return "loss"; // a browser may forbid it
  }
}

export function rememberCurve(name) {
  try {
    window.localStorage.setItem(REMEMBERED, name);
  } catch {
    // then it holds until the page is left
  }
}

const prints = ({ arrays }, ...names) => names.map((name) => fingerprint(arrays.get(name)));

const MEASURED = ["held_update", "held_loss", "reports"];
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** What the first chart's card says of what it shows: the loss, or what `facts` tell of a measure. */
function title({ cards, header, shown, facts, several, scale, curve }) {
  const [name, more] = (facts?.label ?? "loss").split(", "); // what follows a comma is its unit
  setText(cards.loss.heading, capital(name));
  setAttribute(cards.loss.heading, "title", facts?.label ?? "loss");
  setText(cards.loss.subtitle, facts ? (several ? facts.beside : (more ?? "")) : (header.loss_unit ?? ""));
  scale[0].parentNode.hidden = Boolean(facts?.percent);
  cards.loss.node.classList.toggle("rl-many", Boolean(header.exposure || facts)); // up to five words in one line
  for (const button of curve) {
    setAttribute(button, "aria-pressed", String(button.dataset.choice === shown));
    button.hidden = button.dataset.choice === "exposure" && !header.exposure;
  }
}

/** Draws both charts of `state` ({ frame, branches, theme, sizes, log, curve }) into the kept `figures`. */
export function drawByUpdate({ state, cards, figures, common, setSubtitle, scale, curve }) {
  const { frame, branches, theme, sizes, log } = state;
  const { header } = frame;
  const several = branches.length > 1;
  const facts = factsOf(state.curve, header);
  const shown = facts ? state.curve : "loss";
  title({ cards, header, shown, facts, several, scale, curve });
  setSubtitle(cards.norm.subtitle, clipWords(header.clip));
  const help = CLIP_HELP[header.clip.kind] ?? CLIP_HELP.off;
  setText(cards.norm.help, several ? `${help} ${BESIDE}` : help);
  setAttribute(cards.loss.plot, "aria-label", spoken(header, branches));

  const where = JSON.stringify([header.update, header.furthest, header.divergence?.update]);
  const beside = several ? branches.map(keyOf) : [];
  const lossKey = [
    ...common("loss"),
    log,
    where,
    JSON.stringify([shown, facts, header.baseline]),
    ...prints(frame, "curve_update", "curve_loss", ...MEASURED),
    ...beside,
  ].join("|");
  const asked = { curve: shown, frame, branches, header, log, size: sizes.loss, theme };
  figures.loss.draw(lossKey, () => {
    if (facts) return several ? branchesReportFigure(asked) : reportFigure(asked);
    if (several) return branchesLossFigure(asked);
    return lossFigure({ ...asked, curves: curvesOf(frame), measured: measuredOf(frame) });
  });
  const normKey = [
    ...common("norm"),
    where,
    JSON.stringify(header.clip),
    ...prints(frame, "curve_update", "curve_norm", "curve_clipped"),
    ...beside,
  ].join("|");
  figures.norm.draw(normKey, () =>
    several
      ? branchesNormFigure({ branches, header, size: sizes.norm, theme })
      : normFigure({ curves: curvesOf(frame), header, size: sizes.norm, theme }),
  );
}

function spoken(header, branches) {
  const here = `Loss by update: ${header.loss_text} at update ${header.update}`;
  if (branches.length < 2) return here;
  const others = branches.map(({ name, frame }) => `${name}: ${frame.header.loss_text} at update ${frame.header.update}`);
  return `Loss by update. ${others.join("; ")}`;
}

const keyOf = ({ label, style, quiet, from, left_at, frame }) =>
  [
    label,
    style,
    quiet,
    from,
    left_at,
    frame.header.divergence?.update,
    JSON.stringify(frame.header.clip),
    ...prints(frame, "curve_update", "curve_loss", "curve_norm", "curve_clipped", ...MEASURED),
  ].join("/");
