"""FASTA: records of bases, each after a line that begins with `>`; a bare sequence counts as one record.

Only A, C, G and T are known to a network; U, of RNA, is T. Other letters of the IUPAC code (N and the
like) stand for a base that is not known: the longest stretch without them is used.
"""

from __future__ import annotations

import re
from typing import NamedTuple

KNOWN = "ACGT"
UNSURE = "NRYSWKMBDHV-."
"""IUPAC's letters for one base of several, and for a gap."""

PROTEIN = set("EFILPQ*XZJO")
"""Letters of amino acids that no base has."""

FEWEST = 30
MOST = 5_000_000
MOST_RECORDS = 1000
LONGEST_NAME = 60


class Bases(NamedTuple):
    """A record's name, its bases in capitals, and one sentence about what was left out; empty for nothing."""

    name: str
    bases: str
    note: str


def bases_of(text: str, most: int = MOST) -> tuple[Bases, ...]:
    """The records of a FASTA file, each cut to `most` bases. Raises ValueError, in one sentence."""
    found = records(text)
    if not found:
        raise ValueError("There are no bases in it; a sequence of A, C, G and T is needed.")
    return tuple(read(name, sequence, most) for name, sequence in found)


def records(text: str) -> list[tuple[str, str]]:
    """Names and sequences, without blanks and numbers of lines; those before the first name are one too."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith(">"):
            found.append((line[1:].strip()[:LONGEST_NAME], []))
        elif line.strip() and not line.startswith(";"):
            if not found:
                found.append(("", []))
            found[-1][1].append(line)
    if len(found) > MOST_RECORDS:
        raise ValueError(
            f"It has {len(found):,} records; at most {MOST_RECORDS:,} are read, so cut a part out."
        )
    whole = [(name, re.sub(r"[\s\d]+", "", "".join(lines)).upper()) for name, lines in found]
    empty = [name or "without a name" for name, sequence in whole if not sequence]
    if empty and len(empty) == len(whole):
        raise ValueError(
            f"The record {empty[0]!r} holds no bases; a sequence is needed in the lines below its name."
        )
    return distinct([(name, sequence) for name, sequence in whole if sequence])


def distinct(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Records with names of their own: without one, or with that of another, a number tells them apart."""
    named: dict[str, str] = {}
    for place, (name, sequence) in enumerate(found, 1):
        wanted = name or f"sequence {place}"
        named[wanted if wanted not in named else f"{wanted} ({place})"] = sequence
    return list(named.items())


def read(name: str, sequence: str, most: int) -> Bases:
    """A record's bases. Raises ValueError where its letters are no bases, or too few, or all one."""
    bases = sequence.replace("U", "T")
    refuse_letters(name, bases)
    stretch, left_out = longest_known(bases)
    if len(stretch) < FEWEST:
        raise ValueError(
            f"{name}: {len(stretch):,} known bases follow each other; at least {FEWEST} are needed."
        )
    if len(set(stretch)) == 1:
        raise ValueError(f"{name}: its only base is {stretch[0]}; at least two different ones are needed.")
    return Bases(name, stretch[:most], words(bases, stretch, left_out, most))


def refuse_letters(name: str, bases: str) -> None:
    other = sorted(set(bases) - set(KNOWN) - set(UNSURE))
    if other:
        seen = ", ".join(letter if letter.isprintable() else f"U+{ord(letter):04X}" for letter in other[:5])
        kind = "a protein, it seems, and " if set(other) <= PROTEIN | set("ACGTNRYSWKMBDHV-.") else ""
        raise ValueError(f"{name}: it holds {seen}, {kind}no bases; A, C, G and T (or U) are needed.")


def longest_known(bases: str) -> tuple[str, int]:
    """The longest stretch of known bases, and how many letters of `bases` are unknown."""
    stretches = re.findall(f"[{KNOWN}]+", bases)
    return max(stretches, key=len, default=""), len(bases) - sum(map(len, stretches))


def words(bases: str, stretch: str, unknown: int, most: int) -> str:
    """What was left out of a record, as a sentence."""
    if unknown:
        found = (
            "1 base of it is not known (such as N)"
            if unknown == 1
            else f"{unknown:,} bases of it are not known (such as N)"
        )
        kept = min(len(stretch), most)
        return f"{found}: of {len(bases):,} the longest stretch without them is used, {kept:,} bases."
    if len(stretch) > most:
        return f"The first {most:,} of {len(stretch):,} bases are used."
    return ""
