"""The title that a person gives a run: one line of text that names the whole experiment."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 60
"""Characters of a title."""

LONGEST_SLUG = 40
"""Characters of it in a file's name: in no script more bytes than file systems take."""

JOINERS = "\u200c\u200d"
"""Characters without width that Persian writing and composed emoji need; all others hide something."""

REFUSED = {"Cc": "a control character", "Cf": "a character that is not seen", "Cs": "half a character"}
"""Unicode's categories of what no title holds, in words."""


def read_title(text: object) -> str:
    """`text` as a title: any blanks in it as one space each, none at its ends; empty for none.

    Raises ValueError, in one sentence, for what is no text, is longer than a title may be, or holds what
    cannot be seen, such as a control character or one that turns the direction of the text around it.
    """
    if not isinstance(text, str):
        raise ValueError("A title must be a text.")
    title = " ".join(text.split())
    if len(title) > LONGEST:
        raise ValueError(f"A title has at most {LONGEST} characters, not {len(title):,}.")
    for sign in title:
        if reason := why_not(sign):
            raise ValueError(f"A title is one line of visible characters; U+{ord(sign):04X} is {reason}.")
    return title if title.strip(JOINERS + " ") else ""


def why_not(sign: str) -> str:
    """What keeps a character out of a title, as words; empty for all that may be in one."""
    if sign in JOINERS:
        return ""
    nothing = ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF
    return REFUSED.get(unicodedata.category(sign), "no character" if nothing else "")


def slug(title: str) -> str:
    """A title as part of a file's name: letters and digits of any script, and hyphens."""
    kept = (sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else "-" for sign in title.lower())
    return re.sub("-+", "-", "".join(kept))[:LONGEST_SLUG].strip("-")
