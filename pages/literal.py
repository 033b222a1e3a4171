"""Text that somebody typed, shown as it is: Markdown would load its images and follow its links."""

import re

JOIN = "\u2060"
"""A character without width: not seen, it parts what would be read as an address or an icon's name."""

SPECIAL = re.compile(r"([\\`*\[\]<>$~&|]|\b_|_\b|^[-+#=]|(?<=^\d)[.)])")
ADDRESS_OR_ICON = re.compile(r"(?<=[:@])(?=\w)|(?<=www)(?=\.)|(?<=http)(?=:)|(?<=https)(?=:)", re.IGNORECASE)


def literally(text: object) -> str:
    """Markdown that shows `text` on one line, every character as it was typed."""
    line = ADDRESS_OR_ICON.sub(JOIN, " ".join(str(text).split()))
    return SPECIAL.sub(r"\\\1", line)


def lines(sentences: list[str] | tuple[str, ...]) -> str:
    """Markdown that shows each sentence on a line of its own."""
    return "  \n".join(literally(sentence) for sentence in sentences)
