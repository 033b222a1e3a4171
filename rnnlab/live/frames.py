"""Frames: what a viewer draws, packed as bytes.

A frame is a little-endian uint32 header length, a JSON header padded with spaces to a multiple
of 4, then arrays back to back, each starting at a multiple of 4 (offsets count from the end of
the header). Every frame is complete: a viewer may miss any number of them.
"""

from __future__ import annotations

import functools
import json
import math
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Settings
from rnnlab.differences import difference
from rnnlab.live.history import Curves
from rnnlab.live.kinds import KINDS
from rnnlab.live.packing import Part, framed, part
from rnnlab.live.status import Content, Status
from rnnlab.live.view import View
from rnnlab.metrics import METRICS
from rnnlab.state import Report
from rnnlab.tasks import TASKS

LABEL_LETTERS = 29
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MOST_CHANGES = 40
told = functools.lru_cache(4096)(difference)
"""The words of a change, kept: every frame has them."""
Array = NDArray[Any]


class Packer:
    """Packs the frames of one run. What a picture brings is packed once for each view of it.

    Most frames of a class that trains together bring new numbers under the picture before.
    """

    def __init__(self) -> None:
        self._sources: tuple[object, ...] = ()
        self._still: dict[View, Part] = {}

    def pack(self, content: Content, view: View) -> bytes:
        """The frame of `content` with the heat map of `view`."""
        still = self._still_part(content, KINDS[content.kind].view(content.picture, view))
        return framed(still, part(live_header(content), curve_arrays(content), len(still.body)))

    def _still_part(self, content: Content, view: View) -> Part:
        now = sources(content)
        if len(now) != len(self._sources) or any(a is not b for a, b in zip(now, self._sources, strict=True)):
            self._sources, self._still = now, {}
        if view not in self._still:
            self._still[view] = still_part(content, view)
        return self._still[view]


def pack(content: Content, view: View) -> bytes:
    """The frame of `content` with the heat map of `view`."""
    return Packer().pack(content, view)


def sources(content: Content) -> tuple[object, ...]:
    """The values that the still part of a frame is made of; as long as they are the same, so is it."""
    newest = content.fall[-1] if content.fall else None
    return content.kind, content.run.design, content.picture, content.report, content.written, newest


def still_part(content: Content, view: View) -> Part:
    """What changes with the picture only: the task, the picture's facts and its arrays."""
    kind = KINDS[content.kind]
    header = {**facts(content), **kind.header(content.picture, view, content)}
    arrays = {} if content.picture is None else kind.arrays(content.picture, view, content.fall)
    return part(header, arrays, offset=0)


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
        "metric": report and metric_header(report),
        **({"exposure": report.exposure} if report and report.exposure else {}),
    }


def baseline_header(report: Report) -> dict[str, Any]:
    """The trivial predictor's loss; its words on the chart where they are short."""
    words, value = report.baseline_words, level_text(report.baseline_loss)
    whole = f"{words} = {value}"
    label = whole if len(whole) <= LABEL_LETTERS else f"trivial predictor: {value}"
    return {"loss": report.baseline_loss, "words": words, "label": label}


def metric_header(report: Report) -> dict[str, Any]:
    """What the metric's curve needs: its name, how it is read, and the trivial predictor's."""
    percent = METRICS[report.metric_name].percent
    return {"label": report.metric_label, "percent": percent, "baseline": report.baseline_metric}


def loss_unit(report: Report) -> str:
    return "squared error" if report.metric_name.endswith("mean_squared_error") else "nats"


def live_header(content: Content) -> dict[str, Any]:
    run = content.run
    return {
        "run": run.run,
        "update": run.update,
        "picture_update": content.picture_update,
        "furthest": run.furthest,
        "going_to": run.going_to,
        "changes": changes(run),
        "status": run.status,
        "settled": run.status != "playing" and not run.busy,
        "stamp_ms": content.stamp_ms,
        "loss": run.loss,
        "loss_text": number_text(run.loss),
        "numbers": numbers(content),
        "divergence": divergence_header(run),
        "message": run.message,
        **early_stop_header(run),
        "clip": clip_header(run.settings, content.curves),
    }


def changes(run: Status) -> list[tuple[int, str]]:
    """Where settings were changed, and what to: the newest, since a slider that is dragged makes many."""
    pairs = zip(run.stretches, run.stretches[1:], strict=False)
    newest = list(pairs)[-MOST_CHANGES:]
    return [(after.start, told(after.settings, before.settings)) for before, after in newest]


def divergence_header(run: Status) -> dict[str, Any] | None:
    """What broke, what to do, and the last update from which training can go on."""
    if run.divergence is None:
        return None
    cure = "Rewind, then lower the learning rate or clip the gradients."
    text = f"{run.divergence.words} {cure}"
    return {"update": run.divergence.update, "text": text, "rewind_to": run.rewind_to}


def early_stop_header(run: Status) -> dict[str, Any]:
    """Why training paused, and the update with the lowest held-out loss; nothing where it did not."""
    if run.early_stop is None:
        return {}
    words = f"{run.early_stop.words} Play goes on."
    return {"early_stop": {"text": words, "rewind_to": run.early_stop.best}}


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
    return f"{value:#.3g}".removesuffix(".") if 1e-3 <= abs(value) < 1e3 else level_text(value)


def level_text(value: float) -> str:
    """As number_text without zeros at the end; powers of ten as people write them."""
    if 1e3 <= abs(value) < 1e6:
        return f"{value:,.0f}"
    mantissa, _, exponent = f"{value:.3g}".partition("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(RAISED)}" if exponent else mantissa


def curve_arrays(content: Content) -> dict[str, Array]:
    """The curves by name: what was recorded and what was measured on held-out data."""
    curves = content.curves
    return {
        "curve_update": curves.update,
        "curve_loss": curves.loss,
        "curve_norm": curves.norm,
        "curve_clipped": curves.clipped,
        **({"curve_angle": curves.angle} if KINDS[content.kind].angle else {}),
        "held_update": curves.held_update,
        "held_loss": curves.held_loss,
        "reports": curves.reports,
    }
