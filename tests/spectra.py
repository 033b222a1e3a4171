"""Small samples of what bounds, gains, memories and spectra look like."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnlab.analysis import Envelope, Gains, GateMemory, Spectrum
from rnnlab.analysis.gains import EXPONENT, LARGEST, MEAN, MEASURED, REST

STEPS = np.arange(1, 5)


def spectrum(**changed: Any) -> Spectrum:
    made = {
        "name": "W_hh",
        "eigenvalues": np.array([0.3 + 0.6j, 0.3 - 0.6j, -0.2]),
        "radius": 0.67,
        "sigma_max": 0.9,
        "numerical_radius": 0.7,
    }
    return Spectrum(**{**made, **changed})


def envelope(**changed: Any) -> Envelope:
    made = {
        "layer": "recurrent/0/forward",
        "time_steps": STEPS,
        "log10_bound": np.array([3.0, 2.0, 1.0, 0.0]),
        "log10_measured": np.array([-6.0, -4.0, -2.0, 0.0]),
        "gamma": 1.0,
        "sigma_max": 10.0,
        "spectral_radius": 0.5,
        "words": "gamma sigma_max = 10 > 1: necessary, not sufficient.",
    }
    return Envelope(**{**made, **changed})


def gains(**changed: Any) -> Gains:
    made = {
        "layer": "recurrent/0/forward",
        "time_steps": STEPS,
        "along": np.log([0.5, 0.6, 0.7, 0.8]),
        "largest": np.log([1.1, 1.2, 1.3, 1.4]),
        "log10_measured": np.array([-3.0, -2.0, -1.0, 0.0]),
        "rates": dict(
            zip((MEASURED, LARGEST, EXPONENT, MEAN, REST), np.log([0.7, 1.3, 0.6, 0.65, 0.5]), strict=True)
        ),
    }
    return Gains(**{**made, **changed})


def gate_memory(**changed: Any) -> GateMemory:
    made = {
        "layer": "recurrent/0/forward",
        "gate": "f",
        "gate_label": "forget gate f",
        "state": "c",
        "mean": np.array([0.5, 0.9]),
        "time_constant": np.array([1.44, 9.49]),
        "half_life": np.array([1.0, 6.58]),
        "time_steps": STEPS,
        "log10_units": np.array([[-0.9, -0.15], [-0.6, -0.1], [-0.3, -0.05], [0.0, 0.0]]),
        "log10_path": np.array([-0.3, -0.2, -0.1, 0.0]),
        "log10_full": np.array([-0.2, -0.15, -0.1, 0.0]),
    }
    return GateMemory(**{**made, **changed})


SPECTRA: dict[str, Any] = {
    "eigenvalues": spectrum(),
    "singular_values": np.array([[0.0, -1.0, -2.0], [-1.0, -2.0, -5.0]]),
    "lyapunov": np.array([0.2, -0.5, -1.0]),
    "envelope": envelope(),
    "gains": gains(),
    "decay": gains(),
    "memory": gate_memory(),
    "time_constants": gate_memory(),
}
