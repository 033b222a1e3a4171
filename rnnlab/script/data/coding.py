"""Genes in DNA in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.tasks.coding import (
    AMINO_ACIDS,
    BASES,
    GENOME,
    HELD_OUT_SHARE,
    LONGEST,
    SEED,
    SHORTEST,
    TEST_SHARE,
)

DRAW = f'''
bases = "{BASES}"

# The standard genetic code, * a stop.
amino_acids = "{AMINO_ACIDS}"

code = dict(zip([a + b + c for a in bases for b in bases for c in bases], amino_acids))


def genome(rng):
    """Random bases and genes by turns: the indices of all bases, and which of them are coding."""
    spellings = {{}}
    for codon, acid in code.items():
        spellings.setdefault(acid, []).append(codon)
    stops = spellings.pop("*")
    codons, text, coding = list(spellings.values()), "", []
    while len(text) < {GENOME}:
        gap = rng.integers(0, len(bases), rng.integers({3 * SHORTEST + 6}, {3 * LONGEST + 7}))
        acids = rng.integers(0, len(codons), rng.integers({SHORTEST}, {LONGEST + 1}))
        middle = "".join(codons[acid][rng.integers(len(codons[acid]))] for acid in acids)
        gene = "ATG" + middle + stops[rng.integers(len(stops))]
        text += "".join(bases[base] for base in gap) + gene
        coding += [0] * len(gap) + [1] * len(gene)
    border = round({1 - HELD_OUT_SHARE - TEST_SHARE} * len(text))  # what comes after it is not trained on
    return np.array([bases.index(base) for base in text[:border]]), np.array(coding[:border])


dna, coding = genome(np.random.default_rng({SEED}))


def draw(rng):
    """Bases from places drawn alike, and whether each is part of a gene."""
    places = rng.integers(0, len(dna) - length + 1, batch_size) + np.arange(length)[:, None]
    return F.one_hot(torch.tensor(dna[places]), len(bases)).float(), torch.tensor(coding[places])
'''


def source(design: Design, length: int) -> Data:
    """The genome, generated again."""
    return Data(DRAW)
