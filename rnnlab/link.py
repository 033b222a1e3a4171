"""An experiment as a query string, and back: a Design, its Settings, its title, and a teacher's Room.

Values that are the task's own are left out. A user's text travels in the link, compressed, while
it is short; a longer one is named by its fingerprint, and whoever opens the link is told to paste it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from rnnlab.config import Design, Settings, default_settings, fit
from rnnlab.fields import declared
from rnnlab.room import OPEN, Room, pairs_of, take
from rnnlab.tasks import TASKS
from rnnlab.tasks.options import OwnData
from rnnlab.title import read_title

PLAIN, PACKED, PRINT = "", ".z", ".sha256"
"""How an option's name ends: as it is, compressed, or only its fingerprint."""

MOST_UNKNOWN = 5
"""Unknown names in a link that are told one by one."""

LONGEST_VALUE = 4000
"""Characters of one option in a link; servers and messengers cut addresses that are much longer."""

LONGEST_TRIED = 200_000
"""Characters of a value that may fit once it is compressed; longer ones are not tried, which takes long."""


class Linked(NamedTuple):
    """What a link says, and what in it was not understood, one sentence each."""

    design: Design
    settings: Settings
    messages: tuple[str, ...]
    room: Room = OPEN
    title: str = ""


def to_link(design: Design, settings: Settings, room: Room = OPEN, title: str = "") -> str:
    """The query string, without the question mark, of a design, its settings, its room and its title."""
    own_design = Design(task=design.task, topology=design.topology)
    own_settings = default_settings(design)
    pairs: dict[str, str] = {"task": design.task}
    if design.topology != Design(task=design.task).topology:
        pairs["topology"] = design.topology
    for name, value in sorted(design.options.items()):
        if value != own_design.options[name]:
            pairs.update(option_pairs(name, value))
    pairs.update(differing(design, own_design))
    pairs.update(differing(settings, own_settings))
    called = {"title": title} if title else {}
    return urlencode(pairs | called | pairs_of(room))


def differing(value: Design | Settings, own: Design | Settings) -> dict[str, str]:
    """The fields of `value` that differ from `own`, as text."""
    return {
        name: about.metadata["kind"].print(getattr(value, name))
        for name, about in declared(type(value)).items()
        if getattr(value, name) not in (None, getattr(own, name)) and name not in ("task", "topology")
    }


def option_pairs(name: str, value: str) -> dict[str, str]:
    """An option in the shortest form that a link holds: as it is, compressed, or its fingerprint."""
    if len(value) <= 200 and len(value.encode("utf-8", "surrogatepass")) <= 200 and value.isprintable():
        return {name + PLAIN: value}
    packed = compressed(value) if len(value) <= LONGEST_TRIED else ""
    if packed and len(packed) <= LONGEST_VALUE:
        return {name + PACKED: packed}
    return {name + PRINT: fingerprint(value)}


def fits_a_link(value: str) -> bool:
    """Whether a link holds this value of an option, rather than its fingerprint."""
    return PRINT not in "".join(option_pairs("", value))


def compressed(value: str) -> str:
    return base64.urlsafe_b64encode(zlib.compress(value.encode("utf-8", "surrogatepass"), 9)).decode()


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def from_link(query: str | Mapping[str, str]) -> Linked:
    """What a query string asks for. Never raises: what is wrong becomes a message and the default instead."""
    pairs = dict(query) if isinstance(query, Mapping) else dict(parse_qsl(query.lstrip("?"), True))
    messages: list[str] = []
    design = linked_design(pairs, messages)
    settings = linked_settings(pairs, design, messages)
    room = take(pairs, messages)
    title = linked_title(pairs, messages)
    return Linked(design, settings, (*messages, *unknown(list(pairs))), room, title)


def linked_title(pairs: dict[str, str], messages: list[str]) -> str:
    """The title, taking it out of `pairs`; empty where it is none."""
    try:
        return read_title(pairs.pop("title", ""))
    except ValueError as wrong:
        messages.append(f"{wrong} The link's title is left out.")
        return ""


def unknown(names: list[str]) -> list[str]:
    """A message for each of the first few names that are no field, and one for all the others."""
    told = [f"The link holds {name[:40]!r}, which is no field here; it is left out." for name in names]
    more = len(names) - MOST_UNKNOWN
    return (
        told
        if more <= 0
        else [*told[:MOST_UNKNOWN], f"The link holds {more:,} more names that are no field."]
    )


def linked_design(pairs: dict[str, str], messages: list[str]) -> Design:
    """The design, taking its fields out of `pairs`; a wrong field leaves its default."""
    made: dict[str, Any] = {}
    for name, about in declared(Design).items():
        if name in pairs:
            made = try_field(made, name, read(about.metadata["kind"], pairs.pop(name)), messages)
    spec = TASKS[Design(**made).task]
    options: dict[str, str] = {}
    for name, option in spec.options.items():
        text = linked_option(name, pairs, messages)
        if text is None:
            continue
        try:
            options[name] = option.check(name, text)
        except ValueError as wrong:
            messages.append(f"{wrong} The link's value is left out.")
        if isinstance(option, OwnData) and not text:
            options.pop(name, None)
    return Design(**made, task_options=options)


def try_field(made: dict[str, Any], name: str, value: Any, messages: list[str]) -> dict[str, Any]:
    """`made` with one more field, or as it was, with a message, where the field is not allowed."""
    try:
        Design(**made, **{name: value})
    except ValueError as wrong:
        messages.append(f"{wrong} The default is used instead.")
        return made
    return {**made, name: value}


def linked_settings(pairs: dict[str, str], design: Design, messages: list[str]) -> Settings:
    made: dict[str, Any] = {name: getattr(default_settings(design), name) for name in declared(Settings)}
    for name, about in declared(Settings).items():
        if name not in pairs:
            continue
        value = read(about.metadata["kind"], pairs.pop(name))
        try:
            fit(design, Settings(**{**made, name: value}))
        except ValueError as wrong:
            messages.append(f"{wrong} The default is used instead.")
        else:
            made[name] = value
    return Settings(**made)


def read(kind: Any, text: str) -> Any:
    """A field's value from a link; the text itself where it cannot be read, for the message to quote."""
    try:
        return kind.parse(text)
    except (ValueError, KeyError, OverflowError):
        return text


def linked_option(name: str, pairs: dict[str, str], messages: list[str]) -> str | None:
    """A task option's value in any of its three forms, or None."""
    plain, packed, printed = (pairs.pop(name + end, None) for end in (PLAIN, PACKED, PRINT))
    if printed is not None:
        messages.append(
            f"{name}: this link was made with data too long for a link (fingerprint {printed[:16]}). "
            f"Give the same data here to see the same run; the task's own is used until then."
        )
    if packed is not None:
        try:
            return unpack(packed)
        except (ValueError, zlib.error, binascii.Error):
            messages.append(f"{name}: the compressed data in the link is damaged; the task's own is used.")
    return plain


def unpack(packed: str, longest: int = 4_000_000) -> str:
    """A compressed text. Raises ValueError where it is not whole, or would grow beyond `longest` bytes."""
    machine = zlib.decompressobj()
    raw = machine.decompress(base64.b64decode(packed, b"-_", validate=True), longest)
    if machine.unconsumed_tail:
        raise ValueError("The text in the link is too long.")
    if not machine.eof or machine.unused_data:
        raise ValueError("The text in the link was cut off, or something was added to it.")
    return raw.decode("utf-8", "surrogatepass")
