"""The next word in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
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
    packed, span = packed_words(text), len(text.train_N) - 1
    if length <= span:
        return Data(draw_words(DRAW), packed=packed)
    numbers = (("span", span, "words in a window, after which the sequence is empty"),)
    return Data(draw_words(SHORT), uneven=True, packed=packed, numbers=numbers)
