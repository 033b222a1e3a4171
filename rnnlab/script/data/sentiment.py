"""Sentiment in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.sentences import packed_pairs
from rnnlab.script.source import UNPACK, prose
from rnnlab.tasks.sentiment import LABELS, pool

VOCABULARY = '''
vocabulary = """
{words}
""".split()
'''

DRAW = '''
def draw(rng):
    """Sentences word by word, and whether they are negative, 0, or positive, 1."""
    words, targets, lengths = np.full((length, batch_size), -1), [], []
    for b, row in enumerate(rng.integers(0, len(pairs), batch_size)):
        sentence, answer = pairs[row]
        known = [vocabulary.index(word) for word in sentence.split()]
        words[: len(known), b] = known
        targets.append(int(answer == "positive"))
        lengths.append(len(known))
    one_hot = np.eye(len(vocabulary) + 1, len(vocabulary), dtype=np.float32)  # the last row, -1, is all zeros
    return torch.tensor(one_hot[words]), torch.tensor(targets), torch.tensor(lengths)
'''


def source(design: Design, length: int) -> Data:
    """The sentences that the app trains on, those that fit."""
    known, part = pool().known, pool().train
    fitting = part.fitting(length)
    sentences = [" ".join(known.decode(row)) for row in part.words_NW[:fitting]]
    answers = [LABELS[positive] for positive in part.positive_N[:fitting]]
    packed = packed_pairs(zip(sentences, answers, strict=True), "sentences to train on")
    vocabulary = VOCABULARY.format(words=prose(" ".join(known.words)))
    return Data(f"{vocabulary}\n{UNPACK}\n{DRAW}", uneven=True, packed=packed)
