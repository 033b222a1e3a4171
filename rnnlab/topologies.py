"""The five topologies, as facts: what a person reads about them and what they allow.

How each is computed stands in `rnnlab.model.topologies`, under the same link names.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Topology:
    """`generates` is True where a network's outputs are its own next inputs.

    `decodes` is True where one network goes on from what another one has read.
    """

    label: str
    sentence: str
    generates: bool
    decodes: bool = False


TOPOLOGIES: dict[str, Topology] = {
    "one-to-one": Topology(
        "One to one",
        "One input, one output: nothing flows through time. The baseline that every other topology extends.",
        generates=False,
    ),
    "one-to-many": Topology(
        "One to many",
        "One input starts the state; from then on each output is fed back as the next input.",
        generates=True,
    ),
    "many-to-one": Topology(
        "Many to one",
        "The whole sequence is read; only the output after its last time step counts.",
        generates=False,
    ),
    "many-to-many": Topology(
        "Many to many",
        "One output for every input, at the same time step.",
        generates=False,
    ),
    "encoder-decoder": Topology(
        "Encoder-decoder",
        "An encoder reads the input into one context vector; a decoder writes the output from it.",
        generates=True,
        decodes=True,
    ),
}
