"""A text cut into words as scripts carry it: its training part, from which the vocabulary follows."""

from rnnlab.config import Design
from rnnlab.script.source import UNPACK, packed
from rnnlab.tasks.words import UNKNOWN, WordText, word_text_of

PACKED = """
# {number:,} words to train on.
words = unpack('''
{text}
''').decode().split(" ")
vocabulary = [*sorted(set(words) - {{"{unknown}"}}), "{unknown}"]  # the last one stands for all rare words
index = {{word: i for i, word in enumerate(vocabulary)}}
text = np.array([index[word] for word in words])
"""


def given(design: Design) -> WordText:
    """The text that the design learns from."""
    return word_text_of(design.options["text"])


def packed_words(text: WordText) -> str:
    """How packed text is read, and the part that is trained on, packed."""
    raw = " ".join(text.vocabulary.decode(text.train_N)).encode()
    return PACKED.format(number=len(text.train_N), text=packed(raw), unknown=UNKNOWN)


def draw_words(draw: str) -> str:
    """The source of `draw` for a text of characters, for one of words."""
    return f"{UNPACK}\n{draw}".replace("alphabet", "vocabulary").replace("character", "word")
