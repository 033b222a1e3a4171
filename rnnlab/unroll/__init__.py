"""Backpropagation through time with real numbers, for a network small enough to read."""

from rnnlab.unroll.computation import Computed, compute, updated
from rnnlab.unroll.tiny import Tiny

__all__ = ["Computed", "Tiny", "compute", "updated"]
