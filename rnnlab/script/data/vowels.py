"""Spoken vowels in a script."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.tasks import voice, vowels

ALL_VOICES = vowels.VOICES + vowels.HELD_OUT_VOICES + vowels.TEST_VOICES


def written(kind: tuple[tuple[int, ...], ...]) -> str:
    """Pitch and formants of men or of women, one vowel in a line."""
    return "".join(f"        {list(row)!r},\n" for row in kind)


TABLE = f"""
# Hertz, of men, then of women, for {", ".join(voice.WORDS)}
pitch_and_formants = np.array([
    [
{written(voice.MEN)}    ],
    [
{written(voice.WOMEN)}    ],
])
"""

DRAW = f'''
rate, hop, window, bands = {voice.RATE}, {voice.HOP}, {voice.WINDOW}, {voice.BANDS}  # hertz, samples, samples

vowel_samples, voices = {vowels.VOWEL_FRAMES} * hop, {vowels.VOICES}

speakers = np.random.default_rng({vowels.SEED})

tract, pitch = speakers.normal(1, 0.04, {ALL_VOICES}), speakers.normal(1, 0.08, {ALL_VOICES})


def spoken(rng, vowel, speaker, samples):
    """Sounds (B, samples): hiss, and near its beginning pulses of a voice that resonate."""
    average = pitch_and_formants[speaker % 2, vowel]
    formants = average[:, 1:] * tract[speaker, None] * rng.normal(1, 0.02, (batch_size, 3))
    first = rng.integers(0, {vowels.SHORTEST - vowels.VOWEL_FRAMES} * hop + 1, batch_size)
    place = np.arange(samples) - first[:, None]
    inside = (place >= 0) & (place < vowel_samples)
    falling = 1 - (1 - {voice.FALL}) * place.clip(0, vowel_samples) / vowel_samples
    hertz = (average[:, 0] * pitch[speaker])[:, None] * falling
    periods = np.cumsum(np.where(inside, hertz / rate, 0), axis=1)
    pulses = np.diff(np.floor(periods), axis=1, prepend=-1) * inside
    padded = 1 << (samples + rate // 10).bit_length()  # so that no echo comes round to the beginning
    back = np.exp(-2j * np.pi * np.fft.rfftfreq(padded, 1 / rate) / rate)
    response = 1 / (1 - {voice.SOFTNESS} * back)
    for formant, bandwidth in zip(formants.T, {voice.BANDWIDTHS_HZ.tolist()}):
        radius = np.exp(-np.pi * bandwidth / rate)
        b, c = 2 * radius * np.cos(2 * np.pi * formant / rate)[:, None], -(radius**2)
        response = response * (1 - b - c) / (1 - b * back - c * back**2)
    sound = np.fft.irfft(np.fft.rfft(pulses, padded) * response, padded)[:, :samples]
    sound = sound - sound.mean(axis=1, keepdims=True)
    sound = sound / np.sqrt((sound**2).sum(axis=1, keepdims=True) / vowel_samples)
    return sound + {voice.NOISE} * rng.normal(size=(batch_size, samples))


def spectrogram(sounds):
    """How loud each band is in each frame (T, B, bands), in units of 20 decibels."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in ({voice.LOWEST_HZ}, {voice.HIGHEST_HZ}))
    edges = 700 * (10 ** (np.linspace(low, high, bands + 2) / 2595) - 1)
    hertz = np.fft.rfftfreq({voice.TRANSFORM}, 1 / rate)[:, None]
    rising = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    sinking = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    filters = np.minimum(rising, sinking).clip(min=0)
    frames = np.lib.stride_tricks.sliding_window_view(sounds, window, axis=1)[:, ::hop]
    power = np.abs(np.fft.rfft(frames * np.hanning(window), {voice.TRANSFORM})) ** 2
    decibels = 10 * np.log10(power @ (filters / filters.sum(axis=0)) + 1e-12)
    return (decibels / 20).transpose(1, 0, 2)


def draw(rng):
    """Sounds of {vowels.VOICES} voices as spectrograms, and which vowel is in each."""
    vowel = rng.integers(0, {len(voice.WORDS)}, batch_size)
    speaker = rng.integers(0, voices, batch_size)
    sounds = spoken(rng, vowel, speaker, hop * (length - 1) + window)
    return torch.tensor(spectrogram(sounds).copy()).float(), torch.tensor(vowel)
'''


def source(design: Design, length: int) -> Data:
    """Sounds, synthesised in the same way."""
    return Data(f"{TABLE}\n{DRAW}")
