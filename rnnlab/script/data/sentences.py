"""Sentences and their answers as scripts carry them, one pair in a line."""

from collections.abc import Iterable

from rnnlab.script.source import packed

PACKED = """
# {what}, one in a line, its answer behind a tab; short ones first.
pairs = [line.split("\\t") for line in unpack('''
{text}
''').decode().split("\\n")]
"""


def packed_pairs(pairs: Iterable[tuple[str, str]], what: str) -> str:
    """The constant `pairs`."""
    text = "\n".join(f"{sentence}\t{answer}" for sentence, answer in pairs)
    return PACKED.format(what=f"{text.count(chr(10)) + 1:,} {what}", text=packed(text.encode()))
