"""Melodies, vowels and DNA: each rule checked by another way than the one that made it."""

import itertools
import math

import numpy as np
import pytest
from scipy.signal import lfilter

from rnnlab import Design, Settings, advance, begin, evaluate
from rnnlab.tasks import TASKS, coding, melody, voice, vowels
from rnnlab.tasks.spec import PARTS

SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def key(note: int) -> int:
    """The MIDI number of a note, from its ABC letter."""
    letter = melody.NOTES[note]
    return 60 + SHARPS.index(letter.upper()) + 12 * letter.islower()


def triad(chord: str) -> set[int]:
    """A chord's pitch classes in semitones: a major triad is 4 and 3 semitones, a minor one 3 and 4."""
    root = SHARPS.index(chord[0])
    return {root, (root + (3 if chord.endswith("m") else 4)) % 12, (root + 7) % 12}


@pytest.mark.parametrize("side", PARTS)
def test_melodies_keep_the_rules(side):
    task = TASKS["melody"].load("one-to-many", {})
    batch = getattr(task, side)(rng(), 300, 16)
    for index in range(300):
        chord = task.input_labels(batch, index)[0]
        notes = batch.targets[:, index]
        for step in (0, 4, 8, 12):
            assert key(notes[step]) % 12 in triad(chord)
        for step in range(1, 15):
            assert abs(notes[step] - notes[step - 1]) <= (4 if step % 4 == 0 else 1)
        assert melody.NOTES[notes[-1]] == chord[0]


def test_every_melody_is_in_one_part_and_one_in_five_is_held_out():
    notes = melody.melodies(rng(1), rng().integers(0, 6, 20_000), 8)
    parts = np.array([melody.belongs(notes, part) for part in PARTS])
    assert (parts.sum(axis=0) == 1).all()
    assert parts.mean(axis=1) == pytest.approx([0.6, 0.2, 0.2], abs=0.03)
    task = TASKS["melody"].load("one-to-many", {})
    for part in PARTS:
        assert melody.belongs(getattr(task, part)(rng(2), 500, 8).targets, part).all()


def test_the_lowest_loss_is_the_entropy_of_all_melodies():
    """Every melody of five notes over a chord, one by one, with its probability."""
    total = 0.0
    for chord, name in enumerate(melody.CHORDS):
        found = {}
        for start in [n for n in range(14) if key(n) % 12 in triad(name)]:
            for walk in itertools.product(range(-1, 2), repeat=3):
                notes, p = [start], 1 / 6
                for move in walk:
                    if not 0 <= notes[-1] + move < 14:
                        break
                    p /= sum(0 <= notes[-1] + m < 14 for m in (-1, 0, 1))
                    notes.append(notes[-1] + move)
                else:
                    found[(*notes, chord)] = p
        assert sum(found.values()) == pytest.approx(1)
        total += -sum(p * math.log(p) for p in found.values()) / 6
    assert melody.lowest_loss(5) == pytest.approx(total / 5)


def test_the_melodies_baseline_is_counted_by_drawing():
    task = TASKS["melody"].load("one-to-many", {})
    notes = melody.melodies(rng(), rng(1).integers(0, 6, 40_000), 16)
    shares = np.stack([np.bincount(row, minlength=14) for row in notes]) / 40_000
    costs = -(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=1)
    assert task.baseline(16).loss == pytest.approx(costs.mean(), rel=0.01)
    assert melody.lowest_loss(16) < 0.6 * task.baseline(16).loss


def test_an_a_is_midis_key_of_440_hertz():
    assert melody.keys([melody.NOTES.index("A")]).tolist() == [69]


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("vowel", range(10))
def test_the_filter_is_a_cascade_of_resonators(kind, vowel):
    """Against the difference equations, one sample after the other."""
    formants = voice.AVERAGES[kind, vowel, 1:]
    impulse = np.zeros(8192)
    impulse[0] = 1
    expected = lfilter([1], [1, -voice.SOFTNESS], impulse)
    for hertz, width in zip(formants, voice.BANDWIDTHS_HZ, strict=True):
        pole = np.exp((-np.pi * width + 2j * np.pi * hertz) / voice.RATE)
        denominator = np.poly([pole, pole.conj()]).real
        expected = lfilter([denominator.sum()], denominator, expected)
    found = np.fft.irfft(voice.response(formants[None], np.fft.rfftfreq(8192, 1 / voice.RATE))[0])
    assert found == pytest.approx(expected, abs=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize("vowel", range(10))
def test_pitch_and_formants_are_heard_in_the_sound(vowel):
    """The longest period that repeats is the pitch's; the loudest harmonic near F1 is within one harmonic."""
    one = voice.Voices(np.zeros(1, int), np.ones(1), np.ones(1))
    (sound,) = voice.spoken(rng(), np.array([vowel]), one, 4000, 0, 4000)
    pitch, first = voice.AVERAGES[0, vowel, :2]
    middle = sound[1600:2400] * np.hanning(800)
    repeats = np.correlate(middle, middle, "full")[799:]
    lags = np.arange(voice.RATE // 200, voice.RATE // 90)
    heard = voice.RATE / lags[repeats[lags].argmax()]
    assert heard == pytest.approx(0.95 * pitch, rel=0.04)
    shares = np.abs(np.fft.rfft(middle, 8000))
    assert abs(int(shares.argmax()) - first) <= pitch


def test_a_tone_is_loudest_in_its_band():
    for band in (3, 10, 20):
        hertz = voice.centres()[band + 1]
        tone = np.sin(2 * np.pi * hertz * np.arange(2000) / voice.RATE)[None]
        assert (voice.spectrogram(tone)[:, 0].argmax(axis=1) == band).all()
    louder = voice.spectrogram(10 * tone) - voice.spectrogram(tone)
    assert louder[0, 0, 20] == pytest.approx(1, abs=1e-4)


def test_the_measured_averages_are_those_of_the_paper():
    """Known relations of table II: heed has the lowest F1 and highest F2, hod of men the highest F1."""
    men, women = voice.AVERAGES
    for table in (men, women):
        assert table[:, 1].argmin() == voice.WORDS.index("heed")
        assert table[:, 2].argmax() == voice.WORDS.index("heed")
        assert table[:, 3].argmin() == voice.WORDS.index("heard")
    assert men[:, 1].argmax() == voice.WORDS.index("hod")
    assert (women > men).all()
    assert (np.diff(voice.AVERAGES[:, :, 1:], axis=2) > 0).all()


def test_no_voice_is_in_two_parts_and_vowels_stand_at_the_beginning():
    assert len({tract for part in vowels.voices() for tract in part.tract_B}) == 100
    assert [len(part.kind_B) for part in vowels.voices()] == [60, 20, 20]
    task = TASKS["vowels"].load("many-to-one", {})
    batch = task.held_out(rng(), 50, 40)
    for index in range(50):
        loud = [label != "·" for label in task.input_labels(batch, index)]
        assert 8 <= sum(loud) <= 14
        assert not any(loud[19:])
        assert "\n" in task.sample(batch, index, np.zeros((1, 10))).input


def test_the_genetic_code_is_the_standard_one():
    """Codons whose meaning every textbook gives, and how many codons spell each amino acid."""
    known = {"ATG": "M", "TGG": "W", "TTT": "F", "AAA": "K", "GGG": "G", "GAA": "E", "CAT": "H", "ATA": "I"}
    assert {codon: coding.CODE[codon] for codon in known} == known
    assert set(coding.STOPS) == {"TAA", "TAG", "TGA"}
    counts = sorted(map(len, coding.spellings().values()))
    assert counts == [1] * 2 + [2] * 9 + [3] + [4] * 5 + [6] * 3


def test_every_gene_of_all_parts_reads_from_start_to_its_first_stop():
    genomes = coding.genomes()
    sizes = [len(part.bases_N) for part in genomes]
    assert sum(sizes) >= coding.GENOME
    assert np.array(sizes) / sum(sizes) == pytest.approx([0.8, 0.1, 0.1], abs=1e-4)
    for part in genomes:
        text = "".join(coding.BASES[base] for base in part.bases_N)
        borders = np.flatnonzero(np.diff(part.coding_N)) + 1
        stretches = np.split(np.arange(len(text)), borders)[1:-1]
        genes = [text[s[0] : s[-1] + 1] for s in stretches if part.coding_N[s[0]]]
        assert len(genes) > 80
        for gene in genes:
            codons = [gene[i : i + 3] for i in range(0, len(gene), 3)]
            assert codons[0] == "ATG"
            assert [i for i, codon in enumerate(codons) if codon in coding.STOPS] == [len(codons) - 1]
            assert 15 <= len(codons) - 2 <= 35
        assert part.coding_N.mean() == pytest.approx(0.5, abs=0.04)


def test_dna_reads_as_capitals_where_it_is_coding():
    task = TASKS["coding"].load("many-to-many", {})
    batch = task.held_out(rng(), 20, 60)
    for index in range(20):
        sample = task.sample(batch, index, np.eye(2)[batch.targets[:, index]])
        assert sample.input == sample.target.lower()
        assert [letter.isupper() for letter in sample.target] == batch.targets[:, index].astype(bool).tolist()


def test_no_network_foretells_what_the_rules_leave_open():
    settings = Settings(length=8, learning_rate=1e-2)
    state, _ = advance(begin(Design(task="melody")), settings, 150)
    report = evaluate(state, settings)
    assert 0.97 * melody.lowest_loss(8) < report.loss < 0.8 * report.baseline_loss
