"""What a trace says, NumPy in and NumPy out."""

from rnnlab.analysis.attention import AttentionMap, attention_map
from rnnlab.analysis.bounds import Envelope, envelope
from rnnlab.analysis.bridge import Bridge, bridge
from rnnlab.analysis.check import check_gradient, check_weight_gradient
from rnnlab.analysis.checked import GradientCheck
from rnnlab.analysis.cliff import Bifurcation, CliffSurface, Descent, bifurcation, cliff_surface, descend
from rnnlab.analysis.clipping import Clipped, Clipping, clip, clipping
from rnnlab.analysis.contributions import Contributions, loss_contributions
from rnnlab.analysis.eigen import Spectrum, eigenvalues
from rnnlab.analysis.fixed_points import FixedPoints, fixed_points
from rnnlab.analysis.flow import GradientFlow, gradient_flow
from rnnlab.analysis.gains import Gains, gains
from rnnlab.analysis.jacobian import jacobians
from rnnlab.analysis.memory import GateMemory, memory
from rnnlab.analysis.products import lyapunov_exponents, singular_values
from rnnlab.analysis.reach import Reach, reach
from rnnlab.analysis.saliency import Saliency, saliency
from rnnlab.analysis.saturation import Saturation, saturation
from rnnlab.analysis.trajectories import Basis, Trajectories, trajectories

__all__ = [
    "AttentionMap",
    "Basis",
    "Bifurcation",
    "Bridge",
    "CliffSurface",
    "Clipped",
    "Clipping",
    "Contributions",
    "Descent",
    "Envelope",
    "FixedPoints",
    "Gains",
    "GateMemory",
    "GradientCheck",
    "GradientFlow",
    "Reach",
    "Saliency",
    "Saturation",
    "Spectrum",
    "Trajectories",
    "attention_map",
    "bifurcation",
    "bridge",
    "check_gradient",
    "check_weight_gradient",
    "cliff_surface",
    "clip",
    "clipping",
    "descend",
    "eigenvalues",
    "envelope",
    "fixed_points",
    "gains",
    "gradient_flow",
    "jacobians",
    "loss_contributions",
    "lyapunov_exponents",
    "memory",
    "reach",
    "saliency",
    "saturation",
    "singular_values",
    "trajectories",
]
