"""What the terminal says at the start, and that what it says is so."""

import ipaddress
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from concurrent.futures import Future
from pathlib import Path

import pytest

from rnnlab import cli
from rnnlab.live import greeting
from rnnlab.live.access import kept_key
from rnnlab.live.addresses import local_addresses, reachable
from rnnlab.live.greeting import Place, greet, ready_lines

ROOT = Path(__file__).resolve().parents[1]
DEADLINE_SECONDS = 180


class Warming:
    """An executor whose workers are ready when the test says so."""

    def __init__(self, workers):
        self.futures = [Future() for _ in range(workers)]

    def warm(self):
        return self.futures


def option(name, **given):
    usual = {
        "server.address": None,
        "server.port": 8501,
        "server.sslCertFile": None,
        "server.baseUrlPath": "",
    }
    return (usual | given)[name]


def ended():
    for thread in threading.enumerate():
        if thread.name == "greeting":
            thread.join(DEADLINE_SECONDS)


def test_first_that_it_starts_and_then_where_it_is(monkeypatch):
    monkeypatch.setattr(greeting, "local_addresses", lambda: ["192.168.1.7", "10.0.0.3"])
    said, executor = [], Warming(2)
    greet(executor, option, said.append)
    assert said == ["RNN Lab is starting: warming 2 workers, a few seconds."]
    for future in executor.futures:
        future.set_result(1)
    ended()
    assert said[1:] == [
        "RNN Lab is ready. Students type http://192.168.1.7:8501",
        "or, from another network of this machine, http://10.0.0.3:8501",
        "On this machine: http://localhost:8501",
    ]


def test_workers_that_do_not_start_are_named():
    said, executor = [], Warming(1)
    greet(executor, option, said.append)
    executor.futures[0].set_exception(OSError("no room"))
    ended()
    assert "did not start: OSError: no room" in said[1]


def test_a_server_that_ends_before_says_nothing_more():
    said, executor = [], Warming(2)
    greet(executor, option, said.append)
    executor.futures[0].cancel()
    ended()
    assert len(said) == 1


def test_no_worker_to_wait_for(monkeypatch):
    said = []
    greet(object(), option, said.append)
    ended()
    assert said[0] == "RNN Lab is starting."
    assert "ready" in said[1]


@pytest.mark.parametrize(
    ("place", "found", "first"),
    [
        (Place("", 8501), ["192.168.1.7"], "RNN Lab is ready. Students type http://192.168.1.7:8501"),
        (Place("0.0.0.0", 80), ["192.168.1.7"], "RNN Lab is ready. Students type http://192.168.1.7"),
        (Place("", 443, True, "lab/"), ["192.168.1.7"], "RNN Lab is ready. Students type https://192.168.1.7/lab"),
        (Place("::1", 1), [], "RNN Lab is ready: http://[::1]:1 Only this machine can open it."),
        (Place("lab.school.org", 8501), [], "RNN Lab is ready: http://lab.school.org:8501"),
        (Place("", 1), [], "RNN Lab is ready: http://localhost:1 There is no network: only this machine"),
    ],
)  # fmt: skip
def test_the_address_to_type(place, found, first):
    assert ready_lines(place, found)[0].startswith(first)


def test_the_code_itself_is_not_printed(monkeypatch):
    monkeypatch.setenv("RNNLAB_CODE", "blue falcon")
    said = []
    greet(object(), option, said.append)
    ended()
    assert "access code" in said[-1]
    assert "falcon" not in " ".join(said)


@pytest.mark.parametrize(("name", "value"), [("RNNLAB_CODE", "ab"), ("RNNLAB_ORIGINS", "lab.school.org")])
def test_a_setting_that_is_wrong_is_refused_in_a_line(name, value, monkeypatch, capsys):
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as end:
        cli.main(["--port", "1"])
    assert end.value.code == 2
    assert name in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [("RNNLAB_WORKERS", "abc"), ("RNNLAB_HISTORY_MB", "-3"), ("RNNLAB_CODE", "ab"), ("RNNLAB_ORIGINS", "us")],
)  # fmt: skip
def test_streamlit_itself_says_in_a_line_which_setting_is_wrong(name, value):
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += [f"--server.port={free_port()}"]
    given = {**os.environ, "RNNLAB_STORE": "off", name: value}
    ended = subprocess.run(
        command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=DEADLINE_SECONDS
    )
    told = ended.stderr.strip().splitlines()
    assert ended.returncode == 2, ended.stderr
    assert len(told) == 1, ended.stderr
    assert told[0].startswith(f"rnnlab: {name} ")


def test_addresses_are_this_machines_own_and_no_packet_asks_for_them(monkeypatch):
    def no_look_up(*_):
        raise AssertionError("asked for a name")

    monkeypatch.setattr(socket, "getaddrinfo", no_look_up)
    monkeypatch.setattr(socket, "gethostbyname", no_look_up)
    for address in local_addresses():
        assert ipaddress.ip_address(address).version == 4
        with socket.socket() as probe:
            probe.bind((address, 0))  # only an own address can be bound


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "169.254.3.4"])
def test_addresses_that_nobody_else_can_open(address):
    assert not reachable(address)


def test_the_key_is_kept_for_the_user_alone(tmp_path):
    store = tmp_path / "state" / "runs.sqlite"
    key = kept_key(store)
    assert len(key) == 32
    assert kept_key(store) == key
    assert (tmp_path / "state" / "passes.key").stat().st_mode & 0o077 == 0
    assert kept_key(None) != kept_key(None)


def test_a_key_that_cannot_be_kept_is_no_obstacle(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    assert len(kept_key(tmp_path / "file" / "runs.sqlite")) == 32
    assert "a restart will ask again" in caplog.text
    (tmp_path / "passes.key").write_bytes(b"short")
    key = kept_key(tmp_path / "runs.sqlite")
    assert len(key) == 32
    assert kept_key(tmp_path / "runs.sqlite") == key, (
        "a disk that was full once does not ask the class for ever"
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    "command", [["-m", "rnnlab"], ["-m", "streamlit", "run", "app.py", "--server.headless=true"]]
)
def test_the_address_that_is_printed_answers(command, tmp_path, monkeypatch):
    monkeypatch.setenv("RNNLAB_WORKERS", "1")
    monkeypatch.setenv("RNNLAB_STORE", "off")
    port = free_port()
    command = [
        sys.executable,
        *command,
        "--headless" if "rnnlab" in command else "--server.fileWatcherType=none",
    ]
    command += [f"--port={port}" if "rnnlab" in command else f"--server.port={port}"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        killer = threading.Timer(DEADLINE_SECONDS, process.kill)
        killer.start()
        try:
            said = ""
            while "localhost" not in said:
                line = process.stdout.readline()
                assert line, f"It ended after saying {said}"
                said += line
            assert said.index("is starting: warming 1 worker,") < said.index("RNN Lab is ready")
            for address in re.findall(r"http://\S+", said):
                with urllib.request.urlopen(address, timeout=DEADLINE_SECONDS) as answer:
                    assert "text/html" in answer.headers["content-type"]
        finally:
            process.terminate()
            killer.cancel()
