"""The registry of figures: name to function. Each takes data first and options by keyword."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from rnnlab.figures.spectrum import eigenvalues, lyapunov, singular_values
from rnnlab.figures.states import fixed_points, saturation, trajectories

FIGURES: dict[str, Callable[..., Any]] = {
    "gradient_flow": gradient_flow,
    "hidden_states": hidden_states,
    "loss": loss,
    "gradient_norm": gradient_norm,
    "loss_contributions": loss_contributions,
    "reach": reach,
    "saliency": saliency,
    "attention_map": attention_map,
    "eigenvalues": eigenvalues,
    "singular_values": singular_values,
    "lyapunov": lyapunov,
    "envelope": envelope,
    "gains": gains,
    "decay": decay,
    "memory": memory,
    "time_constants": time_constants,
    "cliff": cliff,
    "bifurcation": bifurcation,
    "clipping": clipping,
    "trajectories": trajectories,
    "saturation": saturation,
    "fixed_points": fixed_points,
}
