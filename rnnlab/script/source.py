"""Source text in pieces: what is left out leaves no trace, what is inside stands further in."""

from __future__ import annotations

import base64
import re
import textwrap
import zlib

WIDTH = 100
"""Characters in a line of packed data or of prose."""


def joined(*lines: str | bool | None) -> str:
    """Lines, less those that are None or False; a line may hold several."""
    return "\n".join(line for line in lines if isinstance(line, str))


def inside(*lines: str | bool | None, levels: int = 1) -> str:
    """`joined`, as the body of something."""
    return textwrap.indent(joined(*lines), "    " * levels)


def prose(text: str) -> str:
    """A paragraph in lines that fit, safe inside a docstring."""
    plain = text.replace("\\", "\\\\").replace('"""', "'''")
    return textwrap.fill(plain, WIDTH, break_long_words=False, break_on_hyphens=False)


def mentions(text: str, name: str) -> bool:
    """Whether `name` occurs in `text` as a word."""
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


def packed(raw: bytes) -> str:
    """Bytes compressed and in base 85, which has neither quotes nor backslashes, in lines that fit."""
    text = base64.b85encode(zlib.compress(raw, 9)).decode()
    return "\n".join(text[i : i + WIDTH] for i in range(0, len(text), WIDTH))


UNPACK = '''
def unpack(text):
    """The bytes that were compressed to fit into this file."""
    return zlib.decompress(base64.b85decode("".join(text.split())))
'''
