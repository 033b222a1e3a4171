"""Frames: what a viewer draws, packed as bytes.

A frame is a little-endian uint32 header length, a JSON header padded with spaces to a multiple
of 4, then arrays back to back, each starting at a multiple of 4 (offsets count from the end of
the header). Every frame is complete: a viewer may miss any number of them.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Settings
from rnnlab.live.history import Curves
from rnnlab.live.kinds import KINDS
from rnnlab.live.status import Content, Status
from rnnlab.live.view import View
from rnnlab.state import Report
from rnnlab.tasks import TASKS

LABEL_LETTERS = 29
Array = NDArray[Any]


def pack(content: Content, view: View) -> bytes:
    """The frame of `content` with the heat map of `view`."""
    kind = KINDS[content.kind]
    shown = kind.view(content.picture, view)
    table, body = lay_out(chosen_arrays(content, shown))
    header = {
        **facts(content),
        **kind.header(content.picture, shown, content),
        **live_header(content),
        "arrays": table,
    }
    text = json.dumps(without_infinities(header), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    head = text.encode("utf-8", "replace")
    head += b" " * (-(4 + len(head)) % 4)
    return struct.pack("<I", len(head)) + head + body


def unpack(frame: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Header and arrays of a packed frame."""
    (length,) = struct.unpack_from("<I", frame)
    header = json.loads(frame[4 : 4 + length])
    arrays = {}
    for entry in header["arrays"]:
        count = math.prod(entry["shape"])
        flat = np.frombuffer(frame, "<" + entry["dtype"], count, 4 + length + entry["offset"])
        arrays[entry["name"]] = flat.reshape(entry["shape"])
    return header, arrays


def facts(content: Content) -> dict[str, Any]:
    """What belongs to the task: its words, its trivial baseline, the unit of its loss."""
    spec, report = TASKS[content.run.design.task], content.report
    return {
        "task": {"label": spec.label, "sentence": spec.sentence, "source": spec.source},
        "baseline": report and baseline_header(report),
        "loss_unit": report and loss_unit(report),
    }


def baseline_header(report: Report) -> dict[str, Any]:
    """The trivial predictor's loss; its words on the chart where they are short."""
    words, value = report.baseline_words, f"{report.baseline_loss:.3g}"
    whole = f"{words} = {value}"
    label = whole if len(whole) <= LABEL_LETTERS else f"trivial predictor: {value}"
    return {"loss": report.baseline_loss, "words": words, "label": label}


def loss_unit(report: Report) -> str:
    return "squared error" if report.metric_name == "mean_squared_error" else "nats"


def live_header(content: Content) -> dict[str, Any]:
    run = content.run
    return {
        "run": run.run,
        "update": run.update,
        "picture_update": content.picture_update,
        "furthest": run.furthest,
        "status": run.status,
        "stamp_ms": content.stamp_ms,
        "loss": run.loss,
        "loss_text": number_text(run.loss),
        "numbers": numbers(content),
        "divergence": divergence_header(run),
        "message": run.message,
        "clip": clip_header(run.settings, content.curves),
    }


def divergence_header(run: Status) -> dict[str, Any] | None:
    """What broke, what to do, and the last update from which training can go on."""
    if run.divergence is None:
        return None
    cure = "Rewind, then lower the learning rate or clip the gradients."
    text = f"{run.divergence.words} {cure}"
    return {"update": run.divergence.update, "text": text, "rewind_to": run.rewind_to}


def clip_header(settings: Settings, curves: Curves) -> dict[str, Any]:
    return {
        "kind": settings.clipping,
        "threshold": settings.clip_threshold,
        "share": curves.clipped_share,
        "window": f"of the last {curves.clipped_of:,} updates",
    }


def numbers(content: Content) -> list[dict[str, str]]:
    """The numbers above the charts, as text."""
    loss = f"loss, {loss_unit(content.report)}" if content.report else "loss"
    rate = content.run.updates_per_second if content.run.status == "playing" else None
    shown = [
        ("update", f"{content.run.update:,}"),
        (loss, number_text(content.run.loss)),
        ("updates/s", "–" if rate is None else f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"),
    ]
    if content.report is not None:
        shown.insert(2, (f"held-out {content.report.metric_label}", content.report.metric_text))
    return [{"label": label, "value": value} for label, value in shown]


def number_text(value: float | None) -> str:
    """Three significant figures; the words for what is not a number."""
    if value is None:
        return "–"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:#.3g}".removesuffix(".") if 1e-3 <= abs(value) < 1e5 else f"{value:.3g}"


def chosen_arrays(content: Content, view: View) -> dict[str, Array]:
    """The arrays of a frame by name: those of the picture, and the curves."""
    kind, curves = KINDS[content.kind], content.curves
    arrays = {} if content.picture is None else dict(kind.arrays(content.picture, view, content.fall))
    return arrays | {
        "curve_update": curves.update,
        "curve_loss": curves.loss,
        "curve_norm": curves.norm,
        "curve_clipped": curves.clipped,
        **({"curve_angle": curves.angle} if kind.angle else {}),
        "held_update": curves.held_update,
        "held_loss": curves.held_loss,
    }


def lay_out(arrays: Mapping[str, Array]) -> tuple[list[dict[str, Any]], bytes]:
    """The table of arrays, and their bytes back to back at multiples of 4."""
    table: list[dict[str, Any]] = []
    parts: list[bytes] = []
    offset = 0
    for name, array in arrays.items():
        kind = f"{array.dtype.kind}{array.dtype.itemsize}"
        data = np.ascontiguousarray(array, dtype="<" + kind).tobytes()
        table.append({"name": name, "dtype": kind, "shape": list(array.shape), "offset": offset})
        parts.append(data + bytes(-len(data) % 4))
        offset += len(parts[-1])
    return table, b"".join(parts)


def without_infinities(value: Any) -> Any:
    """`value` with None in place of every number that JSON cannot write."""
    if isinstance(value, Mapping):
        return {key: without_infinities(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [without_infinities(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
