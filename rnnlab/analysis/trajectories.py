"""Trajectories: hidden states through time, seen along their principal components.

Principal component analysis by singular value decomposition of the centred states. The sign of a
component is a matter of taste that a library may decide anew at every call; here it is fixed, and
a basis can be passed on, so that pictures of one run do not flip or turn while it trains.
T time steps, B sequences, H hidden size, K components, N states in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.state import LayerTrace

Doubles = NDArray[np.float64]
States = LayerTrace | Doubles
"""A layer of a trace, or hidden states (T, B, H) that are all valid."""


@dataclass(frozen=True)
class Basis:
    """Orthonormal directions (K, H) and the point (H,) they start from.

    The number of largest size in each direction is positive.
    """

    directions: Doubles
    mean: Doubles

    def project(self, h: Doubles) -> Doubles:
        """Coordinates (..., K) of states (..., H). Raises ValueError for another hidden size."""
        hidden = len(self.mean)
        if h.shape[-1] != hidden:
            raise ValueError(
                f"The basis is for a hidden size of {hidden}, the states have {h.shape[-1]}: make a new one."
            )
        return np.asarray((h - self.mean) @ self.directions.T)


@dataclass(frozen=True)
class Trajectories:
    """Coordinates of the states, one (T, B, K) array for each layer trace given.

    They are NaN where a sequence has no such time step. `explained` (K,) is the share of the
    states' variance along each direction, of these states even if the basis was made from
    others; NaN where they do not vary at all.
    """

    points: tuple[Doubles, ...]
    basis: Basis
    explained: Doubles

    @property
    def mean(self) -> Doubles:
        """The point (H,) that is drawn at the origin."""
        return self.basis.mean


def trajectories(
    states: States | Sequence[States], basis: Basis | None = None, components: int = 3
) -> Trajectories:
    """The states of one or several traces of one network along `basis`, or along their own.

    Raises ValueError for fewer than two states, a number of components below 1, hidden sizes
    that differ, and, where a basis must be found, states that are not finite.
    """
    given = [states] if isinstance(states, LayerTrace | np.ndarray) else list(states)
    seen = [h_and_valid(one) for one in given]
    if len({h.shape[-1] for h, _ in seen}) > 1:
        raise ValueError("The traces are of networks with different hidden sizes: give those of one network.")
    all_NH = np.concatenate([h[valid] for h, valid in seen]) if seen else np.empty((0, 1))
    if basis is None:
        basis = principal(all_NH, components)
    return Trajectories(
        points=tuple(np.where(valid[:, :, None], basis.project(h), np.nan) for h, valid in seen),
        basis=basis,
        explained=shares(all_NH, basis),
    )


def h_and_valid(states: States) -> tuple[Doubles, NDArray[np.bool_]]:
    """Hidden states (T, B, H), and which of them there are (T, B). Raises ValueError for another shape."""
    if isinstance(states, LayerTrace):
        return states.h, states.valid
    h = np.asarray(states, np.float64)
    if h.ndim != 3:
        raise ValueError(f"Hidden states are (time steps, sequences, units), not of shape {h.shape}.")
    return h, np.ones(h.shape[:2], bool)


def principal(all_NH: Doubles, components: int) -> Basis:
    """The directions of largest variance, each with its sign fixed."""
    if components < 1:
        raise ValueError(f"The number of components must be 1 or more, not {components}.")
    if len(all_NH) < 2:
        raise ValueError(f"Principal components need two states or more, not {len(all_NH)}.")
    if not np.isfinite(all_NH).all():
        raise ValueError("The hidden states hold a NaN or an infinity, which has no principal components.")
    mean = all_NH.mean(axis=0)
    directions = np.linalg.svd(all_NH - mean, full_matrices=False)[2][:components]
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    return Basis(directions * np.where(largest < 0, -1.0, 1.0), mean)


def shares(all_NH: Doubles, basis: Basis) -> Doubles:
    """Variance along each direction over the variance in all of them."""
    with np.errstate(over="ignore", invalid="ignore"):
        along, total = basis.project(all_NH).var(axis=0), float(all_NH.var(axis=0).sum())
    return along / total if 0 < total < np.inf else np.full(len(along), np.nan)
