"""Surname to nationality in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.names import alphabet, nationalities, packed_names
from rnnlab.script.source import UNPACK, prose

DRAW = '''
def draw(rng):
    """Surnames letter by letter, cut after `length` letters, and the nationalities to be found."""
    nations = rng.integers(0, len(names), batch_size)
    counts = np.array([len(group) for group in names])
    chosen = rng.integers(0, counts[nations])
    words = [names[nation][row][:length] for nation, row in zip(nations, chosen)]
    letters = np.full((length, batch_size), -1)
    for b, word in enumerate(words):
        letters[: len(word), b] = [alphabet.index(letter) for letter in word]
    one_hot = np.eye(len(alphabet) + 1, len(alphabet), dtype=np.float32)  # the last row, -1, is all zeros
    lengths = torch.tensor([len(word) for word in words])
    return torch.tensor(one_hot[letters]), torch.tensor(nations), lengths
'''


def source(design: Design, length: int) -> Data:
    """The names that the app trains on."""
    comment = prose(f"# Nationalities: {nationalities()}.").replace("\n", "\n# ")
    return Data(f"{comment}\n{alphabet()}\n{UNPACK}\n{DRAW}", uneven=True, packed=packed_names())
