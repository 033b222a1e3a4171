"""Calls and answers as bytes, in which a long text travels to each process once.

A user's own data is part of the design, and the design travels with every slice, there and back: five
megabytes each time. So both ends of a pipe keep the last few long texts in numbered slots, and name the
slot from then on. The text that comes back is the very one that was sent, so comparing designs stays quick.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from typing import Any

LONG = 20_000
"""Characters from which on a text is worth a slot."""

SLOTS = 4


class Texts:
    """The long texts that both ends of a pipe know, least recently used first.

    An end that packs something tells the other which slots are new, so both hold the same as long as
    every message arrives; a process that is replaced needs a new one of these.
    """

    def __init__(self) -> None:
        self._held: dict[int, str] = {}

    def pack(self, value: Any) -> bytes:
        """`value` for the other end. Raises as pickle does, and then nothing is held that was not before."""
        slots = Slots(self._held)
        packed = without_texts(value, slots.name_of)
        whole = pickle.dumps((slots.new, packed), pickle.HIGHEST_PROTOCOL)
        self._held = slots.after
        return whole

    def unpack(self, raw: bytes) -> Any:
        """What the other end packed. Raises as pickle does."""
        new, rest = pickle.loads(raw)
        self._held.update(new)
        return with_texts(rest, self._held)


class Slots:
    """The slots that one message names; `new` are those that the other end does not know yet."""

    def __init__(self, held: dict[int, str]) -> None:
        self.after = dict(held)
        self.new: dict[int, str] = {}
        self._named: set[int] = set()  # in this message: their slots cannot be given away in it

    def name_of(self, text: str) -> int | None:
        """The slot of a text from now on; None where all slots are named already."""
        slot = self._slot_of(text)
        if slot is not None:
            self._named.add(slot)
            self.after[slot] = self.after.pop(slot)  # the most recently used stands last
        return slot

    def _slot_of(self, text: str) -> int | None:
        for slot, known in self.after.items():
            if known is text or known == text:
                return slot
        free = [slot for slot in range(SLOTS) if slot not in self.after]
        old = [slot for slot in self.after if slot not in self._named]
        if not free and not old:
            return None
        slot = (free + old)[0]
        self.after[slot] = self.new[slot] = text
        return slot


def without_texts(value: Any, name_of: Callable[[str], Any]) -> bytes:
    """`value` as bytes, with a name in the place of every long text that gets one. Raises as pickle does."""
    file = io.BytesIO()
    Packer(file, name_of).dump(value)
    return file.getvalue()


def with_texts(raw: bytes, texts: Mapping[Any, str]) -> Any:
    """What `without_texts` packed, from the texts by their names. Raises as pickle does."""
    return Unpacker(io.BytesIO(raw), texts).load()


class Packer(pickle.Pickler):
    """Writes names of long texts."""

    def __init__(self, file: io.BytesIO, name_of: Callable[[str], Any]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._name_of = name_of

    def persistent_id(self, value: Any) -> Any:
        return self._name_of(value) if type(value) is str and len(value) >= LONG else None


class Unpacker(pickle.Unpickler):
    """Puts the texts back in their places."""

    def __init__(self, file: io.BytesIO, texts: Mapping[Any, str]) -> None:
        super().__init__(file)
        self._texts = texts

    def persistent_load(self, name: Any) -> str:
        return self._texts[name]
