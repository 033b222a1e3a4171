"""What a network has learned, on a question that somebody asked: answers, what mattered, interventions.

Plain values and NumPy in and out; torch is loaded by the functions that run a network.
"""

from rnnlab.probing.answers import Answer, answer, quantities, unit_values
from rnnlab.probing.beginnings import EndedHere
from rnnlab.probing.changes import Change, change_words, changed, layers_of
from rnnlab.probing.choosing import Chosen, by_choice
from rnnlab.probing.differing import Difference, difference
from rnnlab.probing.known import KNOWN, Known, known_values
from rnnlab.probing.rows import as_csv, table, table_of_written
from rnnlab.probing.salient import saliency_map, saliency_of
from rnnlab.probing.tracking import Tracked, tracked
from rnnlab.probing.writing import Written, can_write, write

__all__ = [
    "KNOWN",
    "Answer",
    "Change",
    "Chosen",
    "Difference",
    "EndedHere",
    "Known",
    "Tracked",
    "Written",
    "answer",
    "as_csv",
    "by_choice",
    "can_write",
    "change_words",
    "changed",
    "difference",
    "known_values",
    "layers_of",
    "quantities",
    "saliency_map",
    "saliency_of",
    "table",
    "table_of_written",
    "tracked",
    "unit_values",
    "write",
]
