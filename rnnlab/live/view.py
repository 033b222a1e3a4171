"""What a viewer asked to see, and how numbers are written for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class View(NamedTuple):
    """The heat map that a viewer asked for; empty words stand for what the picture proposes."""

    layer: str = ""
    quantity: str = ""


def rounded(value: Any) -> Any:
    """`value` with floats cut to five significant figures: more cannot be seen, and costs bytes."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, str | int):  # asked before Mapping, which takes long to say no
        return value
    if isinstance(value, list | tuple):
        return [rounded(entry) for entry in value]
    if isinstance(value, Mapping):
        return {key: rounded(entry) for key, entry in value.items()}
    return value
