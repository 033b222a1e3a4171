"""Frames of the Gradients page with numbers that a test chooses."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

UPDATES = 30
ROWS = 4
Norms = NDArray[np.float32]


def frame(
    run: str, h: Norms, c: Norms | None = None, clipping: str = "norm", divergence: str | None = None
) -> bytes:
    """A packed frame whose flows, log10, are `h` and `c`, and whose waterfall repeats the last of them."""
    states = {"h": h} if c is None else {"h": h, "c": c}
    arrays = {**flows(states), **waterfall(h if c is None else c), **curves()}
    return packed({**facts(run, clipping, divergence), **described(states)}, arrays)


def flows(states: dict[str, Norms]) -> dict[str, NDArray[Any]]:
    names = {"h": "flow", "c": "cell"}
    return {
        f"{names[state]}_{curve}": norms
        for state, norms in states.items()
        for curve in ("median", "low", "high")
    }


def waterfall(norms: Norms) -> dict[str, NDArray[Any]]:
    row = np.where(np.isfinite(norms), 100, np.where(np.isneginf(norms), 254, 255)).astype(np.uint8)
    updates = np.linspace(0, UPDATES, ROWS).astype(np.uint32)
    return {"fall": np.tile(row, (ROWS, 1)), "fall_update": updates}


def curves() -> dict[str, NDArray[Any]]:
    update = np.arange(1, UPDATES + 1, dtype=np.uint32)
    falling = (1 / update).astype(np.float32)
    names = ("curve_loss", "curve_norm", "curve_clipped", "curve_angle")
    held = {"held_update": update[::10], "held_loss": falling[::10]}
    return {"curve_update": update, **dict.fromkeys(names, falling), **held}


def facts(run: str, clipping: str, divergence: str | None) -> dict[str, Any]:
    broken = divergence and {"update": 7, "text": divergence, "rewind_to": 5}
    return {
        "run": run,
        "update": UPDATES,
        "picture_update": UPDATES,
        "furthest": UPDATES,
        "status": "diverged" if divergence else "playing",
        "stamp_ms": 0,
        "loss": 0.1,
        "loss_text": "0.1",
        "numbers": [{"label": "update", "value": str(UPDATES)}, {"label": "loss", "value": "0.1"}],
        "message": "",
        "divergence": broken,
        "clip": {"kind": clipping, "threshold": 1.0, "share": 0.5, "window": "of the last 30 updates"},
        "task": {"label": "a task", "sentence": "", "source": ""},
        "baseline": {"loss": 0.5, "words": "a guess", "label": "a guess"},
        "loss_unit": "nats",
        "title": run,
        "verdict": {"kind": "healthy", "title": "It arrives.", "text": ""},
    }


def described(states: dict[str, Norms]) -> dict[str, Any]:
    length, last = len(states["h"]), list(states)[-1]
    flow = {
        "states": list(states),
        "parts": [{"label": "recurrent", "start": 0, "stop": length}],
        "reverse": False,
        "sequences": 32,
        "caption": "",
        "stride": 1,
        "all_time_steps": length,
        "rate": None,
        "half_life": None,
        "memory_state": last,
    }
    return {"flow": flow, "fall": {"state": last, "low": -3.0, "high": 0.0, "stride": 1}}


def packed(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    """As the frames' format says: header length, header, arrays at multiples of four bytes."""
    table, body = [], b""
    for name, array in arrays.items():
        kind = array.dtype.str[1:]
        table.append({"name": name, "dtype": kind, "shape": list(array.shape), "offset": len(body)})
        data = array.tobytes()
        body += data + bytes(-len(data) % 4)
    head = json.dumps({**header, "arrays": table}, allow_nan=False).encode()
    head += b" " * (-(4 + len(head)) % 4)
    return struct.pack("<I", len(head)) + head + body
