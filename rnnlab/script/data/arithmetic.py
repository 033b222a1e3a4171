"""Arithmetic in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.tasks.arithmetic import EXAMPLES, HELD_OUT_SHARE, SEED, TEST_SHARE

SUMS = '''
def sums():
    """The sums that the app trains on: of each number of digits so many, less a tenth."""
    pairs = []
    for few, number in ({examples}):
        rng = np.random.default_rng([{seed}, few])
        larger, other = np.tril_indices(10**few)
        found = np.column_stack([larger, other])[larger >= (10 ** (few - 1) if few > 1 else 0)]
        found = rng.permuted(rng.permutation(found)[:number], axis=1)
        pairs += found[round({share} * len(found)) :].tolist()
    return sorted((f"{{a}}+{{b}}" for a, b in pairs), key=len)


sums = [text for text in sums() if len(text) <= length]
'''

DRAW = '''
def draw(rng):
    """Sums, {way}, and the digits of their values with blanks (10) behind."""
    read, lengths = np.full((length, batch_size), -1), []
    targets = np.full((digits + 1, batch_size), 10)
    for b, row in enumerate(rng.integers(0, len(sums), batch_size)):
        value = str(sum(int(number) for number in sums[row].split("+")))
        read[: len(sums[row]), b] = ["0123456789+".index(sign) for sign in sums[row]{turned}]
        targets[: len(value), b] = [int(digit) for digit in value]
        lengths.append(len(sums[row]))
    one_hot = np.eye(12, 11, dtype=np.float32)  # the last row, -1, is all zeros
    return torch.tensor(one_hot[read]), torch.tensor(targets), torch.tensor(lengths)
'''

WAYS = {
    "end": {"way": "each read from its end", "turned": "[::-1]"},
    "start": {"way": "each read from its start", "turned": ""},
}


def source(design: Design, length: int) -> Data:
    """The app's sums, found again in the same order."""
    digits = int(design.options["digits"])
    used = "".join(f"({few}, {EXAMPLES[few]}), " for few in range(1, digits + 1)).rstrip(" ")
    found = SUMS.format(examples=used, seed=SEED, share=HELD_OUT_SHARE + TEST_SHARE)
    draw = DRAW.format(**WAYS[design.options["order"]])
    return Data(found + draw, uneven=True, numbers=(("digits", digits, "at most"),))
