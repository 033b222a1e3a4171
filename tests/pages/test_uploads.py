"""Files that are sent to the server, whether a page asked for them or not."""

import asyncio
import itertools
import runpy
from pathlib import Path

import pytest
import streamlit
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from pages import uploads
from rnnlab.own import MOST_BYTES


class Manager(MemoryUploadedFileManager):
    """Streamlit's, for this test alone."""


@pytest.fixture
def manager(monkeypatch):
    monkeypatch.setattr(Manager, "add_file", MemoryUploadedFileManager.add_file)
    uploads.keep_within_bounds(Manager)
    return Manager("/upload")


numbers = itertools.count()


def sent(manager, session, size):
    name = f"file {next(numbers)}"
    manager.add_file(session, UploadedFileRec(name, "run.npz", "", bytes(size)))
    return name


def held(manager, session, names):
    return [file.file_id for file in manager.get_files(session, names)]


def test_a_session_holds_its_newest_files(manager):
    names = [sent(manager, "one", 10) for _ in range(20)]
    other = sent(manager, "two", 10)
    assert held(manager, "one", names) == names[-uploads.MOST_OF_A_SESSION :]
    assert held(manager, "two", [other]) == [other]


def test_all_sessions_together_hold_so_many_bytes(manager, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES", 100)
    names = {f"session {i}": sent(manager, f"session {i}", 30) for i in range(10)}
    assert [s for s, name in names.items() if held(manager, s, [name])] == [f"session {i}" for i in (7, 8, 9)]
    largest = sent(manager, "large", 1000)
    assert held(manager, "large", [largest]) == [largest]


def test_of_a_file_that_no_page_reads_no_more_is_kept_than_shows_it(manager):
    name = sent(manager, "one", 25_000_000)
    (file,) = manager.get_files("one", [name])
    assert MOST_BYTES < 5 << 20 < len(file.data) == uploads.MOST_OF_A_FILE
    whole = sent(manager, "one", 5 << 20)
    assert len(manager.get_files("one", [whole])[0].data) == 5 << 20


def test_a_file_that_a_page_reads_is_in_memory_only_while_it_is_on_its_way():
    """As the server receives it: the form of an upload, in pieces, and what it is held in meanwhile."""

    async def pieces():
        yield b"--x\r\nContent-Disposition: form-data; name=file; filename=a.csv\r\n\r\n"
        for _ in range(50):
            yield b"1234567\n" * 12_500
        yield b"\r\n--x--\r\n"

    uploads.keep_within_bounds(Manager)
    headers = Headers({"content-type": "multipart/form-data; boundary=x"})
    form = asyncio.run(MultiPartParser(headers, pieces()).parse())
    (file,) = form.values()
    assert file.size == 5_000_000
    assert not file.file._rolled
    file.file.close()


def test_files_that_streamlit_removed_do_not_count(manager):
    first = sent(manager, "one", 10)
    second = sent(manager, "one", 10)
    manager.remove_file("one", second)
    third = sent(manager, "one", 10)
    manager.remove_session_files("gone")
    assert held(manager, "one", [first, second, third]) == [first, third]


def test_the_app_does_so(monkeypatch):
    kept = []
    monkeypatch.setattr(uploads, "keep_within_bounds", lambda: kept.append(True))
    monkeypatch.setattr(streamlit, "App", lambda *_, **__: None)
    runpy.run_path(str(Path(uploads.__file__).parents[1] / "app.py"), run_name="served")
    assert kept
