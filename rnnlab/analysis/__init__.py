"""What a trace says, NumPy in and NumPy out."""

from rnnlab.analysis.cliff import Bifurcation, CliffSurface, Descent, bifurcation, cliff_surface, descend
from rnnlab.analysis.clipping import Clipped, Clipping, clip, clipping
from rnnlab.analysis.flow import GradientFlow, gradient_flow

__all__ = [
    "Bifurcation",
    "CliffSurface",
    "Clipped",
    "Clipping",
    "Descent",
    "GradientFlow",
    "bifurcation",
    "cliff_surface",
    "clip",
    "clipping",
    "descend",
    "gradient_flow",
]
