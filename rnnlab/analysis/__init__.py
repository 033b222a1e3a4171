"""What a trace says, NumPy in and NumPy out."""

from rnnlab.analysis.flow import GradientFlow, gradient_flow

__all__ = ["GradientFlow", "gradient_flow"]
