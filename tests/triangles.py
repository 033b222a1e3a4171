"""Contributions and a saliency made by hand, for the figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnlab.analysis import Contributions, Saliency


def triangle(gain: float = 0.1, length: int = 6, **changed) -> Contributions:
    i, j = np.indices((length, length))
    log10 = np.where(j <= i, (i - j) * np.log10(gain), -np.inf)
    shares = np.where(j <= i, gain ** (i - j).clip(0), 0)
    made = Contributions(
        layer="recurrent/0/forward",
        state="h",
        sequence=0,
        reverse=False,
        one_part=True,
        single=False,
        log10_norm=log10,
        shares=shares / shares.sum(axis=0),
        log10_flow=np.log10(shares.sum(axis=0)),
        has_loss=np.ones(length, bool),
    )
    return replace(made, **changed)


def salient(log10) -> Saliency:
    length = len(log10)
    return Saliency("recurrent", 0, np.ones((length, 2)), np.ones((length, 2)), np.array(log10, float))
