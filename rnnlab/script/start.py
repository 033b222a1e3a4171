"""The first weights in a script: the draws of `rnnlab.model.weights`, in the same order."""

from __future__ import annotations

from rnnlab.model.cells import CELLS
from rnnlab.script.crossing import crossing
from rnnlab.script.plan import Plan
from rnnlab.script.readers import before
from rnnlab.script.source import joined

BLOCKS = {
    "uniform": "rng.uniform(-1, 1, square) / np.sqrt(hidden_size)",
    "orthogonal": "orthogonal(rng)",
    "identity": "np.eye(hidden_size)",
    "normal": "rng.standard_normal(square) / np.sqrt(hidden_size)",
}

ORTHOGONAL = '''
def orthogonal(rng):
    """A rotation, uniform over all of them (Mezzadri 2007)."""
    q, r = np.linalg.qr(rng.standard_normal((hidden_size, hidden_size)))
    return q * np.sign(np.diag(r))
'''


def start(plan: Plan) -> str:
    """The function `initialise`."""
    design, cell = plan.design, CELLS[plan.design.cell]
    block = BLOCKS[design.recurrent_init]
    blocks = f"            blocks = [{block} for _ in range({cell.blocks})]" if cell.blocks > 1 else None
    drawn = "np.concatenate(blocks)" if blocks else block
    told = "recurrent weights are drawn anew" + ", gate by gate" * (cell.blocks > 1)
    gain = " * recurrent_gain" if design.recurrent_gain != 1 else ""
    wide = crossing(plan).wide
    inputs_of = "{" + ", ".join(f'"{name}": {number}' for name, number in wide.items()) + "}"
    return joined(
        ORTHOGONAL if "orthogonal" in block else None,
        "\n",
        "def initialise(network):",
        '    """The weights that the app starts from, drawn by NumPy: the same everywhere."""',
        "    rng = np.random.default_rng([seed, 1])",
        "    square = (hidden_size, hidden_size)" if "square" in block else None,
        f"    # how many numbers the other linear maps take\n    inputs_of = {inputs_of}" if wide else None,
        "    for name, weights in network.named_parameters():",
        f"        bound = 1 / np.sqrt({inputs(plan)})",
        "        values = rng.uniform(-bound, bound, weights.shape)",
        f'        if "weight_hh" in name:  # {told}',
        blocks,
        f"            values = {drawn}{gain}",
        *(FORGET if "f" in cell.gates else []),
        "        weights.data = torch.tensor(values, dtype=torch.float32)",
    )


def inputs(plan: Plan) -> str:
    """How many numbers the map with this name takes, as an expression of the script."""
    if crossing(plan).wide:
        return 'inputs_of.get(name.split(".")[0], hidden_size)'
    size = f'{plan.states_wide} if "readout" in name else hidden_size' if plan.both else "hidden_size"
    reader = before(plan).fan_in
    return f'{reader} if "reader" in name else {size}' if reader else size


FORGET = [
    '        if "bias_ih" in name:',
    "            values[hidden_size : 2 * hidden_size] = forget_bias",
    '        if "bias_hh" in name:',
    "            values[hidden_size : 2 * hidden_size] = 0",
]
