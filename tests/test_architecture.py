"""The rules of the house, as tests: who imports whom, what is documented, what is named where."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from collections.abc import Collection, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import rnnlab
from rnnlab.config import Design, Settings
from rnnlab.fields import declared
from rnnlab.metrics import METRICS
from rnnlab.model.attention import ATTENTIONS
from rnnlab.model.cells import CELLS
from rnnlab.model.losses import LOSSES
from rnnlab.model.optimizers import OPTIMIZERS
from rnnlab.model.topologies import WIRINGS
from rnnlab.model.weights import RECURRENT
from rnnlab.tasks import TASKS
from rnnlab.topologies import TOPOLOGIES

ROOT = Path(rnnlab.__file__).parents[1]
BACKEND = sorted((ROOT / "rnnlab").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))
SHELL = [*PAGES, *ROOT.glob("app.py")]
OWN = [*BACKEND, *SHELL]
TORCH_FREE = [
    "rnnlab",
    "rnnlab.analysis",
    "rnnlab.asking",
    "rnnlab.config",
    "rnnlab.export",
    "rnnlab.figures",
    "rnnlab.files",
    "rnnlab.layers",
    "rnnlab.link",
    "rnnlab.live",
    "rnnlab.own",
    "rnnlab.probing",
    "rnnlab.script",
    "rnnlab.state",
    "rnnlab.tasks",
    "rnnlab.topologies",
    "rnnlab.metrics",
    "rnnlab.model.attention",
    "rnnlab.model.bridge",
    "rnnlab.model.cells",
    "rnnlab.model.topologies",
    "rnnlab.model.weights",
]
UNTOLD_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc", "tools"}
LONGEST_FILE = 300
LONGEST_FUNCTION = 30
LONG = {"rnnlab/figures/inputs.py:saliency"}
"""Longer than that: a figure with all its marks."""


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(node: ast.AST) -> Iterator[str]:
    """Every module imported anywhere below, inside functions too."""
    for found in ast.walk(node):
        if isinstance(found, ast.Import):
            yield from (alias.name for alias in found.names)
        elif isinstance(found, ast.ImportFrom):
            assert found.level == 0, "imports say the whole name"
            yield found.module or ""


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(tree(path))}


def loaded_after(code: str) -> set[str]:
    """Top-level modules of a fresh interpreter after `code`."""
    show = "import sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\n{show}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("path", BACKEND, ids=short)
def test_the_backend_imports_no_streamlit_and_no_page(path):
    assert not packages(path) & {"streamlit", "pages", "app"}


@pytest.mark.parametrize("path", SHELL, ids=short)
def test_pages_import_streamlit_and_rnnlab_only(path):
    own = {"streamlit", "rnnlab", "pages", "__future__"}
    assert packages(path) <= own | set(sys.stdlib_module_names)


@pytest.mark.parametrize("package", ["analysis", "figures"])
def test_analysis_and_figures_know_no_torch(package):
    for path in (ROOT / "rnnlab" / package).rglob("*.py"):
        names = set(imported(tree(path)))
        assert not {name for name in names if name.split(".")[0] == "torch"}, short(path)
        assert not {name for name in names if name.startswith(("rnnlab.training", "rnnlab.tracing"))}, short(
            path
        )


def test_figures_do_no_maths():
    """What a figure shows was computed before: it knows the names of gates, and no algorithm."""
    for path in (ROOT / "rnnlab" / "figures").rglob("*.py"):
        models = {name for name in imported(tree(path)) if name.startswith("rnnlab.model")}
        assert models <= {"rnnlab.model.cells"}, short(path)
        for node in ast.walk(tree(path)):
            assert not (isinstance(node, ast.Attribute) and node.attr in ("linalg", "polyfit", "fft")), short(
                path
            )


def test_what_the_server_imports_loads_no_torch():
    """All of it in one fresh process: the server must stay small and its garbage collections short."""
    wanted = [name for top in TORCH_FREE for name in modules_below(top)]
    assert "rnnlab.live.engine" in wanted
    assert "rnnlab.tasks.digits" in wanted
    loaded = loaded_after("import " + ", ".join(wanted))
    assert "rnnlab" in loaded
    assert not loaded & {"torch", "streamlit", "sklearn", "babel", "faker"}


def modules_below(name: str) -> list[str]:
    """A package and all modules in it, by their files."""
    place = ROOT.joinpath(*name.split("."))
    if name in ("rnnlab", "rnnlab.model.topologies") or not place.is_dir():
        return [name]
    files = [path for path in place.rglob("*.py") if path.stem != "__init__"]
    return [name, *(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sorted(files))]


def test_importing_rnnlab_is_light():
    light = loaded_after("import rnnlab; rnnlab.Design(task='adding'); rnnlab.to_link; rnnlab.analysis")
    assert not light & {"torch", "pandas", "plotly", "streamlit"}


def names_of(path: Path) -> str:
    """A file's name as a module: that of its folder for an __init__."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def needed(module: ast.Module, there: Collection[str]) -> Iterator[str]:
    """Which of our modules a module imports anywhere: `from a import b` needs a.b where that is a module."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in there)
        elif isinstance(node, ast.ImportFrom):
            wanted = [(f"{node.module}.{alias.name}", node.module or "") for alias in node.names]
            yield from (inner if inner in there else outer for inner, outer in wanted if outer in there)


def test_nothing_imports_itself_round_a_corner():
    """Neither inside functions nor for types: of two modules one stands below the other."""
    files = {names_of(path): path for path in OWN}
    below = {name: {*needed(tree(path), files)} - {name} for name, path in files.items()}
    assert sum(map(len, below.values())) > 1000
    list(TopologicalSorter(below).static_order())  # raises CycleError, which names the circle


def literals(node: ast.AST) -> Iterator[str]:
    for found in ast.walk(node):
        if isinstance(found, ast.Constant) and isinstance(found.value, str):
            yield found.value


def compared(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Literals that something is compared with, by ==, `in` or a match statement, with their lines."""
    for node in ast.walk(module):
        if isinstance(node, ast.Compare):
            yield from ((node.lineno, text) for text in literals(node))
        elif isinstance(node, ast.match_case):
            yield from ((node.pattern.lineno, text) for text in literals(node.pattern))


def names_where_they_may_stand(path: Path) -> bool:
    inside = path.relative_to(ROOT).parts
    return inside[:2] == ("rnnlab", "tasks") or inside[:3] in (
        ("rnnlab", "model", "cells"),
        ("rnnlab", "model", "topologies"),
    )


@pytest.mark.parametrize("path", [path for path in OWN if not names_where_they_may_stand(path)], ids=short)
def test_no_cell_or_topology_is_named_in_an_if_chain(path):
    names = set(CELLS) | set(TOPOLOGIES)
    assert [(line, text) for line, text in compared(tree(path)) if text in names] == []


def test_the_search_for_names_finds_them():
    planted = ast.parse(
        "if cell == 'rnn' or cell in ('lstm', 'gru'):\n    pass\nmatch t:\n    case 'many-to-one': pass"
    )
    assert {text for _, text in compared(planted)} == {"rnn", "lstm", "gru", "many-to-one"}


def test_registries_agree_with_the_fields():
    """One name for one thing: what a field offers is what its registry holds."""
    kinds = {name: about.metadata["kind"] for name, about in declared(Design).items()}
    assert set(TOPOLOGIES) == set(WIRINGS) == set(kinds["topology"].choices)
    assert set(CELLS) == set(kinds["cell"].choices)
    assert set(OPTIMIZERS) == set(kinds["optimizer"].choices)
    assert set(RECURRENT) == set(kinds["recurrent_init"].choices)
    assert set(ATTENTIONS) == set(kinds["attention"].choices)
    assert set(TASKS) == set(kinds["task"].choices)
    from rnnlab.model.cells.cell import ACTIVATIONS

    assert set(ACTIVATIONS) == set(kinds["activation"].choices)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_names_a_loss_and_a_metric_there_is(task):
    for topology in TASKS[task].topologies:
        loaded = TASKS[task].load(topology, Design(task=task, topology=topology).options)
        assert loaded.loss in LOSSES
        assert loaded.metric in METRICS


def test_every_field_has_a_label_and_one_sentence_of_help():
    for cls in (Design, Settings):
        for name, about in declared(cls).items():
            assert about.metadata["label"], name
            assert about.metadata["help"].endswith("."), name


@pytest.mark.parametrize("name", rnnlab.__all__)
def test_every_exported_name_is_there_and_documented(name):
    found = getattr(rnnlab, name)
    assert isinstance(found, dict) or inspect.getdoc(found)


@pytest.mark.parametrize("package", ["analysis", "figures"])
def test_packages_export_documented_names(package):
    module = importlib.import_module(f"rnnlab.{package}")
    for name in module.__all__:
        found = getattr(module, name)
        assert isinstance(found, dict) or inspect.getdoc(found), name


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="rnnlab has no attribute 'trian'"):
        rnnlab.trian  # noqa: B018


@pytest.mark.parametrize("path", BACKEND, ids=short)
def test_every_module_and_class_says_what_it_is(path):
    module = tree(path)
    assert ast.get_docstring(module)
    for node in module.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


CONTRACTS = [
    *(f"rnnlab.{name}" for name in ("config", "link", "files", "state", "training", "tracing", "evaluation")),
    *(name for package in ("analysis", "figures", "model") for name in modules_below(f"rnnlab.{package}")),
]
"""Modules whose functions others call: those that the package exports, and the ones beside them."""


def test_what_is_called_from_elsewhere_is_documented():
    """A function of these modules that another module imports has a docstring."""
    asked = {name for path in OWN for name in imported_names(tree(path))}
    missing = []
    for module in CONTRACTS:
        for node in tree(file_of(module)).body:
            if isinstance(node, ast.FunctionDef) and (module, node.name) in asked:
                missing += [] if ast.get_docstring(node) else [f"{module}.{node.name}"]
    assert len(asked) > 500
    assert missing == []


def file_of(module: str) -> Path:
    place = ROOT.joinpath(*module.split("."))
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def imported_names(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


@pytest.mark.parametrize("path", OWN, ids=short)
def test_files_are_short_and_named_for_what_they_hold(path):
    assert len(path.read_text().splitlines()) <= LONGEST_FILE
    assert path.stem not in UNTOLD_NAMES


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """From `def` to the end, the docstring left out: nobody shall save on it."""
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    told = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - told


def functions(module: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_functions_are_short():
    lengths = {
        f"{short(path)}:{function.name}": lines_of(function)
        for path in OWN
        for function in functions(tree(path))
    }
    longer = {name for name, lines in lengths.items() if lines > LONGEST_FUNCTION}
    assert longer <= LONG
    assert longer >= LONG, "what has become short needs no exception"
    in_order = sorted(lengths.values())
    assert in_order[len(in_order) // 2] < 10
    assert in_order[len(in_order) * 9 // 10] < 25


def test_the_measure_of_functions_leaves_out_what_they_say_of_themselves():
    said = ast.parse(
        'class A:\n    async def f(self):\n        """One.\n\n        Two."""\n        return (\n1)'
    )
    assert [lines_of(function) for function in functions(said)] == [3]


def test_no_object_of_ours_holds_a_tensor_that_travels():
    """RunState, Records and Trace are NumPy: a tensor sent through a pool would share memory."""
    import numpy as np

    design = Design(task="adding", hidden_size=3, batch_size=2)
    state, records = rnnlab.advance(rnnlab.begin(design), Settings(length=5), 1)
    held = [*state.weights.values(), *state.optimizer.values(), *records]
    layers = rnnlab.trace(state, Settings(length=5), sequences=2).layers.values()
    held += [
        array for layer in layers for array in (layer.h, layer.grad_h, *layer.start, *layer.gates.values())
    ]
    assert all(type(array) is np.ndarray for array in held)
