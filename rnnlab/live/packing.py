"""The bytes of a frame: JSON that every reader takes, and arrays back to back."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Part(NamedTuple):
    """Part of a frame: header entries as JSON without the braces, its array table likewise, the arrays."""

    facts: bytes
    table: bytes
    body: bytes


def part(facts: Mapping[str, Any], arrays: Mapping[str, Array], offset: int) -> Part:
    """Header entries and arrays, the first of which starts `offset` bytes after the header."""
    table, body = lay_out(arrays, offset)
    return Part(inside(as_json(facts)), inside(as_json(table)), body)


def inside(text: str) -> bytes:
    """JSON without its outer braces or brackets, as UTF-8; a lone surrogate becomes a question mark."""
    return text[1:-1].encode("utf-8", "replace")


def framed(*parts: Part) -> bytes:
    """One frame: header length, header padded to a multiple of 4, arrays."""
    facts, tables, bodies = zip(*parts, strict=True)
    table = b",".join(filter(None, tables))
    head = b"{" + b",".join([*filter(None, facts), b'"arrays":[' + table + b"]}"])
    head += b" " * (-(4 + len(head)) % 4)
    return b"".join([struct.pack("<I", len(head)), head, *bodies])


def lay_out(arrays: Mapping[str, Array], offset: int) -> tuple[list[dict[str, Any]], bytes]:
    """The table of arrays, and their bytes back to back at multiples of 4."""
    table: list[dict[str, Any]] = []
    parts: list[bytes] = []
    for name, array in arrays.items():
        kind = f"{array.dtype.kind}{array.dtype.itemsize}"
        data = np.ascontiguousarray(array, dtype="<" + kind).tobytes()
        table.append({"name": name, "dtype": kind, "shape": list(array.shape), "offset": offset})
        parts.append(data + bytes(-len(data) % 4))
        offset += len(parts[-1])
    return table, b"".join(parts)


def plain(value: Any) -> Any:
    """What JSON knows for NumPy's numbers and for mappings that are no dict."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"A frame cannot hold a {type(value).__name__}.")


WRITE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=plain).encode


def as_json(value: Any) -> str:
    """JSON, with null in place of every number that it cannot write. Nearly always there is none."""
    try:
        return WRITE(value)
    except ValueError:
        return WRITE(without_infinities(value))


def without_infinities(value: Any) -> Any:
    """`value` with None in place of every number that JSON cannot write."""
    if isinstance(value, Mapping):
        return {key: without_infinities(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [without_infinities(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
