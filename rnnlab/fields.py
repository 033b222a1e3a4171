"""Kinds of fields: what a value of Design or Settings may be, said once for check, widget, link and help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field as DataclassField
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np


def shown(value: object) -> str:
    """`value` as it is quoted in a message: short, on one line."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # Python does not write out a whole number of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= 40 else text[:37] + "…"


@dataclass(frozen=True)
class Number:
    """A number in [low, high]; whole numbers only where `whole`. `unit` is a word or empty."""

    low: float
    high: float
    unit: str = ""
    whole: bool = False
    logarithmic: bool = False

    @property
    def allowed(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        unit = f" {self.unit}" if self.unit else ""
        form = "," if self.whole else ",g"
        return f"{kind} from {self.low:{form}} to {self.high:{form}}{unit}"

    def check(self, value: object) -> float | int:
        if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
            raise ValueError(shown(value))
        if not self.low <= value <= self.high:  # False for NaN too
            raise ValueError(shown(value))
        number = float(value)
        if self.whole and number != int(number):
            raise ValueError(shown(value))
        return int(number) if self.whole else number

    def parse(self, text: str) -> float | int:
        return int(text) if self.whole and text.lstrip("+-").isdecimal() else float(text)

    def print(self, value: Any) -> str:
        return f"{value:d}" if self.whole else repr(float(value)).removesuffix(".0")


@dataclass(frozen=True)
class Choice:
    """One of several words; `choices` maps the word to the label that a person reads."""

    choices: Mapping[str, str]

    @property
    def allowed(self) -> str:
        return "one of " + ", ".join(self.choices)

    def check(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise ValueError(shown(value))
        return value

    def parse(self, text: str) -> str:
        return text

    def print(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True)
class Switch:
    """On or off."""

    allowed: str = "on or off"

    def check(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError(shown(value))
        return value

    def parse(self, text: str) -> bool:
        words = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}
        return words[text.strip().lower()]

    def print(self, value: Any) -> str:
        return "on" if value else "off"


Kind = Number | Choice | Switch


def declare(kind: Kind, default: Any, label: str, help: str, **more: Any) -> Any:
    """A dataclass field that carries its kind, its label and one sentence of help."""
    return field(default=default, metadata={"kind": kind, "label": label, "help": help, **more})


def declared(cls: type) -> dict[str, DataclassField[Any]]:
    """The fields of `cls` that were made by `declare`, by name."""
    return {f.name: f for f in fields(cls) if "kind" in f.metadata}


def check(name: str, about: DataclassField[Any], value: object) -> Any:
    """`value` as its field wants it, or a ValueError of one sentence that names the field and its range."""
    try:
        return about.metadata["kind"].check(value)
    except ValueError as wrong:
        raise ValueError(f"{name} must be {about.metadata['kind'].allowed}, not {wrong}.") from None
