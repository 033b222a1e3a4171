"""The next character in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.text import alphabet, given, packed_text

DRAW = '''
def draw(rng):
    """Windows of the text from random places; the target is the character after each."""
    starts = rng.integers(0, len(text) - length, batch_size)
    windows = torch.tensor(text[starts + np.arange(length + 1)[:, None]])
    return F.one_hot(windows[:-1], len(alphabet)).float(), windows[-1]
'''


def source(design: Design, length: int) -> Data:
    """The text that the app trains on; it always has more characters than the longest window."""
    text = given(design)
    assert length < len(text.train_N)
    return Data(f"{alphabet(text)}\n{DRAW}", packed=packed_text(text))
