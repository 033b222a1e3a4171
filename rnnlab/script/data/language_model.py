"""The language model in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data, as_long_as
from rnnlab.script.data.text import alphabet, given, packed_text

DRAW = '''
def draw(rng):
    """Chunks of the text from random places; the target is the next character."""
    starts = rng.integers(0, len(text) - length, batch_size)
    chunks = torch.tensor(text[starts + np.arange(length + 1)[:, None]])
    return F.one_hot(chunks[:-1], len(alphabet)).float(), chunks[1:]
'''

SHORT = '''
def draw(rng):
    """Chunks as long as the text allows, from random places; the target is the next character."""
    starts = rng.integers(0, len(text) - span, batch_size)
    chunks = torch.tensor(text[starts + np.arange(span + 1)[:, None]])
    inputs = torch.zeros(length, batch_size, len(alphabet))
    inputs[:span] = F.one_hot(chunks[:-1], len(alphabet))
    targets = torch.zeros(length, batch_size, dtype=torch.long)
    targets[:span] = chunks[1:]
    mask = torch.arange(length)[:, None].expand(length, batch_size) < span
    return inputs, targets, mask
'''


def source(design: Design, length: int) -> Data:
    """The text that the app trains on."""
    text = given(design)
    packed, symbols = packed_text(text), alphabet(text)
    chunk = Data(f"{symbols}\n{DRAW}", packed=packed)
    shorter = Data(f"{symbols}\n{SHORT}", masked=True, packed=packed)
    return as_long_as(len(text.train_N), length, chunk, shorter, "characters in a chunk")
