"""A melody over a chord in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.tasks.melody import CHORDS, FIFTHS, LONGEST, NOTES, SEED

DRAW = f'''
notes = "{"".join(NOTES)}"  # two octaves of C major, from middle C on

chords = {list(CHORDS)!r}  # their roots are the first notes

hashing = np.random.default_rng({SEED}).integers(0, 2**63, {LONGEST}, np.uint64)[:, None]


def tones(chord):
    """The chord's notes in both octaves."""
    return [note for note in range(len(notes)) if (note - chord) % 7 in (0, 2, 4)]


def shares(near, tones_only):
    """Probability of the next note: by chord and note before, at most `near` steps of the scale away."""
    table = np.zeros((len(chords), len(notes), len(notes)))
    for chord, before in np.ndindex(table.shape[:2]):
        allowed = tones(chord) if tones_only else range(len(notes))
        allowed = [note for note in allowed if abs(note - before) <= near]
        table[chord, before, allowed] = 1 / len(allowed)
    return table


weak, strong = shares(1, False), shares(4, True)


def melodies(rng, chord):
    """A note for each eighth: of the chord on every fourth, the chord's root at the end."""
    starts = np.array([tones(c) for c in range(len(chords))])
    found = [starts[chord, rng.integers(0, starts.shape[1], len(chord))]]
    for step in range(1, length):
        p = (weak if step % 4 else strong)[chord, found[-1]]
        if step == length - 1:
            p = np.eye(len(notes))[chord]
        drawn = rng.random((len(chord), 1)) * (1 - 1e-9)
        found.append((p.cumsum(axis=1) <= drawn).sum(axis=1))
    return np.stack(found)


def draw(rng):
    """Chords and melodies over them, less those that the app does not train on."""
    kept = np.empty((length + 1, 0), np.int64)
    while kept.shape[1] < batch_size:
        chord = rng.integers(0, len(chords), 2 * batch_size)
        melody = melodies(rng, chord)
        sums = ((melody.astype(np.uint64) + np.uint64(1)) * hashing[:length]).sum(axis=0)
        train = (sums >> np.uint64(32)) % np.uint64(5) >= {min(FIFTHS["train"])}
        kept = np.concatenate([kept, np.stack([chord, *melody])[:, train]], axis=1)
    kept = torch.tensor(kept[:, :batch_size])
    return F.one_hot(kept[0], len(chords)).float(), kept[1:]
'''


def source(design: Design, length: int) -> Data:
    """The same rules."""
    return Data(DRAW)
