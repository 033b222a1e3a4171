"""A digit's name, spelled, in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.digits import packed_images
from rnnlab.script.source import UNPACK
from rnnlab.tasks.caption import NAMES

DRAW = '''
names = {names!r}.split()

alphabet = {alphabet!r}


def draw(rng):
    """Images, and the names of their digits: letters, then the end sign; the mask tells how far."""
    chosen = images[rng.integers(0, len(images), batch_size)]
    targets = np.zeros((length, batch_size), np.int64)
    mask = np.zeros((length, batch_size), bool)
    for b, digit in enumerate(chosen[:, 64]):
        letters = [alphabet.index(letter) for letter in names[digit][: length - 1]]
        targets[: len(letters) + 1, b] = [*letters, len(alphabet)]
        mask[: len(letters) + 1, b] = True
    return torch.tensor(chosen[:, :64] / np.float32(16)), torch.tensor(targets), torch.tensor(mask)
'''


def source(design: Design, length: int) -> Data:
    """The images that the app trains on, and their names."""
    names = NAMES[design.options["language"]]
    draw = DRAW.format(names=names, alphabet="".join(sorted(set(names) - {" "})))
    return Data(f"{UNPACK}\n{draw}", masked=True, packed=packed_images())
