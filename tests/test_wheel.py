"""The built wheel is the whole app: installed alone, in an empty folder, it serves a page with a run."""

import json
import os
import re
import socket
import subprocess
import sys
import sysconfig
import threading
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.sync.client import connect

from rnnlab.live.frames import unpack
from rnnlab.live.route import plotly_url
from rnnlab.pretrained import PRETRAINED

pytest.importorskip("hatchling", reason="builds the wheel")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
DEADLINE_SECONDS = 180


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """A new environment that has nothing of ours but the wheel, and sees the installed dependencies."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    site = Path(
        in_environment(python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])").strip()
    )
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])
    install = ["-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run([sys.executable, *install], check=True)
    return python


def in_environment(python, *arguments):
    return subprocess.run([python, "-I", *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def address(python, tmp_path_factory):
    """`rnnlab` alone, in an empty folder, in a home where nothing was ever started."""
    folder, home = tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("home")
    hidden = ("PYTHONPATH", "STREAMLIT_", "RNNLAB_", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    environment = (
        kept | nowhere | {"HOME": str(home), "RNNLAB_WORKERS": "1", "no_proxy": "localhost,127.0.0.1"}
    )
    port = free_port()
    command = [python.parent / "rnnlab", "--headless", "--port", str(port)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=folder, env=environment, **pipes) as process:
        killer = threading.Timer(DEADLINE_SECONDS, process.kill)
        killer.start()
        try:
            said = ""
            while "On this machine" not in said and "only this machine" not in said:
                line = process.stdout.readline()
                assert line, f"It ended after saying {said}"
                said += line
            killer.cancel()
            yield f"localhost:{port}"
        finally:
            process.terminate()
            killer.cancel()
    assert not list(folder.iterdir())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetched(address):
    with urllib.request.urlopen(address, timeout=DEADLINE_SECONDS) as answer:
        return answer.read()


def test_everything_that_is_shown_is_in_the_wheel(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(
        ["git", "ls-files", "pages", "assets"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    shown = {f"rnnlab/_app/{name}" for name in listed.stdout.split()}
    assert shown | {"rnnlab/_app/app.py", "rnnlab/_app/.streamlit/config.toml"} <= names
    assert not [name for name in names if name.startswith("tests") or "__pycache__" in name]


def test_the_package_is_the_wheels(python):
    found = in_environment(python, "-c", "import rnnlab; print(rnnlab.__file__)")
    assert str(python.parents[1]) in found


def test_the_networks_that_ship_are_found(python):
    code = "from rnnlab.pretrained import *; print(sum(load(one).state.update for one in PRETRAINED))"
    assert int(in_environment(python, "-c", code)) == sum(one.updates for one in PRETRAINED.values())


def test_the_page_and_all_that_it_loads(address):
    page = fetched(f"http://{address}/").decode()
    for script in re.findall(r'(?:src|href)="\./(static/[^"]+)"', page):
        assert fetched(f"http://{address}/{script}")
    assert b"export default" in fetched(f"http://{address}/live/assets/live.js")
    assert fetched(f"http://{address}{plotly_url()}").startswith(b"/**\n* plotly.js")


def test_a_visitor_gets_a_run_and_its_first_frame(address):
    token = visited(address)
    with connect(f"ws://{address}/live/ws", proxy=None, max_size=None) as line:
        line.send(json.dumps({"type": "watch", "token": token}))
        header, arrays = unpack(line.recv(timeout=DEADLINE_SECONDS))
    assert header["status"] == "paused"
    assert arrays


def visited(address):
    """The token that the page of a new visitor holds, as Streamlit's own socket brings it."""
    hello = BackMsg()
    hello.rerun_script.query_string = ""
    with connect(
        f"ws://{address}/_stcore/stream", subprotocols=["streamlit"], proxy=None, max_size=None
    ) as line:
        line.send(hello.SerializeToString())
        for _ in range(200):
            found = re.search(rb'"token": ?"([\w-]{32})"', line.recv(timeout=DEADLINE_SECONDS))
            if found:
                return found[1].decode()
    raise AssertionError("The page showed no run.")
