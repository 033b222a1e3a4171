"""A run to a file and back: one NumPy archive of arrays and one JSON text, never pickle."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Design, Settings, as_dict
from rnnlab.live.binning import Buckets
from rnnlab.live.picture import Picture
from rnnlab.live.stretches import Stretch
from rnnlab.model.topologies import WIRINGS
from rnnlab.model.weights import shapes
from rnnlab.state import Divergence, Measure, Records, Report, RunState
from rnnlab.title import read_title

FORMAT = 3
READABLE = (1, 2, 3)
MOST_UNPACKED_BYTES = 256 << 20
MOST_FACTS_BYTES = 16 << 20
"""JSON takes up to thirty times its length in memory; a long text is stored beside it."""

LONGEST_OPTION = 100_000
"""Characters of a task's option that stand in the JSON text."""

MOST_UPDATES = 1 << 53
"""Larger numbers are not exact among floating-point ones."""
Facts = TypeVar("Facts", Divergence, Report, Measure)


class StoredRun(NamedTuple):
    """A run with what it recorded and, where known, what it looked like.

    `records` are the newest; `buckets` hold all of them, where those are not all. `stretches` are
    the settings it was trained with, so that any update can be had again; empty where they were
    `settings` all along. `title` is what a person called the experiment, as `read_title` takes it.
    """

    state: RunState
    settings: Settings
    records: Records
    reports: tuple[Report, ...] = ()
    picture: Picture | None = None
    written: dict[str, Any] | None = None
    stretches: tuple[Stretch, ...] = ()
    buckets: Buckets | None = None
    title: str = ""


def save_run(path: str | Path, run: StoredRun) -> None:
    """Write a run to one file."""
    Path(path).write_bytes(run_to_bytes(run))


def run_to_bytes(run: StoredRun, compressed: bool = True) -> bytes:
    """A run as the content of a file; not compressed it is larger, and quickly made.

    Raises ValueError for a title that is none.
    """
    design, long = without_long(as_dict(run.state.design))
    about = {
        "format": FORMAT,
        "design": design,
        "settings": as_dict(run.settings),
        "update": run.state.update,
        "divergence": run.state.divergence,
        "reports": [report._asdict() for report in run.reports],
        "picture": run.picture.meta if run.picture else None,
        "written": run.written,
        "stretches": [[start, as_dict(settings)] for start, settings in run.stretches],
        **({"title": title} if (title := read_title(run.title)) else {}),
    }
    groups: dict[str, Any] = {
        "weights": run.state.weights,
        "optimizer": run.state.optimizer,
        "records": run.records._asdict(),
        "picture": run.picture.arrays if run.picture else {},
        "buckets": run.buckets._asdict() if run.buckets and run.buckets.number else {},
        "own": long,
    }
    arrays = {f"{group}|{name}": array for group, held in groups.items() for name, array in held.items()}
    text = np.frombuffer(json.dumps(about).encode(), np.uint8)
    file = io.BytesIO()
    save = np.savez_compressed if compressed else np.savez
    save(file, about=text, **arrays)
    return file.getvalue()


def without_long(design: dict[str, Any]) -> tuple[dict[str, Any], dict[str, NDArray[np.uint8]]]:
    """A design without its long options, and those as bytes: JSON would take much more for them."""
    options = design["task_options"]
    long = {name: encoded(value) for name, value in options.items() if len(value) > LONGEST_OPTION}
    kept = {name: value for name, value in options.items() if name not in long}
    return {**design, "task_options": kept}, long


def encoded(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)


def with_long(design: dict[str, Any], long: dict[str, NDArray[np.uint8]]) -> dict[str, Any]:
    """Raises some exception where a long option is no text."""
    found = {name: array.tobytes().decode("utf-8", "surrogatepass") for name, array in long.items()}
    return {**design, "task_options": {**design["task_options"], **found}} if found else design


class OtherFormat(ValueError):
    """A run, but written by another version."""


def load_run(path: str | Path) -> StoredRun:
    """Read a run. Raises ValueError, in one sentence, for a file that holds none."""
    return run_from_bytes(Path(path).read_bytes(), Path(path).name)


def run_from_bytes(raw: bytes, name: str = "This file", most_bytes: int = MOST_UNPACKED_BYTES) -> StoredRun:
    """The run in the content of a file that is no larger once it is unpacked.

    Raises ValueError, in one sentence, where there is none.
    """
    try:
        refuse_bloated(raw, most_bytes)
        with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
            about = json.loads(archive["about"].tobytes())
            arrays = {name: archive[name] for name in archive.files if name != "about"}
        return rebuilt(about, arrays)
    except OtherFormat:
        raise
    except Exception as wrong:  # a damaged archive may fail anywhere inside zip, zlib, NumPy or JSON
        raise ValueError(f"{name} is not a run saved by RNN Lab.") from wrong


def refuse_bloated(raw: bytes, most_bytes: int = MOST_UNPACKED_BYTES) -> None:
    """Raises ValueError for an archive that would fill the memory once it is unpacked."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        sizes = [part.file_size for part in archive.infolist()]
        if sum(sizes) > most_bytes or archive.getinfo("about.npy").file_size > MOST_FACTS_BYTES:
            raise ValueError("The archive is far larger inside than a run can be.")
        for part in archive.infolist():
            with archive.open(part) as array:
                if claimed_bytes(array) > part.file_size:
                    raise ValueError("An array claims to be larger than its part of the archive.")


def claimed_bytes(array: IO[bytes]) -> int:
    """What the header of a .npy file says its numbers take: NumPy makes room for it before it reads any."""
    version = np.lib.format.read_magic(array)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = header(array)
    return math.prod(shape) * max(1, int(dtype.itemsize))


def rebuilt(about: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> StoredRun:
    """A run from its parts. Raises some exception where they do not fit together."""
    if about["format"] not in READABLE:
        raise OtherFormat(f"The run's format is {about['format']}; this version reads up to {FORMAT}.")
    divergence = typed(Divergence(*about["divergence"])) if about["divergence"] else None
    state = RunState(
        Design(**with_long(about["design"], group(arrays, "own"))),
        checked("update", about["update"], int),
        group(arrays, "weights"),
        group(arrays, "optimizer"),
        divergence,
    )
    records = Records(**group(arrays, "records"))
    check_parts(state, records)
    picture = Picture(about["picture"], group(arrays, "picture")) if about["picture"] else None
    return StoredRun(
        state,
        Settings(**about["settings"]),
        records,
        reports(about["reports"]),
        picture,
        about["written"],
        stretches(about.get("stretches", [])),
        buckets(group(arrays, "buckets")),
        read_title(about.get("title", "")),
    )


def stretches(rows: Sequence[Any]) -> tuple[Stretch, ...]:
    """Raises ValueError where they do not lead on from the beginning."""
    found = tuple(Stretch(start, Settings(**settings)) for start, settings in rows)
    starts = [stretch.start for stretch in found]
    if (
        starts != sorted(set(starts))
        or starts[:1] not in ([], [0])
        or not all(type(at) is int for at in starts)
    ):
        raise ValueError("The settings do not lead on from the beginning.")
    return found


def buckets(columns: dict[str, NDArray[Any]]) -> Buckets | None:
    """Raises ValueError for columns that are no buckets of updates."""
    if not columns:
        return None
    found = Buckets(**columns)
    counts = np.array([found.update, found.rows, found.best_update])
    if not (np.isfinite(counts).all() and (counts % 1 == 0).all() and (counts <= MOST_UPDATES).all()):
        raise ValueError("Updates are counted in whole numbers.")
    if {(column.shape, column.dtype) for column in found} != {((found.number,), np.dtype(np.float64))}:
        raise ValueError("The columns of the buckets are not numbers, or not equally long.")
    firsts, lasts = found.update - found.rows + 1, found.update
    if not (found.number and firsts[0] >= 1 and (found.rows >= 1).all() and (firsts[1:] > lasts[:-1]).all()):
        raise ValueError("The buckets do not follow each other.")
    return found


def check_parts(state: RunState, records: Records) -> None:
    """Raises ValueError where the arrays are not those of the state's design."""
    outputs = state.weights["readout.bias"].size
    part, besides = next(iter(WIRINGS[state.design.topology].parts(0, outputs).items()))
    inputs = state.weights[f"{part}weight_ih_l0"].shape[1] - besides
    held = {name: array.shape for name, array in state.weights.items()}
    if held != shapes(state.design, inputs, outputs):
        raise ValueError("The weights are not those of the design.")
    if {array.dtype for array in state.weights.values()} != {np.dtype(np.float32)}:
        raise ValueError("The weights are not numbers in single precision.")
    if not {array.shape for array in state.optimizer.values()} <= {(), (state.parameters,)}:
        raise ValueError("The optimiser's memory is not that of the weights.")
    if [column.dtype.kind for column in records] != ["i", *"f" * (len(records) - 1)]:
        raise ValueError("The records are not numbers.")
    if {column.shape for column in records} != {(records.rows,)}:
        raise ValueError("The columns of the records are not equally long.")
    updates = records.update.astype(np.int64)
    if updates.size and not (0 < updates[0] < MOST_UPDATES and (np.diff(updates) == 1).all()):
        raise ValueError("The records are not those of updates that follow each other.")


def group(arrays: dict[str, NDArray[Any]], name: str) -> dict[str, NDArray[Any]]:
    start = f"{name}|"
    return {key.removeprefix(start): array for key, array in arrays.items() if key.startswith(start)}


def reports(rows: Sequence[dict[str, Any]]) -> tuple[Report, ...]:
    """Those of earlier versions know nothing of training data."""
    return tuple(
        typed(Report(**{**row, "measures": tuple(typed(Measure(*one)) for one in row.get("measures", ()))}))
        for row in rows
    )


def typed(found: Facts) -> Facts:
    """Raises ValueError where JSON had something else in a field than belongs there."""
    for name, kind in get_type_hints(type(found)).items():
        checked(name, getattr(found, name), tuple if get_origin(kind) is tuple else kind)
    return found


def checked(name: str, value: Any, kind: Any) -> Any:
    """`value` where it is of this kind; whole numbers count updates or time steps."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    right = isinstance(value, kind) or (whole and kind is float)
    if not right or isinstance(value, bool) != (kind is bool) or (whole and not 0 <= value <= MOST_UPDATES):
        raise ValueError(f"{name} is not what it should be.")
    return value
