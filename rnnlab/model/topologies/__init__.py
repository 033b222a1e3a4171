"""The registry of wirings: link name of a topology to how it is computed."""

from rnnlab.model.topologies import encoder_decoder, many_to_many, many_to_one, one_to_many, one_to_one
from rnnlab.model.topologies.topology import Fed, TensorBatch, Wiring

WIRINGS: dict[str, Wiring] = {
    "one-to-one": one_to_one.WIRING,
    "one-to-many": one_to_many.WIRING,
    "many-to-one": many_to_one.WIRING,
    "many-to-many": many_to_many.WIRING,
    "encoder-decoder": encoder_decoder.WIRING,
}

__all__ = ["WIRINGS", "Fed", "TensorBatch", "Wiring"]
