"""Surnames by nationality as scripts carry them."""

from rnnlab.script.source import packed
from rnnlab.tasks.names import NATIONALITIES, Names, split

PACKED = """
# {number:,} surnames by nationality, one in a line, an empty line between two nationalities.
names = [group.split("\\n") for group in unpack('''
{text}
''').decode().split("\\n\\n")]
"""


def alphabet() -> str:
    """The constant `alphabet`."""
    return f"alphabet = {''.join(split().letters.characters)!r}"


def nationalities() -> str:
    """The names of the nationalities, in the order of their numbers, as a comment."""
    return ", ".join(NATIONALITIES)


def packed_names() -> str:
    """The training names, packed."""
    train, letters = split().train, split().letters
    words = [letters.decode(row) for row in train.letters_NW]
    return PACKED.format(number=len(words), text=packed("\n\n".join(grouped(train, words)).encode()))


def grouped(names: Names, words: list[str]) -> list[str]:
    ends = names.starts + names.counts
    return ["\n".join(words[start:end]) for start, end in zip(names.starts, ends, strict=True)]
