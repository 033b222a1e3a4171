"""Arrays to Plotly figures: data first, options by keyword. Plotly is loaded by the first figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnlab.figures.curves import gradient_norm, loss
    from rnnlab.figures.flow import gradient_flow
    from rnnlab.figures.heat import hidden_states
    from rnnlab.figures.registry import FIGURES

__all__ = ["FIGURES", "gradient_flow", "gradient_norm", "hidden_states", "loss"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"rnnlab.figures has no attribute {name!r}.")
    from rnnlab.figures import registry

    return registry.FIGURES if name == "FIGURES" else registry.FIGURES[name]
