"""The registry of cells: link name to cell."""

from rnnlab.model.cells import gru, lstm, rnn
from rnnlab.model.cells.cell import Cell

CELLS: dict[str, Cell] = {"rnn": rnn.CELL, "lstm": lstm.CELL, "gru": gru.CELL}
