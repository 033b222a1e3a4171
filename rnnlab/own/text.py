"""Bytes to text: UTF-8, with or without a byte order mark, UTF-16 and UTF-32; anything else is named."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

MOST_BYTES = 5_000_000
FEWEST = 100
"""Characters of a text that can be learned from."""

MARKS = {
    codecs.BOM_UTF8: ("utf-8", "UTF-8"),
    codecs.BOM_UTF32_LE: ("utf-32-le", "UTF-32"),
    codecs.BOM_UTF32_BE: ("utf-32-be", "UTF-32"),
    codecs.BOM_UTF16_LE: ("utf-16-le", "UTF-16"),
    codecs.BOM_UTF16_BE: ("utf-16-be", "UTF-16"),
}
"""Byte order marks; UTF-32 before UTF-16, whose mark its own begins with."""

KNOWN = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive, as Word, Excel and OpenDocument files are",
    b"\xd0\xcf\x11\xe0": "an older Office document",
    b"{\\rtf": "a rich text document",
    b"\x1f\x8b": "a compressed file (gzip)",
    b"7z\xbc\xaf": "a compressed file (7z)",
    b"BZh": "a compressed file (bzip2)",
    b"\xfd7zXZ": "a compressed file (xz)",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"RIFF": "a sound or video file (RIFF)",
    b"ID3": "a sound file (MP3)",
    b"OggS": "a sound file (Ogg)",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"SQLite format 3": "a database (SQLite)",
    b"PAR1": "a Parquet table",
    b"\x93NUMPY": "a NumPy array",
}
"""How files that are no text begin."""

CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
LOOKED_AT = 100_000
"""Bytes of the beginning that show how a text is encoded."""

MOST_CONTROLS = 0.01
"""The share of control characters, of which text has none, from which on it counts as binary."""


class Read(NamedTuple):
    """A text, how its bytes were read, and one sentence about what was changed; empty where nothing was."""

    text: str
    encoding: str
    note: str


def read_bytes(raw: bytes) -> Read:
    """The text in the bytes of a file, its line ends as `\\n`. Raises ValueError, in one sentence."""
    refuse_huge(len(raw))
    if not raw:
        raise ValueError("The file is empty; a file with text is needed.")
    for start, what in KNOWN.items():
        if raw.startswith(start):
            raise ValueError(f"This is {what}; plain text is needed, so export it as text first.")
    text, encoding = decoded(raw)
    return checked(text, encoding)


def read_pasted(text: str) -> Read:
    """A text that was pasted, its line ends as `\\n`. Raises ValueError, in one sentence."""
    if not text:
        raise ValueError("Nothing was pasted; paste some text.")
    refuse_huge(len(text.encode("utf-8", "surrogatepass")))
    if text.startswith("\ufeff"):
        text = text[1:]
    return checked(text, "pasted")


def read_text(read: Read) -> Read:
    """A text that a network can learn from. Raises ValueError, in one sentence, for one that is none."""
    text = read.text
    if not text.strip():
        raise ValueError("There are only blanks in it; a text is needed.")
    if len(text) < FEWEST:
        raise ValueError(f"It has {len(text):,} characters; at least {FEWEST} are needed to learn from.")
    letters = set(text[:10_000]) - set(" \n\t")
    if len(letters) < 2:
        letters = set(text) - set(" \n\t")
    if len(letters) == 1:
        raise ValueError(
            f"Its only letter is {printed(letters.pop())}; at least two different ones are needed, "
            "or there is nothing to predict."
        )
    return read


def refuse_huge(size: int) -> None:
    if size > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise ValueError(f"It has {megabytes(size)} MB; at most {most} MB may be used, so cut a part out.")


def megabytes(size: int) -> str:
    """Millions of bytes, rounded up so that what is too much never reads as what is allowed."""
    return f"{-(-size // 100_000) / 10:,.1f}"


def decoded(raw: bytes) -> tuple[str, str]:
    """The text of some bytes and the name of their encoding. Raises ValueError, in one sentence."""
    for mark, (codec, name) in MARKS.items():
        if raw.startswith(mark):
            return strictly(raw.removeprefix(mark), codec, name), name
    if codec := unmarked_utf16(raw):
        return strictly(raw, codec, "UTF-16"), "UTF-16"
    if b"\x00" in raw:
        place = raw.index(0)
        raise ValueError(
            f"It holds NUL bytes (the first is byte {place + 1:,}), as binary files do; plain text is needed."
        )
    return strictly(raw, "utf-8", "UTF-8"), "UTF-8"


def unmarked_utf16(raw: bytes) -> str:
    """The codec of UTF-16 without a mark, which shows in NULs on one side of most characters; or empty."""
    if len(raw) < 4 or len(raw) % 2:
        return ""
    start = raw[:LOOKED_AT]
    sides = {"utf-16-be": start[0::2], "utf-16-le": start[1::2]}
    shares = {codec: side.count(0) / len(side) for codec, side in sides.items()}
    best = max(shares, key=lambda codec: shares[codec])
    return best if shares[best] > 0.7 and min(shares.values()) < 0.05 else ""


def strictly(raw: bytes, codec: str, name: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as wrong:
        raise ValueError(why_undecodable(raw, name, wrong)) from None


def why_undecodable(raw: bytes, name: str, wrong: UnicodeDecodeError) -> str:
    line = raw.count(b"\n", 0, wrong.start) + 1 if name == "UTF-8" else None
    where = f"in line {line:,}" if line else f"at byte {wrong.start + 1:,}"
    byte = raw[wrong.start]
    begins = f"the byte 0x{byte:02X} {where} does not belong there"
    if name != "UTF-8" or share_of_controls(raw.decode("latin-1")) > MOST_CONTROLS:
        return f"It cannot be read as {name}: {begins}; plain text in UTF-8 is needed."
    meant = bytes([byte]).decode("cp1252", "replace")
    seems = f" (in Windows-1252 it would be {meant!r})" if meant.isprintable() and meant != "\ufffd" else ""
    return f"It is not in UTF-8: {begins}{seems}; save the file with the encoding UTF-8."


def checked(text: str, encoding: str) -> Read:
    """`text` with `\\n` for every line end. Raises ValueError where it is binary after all."""
    if "\x00" in text:
        raise ValueError("It holds NUL characters, as binary files do; plain text is needed.")
    share = share_of_controls(text)
    if share > MOST_CONTROLS:
        raise ValueError(
            f"{100 * share:.0f} % of it are control characters, as in binary files; plain text is needed."
        )
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    note = f"It was read as {encoding}." if encoding not in ("UTF-8", "pasted") else ""
    return Read(unified, encoding, note)


def share_of_controls(text: str) -> float:
    """The share of control characters; of a long text, that of its first million."""
    start = text[:1_000_000]
    return len(CONTROLS.findall(start)) / max(1, len(start))


def printed(character: str) -> str:
    return repr(character) if character.isprintable() else f"U+{ord(character):04X}"
