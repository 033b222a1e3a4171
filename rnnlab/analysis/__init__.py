"""What a trace says, NumPy in and NumPy out."""

from rnnlab.analysis.check import GradientCheck, check_gradient, check_weight_gradient
from rnnlab.analysis.cliff import Bifurcation, CliffSurface, Descent, bifurcation, cliff_surface, descend
from rnnlab.analysis.clipping import Clipped, Clipping, clip, clipping
from rnnlab.analysis.contributions import Contributions, loss_contributions
from rnnlab.analysis.eigen import Spectrum, eigenvalues
from rnnlab.analysis.flow import GradientFlow, gradient_flow
from rnnlab.analysis.jacobian import jacobians
from rnnlab.analysis.products import lyapunov_exponents, singular_values
from rnnlab.analysis.saliency import Saliency, saliency
from rnnlab.analysis.saturation import Saturation, saturation
from rnnlab.analysis.trajectories import Basis, Trajectories, trajectories

__all__ = [
    "Basis",
    "Bifurcation",
    "CliffSurface",
    "Clipped",
    "Clipping",
    "Contributions",
    "Descent",
    "GradientCheck",
    "GradientFlow",
    "Saliency",
    "Saturation",
    "Spectrum",
    "Trajectories",
    "bifurcation",
    "check_gradient",
    "check_weight_gradient",
    "cliff_surface",
    "clip",
    "clipping",
    "descend",
    "eigenvalues",
    "gradient_flow",
    "jacobians",
    "loss_contributions",
    "lyapunov_exponents",
    "saliency",
    "saturation",
    "singular_values",
    "trajectories",
]
