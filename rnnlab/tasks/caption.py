"""A picture to its name: an 8x8 digit goes in once, its name comes out letter by letter in a language.

Names are in lower case, as everyday spelling has them. `length` counts the letters and the end sign; longer
names are cut. The images are those of the task on digits, in the same three parts. S output time steps, B
images.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.tasks.answers import confidence, frequencies, predicted, wanted
from rnnlab.tasks.characters import NOTHING, Alphabet, alphabet, table
from rnnlab.tasks.digits import SIDE, Images, images, picture, seen
from rnnlab.tasks.options import ChoiceOption
from rnnlab.tasks.spec import Baseline, Batch, Lengths, Options, Sample, TaskSpec

END = "■"
NAMES = {
    "en": "zero one two three four five six seven eight nine",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "pt": "zero um dois três quatro cinco seis sete oito nove",
    "nl": "nul een twee drie vier vijf zes zeven acht negen",
    "sv": "noll ett två tre fyra fem sex sju åtta nio",
    "pl": "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć",
    "tr": "sıfır bir iki üç dört beş altı yedi sekiz dokuz",
}
LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "sv": "Swedish",
    "pl": "Polish",
    "tr": "Turkish",
}


@dataclass(frozen=True)
class Caption:
    """An image of a digit to its name in a language, to the end sign."""

    letters: Alphabet
    names_DW: NDArray[np.int64]
    widths_D: NDArray[np.int64]
    output_size: int
    labels: tuple[str, ...]
    input_size: int = 64
    loss: str = "cross_entropy"
    metric: str = "exact_match"

    @property
    def end(self) -> int:
        return self.letters.size

    def spelled(self, digits_B: NDArray[np.int64], length: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Letters and end sign of the digits' names, with zeros behind (S, B), and where they stand."""
        width = self.names_DW.shape[1]
        letters_DS = np.zeros((len(self.widths_D), length), np.int64)
        letters_DS[:, :width] = np.where(self.names_DW == NOTHING, 0, self.names_DW)[:, :length]
        last_D = np.minimum(self.widths_D, length - 1)
        letters_DS[np.arange(len(last_D)), last_D] = self.end
        mask_DS = np.arange(length) <= last_D[:, None]
        targets_SB, mask_SB = (letters_DS * mask_DS)[digits_B].T, mask_DS[digits_B].T
        return np.ascontiguousarray(targets_SB), np.ascontiguousarray(mask_SB)

    def draw(self, part: Images, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        chosen_B = rng.integers(0, len(part.digits), batch_size)
        targets_SB, mask_SB = self.spelled(part.digits[chosen_B], length)
        return Batch(part.pixels[chosen_B][None], targets_SB, mask_SB, np.ones(batch_size, np.int64))

    def train(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw(images().train, rng, batch_size, length)

    def held_out(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw(images().held_out, rng, batch_size, length)

    def test(self, rng: np.random.Generator, batch_size: int, length: int) -> Batch:
        return self.draw(images().test, rng, batch_size, length)

    def baseline(self, length: int, test: bool = False) -> Baseline:
        """How often each letter occurs at its place in training; the most frequent digit's whole name."""
        unseen = images().unseen(test)
        train, others = (self.spelled(part.digits, length) for part in (images().train, unseen))
        costs, asked = 0.0, 0
        for row, mask, other, valid in zip(*train, *others, strict=True):
            counts_O = np.bincount(row[mask], minlength=self.output_size)
            costs += float(-np.log(frequencies(counts_O))[other[valid]].sum())
            asked += int(valid.sum())
        usual = np.array([np.bincount(images().train.digits).argmax()])
        same_D = (self.spelled(np.arange(10), length)[0].T == self.spelled(usual, length)[0].T).all(1)
        right = float(same_D[unseen.digits].mean())
        return Baseline(
            costs / asked, right, "how often each letter occurs at its place in training", exact=False
        )

    def input_labels(self, batch: Batch, index: int) -> list[str]:
        return [picture(batch, index)]

    def output_labels(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> list[str]:
        return predicted(self.labels, batch, index, outputs_SO)

    def target_labels(self, batch: Batch, index: int) -> list[str]:
        return wanted(self.labels, batch, index)

    def name(self, indices: NDArray[np.int64]) -> str:
        """The letters before the first end sign."""
        ends = np.flatnonzero(indices == self.end)
        return self.letters.decode(indices[: ends[0]] if len(ends) else indices)

    def sample(self, batch: Batch, index: int, outputs_SO: NDArray[Any]) -> Sample:
        target, answer = self.name(batch.targets[:, index]), self.name(outputs_SO.argmax(axis=1))
        sure = confidence(outputs_SO[batch.mask_SB[:, index]])
        return Sample(picture(batch, index), target, answer, target == answer, sure)

    def images(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        return seen(batch, index)

    def thumbnail(self, batch: Batch, index: int) -> NDArray[np.uint8]:
        return seen(batch, index).reshape(SIDE, SIDE)


def load(topology: str, options: Options) -> Caption:
    names = NAMES[options.get("language", "en")].split()
    letters = alphabet("".join(names))
    names_DW, widths_D = table(names, letters, max(map(len, names)))
    images()
    return Caption(letters, names_DW, widths_D, letters.size + 1, (*letters.labels, END))


SPEC = TaskSpec(
    label="A picture's name, spelled",
    group="Images",
    sentence="A picture of a digit is seen once; then its name is spelled from memory, letter by letter. "
    "Captions of photographs are written in the same way.",
    source="The 8x8 digits of scikit-learn: optical recognition of handwritten digits, E. Alpaydin and "
    "C. Kaynak, UCI Machine Learning Repository (CC BY 4.0). The ten names are the project's own table.",
    topologies={"one-to-many": Lengths(4, 10, 9, "letters at most, the end sign included")},
    load=load,
    metric_label="names all right",
    design={"cell": "gru", "hidden_size": 48},
    settings={"learning_rate": 5e-3},
    options={
        "language": ChoiceOption(
            label="Language",
            help="The language in which the digit's name is spelled.",
            choices=LANGUAGES,
            default="en",
        )
    },
)
