"""What a frame of the Lab page shows of a picture: one heat map, the rows, one level's gradient flow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from numpy.typing import NDArray

from rnnlab.live.history import FallRow
from rnnlab.live.picture import Picture
from rnnlab.live.status import Content
from rnnlab.live.view import View

Array = NDArray[Any]
NO_PICTURE = dict.fromkeys(("title", "verdict", "network", "views", "flow", "predictions"))


def shown_view(picture: Picture | None, view: View) -> View:
    """`view` where the picture has it, otherwise the layer or quantity that it proposes."""
    if picture is None:
        return view
    views = picture.meta["views"]
    return View(
        view.layer if view.layer in dict(views["layers"]) else views["layer"],
        view.quantity if view.quantity in dict(views["quantities"]) else views["quantity"],
    )


def picture_header(picture: Picture | None, view: View, content: Content) -> dict[str, Any]:
    """What the worker wrote about its picture, with the views cut to the one shown."""
    if picture is None:
        return dict(NO_PICTURE)
    views = dict(picture.meta["views"])
    low, high = views.pop("scales")[f"{view.layer}:{view.quantity}"]
    chosen = {
        "layer": view.layer,
        "quantity": view.quantity,
        "scale": [low, high],
        "diverging": low < 0 < high,
    }
    predictions = {**picture.meta["predictions"], **(content.written or {})}
    meta = {**picture.meta, "views": {**views, **chosen}, "predictions": predictions}
    through = dict(meta.pop("flows")[view.layer])
    meta["verdict"] = through.pop("verdict")
    meta["flow"] = {**meta["flow"], **through}
    return {**NO_PICTURE, **meta}


def picture_arrays(picture: Picture, view: View, fall: Sequence[FallRow]) -> dict[str, Array]:
    """The arrays of a frame by name: one heat map, the rows, the flow."""
    drawn = picture.arrays
    arrays: dict[str, Array] = {"heat": drawn[f"heat:{view.layer}:{view.quantity}"]}
    arrays |= {name: array for name, array in drawn.items() if name.startswith(("row:", "images:"))}
    for kind, curve in product(("flow", "cell"), ("median", "low", "high")):
        name = f"{kind}:{view.layer}:{curve}"
        arrays |= {f"{kind}_{curve}": drawn[name]} if name in drawn else {}
    return arrays
