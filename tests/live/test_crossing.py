"""What the Lab shows of attention, of the bridge and of padding."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from rnnlab.analysis import attention_map, bridge
from rnnlab.config import Design, Settings
from rnnlab.live.drawing import median_text
from rnnlab.live.lab_frame import picture_arrays, picture_header, shown_view
from rnnlab.live.picture import ATTENTION, NO_NUMBER, PROBES, Picture, draw
from rnnlab.live.view import View
from rnnlab.tracing import trace
from rnnlab.training import begin

SETTINGS = Settings(length=20)
DESIGN = Design(task="dates", cell="gru", hidden_size=5, layers=2, attention="dot")


def of(design: Design = DESIGN) -> Picture:
    return draw(begin(design), SETTINGS)


@pytest.mark.parametrize("layer", ["encoder/0/forward", "encoder/1/forward"])
def test_the_map_is_one_more_quantity_on_the_same_time_axis(layer):
    picture = of()
    view = shown_view(picture, View(layer, ATTENTION))
    assert view.quantity == ATTENTION
    arrays = picture_arrays(picture, view, ())
    weights_ST = attention_map(trace(begin(DESIGN), SETTINGS, sequences=PROBES), 0).weights
    written, read = weights_ST.shape
    assert arrays["heat"].shape == (written, read + written)
    np.testing.assert_allclose(arrays["heat"][:, :read] / 254, weights_ST, atol=0.5 / 254 + 1e-12)
    assert (arrays["heat"][:, read:] == NO_NUMBER).all()
    assert arrays["flow_median"].shape == (read + written,)
    assert picture.meta["views"]["scales"][f"{layer}:{ATTENTION}"] == [0.0, 1.0]


def test_without_attention_it_is_not_offered():
    picture = of(replace(DESIGN, attention="none"))
    assert ATTENTION not in dict(picture.meta["views"]["quantities"])
    assert shown_view(picture, View("encoder/0/forward", ATTENTION)).quantity == "h"
    assert "attention" not in picture.meta["network"]["shapes"]


@pytest.mark.parametrize(("attention", "size"), [("none", 0), ("additive", 6)])
def test_the_bridge_has_its_number(attention, size):
    design = replace(DESIGN, attention=attention, context_size=size)
    told = of(design).meta["network"]["bridge"]
    found = bridge(trace(begin(design), SETTINGS, sequences=PROBES))
    middle = (PROBES - 1) // 2
    assert told["context"] == median_text(np.sort(found.log10_context)[[middle]])
    assert told["size"] == (size or 10)
    if attention == "none":
        assert told["attention"] is None
    else:
        assert told["attention"] == median_text(np.sort(found.log10_attention)[[middle]])
    assert of(Design(task="adding", hidden_size=4)).meta["network"]["bridge"] is None


def test_the_words_for_norms():
    assert median_text(np.array([-2.0, -1.0, 3.0])) == "0.1"
    assert median_text(np.array([-12.3])) == "5 × 10⁻¹³"
    assert median_text(np.array([-np.inf])) == "exactly 0"
    assert median_text(np.array([np.inf])) == "infinite"
    assert median_text(np.array([0.0, np.nan])) == "NaN"


@pytest.mark.parametrize(("task", "length"), [("dates", 20), ("relative-time", 14), ("nationality", 12)])
def test_padding_is_what_the_batch_has_more(task, length):
    design = Design(task=task, hidden_size=4)
    settings = Settings(length=length)
    batch = trace(begin(design), settings, sequences=PROBES).batch
    *first, last = draw(begin(design), settings).meta["network"]["parts"]
    own = len(batch.inputs_TBI) - int(batch.lengths_B[0])
    if first:
        assert first[0]["padding"] == own
        assert last["padding"] == len(batch.mask_SB) - int(batch.mask_SB[:, 0].sum())
    else:
        assert last["padding"] == own
    assert all(part["stop"] > part["start"] for part in (*first, last))


def test_one_picture_with_all_of_it_is_ready_for_json():

    header = picture_header(of(), View("encoder/0/forward", ATTENTION), CONTENT)
    assert json.dumps(header, allow_nan=False)
    assert header["views"]["diverging"] is False


class Nothing:
    """A content in which nothing was written."""

    written = None


CONTENT = Nothing()
