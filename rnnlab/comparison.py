"""Runs side by side: the same experiment several times, with one thing different."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rnnlab.config import Design, Settings
from rnnlab.model.cells import CELLS

MOST = 3
"""Runs that one chart can tell apart."""


@dataclass(frozen=True)
class Variant:
    """One run of a comparison: its name on the charts, what it is made of, and a remark."""

    label: str
    design: Design
    settings: Settings
    note: str = ""


def cells_side_by_side(design: Design, settings: Settings, cells: Sequence[str]) -> tuple[Variant, ...]:
    """One run for each cell, from the same seed on the same data.

    Raises ValueError where there are none, more than three, or one twice.
    """
    if not 1 <= len(cells) <= MOST or len(set(cells)) != len(cells):
        raise ValueError(f"Choose one to {MOST} cells, each once; there are {', '.join(CELLS)}.")
    return tuple(Variant(cell_label(cell, design), replace(design, cell=cell), settings) for cell in cells)


def cell_label(cell: str, design: Design) -> str:
    """The cell's name, with its activation where that is a choice."""
    return CELLS[cell].label + (f" ({design.activation})" if CELLS[cell].has_activation else "")


def clipping_off_and_on(design: Design, settings: Settings) -> tuple[Variant, ...]:
    """The same run without clipping and with it; by norm, where the settings say off."""
    kind = "norm" if settings.clipping == "off" else settings.clipping
    on = replace(settings, clipping=kind)
    return (
        Variant("no clipping", design, replace(settings, clipping="off")),
        Variant(f"clipped by {kind}", design, on, note=f"at {on.clip_threshold:g}"),
    )
