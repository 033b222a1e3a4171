"""Small made-up results for the figures of landscapes and state spaces."""

from dataclasses import replace

import numpy as np

from rnnlab.analysis import (
    Clipping,
    FixedPoints,
    Saturation,
    Trajectories,
    bifurcation,
    cliff_surface,
    clipping,
    trajectories,
)
from rnnlab.analysis.cliff import B_RANGE, W_RANGE
from rnnlab.analysis.saturation import Shares
from rnnlab.state import Records


def surface(points: int = 9):
    return cliff_surface(np.linspace(*W_RANGE, points), np.linspace(*B_RANGE, points + 1))


def clipped(kind: str = "norm", threshold: float = 1.0, **columns) -> Clipping:
    rows = [(u, 1.0, n, min(n, 1.0), 0.0, 1.0, 0.1) for u, n in enumerate((4.0, 2.0, 0.5, 3.0), 1)]
    return replace(clipping(Records.from_rows(rows), kind, threshold), **columns)


def moving(units: int = 5) -> Trajectories:
    t, b, u = np.meshgrid(np.arange(7.0), np.arange(4.0), np.arange(float(units)), indexing="ij")
    return trajectories(np.sin(t * (1 + 0.2 * u) + b))


def saturated(**changed) -> Saturation:
    left, right = np.array([0.9, 0.1, 0.0]), np.array([0.05, 0.6, 0.0])
    shares = {
        "f": Shares("forget gate f", "sigmoid", left, right),
        "h": Shares("hidden state h", "tanh", right, left),
    }
    off = np.zeros(3, bool)
    return replace(Saturation("recurrent/0/forward", shares, off, off, 60), **changed)


def resting(units: int = 5) -> FixedPoints:
    """A stable point, an unstable one and a slow one."""
    eigenvalues = np.array([[0.5, 0.2], [1.5, 0.3], [0.99, 0.1]], np.complex128)
    return FixedPoints(
        layer="recurrent/0/forward",
        hidden_size=units,
        states=np.arange(3.0 * units).reshape(3, units) / (3 * units),
        q=np.array([1e-25, 1e-24, 1e-7]),
        fixed=np.array([True, True, False]),
        eigenvalues=np.pad(eigenvalues, [(0, 0), (0, units - 2)]),
        input=np.zeros(2),
        starts=128,
        kept=120,
    )


SAMPLES = {
    "cliff": surface(),
    "bifurcation": bifurcation(np.linspace(-4, -1, 31)),
    "clipping": clipped(),
    "trajectories": moving(),
    "saturation": saturated(),
    "fixed_points": resting(),
}
