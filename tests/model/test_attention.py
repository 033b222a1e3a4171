"""Attention and the context against PyTorch's own attention and formulas by hand.

The whole encoder-decoder, with its gradients, is compared with a loop of torch.nn's cells in
`test_topologies` and `test_tracing`, whose designs include these.
Shapes: T time steps read, S written, B sequences, H hidden size.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from architectures import HIDDEN, INPUTS, OUTPUTS, small_batch, small_weights
from torch.nn import functional as F

from rnnlab import Design, Settings, advance, begin, evaluate
from rnnlab.model.attention import ATTENTIONS, KEY, QUERY, SCORE, look_back, plain_weights, remember
from rnnlab.model.bridge import start_states
from rnnlab.model.network import new_pass
from rnnlab.model.stack import Crossing, run_stack
from rnnlab.model.topologies import WIRINGS
from rnnlab.model.weights import initial_weights

LENGTHS, STEPS = [7, 2, 5, 1], [3, 6, 1, 4]
RULES = {name: rule for name, rule in ATTENTIONS.items() if rule}
every_rule = pytest.mark.parametrize("name", RULES)


def drawn(rule, seed: int = 0):
    """Weights, a decoder's states (6, 4, H), an encoder's (7, 4, H) and lengths, all random."""
    rng = np.random.default_rng(seed)
    weights = {key: torch.tensor(rng.standard_normal(shape)) for key, shape in rule.shapes(HIDDEN).items()}
    h_SBH, keys_TBH = (torch.tensor(rng.standard_normal((n, 4, HIDDEN))) for n in (6, 7))
    return weights, h_SBH, keys_TBH, torch.tensor(LENGTHS)


def looked(rule, weights, h_SBH, keys_TBH, lengths_B):
    return look_back(rule, weights, h_SBH, remember(rule, weights, keys_TBH, lengths_B))


def test_dot_is_pytorchs_own_attention():
    rule = ATTENTIONS["dot"]
    weights, h_SBH, keys_TBH, lengths_B = drawn(rule)
    means_SBH, _ = looked(rule, weights, h_SBH, keys_TBH, lengths_B)
    mask_B1T = torch.arange(7)[None, None] < lengths_B[:, None, None]
    q, k = h_SBH.transpose(0, 1), keys_TBH.transpose(0, 1)
    wanted_BSH = F.scaled_dot_product_attention(q, k, k, attn_mask=mask_B1T, scale=1.0)
    torch.testing.assert_close(means_SBH.transpose(0, 1), wanted_BSH)


def test_additive_is_bahdanaus_formula():
    """One number after the other: e_st = v . tanh(W_q h_s + W_k k_t), exp, and over their sum."""
    rule = ATTENTIONS["additive"]
    weights, h_SBH, keys_TBH, lengths_B = drawn(rule)
    means_SBH, weights_SBT = looked(rule, weights, h_SBH, keys_TBH, lengths_B)
    for b, length in enumerate(LENGTHS):
        for s in range(6):
            hidden = [
                torch.tanh(weights[QUERY] @ h_SBH[s, b] + weights[KEY] @ keys_TBH[t, b])
                for t in range(length)
            ]
            e = torch.stack([weights[SCORE][0] @ a for a in hidden]).exp()
            torch.testing.assert_close(weights_SBT[s, b, :length], e / e.sum())
            torch.testing.assert_close(means_SBH[s, b], (e / e.sum()) @ keys_TBH[:length, b])


@every_rule
def test_weights_are_shares_of_what_is_there(name):
    weights, h_SBH, keys_TBH, lengths_B = drawn(RULES[name])
    _, weights_SBT = looked(RULES[name], weights, 30 * h_SBH, keys_TBH, lengths_B)
    torch.testing.assert_close(weights_SBT.sum(dim=2), torch.ones(6, 4, dtype=torch.float64))
    assert (weights_SBT >= 0).all()
    assert not weights_SBT[:, torch.arange(7)[None] >= lengths_B[:, None]].any()


@every_rule
def test_numpy_gives_the_same_weights_and_derivatives(name):
    """`plain` against the whole-sequence rule, `pull_back` against autograd through it."""
    rule = RULES[name]
    weights, h_SBH, keys_TBH, lengths_B = drawn(rule)
    h_SBH.requires_grad_()
    keys_TBH.requires_grad_()
    _, weights_SBT = looked(rule, weights, h_SBH, keys_TBH, lengths_B)
    plain = {key: w.numpy() for key, w in weights.items()}
    keys_BTH, valid_BT = keys_TBH.detach().numpy().swapaxes(0, 1), np.arange(7) < np.array(LENGTHS)[:, None]
    for s in range(6):
        found = plain_weights(rule, plain, h_SBH[s].detach().numpy(), keys_BTH, valid_BT)
        np.testing.assert_allclose(found, weights_SBT[s].detach(), rtol=1e-12, atol=1e-300)
    large = plain_weights(ATTENTIONS["dot"], {}, np.full((4, HIDDEN), 1e3), keys_BTH, valid_BT)
    np.testing.assert_allclose(large.sum(axis=1), 1)
    memory = remember(rule, weights, keys_TBH, torch.tensor([7] * 4))
    scores_BST = rule.score(weights, h_SBH.transpose(0, 1), memory.prepared_BTH)
    g_BST = torch.tensor(np.random.default_rng(1).standard_normal(scores_BST.shape))
    by_h_SBH, by_keys_TBH = torch.autograd.grad(scores_BST, (h_SBH, keys_TBH), g_BST)
    mine = [rule.pull_back(plain, h_SBH[s].detach().numpy(), keys_BTH, g_BST[:, s].numpy()) for s in range(6)]
    np.testing.assert_allclose(np.stack([by_h for by_h, _ in mine]), by_h_SBH, rtol=1e-10)
    np.testing.assert_allclose(sum(by_keys for _, by_keys in mine).swapaxes(0, 1), by_keys_TBH, rtol=1e-10)


def design_of(**fields) -> Design:
    return Design(**{"task": "dates", "cell": "lstm", "hidden_size": HIDDEN, **fields})


def test_with_equal_keys_every_look_is_the_same():
    """Nothing to choose from: each weight is 1 over the input's length."""
    for rule in RULES.values():
        weights, h_SBH, keys_TBH, lengths_B = drawn(rule)
        same_TBH = keys_TBH[:1].expand_as(keys_TBH)
        means_SBH, weights_SBT = looked(rule, weights, h_SBH, same_TBH, lengths_B)
        torch.testing.assert_close(weights_SBT[:, :, 0], (1 / lengths_B.double()).expand(6, 4))
        torch.testing.assert_close(means_SBH, same_TBH[:1].expand_as(means_SBH))


@pytest.mark.parametrize("size", [0, 3])
def test_all_that_passes_is_the_context(size):
    """Without attention two inputs of one context are one and the same to the decoder."""
    design = design_of(layers=2, context_size=size)
    weights, batch = small_weights(design), small_batch(design.topology, LENGTHS, STEPS)
    this = new_pass(design, weights)
    this.crossing = Crossing()
    WIRINGS[design.topology].run(this, batch)
    assert this.crossing.weights_SBT is None
    assert this.crossing.context_BC.shape == (4, size or 2 * 2 * HIDDEN)
    if size:
        assert this.crossing.context_BC.abs().max() < 1, "a tanh"


def test_a_context_of_one_number_leaves_one_way_to_differ():
    """The decoder's start states lie on a line: all differences between two are multiples of one another."""
    design = design_of(cell="gru", context_size=1)
    weights, batch = small_weights(design), small_batch(design.topology, LENGTHS, STEPS)
    this = new_pass(design, weights)
    last = run_stack(this, "encoder.", batch.inputs_TBI, batch.lengths_B, carry=True).last
    first_BH, last_BH = start_states(this, last)[0][0][0].detach(), last[0][0][0].detach()
    assert torch.linalg.matrix_rank(first_BH - first_BH[0], rtol=1e-9) == 1
    assert torch.linalg.matrix_rank(last_BH - last_BH[0], rtol=1e-9) > 1


@pytest.mark.parametrize(("attention", "size"), [("dot", 0), ("additive", 4), ("none", 4)])
def test_weights_start_as_pytorchs_linear_does(attention, size):
    """U(-1/sqrt(fan-in), 1/sqrt(fan-in)), and encoder and decoder as they start without."""
    design = design_of(hidden_size=40, layers=2, attention=attention, context_size=size)
    found = initial_weights(design, INPUTS, OUTPUTS)
    wide = {
        "readout": 80 if attention != "none" else 40,
        "context.reduce": 2 * 2 * 40,
        "context.expand": size,
    }
    plain = initial_weights(design_of(hidden_size=40, layers=2), INPUTS, OUTPUTS)
    for name, array in found.items():
        module = name.rpartition(".")[0]
        if name in plain and module != "readout":
            np.testing.assert_array_equal(array, plain[name])
            continue
        bound = 1 / np.sqrt(wide.get(module, 40))
        assert np.abs(array).max() <= bound
        if array.size > 200:
            assert np.abs(array).max() > 0.95 * bound
            assert abs(array.mean()) < 4 * bound / np.sqrt(3 * array.size)
    more = ["context"] * bool(size) + ["attention"] * (attention == "additive")
    assert {name.split(".")[0] for name in set(found) - set(plain)} == set(more)


def test_it_learns_to_reverse_what_one_state_cannot_hold():
    """Equal updates, equal sizes: attention reads the letters off one by one."""
    design = Design(task="reverse", cell="gru", hidden_size=16, attention="dot", batch_size=16, seed=1)
    settings = Settings(length=8, learning_rate=1e-2)
    losses = []
    for chosen in (design, replace(design, attention="none")):
        state, _ = advance(begin(chosen), settings, 300)
        losses.append(evaluate(state, settings).loss)
    assert losses[0] < 0.7 * losses[1]


@pytest.mark.parametrize("field", ["attention", "context_size"])
def test_elsewhere_there_is_nothing_to_look_back_at(field):
    value = {"attention": "dot", "context_size": 8}[field]
    with pytest.raises(
        ValueError, match=f"^{field} must be (none|0) for the topology many-to-one"
    ) as refused:
        Design(task="adding", **{field: value})
    assert str(refused.value).count(". ") == 0
    assert getattr(Design(task="dates", **{field: value}), field) == value
