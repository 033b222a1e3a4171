"""The word model in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data, as_long_as
from rnnlab.script.data.language_model import DRAW, SHORT
from rnnlab.script.data.words import draw_words, given, packed_words


def source(design: Design, length: int) -> Data:
    """The text that the app trains on."""
    text = given(design)
    packed = packed_words(text)
    chunk = Data(draw_words(DRAW), packed=packed)
    shorter = Data(draw_words(SHORT), masked=True, packed=packed)
    return as_long_as(len(text.train_N), length, chunk, shorter, "words in a chunk")
