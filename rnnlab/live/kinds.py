"""The registry of pictures: which page's frames a run draws, by name. One line for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from rnnlab.config import Settings
from rnnlab.live import gradient_picture, lab_frame, picture
from rnnlab.live.history import FallRow
from rnnlab.live.picture import Picture
from rnnlab.live.status import Content
from rnnlab.live.view import View
from rnnlab.state import RunState


@dataclass(frozen=True)
class Kind:
    """How one kind of picture is drawn in a worker, and how a frame shows it.

    `view(picture, view)` is `view` as far as the picture has it; `header` and `arrays` are what a
    frame holds of it. `writes`: text written by the network comes with it; `angle`: so does the
    curve of the angle by which clipping turned the gradient.
    """

    draw: Callable[[RunState, Settings], Picture]
    view: Callable[[Picture | None, View], View]
    header: Callable[[Picture | None, View, Content], dict[str, Any]]
    arrays: Callable[[Picture, View, Sequence[FallRow]], Mapping[str, NDArray[Any]]]
    writes: bool
    angle: bool


KINDS: dict[str, Kind] = {
    "lab": Kind(
        draw=picture.draw,
        view=lab_frame.shown_view,
        header=lab_frame.picture_header,
        arrays=lab_frame.picture_arrays,
        writes=True,
        angle=False,
    ),
    "gradients": Kind(
        draw=gradient_picture.draw,
        view=lambda picture, view: View(),
        header=gradient_picture.header,
        arrays=gradient_picture.arrays,
        writes=False,
        angle=True,
    ),
}
