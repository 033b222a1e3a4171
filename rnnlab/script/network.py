"""The class `Network` of a script: recurrent layers, read-out, and how a batch flows through them.

Each topology has its own function here, under its link name in NETWORKS.
"""

from __future__ import annotations

from collections.abc import Callable

from rnnlab.script.crossing import crossing
from rnnlab.script.plan import Plan
from rnnlab.script.readers import before, read
from rnnlab.script.recurrent import made, passes_lengths
from rnnlab.script.source import inside, joined


def network(plan: Plan) -> str:
    """The class `Network`."""
    return NETWORKS[plan.design.topology](plan)


def whole(plan: Plan, parts: list[str], arguments: list[str], forward: list[str | None], more: str) -> str:
    names = ["self", "inputs", *arguments, *["generator"] * plan.chance]
    wide = crossing(plan).wide.get("readout", plan.states_wide)
    return joined(
        "\n",
        "class Network(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        inside(*parts, f"self.readout = nn.Linear({wide}, {plan.outputs})", *crossing(plan).made, levels=2),
        "",
        f"    def forward({', '.join(names)}):",
        inside(*forward, levels=2),
        f"\n{more}" if more else None,
    )


def read_out(plan: Plan, states: str) -> str:
    return f"return self.readout({f'drop({states}, generator)' if plan.drops else states})"


def ran(plan: Plan) -> list[str | None]:
    """Lines that give `states` (T, B, H) from `inputs`."""
    if plan.why_written_out:
        more = [*["lengths"] * passes_lengths(plan), *["generator"] * (plan.drops and plan.stacked)]
        return [f"states = self.recurrent({', '.join(['inputs', *more])})"]
    if not (plan.both and plan.reads_lengths):
        return ["states, _ = self.recurrent(inputs)"]
    return [
        "packed = pack_padded_sequence(inputs, lengths, enforce_sorted=False)",
        "states, _ = pad_packed_sequence(self.recurrent(packed)[0], total_length=length)",
    ]


def many_to_many(plan: Plan) -> str:
    """An answer at every time step."""
    arguments = ["lengths"] * plan.reads_lengths
    parts = [*before(plan).made, f"self.recurrent = {made(plan, str(read(plan)))}"]
    return whole(plan, parts, arguments, [*before(plan).forward, *ran(plan), read_out(plan, "states")], "")


def many_to_one(plan: Plan) -> str:
    """One answer, after each sequence's last time step; read backward, the last one is the first."""
    lengths = ["lengths"] * plan.reads_lengths
    end = "lengths - 1, torch.arange(batch_size)" if plan.reads_lengths else "-1"
    state = f"states[{end}]"
    halves: list[str | None] = []
    if plan.both:
        halves = [
            "forward, backward = states.chunk(2, dim=2)",
            "# each direction's state where it has read everything",
            f"last = torch.cat([forward[{end}], backward[0]], dim=1)",
        ]
        state = "last"
    parts = [*before(plan).made, f"self.recurrent = {made(plan, str(read(plan)))}"]
    forward = [*before(plan).forward, *ran(plan), *halves, read_out(plan, state)]
    return whole(plan, parts, lengths, forward, "")


LOOKED = "self.look_back(states, memory, lengths)"

OWN_SYMBOLS = '''
    @torch.no_grad()
    def symbols(self, x, state, targets, generator{more}):
        """What is fed back: the truth, or now and then the network's own most likely symbol."""
        truth = torch.rand(targets.shape, generator=generator) < teacher_forcing
        chosen = []
        for t in range(len(targets)):
            states, state = self.{part}(x[None], state)
            own = self.readout({states}[0]).argmax(dim=1)
            chosen.append(torch.where(truth[t], targets[t], own))
            x = {later}
        return torch.stack(chosen)
'''


def own_symbols(plan: Plan, part: str, later: str) -> str:
    """The method `symbols`, where the network is at times fed its own."""
    if not plan.coins:
        return ""
    more, states = (", memory, lengths", LOOKED) if crossing(plan).looks else ("", "states")
    return OWN_SYMBOLS.format(part=part, later=later, more=more, states=states)


def decoded(plan: Plan, part: str, fed: str, start: str) -> list[str | None]:
    """Lines that run the part that writes over what it is fed, and read out."""
    more = ", generator=generator" if plan.why_written_out and plan.drops and plan.stacked else ""
    states = LOOKED if crossing(plan).looks else "states"
    return [f"states, _ = self.{part}({fed}{start}{more})", read_out(plan, states)]


def one_to_many(plan: Plan) -> str:
    """One input at the first time step, and from the second on the symbol before."""
    size, outputs = plan.inputs, plan.outputs
    parts = ["# it reads the one input and the symbol before, side by side"]
    parts += [f"self.recurrent = {made(plan, f'{size} + {outputs}')}"]
    symbols = "targets"
    first: list[str | None] = []
    if plan.coins:
        symbols = "symbols"
        first = [
            f"first = F.pad(inputs, (0, {outputs}))",
            "symbols = self.symbols(first, None, targets, generator)",
        ]
    forward: list[str | None] = [
        *first,
        f"fed = torch.zeros(len(targets), batch_size, {size} + {outputs})",
        f"fed[0, :, :{size}] = inputs",
        f"fed[1:, :, {size}:] = F.one_hot({symbols}[:-1], {outputs})",
        *decoded(plan, "recurrent", "fed", ""),
    ]
    later = f"F.pad(F.one_hot(chosen[-1], {outputs}), ({size}, 0)).float()"
    return whole(plan, parts, ["targets"], forward, own_symbols(plan, "recurrent", later).strip("\n"))


def encoder_decoder(plan: Plan) -> str:
    """The input is read to its end; from the state there another network writes."""
    outputs = plan.outputs
    parts = [
        f"self.encoder = {made(plan, str(plan.inputs))}",
        f"self.decoder = {made(plan, str(outputs))}",
    ]
    symbols = "symbols" if plan.coins else "targets"
    first: list[str | None] = []
    if plan.coins:
        nothing = f"torch.zeros(batch_size, {outputs})"
        more = ", memory, lengths" if crossing(plan).looks else ""
        first = [f"symbols = self.symbols({nothing}, context, targets, generator{more})"]
    forward: list[str | None] = [
        *encoded(plan),
        *first,
        f"fed = torch.zeros(len(targets), batch_size, {outputs})  # the symbol before, nothing at first",
        f"fed[1:] = F.one_hot({symbols}[:-1], {outputs})",
        *decoded(plan, "decoder", "fed", ", context"),
    ]
    later = f"F.one_hot(chosen[-1], {outputs}).float()"
    methods = joined(crossing(plan).methods, own_symbols(plan, "decoder", later).rstrip() or None)
    return whole(plan, parts, ["lengths", "targets"], forward, methods.strip("\n"))


def encoded(plan: Plan) -> list[str | None]:
    """Lines that give `context`, and with attention what is looked back at as `memory`."""
    memory = "memory" if crossing(plan).looks else "_"
    narrow = "context = self.narrow(context)" if crossing(plan).narrow else None
    if plan.why_written_out:
        more = ", generator=generator" if plan.drops and plan.stacked else ""
        return [f"{memory}, context = self.encoder(inputs, lengths=lengths{more})", narrow]
    unpacked = "memory, _ = pad_packed_sequence(memory, total_length=len(inputs))"
    return [
        "packed = pack_padded_sequence(inputs, lengths, enforce_sorted=False)",
        f"{memory}, context = self.encoder(packed)",
        unpacked if crossing(plan).looks else None,
        narrow,
    ]


NETWORKS: dict[str, Callable[[Plan], str]] = {
    "one-to-one": many_to_one,
    "one-to-many": one_to_many,
    "many-to-one": many_to_one,
    "many-to-many": many_to_many,
    "encoder-decoder": encoder_decoder,
}


def answers_once(plan: Plan) -> bool:
    """Whether a network of this topology gives one output for a sequence, not one for a time step."""
    return NETWORKS[plan.design.topology] is many_to_one
