"""Relative times in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.sentences import packed_pairs
from rnnlab.script.source import UNPACK
from rnnlab.tasks.relative_time import LANGUAGES, pool

DRAW = '''
def draw(rng):
    """Times in English, and in {language} with an end sign; the mask tells how far."""
    read, lengths = np.full((length, batch_size), -1), []
    targets = np.zeros(({most}, batch_size), np.int64)
    mask = np.zeros(({most}, batch_size), bool)
    for b, row in enumerate(rng.integers(0, len(pairs), batch_size)):
        text, answer = pairs[row]
        read[: len(text), b] = [alphabet.index(letter) for letter in text]
        targets[: len(answer), b] = [answer_alphabet.index(letter) for letter in answer]
        mask[: len(answer), b] = True
        lengths.append(len(text))
    one_hot = np.eye(len(alphabet) + 1, len(alphabet), dtype=np.float32)  # the last row, -1, is all zeros
    return torch.tensor(one_hot[read]), torch.tensor(targets), torch.tensor(mask), torch.tensor(lengths)
'''


def source(design: Design, length: int) -> Data:
    """The times that the app trains on, those that fit."""
    language = design.options["language"]
    found = pool(language)
    part = found.train
    rows = range(part.fitting(length))
    pairs = [(found.read.decode(part.letters_NT[i]), found.answers.decode(part.answers_NS[i])) for i in rows]
    draw = DRAW.format(language=LANGUAGES[language], most=part.answers_NS.shape[1])
    alphabets = (
        f"alphabet = {''.join(found.read.characters)!r}\n"
        f"answer_alphabet = {''.join(found.answers.characters)!r}  # the last sign is the end"
    )
    packed = packed_pairs(pairs, "times to train on")
    return Data(f"{alphabets}\n{UNPACK}\n{draw}", masked=True, uneven=True, packed=packed)
