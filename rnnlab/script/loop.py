"""The training loop of a script: draw, forward, loss, backward, clip, step, print."""

from __future__ import annotations

from rnnlab.script.network import answers_once
from rnnlab.script.plan import Plan
from rnnlab.script.source import inside, joined

OPTIMIZERS = {
    "sgd": ("SGD", ""),
    "momentum": ("SGD", ", momentum=0.9"),
    "rmsprop": ("RMSprop", ""),
    "adam": ("Adam", ""),
}
"""PyTorch's class and further arguments."""

LOSSES = {
    "cross_entropy": "F.cross_entropy({}, {})",
    "binary_cross_entropy": "F.binary_cross_entropy_with_logits({}, {})",
    "squared_error": "F.mse_loss({}, {})",
}

EXACT_BELOW = 0.1
"""PyTorch's clip_grad_norm_ adds 1e-6 to the norm: below this threshold that would show in the losses."""

CLIP_EXACTLY = """
gradients = [weights.grad for weights in network.parameters()]
norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
if norm > clip_threshold:  # by hand: clip_grad_norm_ adds 1e-6, much beside this threshold
    for gradient in gradients:
        gradient *= clip_threshold / norm
""".strip()

CHANCE = '''
def chance(update):
    """The random numbers of one update, apart from its batch."""
    (number,) = np.random.SeedSequence([seed, 4, update]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(number))
'''


def clip(plan: Plan) -> str | None:
    """Lines that clip, by the way of clipping and then the threshold."""
    by_norm = "nn.utils.clip_grad_norm_(network.parameters(), clip_threshold)"
    if plan.settings.clip_threshold < EXACT_BELOW:
        by_norm = CLIP_EXACTLY
    by_value = "nn.utils.clip_grad_value_(network.parameters(), clip_threshold)"
    return {"off": None, "norm": by_norm, "value": by_value}[plan.settings.clipping]


def given(plan: Plan) -> list[str]:
    """What the network is called with."""
    lengths = "mask.sum(0)" if plan.mask_tells else "lengths"
    return [
        "inputs",
        *[lengths] * plan.reads_lengths,
        *["targets"] * plan.generates,
        *["chance(update)"] * plan.chance,
    ]


def measured(plan: Plan) -> str:
    """The loss, a mean over what the mask shows."""
    loss = LOSSES[plan.loss]
    if plan.data.masked:
        return loss.format("outputs[mask]", "targets[mask]")
    if plan.loss == "cross_entropy" and not answers_once(plan):
        return loss.format("outputs.flatten(0, 1)", "targets.flatten()")
    return loss.format("outputs", "targets")


def optimizer(plan: Plan) -> str:
    """The line, or lines, that make the optimiser."""
    name, more = OPTIMIZERS[plan.design.optimizer]
    arguments = f"network.parameters(), lr=learning_rate{more}"
    if not plan.settings.weight_decay:
        return f"optimizer = torch.optim.{name}({arguments})"
    arguments += ", weight_decay=weight_decay"
    return f"optimizer = torch.optim.{name}(\n    {arguments}\n)"


def train(plan: Plan) -> str:
    """The function `train`."""
    return joined(
        CHANCE if plan.chance else None,
        "\n",
        "def train():",
        "    network = Network()",
        "    initialise(network)",
        inside(optimizer(plan)),
        "    for update in range(1, updates + 1):",
        inside(
            f"{plan.batch_names} = draw(np.random.default_rng([seed, 2, update]))",
            f"outputs = network({', '.join(given(plan))})",
            f"loss = {measured(plan)}",
            "optimizer.zero_grad()",
            "loss.backward()",
            clip(plan),
            "optimizer.step()",
            'print(f"update {update}: loss {loss.item():.7g}")',
            "if not loss.isfinite():",
            '    print("The loss is not finite: here the app stops too.")',
            "    break",
            levels=2,
        ),
    )
