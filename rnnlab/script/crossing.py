"""What goes from an encoder to a decoder in a script: a context of its own size, and attention."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.model.attention import ATTENTIONS
from rnnlab.model.cells import CELLS
from rnnlab.script.plan import Plan
from rnnlab.script.source import joined

LOOK_BACK = '''
    def look_back(self, states, memory, lengths):
        """The decoder's states and, beside each, the mean of what was read, weighted by attention."""
        states, memory = states.transpose(0, 1), memory.transpose(0, 1)
        scores = {scores}
        beyond = torch.arange(memory.shape[1]) >= lengths[:, None]
        weights = scores.masked_fill(beyond[:, None], -torch.inf).softmax(dim=2)
        return torch.cat([states, weights @ memory], dim=2).transpose(0, 1)
'''

NARROW = '''
    def narrow(self, context):
        """The encoder's last states, pressed into a few numbers and spread out again."""
        flat = torch.cat({flat}, dim=1)
        pieces = self.expand(torch.tanh(self.reduce(flat))).split(hidden_size, dim=1)
        return {states}
'''


@dataclass(frozen=True)
class Score:
    """A score in a script: the modules that it needs, and the expression for all scores (B, S, T)."""

    made: tuple[str, ...]
    scores: str


SCORES: dict[str, Score | None] = {
    "none": None,
    "dot": Score((), "states @ memory.mT  # Luong, Pham and Manning 2015"),
    "additive": Score(
        (
            "self.query = nn.Linear(hidden_size, hidden_size, bias=False)",
            "self.key = nn.Linear(hidden_size, hidden_size, bias=False)",
            "self.score = nn.Linear(hidden_size, 1, bias=False)",
        ),
        "torch.tanh(self.query(states)[:, :, None] + self.key(memory)[:, None])\n"
        "        scores = self.score(scores).squeeze(3)  # Bahdanau, Cho and Bengio 2015",
    ),
}


@dataclass(frozen=True)
class Crossing:
    """Lines of `__init__` after the read-out, methods, and how `forward` begins and reads out.

    `wide` is source for the inputs of each linear map that takes other than `hidden_size` numbers.
    """

    made: tuple[str, ...]
    methods: str | None
    looks: bool
    narrow: bool
    wide: dict[str, str]


def crossing(plan: Plan) -> Crossing:
    """All that the design's context and attention need."""
    design, score = plan.design, SCORES[plan.design.attention]
    states = len(CELLS[design.cell].states)
    in_a_row = " * ".join([*(str(n) for n in (design.layers, states) if n > 1), "hidden_size"])
    made: tuple[str, ...] = ()
    wide = {"readout": "2 * hidden_size"} if score else {}
    if design.context_size:
        made += (f"self.reduce = nn.Linear({in_a_row}, context_size)",)
        made += (f"self.expand = nn.Linear(context_size, {in_a_row})",)
        wide |= {"reduce": in_a_row, "expand": "context_size"}
    methods = [
        NARROW.format(flat=flat(plan), states=spread(plan)).rstrip() if design.context_size else None,
        LOOK_BACK.format(scores=score.scores).rstrip() if score else None,
    ]
    return Crossing(
        made + (score.made if score else ()),
        joined(*methods) or None,
        ATTENTIONS[design.attention] is not None,
        design.context_size > 0,
        wide,
    )


def flat(plan: Plan) -> str:
    """An expression for all last states side by side, layer by layer."""
    if plan.why_written_out:
        return "[state for pair in context for state in pair]" if plan.pairs else "context"
    if plan.pairs:
        return "[state[n] for n in range(len(context[0])) for state in context]"
    return "list(context)"


def spread(plan: Plan) -> str:
    """The expression that makes states of the pieces."""
    if plan.why_written_out:
        return "list(zip(pieces[0::2], pieces[1::2]))" if plan.pairs else "list(pieces)"
    return "torch.stack(pieces[0::2]), torch.stack(pieces[1::2])" if plan.pairs else "torch.stack(pieces)"
