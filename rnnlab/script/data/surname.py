"""Nationality to surname in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.names import alphabet, nationalities, packed_names
from rnnlab.script.source import UNPACK, prose

DRAW = '''
def draw(rng):
    """Nationalities, and surnames to be written: letters, then the end sign; the mask tells how far."""
    nations = rng.integers(0, len(names), batch_size)
    counts = np.array([len(group) for group in names])
    chosen = rng.integers(0, counts[nations])
    targets = np.zeros((length, batch_size), np.int64)
    mask = np.zeros((length, batch_size), bool)
    for b, (nation, row) in enumerate(zip(nations, chosen)):
        letters = [alphabet.index(letter) for letter in names[nation][row][: length - 1]]
        targets[: len(letters) + 1, b] = [*letters, len(alphabet)]
        mask[: len(letters) + 1, b] = True
    return F.one_hot(torch.tensor(nations), len(names)).float(), torch.tensor(targets), torch.tensor(mask)
'''


def source(design: Design, length: int) -> Data:
    """The names that the app trains on."""
    comment = prose(f"# Nationalities: {nationalities()}.").replace("\n", "\n# ")
    return Data(f"{comment}\n{alphabet()}\n{UNPACK}\n{DRAW}", masked=True, packed=packed_names())
