"""A text as scripts carry it: its training part, and the characters of the whole."""

from rnnlab.config import Design
from rnnlab.script.source import UNPACK, packed
from rnnlab.tasks.text import Text, text_of

PACKED = """
# {number:,} characters to train on.
text = unpack('''
{text}
''').decode("utf-8", "surrogatepass")
index = {{character: i for i, character in enumerate(alphabet)}}
text = np.array([index[character] for character in text])
"""


def given(design: Design) -> Text:
    """The text that the design learns from."""
    return text_of(design.options["text"])


def alphabet(text: Text) -> str:
    """The constant `alphabet`, and how packed text is read."""
    return f"alphabet = {''.join(text.letters.characters)!r}\n{UNPACK}"


def packed_text(text: Text) -> str:
    """The part that is trained on, packed."""
    raw = text.letters.decode(text.train_N).encode("utf-8", "surrogatepass")
    return PACKED.format(number=len(text.train_N), text=packed(raw))
