"""What a page gets when it asks a network: plain values that say what the network's own arrays say."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

import rnnlab
from rnnlab.asking import ask
from rnnlab.config import Design, Settings, default_settings
from rnnlab.live.asked import LONGEST, Request, run
from rnnlab.live.asked_answer import packed
from rnnlab.probing import answer, quantities, saliency_of
from rnnlab.tasks import TASKS

EACH = [(task, topology) for task, spec in TASKS.items() for topology in spec.topologies]
NAMES = Design(task="nationality", hidden_size=5)
DATES = Design(task="dates", hidden_size=4, attention="dot")


def asked(what: str, design: Design, text: str = "", **options: Any) -> dict[str, Any]:
    settings = default_settings(design)
    return run(Request(what, design, settings, rnnlab.begin(design), text, options))


def unpacked(quantity: dict[str, Any], units: int) -> np.ndarray:
    whole = np.frombuffer(base64.b64decode(quantity["values"]), "<i2").reshape(units, -1)
    return np.where(whole == -32768, np.nan, whole / 32767 * quantity["reach"])


@pytest.mark.parametrize(("task", "topology"), EACH)
def test_every_task_is_offered_and_answered(task: str, topology: str) -> None:
    design = Design(task=task, topology=topology, hidden_size=4)
    offer = asked("offer", design)
    text = offer["examples"][0] if offer["examples"] else offer["choices"][0]
    found = asked("reading", design, text)
    assert "message" not in found
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for layer in found["layers"]:
        assert len(layer["says"]) in (0, len(layer["reads"]))
        for one in layer["quantities"]:
            assert unpacked(one, layer["units"]).shape == (layer["units"], len(layer["reads"]))


@pytest.mark.parametrize("design", [NAMES, DATES], ids=["names", "dates"])
def test_the_states_that_are_sent_are_the_networks_own(design: Design) -> None:
    text, settings = "3 mai 2011" if design is DATES else "Rossi", default_settings(design)
    expected = answer(rnnlab.begin(design), settings, ask(design, text, settings.length or 1))
    for layer in asked("reading", design, text)["layers"]:
        own = quantities(expected, layer["name"])
        for one in layer["quantities"]:
            error = np.abs(unpacked(one, layer["units"]) - own[one["name"]].T)
            assert error.max() <= one["reach"] / 32767


def test_a_value_that_is_no_number_stays_none() -> None:
    values = np.array([[0.5, np.nan], [-2.0, np.inf]])
    found = unpacked({"values": packed(values, 1.0), "reach": 1.0}, 2)
    np.testing.assert_allclose(found[:, 0], [0.5, -1.0], atol=1e-4)
    assert np.isnan(found[:, 1]).all()


def test_what_mattered_is_the_saliency_and_the_attention() -> None:
    settings = default_settings(DATES)
    expected = answer(rnnlab.begin(DATES), settings, ask(DATES, "3 mai 2011", settings.length or 1))
    found = asked("mattered", DATES, "3 mai 2011")
    np.testing.assert_allclose(found["rows"][2], saliency_of(expected, 2), rtol=1e-9)
    np.testing.assert_allclose(np.sum(found["attention"], axis=1), 1, rtol=1e-12)
    assert np.shape(found["attention"]) == np.shape(found["rows"])


@pytest.mark.parametrize("topology", ["one-to-one", "many-to-one"])
def test_the_pixels_that_mattered_are_finite_differences(topology: str) -> None:
    from rnnlab.asking.images import drawings

    design = Design(task="digits", topology=topology, hidden_size=5)
    drawing = np.array([float(one) for one in drawings(1)[0].split()])

    def log_probability(pixels: np.ndarray) -> float:
        settings, text = default_settings(design), " ".join(f"{one:.9g}" for one in pixels)
        found = answer(rnnlab.begin(design), settings, ask(design, text, 1)).probabilities_SO
        assert found is not None
        return float(np.log(found[0, said]))

    settings = default_settings(design)
    first = answer(rnnlab.begin(design), settings, ask(design, drawings(1)[0], 1)).probabilities_SO
    assert first is not None
    said = int(first[0].argmax())
    found = asked("mattered", design, drawings(1)[0])["pixels"]
    for pixel in (21, 42):
        step = np.eye(64)[pixel]
        assert 1 <= drawing[pixel] <= 15
        numeric = (log_probability(drawing + step) - log_probability(drawing - step)) / 2 * 16
        assert found[pixel] == pytest.approx(numeric, rel=2e-3)


def test_writing_obeys_the_seed_and_the_temperature() -> None:
    design = Design(task="language-model", hidden_size=4)
    ways = {"steps": 30, "seed": 1}
    first, again, other, greedy, greedier = (
        asked("written", design, "the ", **(ways | more))["symbols"]
        for more in (
            {"temperature": 1.0},
            {"temperature": 1.0},
            {"temperature": 1.0, "seed": 2},
            {"temperature": 0.0},
            {"temperature": 0.0, "seed": 2},
        )
    )
    assert first == again != other
    assert greedy == greedier
    assert len(first) == 30


def test_a_change_that_changes_nothing_leaves_the_answer() -> None:
    found = asked("changed", NAMES, "Rossi", other="Rossi")
    assert set(found["distances"]["recurrent/0/forward"]) == {0.0}
    assert found["moved"] == [0.0]


def test_a_forecast_has_errors_in_the_unit_of_the_data() -> None:
    found = asked("forecast", Design(task="forecast", hidden_size=4), "3", horizon=4)
    off = np.abs(np.array(found["persistence"]) - np.array(found["truth"]))
    assert found["errors"]["persistence"][0] == pytest.approx(off.mean())
    assert {len(found[name]) for name in ("truth", "network", "persistence", "autoregression")} == {4}
    assert found["persistence"] == [found["history"][-1]] * 4
    assert found["unit"]


@pytest.mark.parametrize(
    ("what", "text", "options"),
    [
        ("reading", "x" * (LONGEST + 1), {}),
        ("reading", "", {}),
        ("written", "Rossi", {"steps": 5, "temperature": 1.0, "seed": 0}),
        ("changed", "Rossi", {"changes": [{"kind": "zero", "layer": "recurrent/0/forward", "unit": 99}]}),
        ("changed", "Rossi", {"changes": [{"kind": "melt", "layer": "recurrent/0/forward", "unit": 0}]}),
        ("forecast", "0", {"horizon": 3}),
        ("forecast", "tomorrow", {"horizon": 3}),
    ],
)
def test_what_cannot_be_answered_is_told_in_a_sentence(what: str, text: str, options: dict[str, Any]) -> None:
    (message,) = asked(what, NAMES, text, **options).values()
    assert message.endswith(".")
    assert "\n" not in message


def test_what_is_unexpected_is_in_the_log_and_not_on_the_screen(caplog: pytest.LogCaptureFixture) -> None:
    found = run(Request("reading", NAMES, Settings(), "no state", "Rossi"))  # type: ignore[arg-type]
    assert set(found) == {"message"}
    assert "AttributeError" not in found["message"]
    assert "AttributeError" in caplog.text


@pytest.mark.parametrize(
    ("task", "topology"), [("digits", "one-to-one"), ("digits", "many-to-one"), ("caption", "one-to-many")]
)
def test_a_drawing_matters_pixel_by_pixel(task: str, topology: str) -> None:
    design = Design(task=task, topology=topology, hidden_size=4)
    found = asked("mattered", design, asked("offer", design)["examples"][0])
    assert len(found["pixels"]) == len(found["drawn"]) == 64


@pytest.mark.parametrize("task", ["coding", "melody", "vowels"])
def test_where_symbols_are_no_language_no_unit_follows_one(task: str) -> None:
    names = {one["name"] for one in asked("units", Design(task=task, hidden_size=16))["tracked"]}
    assert names <= {"position", "brackets", "repeat"}
