"""What Python and JavaScript each write down: limits, marks among bytes, names and colours agree."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pages import own_reading
from rnnlab import title
from rnnlab.asking import images
from rnnlab.figures import style
from rnnlab.live import asked_answer, curves, gradient_picture, picture, thumbnails
from rnnlab.model.cells import CELLS
from rnnlab.probing.look import VIEWS
from rnnlab.tasks import digits
from rnnlab.unroll import Tiny, compute

ROOT = Path(__file__).parents[1]
LIVE = ROOT / "assets" / "live"


def written(file: str, name: str) -> str:
    """What stands behind `const NAME =`, up to its semicolon, without remarks."""
    found = re.search(rf"^(?:export )?const {name} = (.*?);", (LIVE / file).read_text("utf-8"), re.M | re.S)
    assert found, f"{name} is not in {file}"
    return re.sub(r"//.*", "", found[1])


def keys(file: str, name: str) -> set[str]:
    """The keys of an object, those of objects in it left out."""
    inside = written(file, name).strip().removeprefix("{")
    flat = inside
    while flat != (flat := re.sub(r"\{[^{}]*\}|\([^()]*\)|\"[^\"]*\"", "''", flat)):
        pass
    return set(re.findall(r"(?:^|,)\s*(\w+):", flat))


def colours(file: str, name: str, field: str) -> Any:
    found = re.search(rf"{field}: (\[.*?\])", written(file, name), re.S)
    assert found
    return ast.literal_eval(found[1])


@pytest.mark.parametrize(
    ("file", "name", "value"),
    [
        ("title.js", "LONGEST", title.LONGEST),
        ("save.js", "LONGEST_SLUG", title.LONGEST_SLUG),
        ("shades.js", "SHADES", digits.SHADES),
        ("thumbnails.js", "SHADES", thumbnails.SHADES - 1),
        ("heat.js", "LARGEST", picture.NO_NUMBER - 1),
        ("unrolled_cells.js", "NOT_A_NUMBER", picture.NO_NUMBER),
        ("gradients/waterfall.js", "DEEPEST", gradient_picture.DEEPEST),
        ("gradients/waterfall.js", "ZERO", gradient_picture.ZERO),
        ("gradients/waterfall.js", "NO_NUMBER", gradient_picture.NO_NUMBER),
        ("gradients/palette.js", "LEVELS", gradient_picture.DEEPEST + 1),
        ("try/states.js", "FULL", asked_answer.FULL),
        ("try/states.js", "NOT_A_NUMBER", asked_answer.NOT_A_NUMBER),
        ("try/draw.js", "SIDE", digits.SIDE),
        ("try/draw.js", "BLACK", images.BLACK),
        ("measured.js", "ROWS", [name.removesuffix("_accuracy") for name in curves.REPORTED]),
    ],
)
def test_a_constant_is_the_same_on_both_sides(file: str, name: str, value: Any) -> None:
    assert ast.literal_eval(written(file, name)) == value


@pytest.mark.parametrize(
    ("name", "sequential", "diverging"),
    [
        ("LIGHT", style.SEQUENTIAL, style.DIVERGING),
        ("DARK", style.DARK_SEQUENTIAL, style.DARK_DIVERGING),
    ],
)
def test_maps_have_the_same_colours_on_both_sides(
    name: str, sequential: list[str], diverging: list[str]
) -> None:
    assert colours("theme.js", name, "sequential") == sequential
    assert colours("theme.js", name, "diverging") == diverging


def test_every_view_of_try_it_can_be_drawn() -> None:
    assert keys("try/views.js", "VIEWS") == set(VIEWS)


def test_every_quantity_has_words() -> None:
    gates = {gate for cell in CELLS.values() for gate in cell.gates}
    assert keys("try/reading.js", "WORDS") == gates | {"h", "c"}


def test_every_stage_of_unroll_has_its_short_name() -> None:
    stages = compute(Tiny(clip_threshold=1.0)).stages
    assert keys("unroll/unroll.js", "SHORT") == {stage.kind for stage in stages}


def test_as_much_of_a_file_is_taken_as_the_server_lets_in() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert config["server"]["maxUploadSize"] == own_reading.MOST_SENT_MB
