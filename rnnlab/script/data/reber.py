"""The embedded Reber grammar in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.tasks.reber import EACH, INNER, LETTERS, LONGEST, SEED

STRINGS = f'''
letters = "{"".join(LETTERS.characters)}"

grammar = [  # at each node: the symbols that may follow, and the nodes they lead to
{"".join(f"    {node!r},{chr(10)}" for node in INNER).rstrip().replace("'", '"')}
]


def strings(rng):
    """The first {EACH} different strings that the grammar gives, each between two T and between two P."""
    found = {{}}  # each with its probability
    while len(found) < {EACH}:
        word, node, probability = "B", 0, 0.5
        while node < len(grammar):
            symbol = list(grammar[node])[rng.integers(len(grammar[node]))]
            probability /= len(grammar[node])
            word, node = word + symbol, grammar[node][symbol]
        if len(word) <= {LONGEST - 4}:
            found[word] = probability
    words = sorted(found, key=len)
    return [(f"B{{outer}}{{word}}{{outer}}E", found[word]) for word in words for outer in "TP"]


strings = [(word, p) for word, p in strings(np.random.default_rng({SEED})) if len(word) <= length + 1]
'''

DRAW = '''
def draw(rng):
    """Strings, as often as the grammar gives them; after each symbol the next is asked."""
    p = np.array([probability for _, probability in strings])
    read, asked = np.full((2, length, batch_size), -1)
    for b, row in enumerate(rng.choice(len(strings), batch_size, p=p / p.sum())):
        symbols = [letters.index(symbol) for symbol in strings[row][0]]
        read[: len(symbols) - 1, b], asked[: len(symbols) - 1, b] = symbols[:-1], symbols[1:]
    one_hot = np.eye(len(letters) + 1, len(letters), dtype=np.float32)  # the last row, -1, is all zeros
    return torch.tensor(one_hot[read]), torch.tensor(asked), torch.tensor(asked >= 0)
'''


def source(design: Design, length: int) -> Data:
    """Strings of the grammar, found again in the same order."""
    return Data(f"{STRINGS}\n{DRAW}", masked=True, uneven=True)
