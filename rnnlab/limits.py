"""What the operator of a server allows: caps from the environment, read once.

The library knows no caps but those of Design and Settings; a server that many share may be
narrower, for one machine has to serve them all.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from rnnlab.config import LONGEST, Design, Settings, fit
from rnnlab.fields import Number, declared

LEAST_SHARE_BYTES = 768 << 10
"""The least that a run needs to remember any past: with less it is not begun."""


def widest(name: str) -> int:
    """The largest value that Design allows."""
    kind = declared(Design)[name].metadata["kind"]
    assert isinstance(kind, Number)
    return int(kind.high)


def cap(variable: str, default: int, low: int, high: int, what: str) -> Any:
    """A cap with the variable that sets it, its range, and what it is."""
    return field(
        default=default, metadata={"variable": variable, "kind": Number(low, high, whole=True), "what": what}
    )


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The caps of a server: whole numbers. `history_mb` is for all runs together, with people's own data."""

    hidden_size: int = cap("RNNLAB_MOST_HIDDEN", widest("hidden_size"), 1, 256, "hidden size")
    layers: int = cap("RNNLAB_MOST_LAYERS", widest("layers"), 1, 4, "layers")
    length: int = cap("RNNLAB_MOST_LENGTH", LONGEST, 1, LONGEST, "sequence length")
    batch_size: int = cap("RNNLAB_MOST_BATCH", widest("batch_size"), 1, 256, "batch size")
    runs_per_session: int = cap("RNNLAB_MOST_RUNS_EACH", 16, 1, 256, "runs of one browser")
    runs: int = cap("RNNLAB_MOST_RUNS", 128, 1, 1024, "runs of all together")
    history_mb: int = cap(
        "RNNLAB_HISTORY_MB", 64, 1, 1 << 20, "megabytes for the past of all runs and for people's own data"
    )
    slice_seconds: int = cap("RNNLAB_SLICE_LIMIT_SECONDS", 60, 1, 3600, "seconds of one slice")

    def __post_init__(self) -> None:
        for about in fields(self):
            value = checked(about.name, about.metadata["kind"], getattr(self, about.name))
            object.__setattr__(self, about.name, value)

    @property
    def history_bytes(self) -> int:
        return self.history_mb << 20

    @property
    def room(self) -> int:
        """How many runs there may be: as many as are allowed and can remember a past."""
        return max(1, min(self.runs, self.history_bytes // LEAST_SHARE_BYTES))

    @property
    def words(self) -> str:
        """All caps in two sentences, for those who meet them."""
        return (
            f"This server allows {self.hidden_size:,} units, {self.layers} layers, {self.length:,} time "
            f"steps and a batch of {self.batch_size:,} at most, and ends an update that takes "
            f"{self.slice_seconds:,} s. It keeps {self.runs_per_session:,} runs of yours, {self.room:,} "
            f"of everybody's, and {self.history_mb:,} MB of their past and of their own data."
        )

    def check(self, design: Design, settings: Settings) -> None:
        """Raises ValueError, in one sentence, for a design or settings beyond what the operator allows."""
        for name, value in asked(design, settings).items():
            if value > getattr(self, name):
                raise ValueError(
                    f"{name} may be at most {getattr(self, name):,} here, not {value:,}: "
                    "the operator of this server set that limit."
                )

    def within(self, design: Design, settings: Settings) -> tuple[Design, Settings]:
        """The nearest design and settings that the operator allows, for a task that fits at all."""
        capped = {name: min(value, getattr(self, name)) for name, value in asked(design, settings).items()}
        length = max(capped.pop("length"), design.lengths.low)
        return replace(design, **capped), replace(settings, length=length)


def asked(design: Design, settings: Settings) -> dict[str, int]:
    """The sizes that cost time and memory, by the name of their field and of their cap."""
    return {
        "hidden_size": design.hidden_size,
        "layers": design.layers,
        "batch_size": design.batch_size,
        "length": fit(design, settings).length or 1,
    }


def limits_from(environment: Mapping[str, str]) -> Limits:
    """The caps that an environment sets. Raises ValueError, in one sentence, for a bad number."""
    found = {}
    for about in fields(Limits):
        variable = about.metadata["variable"]
        if text := environment.get(variable, "").strip():
            found[about.name] = checked(variable, about.metadata["kind"], number_or_text(text))
    return Limits(**found)


def checked(name: str, kind: Number, value: object) -> int:
    try:
        return int(kind.check(value))
    except ValueError as wrong:
        raise ValueError(f"{name} must be {kind.allowed}, not {wrong}.") from None


def number_or_text(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else text


@functools.lru_cache
def limits() -> Limits:
    """The caps of this process. Raises ValueError as `limits_from` does."""
    return limits_from(os.environ)
