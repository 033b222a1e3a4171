"""The registry of figures: name to function. Each takes data first and options by keyword."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnlab.figures.curves import gradient_norm, loss
from rnnlab.figures.flow import gradient_flow
from rnnlab.figures.heat import hidden_states

FIGURES: dict[str, Callable[..., Any]] = {
    "gradient_flow": gradient_flow,
    "hidden_states": hidden_states,
    "loss": loss,
    "gradient_norm": gradient_norm,
}
