"""The cliff of Pascanu, Mikolov and Bengio (2013), figure 6: one unit, 50 time steps, no training.

The figure has no numbers to compare with, so the claim is what it shows: a curve in the plane of w and
b beside which the gradient is small, and on which it is orders of magnitude larger. The six values
are this project's own earlier calculation, a scalar loop in float64 with the derivatives written out.
"""

from __future__ import annotations

import numpy as np

from rnnlab.reproduce.experiment import Experiment, Numbers, Variant

KNOWN = {
    (0.0, 0.0): (0.04, -0.05, -0.1, 0.0),
    (4.0, -2.0): (0.01673663294, -1.044529405, -1.787904154, 0.2844214271),
    (5.0, -2.0): (0.05558549412, 0.0379183435, 0.04052119139, 2.678828806),
    (5.0, -2.5): (0.02408886881, 0.08631166948, 0.1009250176, 1.776029458),
    (5.0, -3.0): (0.404198103, -0.007018837512, -0.109269412, -2.678828806),
    (6.0, -3.0): (0.05256923509, 0.0462363954, 0.04975508398, 2.57567891),
}
"""(w, b) to the error, its derivatives by w and by b, and the last state; ten digits."""

CLOSE, STEEP = 1e-8, 100.0


def values() -> Numbers:
    """The largest relative difference from the known values."""
    from rnnlab.analysis.cliff import cliff_surface

    differences = []
    for (w, b), known in KNOWN.items():
        at = cliff_surface([w], [b])
        ours = np.array([at.error, at.grad_w, at.grad_b, at.x_last]).ravel()
        differences.append(np.abs(ours - known) / np.maximum(np.abs(known), 1e-3))
    return {"largest_difference": float(np.max(differences))}


def steepness() -> Numbers:
    """How much steeper the steepest place of the plane is than half of it."""
    from rnnlab.analysis.cliff import cliff_surface

    surface = cliff_surface(np.linspace(0, 8, 200), np.linspace(-5, 0, 200))
    norm = np.hypot(surface.grad_w, surface.grad_b)
    return {"steepest": float(norm.max()), "times_the_median": float(norm.max() / np.median(norm))}


EXPERIMENT = Experiment(
    paper="Pascanu, Mikolov, Bengio 2013",
    what="The error surface of one unit, x_t = w sigmoid(x_{t-1}) + b over 50 time steps: error, gradient "
    "and last state at six points, and how much steeper the cliff is than half of the plane.",
    differs="The paper gives no ranges: w from 0 to 8 and b from -5 to 0, 200 by 200 points. "
    "Nothing is random.",
    variants={
        "values": Variant(
            label="six points",
            source="–",
            published="none; our own earlier values",
            claim="equal to 1e-8",
            measure=values,
            holds=lambda own, _: own["largest_difference"] <= CLOSE,
            shown="largest_difference",
            text=lambda value: f"differ by {value:.1g} at most",
        ),
        "cliff": Variant(
            label="the plane",
            source="Pascanu 2013, figure 6",
            published="a cliff, drawn",
            claim=f"> {STEEP:g} × median",
            measure=steepness,
            holds=lambda own, _: own["times_the_median"] > STEEP,
            shown="times_the_median",
            text=lambda value: f"gradient up to {value:.3g} × median",
        ),
    },
)
