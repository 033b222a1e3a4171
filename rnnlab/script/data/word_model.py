"""The word model in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.language_model import DRAW, SHORT
from rnnlab.script.data.words import draw_words, given, packed_words


def source(design: Design, length: int) -> Data:
    """The text that the app trains on."""
    text = given(design)
    packed, span = packed_words(text), len(text.train_N) - 1
    if length <= span:
        return Data(draw_words(DRAW), packed=packed)
    numbers = (("span", span, "words in a chunk, after which the sequence is empty"),)
    return Data(draw_words(SHORT), masked=True, packed=packed, numbers=numbers)
