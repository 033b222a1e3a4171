"""Calls in which a long text stands by its digest: for workers of which nobody knows what they have seen.

A scheduler sends each call where it likes. So a call goes out with names in the place of its long texts; a
worker that has not met one says so, and the call goes to it again, the texts beside it. Each worker keeps
what it was given, up to a bound: what was dropped is asked for once more.
"""

from __future__ import annotations

import functools
import hashlib
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from rnnlab.live.texts import with_texts, without_texts

KEPT_BYTES = 64_000_000
"""Memory for texts in a worker: a dozen of the longest in the alphabet of English."""

REMEMBERED = 8
"""So many texts' digests are not computed anew at every call."""

Digest = bytes


@functools.lru_cache(maxsize=REMEMBERED)
def digest_of(text: str) -> Digest:
    """A text's name: SHA-256, 32 bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class Parcel(NamedTuple):
    """Values as bytes, and the long texts that they name."""

    content: bytes
    texts: Mapping[Digest, str]


def parcel(value: Any) -> Parcel:
    """Raises as pickle does."""
    texts: dict[Digest, str] = {}

    def name_of(text: str) -> Digest:
        name = digest_of(text)
        texts[name] = text
        return name

    return Parcel(without_texts(value, name_of), texts)


class Unknown(NamedTuple):
    """What a worker says that lacks a text, and its address."""

    worker: str | None


class Shelf:
    """Texts that a worker keeps, least recently used first, up to `most_bytes`; for any of its threads."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[Digest, str] = {}
        self._lock = threading.Lock()

    def take(self, names: Collection[Digest], given: Mapping[Digest, str]) -> dict[Digest, str] | None:
        """The texts of these names, `given` among them and kept from now on; None where one is not known."""
        with self._lock:
            found = {name: given.get(name) or self._kept.get(name) for name in names}
            texts = {name: text for name, text in found.items() if text is not None}
            for name, text in texts.items():
                self._kept.pop(name, None)
                self._kept[name] = text
            self._drop()
        return texts if len(texts) == len(found) else None

    def _drop(self) -> None:
        held = sum(map(sys.getsizeof, self._kept.values()))
        while held > self._most_bytes:
            held -= sys.getsizeof(self._kept.pop(next(iter(self._kept))))


SHELF = Shelf(KEPT_BYTES)


def call(
    function: Callable[..., Any], content: bytes, names: Collection[Digest], given: Mapping[Digest, str]
) -> bytes | Unknown:
    """On the worker: `function` of the parcel's values, its answer packed the same way.

    `given` are texts that travelled along. Raises as `function` does.
    """
    texts = SHELF.take(names, given)
    if texts is None:
        return Unknown(here())
    name_of = {text: name for name, text in texts.items()}.get
    return without_texts(function(*with_texts(content, texts)), name_of)


def here() -> str | None:
    """The address of this worker of a cluster."""
    from distributed import get_worker

    try:
        return str(get_worker().address)
    except ValueError:  # in no worker
        return None
