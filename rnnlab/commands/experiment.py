"""From `--link` and `--set` to a design and its settings, strictly: the first wrong value is refused.

A page opens a damaged link with defaults and a message; a script that trains for an hour on
something else than it was asked for would be a trap.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from rnnlab.config import Design, Settings, default_settings, fit, task_spec
from rnnlab.fields import declared, shown
from rnnlab.link import PACKED, PRINT, read, unpack
from rnnlab.tasks.options import OwnData, TaskOption, TextOption
from rnnlab.title import read_title

LONGEST_FILE = 16_000_000
"""Characters read of a text file; more than any task takes."""


def asked_pairs(link: str, fields: Sequence[str]) -> dict[str, str]:
    """Names and values of a link and of `--set`, which wins. Raises ValueError for what is neither."""
    query = urlsplit(link).query if "://" in link else link.lstrip("?")
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    for given in fields:
        name, equals, value = given.partition("=")
        if not equals:
            raise ValueError(f"--set takes field=value, such as cell=gru, not {shown(given)}.")
        for form in (PACKED, PRINT):
            pairs.pop(name + form, None)
        is_file = value.startswith("@") and name not in declared(Design) | declared(Settings)
        pairs[name] = text_of_file(name, value[1:]) if is_file else value
    return pairs


def text_of_file(name: str, path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            return file.read(LONGEST_FILE)
    except UnicodeDecodeError:
        raise ValueError(f"{name} must be a text file in UTF-8; {shown(path)} is not.") from None
    except (OSError, ValueError) as wrong:
        reason = getattr(wrong, "strerror", None) or wrong
        raise ValueError(f"{name}: the file {shown(path)} cannot be read: {reason}.") from None


def experiment(pairs: Mapping[str, str]) -> tuple[Design, Settings]:
    """The design and settings of `pairs`. Raises ValueError, in one sentence, for the first wrong one."""
    made = fields_of(Design, pairs)
    task = made.get("task", Design().task)
    allowed = task_spec(task).options
    refuse_unknown(task, pairs, allowed)
    options = {name: option_text(name, option, pairs) for name, option in allowed.items()}
    given = {name: text for name, text in options.items() if text is not None}
    design = Design(**made, task_options=given)
    return design, fit(design, replace(default_settings(design), **fields_of(Settings, pairs)))


def title_of(asked: argparse.Namespace) -> str:
    """The title that `--title` gives, or else the link. Raises ValueError, in one sentence."""
    linked = asked_pairs(asked.link, asked.fields).get("title", "")
    return read_title(linked if asked.title is None else asked.title)


def fields_of(cls: type, pairs: Mapping[str, str]) -> dict[str, Any]:
    known = declared(cls)
    return {name: read(known[name].metadata["kind"], text) for name, text in pairs.items() if name in known}


def refuse_unknown(task: str, pairs: Mapping[str, str], options: Mapping[str, TaskOption]) -> None:
    known = [*declared(Design), *declared(Settings), *options]
    for name in pairs:
        if name != "title" and name.removesuffix(PACKED).removesuffix(PRINT) not in known:
            raise ValueError(f"{shown(name)} is no field of the task {task}; there are {', '.join(known)}.")


def option_text(name: str, option: TaskOption, pairs: Mapping[str, str]) -> str | None:
    """A task option in any of the forms that a link may give it; None where it is not given."""
    if name + PRINT in pairs:
        raise ValueError(f"{name} was too long for this link; give the same text with --set {name}=@FILE.")
    if name + PACKED in pairs:
        return unpacked(name, pairs[name + PACKED])
    if pairs.get(name) == "" and isinstance(option, OwnData):
        if isinstance(option, TextOption):
            raise ValueError(f"{name} must have {option.shortest:,} to {option.longest:,} characters, not 0.")
        raise ValueError(f"{name} must be numbers, one on each line; there are none.")
    return pairs.get(name)


def unpacked(name: str, packed: str) -> str:
    from zlib import error as broken

    try:
        return unpack(packed)
    except (ValueError, broken):
        raise ValueError(f"{name} is damaged in this link; give it with --set {name}=@FILE.") from None
