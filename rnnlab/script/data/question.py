"""Questions about a story in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.tasks.question import KNOWN, PAST, PEOPLE, PLACES, QUESTION, SENTENCE, VERBS

WORDS = f"""
people = {" ".join(PEOPLE)!r}.split()
places = {" ".join(PLACES)!r}.split()
verbs = {" ".join(VERBS)!r}.split()
vocabulary = [*people, *places, *verbs, *{" ".join(KNOWN.words[len(PEOPLE + PLACES + VERBS) :])!r}.split()]
"""

DRAW = '''
def draw(rng):
    """Who moved where, and where one of them is; the first verb only tells stories from unseen ones."""
    shape = batch_size, (length - {question}) // {sentence}
    who, where = rng.integers(0, len(people), shape), rng.integers(0, len(places), shape)
    verb = rng.integers(0, len(verbs), shape)
    asked = who[np.arange(batch_size), rng.integers(0, shape[1], batch_size)]
    others = np.column_stack([who, where, verb[:, 1:], asked])
    verb[:, 0] = (others.sum(axis=1) + rng.integers({first}, len(verbs), batch_size)) % len(verbs)
    inputs, lengths, targets = torch.zeros(length, batch_size, len(vocabulary)), [], []
    for b in range(batch_size):
        told, now = [], {{}}
        for i, j, k in zip(who[b], verb[b], where[b]):
            told += [people[i], verbs[j], places[k], "."]
            now[i] = k
        words = {order}
        inputs[range(len(words)), b, [vocabulary.index(word) for word in words]] = 1
        targets.append(int(now[asked[b]]))
        lengths.append(len(words))
    return inputs, torch.tensor(targets), torch.tensor(lengths)
'''

ASKED = '"where", "is", people[asked[b]], "?"'


def source(design: Design, length: int) -> Data:
    """Fresh stories."""
    order = f"[{ASKED}, *told]" if design.options["asked"] == "before" else f"[*told, {ASKED}]"
    draw = DRAW.format(question=QUESTION, sentence=SENTENCE, order=order, first=PAST["train"].start)
    return Data(f"{WORDS}\n{draw}", uneven=True)
