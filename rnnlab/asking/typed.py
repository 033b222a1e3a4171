"""Typed text, taken kindly: spaces, case, Unicode forms and accents, and a clear sentence where it cannot be.

Errors are ValueErrors of one sentence: what was found, and what is wanted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from rnnlab.tasks.characters import visible

LONGEST = 500
"""Time steps of a question at most, beyond what most tasks are trained on."""

LARGEST = 100_000
"""Characters that are looked at, whatever is left of them after spaces and headers."""

SHOWN = 5
"""How many of several unknown signs or words are named."""

WRITTEN_CONTROLS = "\n\r\t\f\v"
SPELLED = {
    **{"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"},
    **{"ħ": "h", "ŋ": "n", "ŧ": "t", "ĸ": "k", "«": '"', "»": '"', "…": "...", "×": "x", "−": "-"},
    **dict.fromkeys("‘’‚‛′´`ʼ", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("‐‑‒–—―", "-"),
}
"""Letters that have no accent to take off, and signs, in plain ones."""


SEPARATORS = re.compile(r"[\s;,]+")


def quoted(found: Sequence[str]) -> str:
    """Signs or words in a message: a few in quotation marks, and how many more there are."""
    distinct = list(dict.fromkeys(found))
    named = [f"“{cut(''.join(map(visible, text)) if len(text) == 1 else text)}”" for text in distinct[:SHOWN]]
    if len(distinct) > SHOWN:
        named.append(f"{len(distinct) - SHOWN} more")
    return listed(named)


def is_or_are(found: Sequence[str]) -> str:
    return "is" if len(set(found)) == 1 else "are"


def listed(words: Sequence[str]) -> str:
    """Words with commas and an “and”."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def cut(text: str) -> str:
    """A text short enough for a message, on one line, without signs that cannot be seen."""
    line = "".join(visible(sign) if sign != " " else sign for sign in text)
    return line if len(line) <= 30 else line[:29] + "…"


def sentence(parts: Iterable[str]) -> str:
    """Remarks as one sentence, or nothing."""
    kept = "; ".join(filter(None, parts))
    return kept[:1].upper() + kept[1:] + "." if kept else ""


def checked(text: str, wanted: str, known: Collection[str] = WRITTEN_CONTROLS) -> str:
    """A text that can be read; ValueError, which says what is `wanted`, where it is empty, huge or binary."""
    if len(text) > LARGEST:
        raise ValueError(f"This text has {len(text):,} characters, over {LARGEST:,}: {wanted}.")
    odd = [sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs") and sign not in known]
    if odd:
        raise ValueError(f"This holds {quoted(odd)}, which is no written text: {wanted}.")
    if not text.strip():
        raise ValueError(f"Nothing is written here: {wanted}.")
    return text


def line(text: str, wanted: str) -> str:
    """Text on one line with single spaces, full-width and other forms as plain ones, nothing invisible."""
    seen = "".join(sign for sign in checked(text, wanted) if unicodedata.category(sign) != "Cf")
    return checked(" ".join(unicodedata.normalize("NFKC", seen).split()), wanted)


def within(number: int, what: str, most: int = LONGEST) -> None:
    """ValueError where more time steps would be read than are allowed."""
    if number > most:
        raise ValueError(f"This has {number:,} {what}: at most {most:,} are read.")


def bare(text: str) -> str:
    """Without accents."""
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(part for part in parts if not unicodedata.combining(part)))


def folded(text: str) -> str:
    """Small letters without accents, to compare words by."""
    return bare("".join(SPELLED.get(sign, sign) for sign in text.casefold()))


def ways(sign: str) -> Iterable[str]:
    """Other ways to write a sign, the nearest first."""
    plain = SPELLED.get(sign, SPELLED.get(sign.lower(), ""))
    for way in (sign, str(unicodedata.decimal(sign, "")), bare(sign), plain):
        yield from (way.upper(), way.lower()) if sign.isupper() else (way.lower(), way.upper())


def nearest(sign: str, known: Collection[str]) -> str | None:
    """A sign as known ones, as it is or in the nearest way; nothing for a lone accent; None where unknown."""
    if sign in known:
        return sign
    for way in ways(sign):
        if way and all(part in known for part in way):
            return way
    return "" if unicodedata.combining(sign) else None


def in_alphabet(text: str, known: Collection[str], wanted: str) -> tuple[str, str]:
    """`text` in known signs, and a remark on those that were read as others.

    Raises ValueError, which says what is `wanted`, for signs without anything near them.
    """
    if not all(sign in known for sign in text):
        text = unicodedata.normalize("NFC", text)
    near = {sign: nearest(sign, known) for sign in dict.fromkeys(text)}
    if lost := [sign for sign, way in near.items() if way is None]:
        raise ValueError(f"{quoted(lost)} cannot be read here: {wanted}.")
    turned = [sign for sign, way in near.items() if way not in (sign, sign.lower(), sign.upper())]
    read = "".join(near[sign] or "" for sign in text)
    if not turned:
        return read, ""
    as_read = quoted([near[sign] or "nothing" for sign in turned])
    return checked(
        read, wanted
    ), f"{quoted(turned)} {is_or_are(turned)} not in the alphabet: read as {as_read}"


def signs(text: str, known: Collection[str], wanted: str) -> tuple[str, str]:
    """Signs with or without spaces or commas between them, as known ones, and a remark on changes."""
    read, changed = in_alphabet("".join(SEPARATORS.split(line(text, wanted))), known, wanted)
    return checked(read, wanted), changed
