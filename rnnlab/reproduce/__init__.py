"""Small published experiments, run again: link name to experiment. One file and one line for each."""

from rnnlab.reproduce import adding, addition, cliff, copy, counting, look_ahead, reber, temporal_order
from rnnlab.reproduce.experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {
    "cliff": cliff.EXPERIMENT,
    "adding": adding.EXPERIMENT,
    "reber": reber.EXPERIMENT,
    "temporal-order": temporal_order.EXPERIMENT,
    "copy": copy.EXPERIMENT,
    "counting": counting.EXPERIMENT,
    "look-ahead": look_ahead.EXPERIMENT,
    "addition": addition.EXPERIMENT,
}
