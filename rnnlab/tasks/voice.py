"""A voice, synthesised: pulses of the vocal cords through the resonances of the mouth, and its spectrogram.

Source and filter as in Klatt (1980, J. Acoust. Soc. Am. 67, 971): pulses at the pitch, which falls a little,
through one pole that softens them and a cascade of one two-pole resonator for each formant, evaluated exactly
at the frequencies of a discrete Fourier transform. Average pitch and formants of ten American English vowels
by 33 men and 28 women: Peterson and Barney (1952, J. Acoust. Soc. Am. 24, 175, table II).
B sounds, N samples, T frames, F frequencies, K bands.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.spec import Floats

Doubles = NDArray[np.float64]

WORDS = ("heed", "hid", "head", "had", "hod", "hawed", "hood", "who'd", "hud", "heard")
MEN = (
    (136, 270, 2290, 3010),
    (135, 390, 1990, 2550),
    (130, 530, 1840, 2480),
    (127, 660, 1720, 2410),
    (124, 730, 1090, 2440),
    (129, 570, 840, 2410),
    (137, 440, 1020, 2240),
    (141, 300, 870, 2240),
    (130, 640, 1190, 2390),
    (133, 490, 1350, 1690),
)
WOMEN = (
    (235, 310, 2790, 3310),
    (232, 430, 2480, 3070),
    (223, 610, 2330, 2990),
    (210, 860, 2050, 2850),
    (212, 850, 1220, 2810),
    (216, 590, 920, 2710),
    (232, 470, 1160, 2680),
    (231, 370, 950, 2670),
    (221, 760, 1400, 2780),
    (218, 500, 1640, 1960),
)
AVERAGES = np.array([MEN, WOMEN], np.float64)
"""Hertz: pitch and three formants (men or women, vowel in the order of WORDS, 4)."""

BANDWIDTHS_HZ = np.array([60.0, 90.0, 150.0])
RATE = 8000
"""Samples a second."""

HOP, WINDOW, TRANSFORM = 80, 200, 256
"""Samples from one frame to the next, in a frame, and in its transform: 10 and 25 milliseconds."""

BANDS = 24
LOWEST_HZ, HIGHEST_HZ = 100.0, 4000.0
SOFTNESS = 0.95
FALL = 0.9
"""The pitch at the end of a vowel, of that at its beginning."""

NOISE = 0.03
"""Amplitude of the hiss behind, where the vowel's root mean square is 1."""

LOUD = 0.0
"""Above this a band of the spectrogram is louder than the hiss."""


class Voices(NamedTuple):
    """Speakers (B,): 0 for men's averages or 1 for women's, the formants' scale and the pitch's."""

    kind_B: NDArray[np.int64]
    tract_B: Doubles
    pitch_B: Doubles

    def rows(self, chosen: NDArray[np.int64]) -> Voices:
        """Some of the speakers, by their numbers."""
        return Voices(self.kind_B[chosen], self.tract_B[chosen], self.pitch_B[chosen])


def samples_of(frames: int) -> int:
    """How many samples so many frames see."""
    return HOP * (frames - 1) + WINDOW


def pulses(pitch_B: Doubles, first_B: NDArray[np.int64], width: int, number: int) -> Doubles:
    """A one where a period begins (B, N), within `width` samples from `first_B` on; zeros elsewhere."""
    place_BN = np.arange(number) - first_B[:, None]
    inside_BN = (place_BN >= 0) & (place_BN < width)
    falling_BN = pitch_B[:, None] * (1 - (1 - FALL) * place_BN.clip(0, width) / width)
    periods_BN = np.cumsum(np.where(inside_BN, falling_BN / RATE, 0), axis=1)
    return np.asarray(np.diff(np.floor(periods_BN), axis=1, prepend=-1) * inside_BN)


def response(formants_B3: Doubles, hertz_F: Doubles) -> NDArray[np.complex128]:
    """What the mouth and the softening do to each frequency (B, F); the mouth passes 0 Hz as it is."""
    back_F = np.exp(-2j * np.pi * hertz_F / RATE)
    found = 1 / (1 - SOFTNESS * back_F)[None]
    for formant_B, bandwidth in zip(formants_B3.T, BANDWIDTHS_HZ, strict=True):
        radius = np.exp(-np.pi * bandwidth / RATE)
        b_B1 = 2 * radius * np.cos(2 * np.pi * formant_B / RATE)[:, None]
        c = -(radius**2)
        found = found * (1 - b_B1 - c) / (1 - b_B1 * back_F - c * back_F**2)
    return np.asarray(found)


def spoken(
    rng: np.random.Generator, vowel_B: NDArray[np.int64], voices: Voices, width: int, latest: int, number: int
) -> Doubles:
    """Sounds (B, N): hiss, and in it a vowel of `width` samples that begins at `latest` at the latest."""
    size = len(vowel_B)
    average_B4 = AVERAGES[voices.kind_B, vowel_B]
    formants_B3 = average_B4[:, 1:] * voices.tract_B[:, None] * rng.normal(1, 0.02, (size, 3))
    source_BN = pulses(average_B4[:, 0] * voices.pitch_B, rng.integers(0, latest + 1, size), width, number)
    padded = 1 << (number + RATE // 10).bit_length()  # so that no echo comes round to the beginning
    hertz_F = np.fft.rfftfreq(padded, 1 / RATE).astype(np.float64)
    voice_BN = np.fft.irfft(np.fft.rfft(source_BN, padded) * response(formants_B3, hertz_F), padded)
    voice_BN = voice_BN[:, :number] - voice_BN[:, :number].mean(axis=1, keepdims=True)
    loudness_B1 = np.sqrt((voice_BN**2).sum(axis=1, keepdims=True) / width)
    return np.asarray(voice_BN / loudness_B1 + NOISE * rng.normal(size=(size, number)))


def mel(hertz: Any) -> Any:
    """The mel scale, on which equal steps sound alike."""
    return 2595 * np.log10(1 + hertz / 700)


def centres() -> Doubles:
    """The middle of each band in hertz (K + 2,), with the outer ends of the first and the last."""
    steps = np.linspace(mel(LOWEST_HZ), mel(HIGHEST_HZ), BANDS + 2)
    return np.asarray(700 * (10 ** (steps / 2595) - 1))


@lru_cache(maxsize=1)
def filters_FK() -> Doubles:
    """Triangles from the middle of one band to that of the next but one, each with the sum one (F, K)."""
    hertz_F1, edges = np.fft.rfftfreq(TRANSFORM, 1 / RATE)[:, None], centres()
    rising = (hertz_F1 - edges[:-2]) / (edges[1:-1] - edges[:-2])
    sinking = (edges[2:] - hertz_F1) / (edges[2:] - edges[1:-1])
    triangles = np.minimum(rising, sinking).clip(min=0)
    return np.asarray(triangles / triangles.sum(axis=0))


def spectrogram(sounds_BN: Doubles) -> Floats:
    """How loud each band is in each frame (T, B, K), in units of 20 decibels."""
    frames_BTN = np.lib.stride_tricks.sliding_window_view(sounds_BN, WINDOW, axis=1)[:, ::HOP]
    power_BTF = np.abs(np.fft.rfft(frames_BTN * np.hanning(WINDOW), TRANSFORM)) ** 2
    decibels_BTK = 10 * np.log10(power_BTF @ filters_FK() + 1e-12)
    return np.ascontiguousarray((decibels_BTK / 20).transpose(1, 0, 2), np.float32)
