"""What a trace says, NumPy in and NumPy out."""

from rnnlab.analysis.cliff import Bifurcation, CliffSurface, Descent, bifurcation, cliff_surface, descend
from rnnlab.analysis.clipping import Clipped, Clipping, clip, clipping
from rnnlab.analysis.eigen import Spectrum, eigenvalues
from rnnlab.analysis.flow import GradientFlow, gradient_flow
from rnnlab.analysis.jacobian import jacobians
from rnnlab.analysis.products import lyapunov_exponents, singular_values
from rnnlab.analysis.saturation import Saturation, saturation
from rnnlab.analysis.trajectories import Basis, Trajectories, trajectories

__all__ = [
    "Basis",
    "Bifurcation",
    "CliffSurface",
    "Clipped",
    "Clipping",
    "Descent",
    "GradientFlow",
    "Saturation",
    "Spectrum",
    "Trajectories",
    "bifurcation",
    "cliff_surface",
    "clip",
    "clipping",
    "descend",
    "eigenvalues",
    "gradient_flow",
    "jacobians",
    "lyapunov_exponents",
    "saturation",
    "singular_values",
    "trajectories",
]
