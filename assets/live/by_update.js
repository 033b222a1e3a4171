// The two charts by update: of one run with its held-out loss and its clipping, or of a run beside its branches.

import { clipWords } from "./captions.js";
import { branchesLossFigure, branchesNormFigure } from "./branch_curves.js";
import { lossFigure, normFigure } from "./curves.js";
import { setAttribute, setText } from "./elements.js";
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
    heldUpdate: get("held_update"),
    heldLoss: get("held_loss"),
  };
}

const prints = ({ arrays }, ...names) => names.map((name) => fingerprint(arrays.get(name)));

/** Draws both charts of `state` ({ frame, branches, theme, sizes, log }) into the kept `figures`. */
export function drawByUpdate({ state, cards, figures, common, setSubtitle }) {
  const { frame, branches, theme, sizes, log } = state;
  const { header } = frame;
  const several = branches.length > 1;
  setText(cards.loss.subtitle, [header.loss_unit, "by update"].filter(Boolean).join(", "));
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
    JSON.stringify(header.baseline),
    ...prints(frame, "curve_update", "curve_loss", "held_update", "held_loss"),
    ...beside,
  ].join("|");
  figures.loss.draw(lossKey, () =>
    several
      ? branchesLossFigure({ branches, header, log, size: sizes.loss, theme })
      : lossFigure({ curves: curvesOf(frame), header, log, size: sizes.loss, theme }),
  );
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
    ...prints(frame, "curve_update", "curve_loss", "curve_norm", "curve_clipped"),
  ].join("/");
