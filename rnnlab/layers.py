"""Names of layers, such as `encoder/1/backward`, as a person says them."""

from __future__ import annotations


def layer_words(name: str) -> str:
    """e.g. `layer 1` for recurrent/0/forward, `encoder layer 2 backward` for encoder/1/backward."""
    part, number, direction = name.split("/")
    before = "" if part == "recurrent" else f"{part} "
    return f"{before}layer {int(number) + 1}" + (" backward" if direction == "backward" else "")
