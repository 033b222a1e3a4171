"""The registry of cells on the Unroll page: link name to cell."""

from rnnlab.unroll.cells import gru, lstm, rnn
from rnnlab.unroll.cells.cell import TinyCell

TINY_CELLS: dict[str, TinyCell] = {"rnn": rnn.CELL, "lstm": lstm.CELL, "gru": gru.CELL}
