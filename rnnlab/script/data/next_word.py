"""The next word in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data, as_long_as
from rnnlab.script.data.next_character import DRAW
from rnnlab.script.data.words import draw_words, given, packed_words

SHORT = '''
def draw(rng):
    """Windows as long as the text allows, from random places; the target is the word after each."""
    starts = rng.integers(0, len(text) - span, batch_size)
    windows = torch.tensor(text[starts + np.arange(span + 1)[:, None]])
    inputs = torch.zeros(length, batch_size, len(vocabulary))
    inputs[:span] = F.one_hot(windows[:-1], len(vocabulary))
    return inputs, windows[-1], torch.full((batch_size,), span)
'''


def source(design: Design, length: int) -> Data:
    """The text that the app trains on."""
    text = given(design)
    packed = packed_words(text)
    window = Data(draw_words(DRAW), packed=packed)
    shorter = Data(draw_words(SHORT), uneven=True, packed=packed)
    return as_long_as(len(text.train_N), length, window, shorter, "words in a window")
