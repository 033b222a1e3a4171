"""Named entities in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.sentences import packed_pairs
from rnnlab.script.source import UNPACK
from rnnlab.tasks.entities import LETTERS, TAGS, WIDEST, pool, read

CONSTANTS = f"""
letters = {LETTERS!r}
tags = {" ".join(TAGS)!r}.split()
"""

DRAW = '''
def spelled(word):
    """The last letters of a word, each one-hot with a mark for capitals."""
    found = np.zeros((widest, len(letters) + 1), np.float32)
    for place, letter in enumerate(word[::-1][:widest], start=1):
        if letter.lower() in letters:
            found[-place, letters.index(letter.lower())] = 1
            found[-place, -1] = letter.isupper()
    return found.ravel()


def draw(rng):
    """Sentences word by word, each word spelled, and the tag of each; the mask tells how far."""
    inputs = np.zeros((length, batch_size, widest * (len(letters) + 1)), np.float32)
    targets = np.zeros((length, batch_size), np.int64)
    mask = np.zeros((length, batch_size), bool)
    for b, row in enumerate(rng.integers(0, len(pairs), batch_size)):
        words, answers = (part.split() for part in pairs[row])
        inputs[: len(words), b] = [spelled(word) for word in words]
        targets[: len(words), b] = [tags.index(tag) for tag in answers]
        mask[: len(words), b] = True
    return torch.tensor(inputs), torch.tensor(targets), torch.tensor(mask)
'''


def source(design: Design, length: int) -> Data:
    """The sentences that the app trains on, those that fit."""
    part, table = pool().train, pool().spelled
    known = [read(features_I) for features_I in table[:-1]]
    pairs = [
        (
            " ".join(known[i] for i in part.words_NT[row, :width]),
            " ".join(TAGS[i] for i in part.tags_NT[row, :width]),
        )
        for row, width in enumerate(part.widths_N[: part.fitting(length)])
    ]
    packed = packed_pairs(pairs, "sentences to train on")
    numbers = (("widest", WIDEST, "letters of a word"),)
    return Data(f"{CONSTANTS}\n{UNPACK}\n{DRAW}", masked=True, uneven=True, packed=packed, numbers=numbers)
