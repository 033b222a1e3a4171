"""The recurrent layers of a script: PyTorch's module where it fits, else written out over time."""

from __future__ import annotations

from rnnlab.script.cells import SCRIPT_CELLS, options, own_cell, own_rule, step_module
from rnnlab.script.plan import Plan
from rnnlab.script.source import inside, joined, prose

DROP = '''
def drop(x, generator):
    """Leave out numbers at random and make the others larger, so that the mean stays."""
{quiet}    kept = torch.rand(x.shape, generator=generator) >= dropout
    return x * (kept / (1 - dropout))
'''

QUIET = "    if generator is None:\n        return x\n"

TURNED = '''
def turned(x, lengths):
    """Every sequence back to front; its padding stays at the end."""
    t = torch.arange(len(x))[:, None]
    source = torch.where(t < lengths, lengths - 1 - t, t)
    return x.gather(0, source[:, :, None].expand_as(x))
'''


def made(plan: Plan, inputs: str) -> str:
    """An expression that makes the recurrent layers."""
    if plan.why_written_out:
        return f"Recurrent({inputs})"
    more = f", num_layers={plan.design.layers}" * plan.stacked + ", bidirectional=True" * plan.both
    return f"{SCRIPT_CELLS[plan.design.cell].layers}({inputs}, hidden_size{more}{options(plan.design)})"


def classes(plan: Plan) -> str:
    """All that `made` needs, and `drop`."""
    quiet = QUIET if plan.coins and plan.why_written_out and plan.stacked else ""
    return joined(
        DROP.format(quiet=quiet) if plan.drops else None,
        own_cell(plan.design) if own_rule(plan.design) else None,
        *([read(plan), turning(plan), recurrent(plan)] if plan.why_written_out else []),
    )


def turning(plan: Plan) -> str | None:
    return TURNED if plan.both and plan.reads_lengths else None


def read(plan: Plan) -> str:
    """One layer in one direction, time step by time step."""
    shape = "(T, B, H)"
    detached = "tuple(s.detach() for s in state)" if plan.pairs else "state.detach()"
    cut = joined(
        "        if t > 0 and t % window == 0:",
        f"            state = {detached}  # truncated backpropagation: no gradient passes here",
    )
    both = "torch.stack([h for h, _ in states]), torch.stack([c for _, c in states])"
    first = "torch.stack([h for h, _ in states])" if plan.pairs else "torch.stack(states)"
    return joined(
        "\n",
        "def read(cell, x, state=None):",
        f'    """What the states {"h and c are" if gives_both(plan) else "are"} '
        f'after every time step {shape}."""',
        "    states = []",
        "    for t in range(len(x)):" if plan.window else "    for x_t in x:",
        cut if plan.window else None,
        f"        state = cell({'x[t]' if plan.window else 'x_t'}, state)",
        "        states.append(state)",
        f"    return {both if gives_both(plan) else first}",
    )


def gives_both(plan: Plan) -> bool:
    """Whether somebody goes on from the last states, and needs c too."""
    return plan.pairs and plan.generates


def recurrent(plan: Plan) -> str:
    """The class `Recurrent`."""
    why = f"{SCRIPT_CELLS[plan.design.cell].layers} {plan.why_written_out}"
    told = prose(f"Recurrent layers, written out because {why}.").replace("\n", "\n    ")
    return joined(
        "\n",
        "class Recurrent(nn.Module):",
        f'    """{told}"""' if "\n" not in told else f'    """{told}\n    """',
        "",
        "    def __init__(self, inputs):",
        "        super().__init__()",
        inside(*cells(plan), levels=2),
        "",
        f"    def forward({', '.join(['self', 'x', *arguments(plan)])}):",
        inside(*over_layers(plan), levels=2),
    )


def arguments(plan: Plan) -> list[str]:
    lengths = "lengths=None" if plan.generates else "lengths"
    generator = "generator=None" if plan.generates else "generator"
    return [
        *(["start=None"] if plan.generates else []),
        *([lengths] if passes_lengths(plan) else []),
        *([generator] if plan.drops and plan.stacked else []),
    ]


def passes_lengths(plan: Plan) -> bool:
    """Whether `Recurrent` itself must know where sequences end."""
    return plan.reads_lengths and (plan.both or plan.generates)


def cells(plan: Plan) -> list[str]:
    """The cells, layer by layer: parameters come in the order of PyTorch's own modules."""
    one = f"{step_module(plan.design)}(size, hidden_size{options(plan.design)})"
    sizes = f"sizes = [{', '.join(['inputs', *[plan.states_wide] * (plan.design.layers - 1)])}]"
    if not plan.both:
        return [sizes, f"self.layers = nn.ModuleList([{one} for size in sizes])"]
    return [
        sizes,
        "self.layers = nn.ModuleList()",
        "for size in sizes:  # a cell for each direction",
        f"    both = [{one} for _ in range(2)]",
        "    self.layers.append(nn.ModuleList(both))",
    ]


def over_layers(plan: Plan) -> list[str | None]:
    loop = "for layer, cell in enumerate(self.layers):"
    if plan.both:
        loop = "for layer, (forward, backward) in enumerate(self.layers):"
    if "layer" not in "".join(filter(None, body(plan))).replace("self.layers", ""):
        loop = loop.replace("layer, ", "").replace("enumerate(self.layers)", "self.layers")
    at = "at = -1 if lengths is None else (lengths - 1, torch.arange(len(lengths)))"
    return [
        "last = []" if plan.generates else None,
        at if plan.generates and passes_lengths(plan) else None,
        loop,
        inside(*body(plan)),
        "return x, last" if plan.generates else "return x",
    ]


def body(plan: Plan) -> list[str | None]:
    """What is done in each layer."""
    dropped = "x = drop(x, generator) if layer > 0 else x" if plan.drops and plan.stacked else None
    if plan.both:
        turn = "turned({}, lengths)" if passes_lengths(plan) else "{}.flip(0)"
        back = turn.format(f"read(backward, {turn.format('x')})")
        return [dropped, f"x = torch.cat([read(forward, x), {back}], dim=2)"]
    if not plan.generates:
        return [dropped, "x = read(cell, x)"]
    at = "at" if passes_lengths(plan) else "-1"
    start = "start[layer] if start else None"
    if plan.pairs:
        return [dropped, f"x, c = read(cell, x, {start})", f"last.append((x[{at}], c[{at}]))"]
    return [dropped, f"x = read(cell, x, {start})", f"last.append(x[{at}])"]
