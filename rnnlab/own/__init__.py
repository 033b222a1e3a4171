"""A person's own data: a text, a column of a table or bases; or one sentence that says why not.

Nothing here is executed, written to disk or kept: each function turns what it is given into a value.
"""

from rnnlab.own.fasta import Bases, bases_of
from rnnlab.own.looked import Chosen, Offered, chosen, different, offered
from rnnlab.own.series import OwnSeries, name_and_unit, outline, read_series, scaled, write_series
from rnnlab.own.table import Column, Table, column_of, read_table
from rnnlab.own.text import MOST_BYTES, Read, read_bytes, read_pasted, read_text

__all__ = [
    "MOST_BYTES",
    "Bases",
    "Chosen",
    "Column",
    "Offered",
    "OwnSeries",
    "Read",
    "Table",
    "bases_of",
    "chosen",
    "column_of",
    "different",
    "name_and_unit",
    "offered",
    "outline",
    "read_bytes",
    "read_pasted",
    "read_series",
    "read_table",
    "read_text",
    "scaled",
    "write_series",
]
