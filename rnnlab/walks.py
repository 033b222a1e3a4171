"""Two walks down the cliff, one with clipping and one without, and what to say about them."""

from __future__ import annotations

import functools

import numpy as np

from rnnlab.analysis import Bifurcation, CliffSurface, Descent, bifurcation, cliff_surface, descend
from rnnlab.analysis.cliff import B_RANGE, W_RANGE

POINTS = 121
OVER_B = (-5.0, 0.0)


@functools.lru_cache(maxsize=1)
def surface() -> CliffSurface:
    """The region of the cliff, 121 by 121 points."""
    return cliff_surface(np.linspace(*W_RANGE, POINTS), np.linspace(*B_RANGE, POINTS))


@functools.lru_cache(maxsize=64)
def fixed_points(w: float) -> Bifurcation:
    """The unit's fixed points over b from -5 to 0."""
    return bifurcation(np.linspace(*OVER_B, 401), w=w)


@functools.lru_cache(maxsize=64)
def walks(
    w: float, b: float, learning_rate: float, updates: int, clipping: str, clip_threshold: float
) -> dict[str, Descent]:
    """From the same point, by name. Raises ValueError as `descend` does."""
    return {
        "no clipping": descend(w, b, learning_rate, updates),
        f"clipped by {clipping} at {clip_threshold:g}": descend(
            w, b, learning_rate, updates, clipping, clip_threshold
        ),
    }


def told(walk: Descent) -> str:
    """The longest step of a walk and where it ends, in a sentence."""
    steps = walk.step_length
    if not np.isfinite(steps).all():
        return f"after update {int(np.argmin(np.isfinite(steps))) + 1} it is no finite number any more."
    longest = int(np.argmax(steps))
    clipped = walk.grad_norm_clipped[longest]
    to = f", clipped to {clipped:.3g}" if clipped < walk.grad_norm[longest] * (1 - 1e-6) else ""
    return (
        f"longest step {steps[longest]:.3g}, at update {longest + 1}, where the gradient's norm is "
        f"{walk.grad_norm[longest]:.3g}{to}; the error goes from {walk.error[0]:.3g} to {walk.error[-1]:.3g}."
    )
