"""Arrays to Plotly figures: data first, options by keyword. Plotly is loaded by the first figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnlab.figures.attention import attention_map
    from rnnlab.figures.bounds import decay, envelope, gains
    from rnnlab.figures.clip import clipping
    from rnnlab.figures.contributions import loss_contributions
    from rnnlab.figures.curves import gradient_norm, loss
    from rnnlab.figures.distance import reach
    from rnnlab.figures.flow import gradient_flow
    from rnnlab.figures.heat import hidden_states
    from rnnlab.figures.inputs import saliency
    from rnnlab.figures.keeping import memory, time_constants
    from rnnlab.figures.landscape import bifurcation, cliff
    from rnnlab.figures.registry import FIGURES
    from rnnlab.figures.spectrum import eigenvalues, lyapunov, singular_values
    from rnnlab.figures.states import fixed_points, saturation, trajectories

__all__ = [
    "FIGURES",
    "attention_map",
    "bifurcation",
    "cliff",
    "clipping",
    "decay",
    "eigenvalues",
    "envelope",
    "fixed_points",
    "gains",
    "gradient_flow",
    "gradient_norm",
    "hidden_states",
    "loss",
    "loss_contributions",
    "lyapunov",
    "memory",
    "reach",
    "saliency",
    "saturation",
    "singular_values",
    "time_constants",
    "trajectories",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"rnnlab.figures has no attribute {name!r}.")
    from rnnlab.figures import registry

    return registry.FIGURES if name == "FIGURES" else registry.FIGURES[name]
