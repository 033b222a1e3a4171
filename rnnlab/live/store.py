"""The store: one SQLite file with a row for each run, so that a server that stops loses none.

Neither tokens nor the names of browsers are in it, only their hashes: who reads the file cannot
open a run with it. `RNNLAB_STORE` is its path, or `off`. One server uses it at a time. All methods
belong to one thread, and raise StoreFails with one sentence for the log.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

MOST_ROWS = 1024
COLUMNS = ("key", "owner", "experiment", "kind", "name", "playing", "waited", "content")
CREATE = (
    "CREATE TABLE IF NOT EXISTS runs (key TEXT PRIMARY KEY, owner TEXT, experiment TEXT, kind TEXT, "
    "name TEXT, playing INTEGER, waited REAL, content BLOB)"
)
PRAGMAS = {"locking_mode": "exclusive", "journal_mode": "wal", "synchronous": "normal"}


class StoreFails(Exception):
    """The store could not do it now: one sentence that says why."""


class Left(NamedTuple):
    """What is known of a stored run without reading it: whose it is, and which experiment."""

    key: str
    owner: str
    experiment: str
    kind: str
    name: str
    playing: bool


class Store:
    """Rows of runs in a file at `path`, made where there is none. A damaged file is put aside."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database: Any = None
        self._runs: Any = None

    def open(self) -> list[Left]:
        """The runs that an earlier server left, oldest first."""
        self.close()
        with self._told():
            try:
                self._connect()
            except Exception as error:
                if not damaged(error):
                    raise
                self.close()
                self.path.replace(self.path.with_suffix(".damaged"))
                self._connect()
            newest = self._runs.select(self._runs.key).order_by(rowid().desc()).limit(MOST_ROWS)
            self._runs.delete().where(self._runs.key.not_in(newest)).execute()
            return [left(row) for row in self._runs.select(*self._about).order_by(rowid()).dicts()]

    def _connect(self) -> None:
        import peewee

        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        self.path.chmod(0o600)
        self._database = peewee.SqliteDatabase(str(self.path), pragmas=PRAGMAS, timeout=0.2)
        self._runs = peewee.Table("runs", COLUMNS).bind(self._database)
        self._about = [getattr(self._runs, name) for name in Left._fields]
        self._database.execute_sql(CREATE)
        self._database.execute_sql("DELETE FROM runs WHERE key IS NULL")  # takes the lock

    def save(self, about: Left, content: bytes) -> None:
        """Write a run, in place of what was there under its key."""
        with self._told():
            row = {**about._asdict(), "waited": 0.0, "content": content}
            self._runs.insert(row).on_conflict_replace().execute()

    def content(self, key: str) -> bytes | None:
        """What was saved of a run; None where there is none."""
        with self._told():
            found = self._runs.select(self._runs.content).where(self._runs.key == key).dicts().first()
            return bytes(found["content"]) if found else None

    def rename(self, key: str, new: str) -> None:
        """What is kept under one key is kept under another one from now on."""
        with self._told():
            self._runs.update({self._runs.key: new}).where(self._runs.key == key).execute()

    def delete(self, keys: Iterable[str]) -> int:
        """Rows of runs that nobody will ask for again; returns how many there were."""
        with self._told():
            return int(self._runs.delete().where(self._runs.key.in_(list(keys))).execute())

    def wait(self, keys: Iterable[str], seconds: float, most: float) -> list[str]:
        """Runs that nobody came back for waited `seconds` more; those that waited too long are deleted.

        Counted by how long servers ran, since a clock may jump. Returns the keys of the deleted.
        """
        with self._told():
            waiting = self._runs.key.in_(list(keys))
            self._runs.update({self._runs.waited: self._runs.waited + seconds}).where(waiting).execute()
            late = waiting & (self._runs.waited > most)
            gone = [row["key"] for row in self._runs.select(self._runs.key).where(late).dicts()]
            self._runs.delete().where(late).execute()
            return gone

    def close(self) -> None:
        if self._database is not None:
            with contextlib.suppress(Exception):
                self._database.close()
            self._database = None

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        import peewee

        try:
            yield
        except (peewee.PeeweeException, OSError) as error:
            raise StoreFails(why(self.path, error)) from error


def damaged(error: Exception) -> bool:
    """Whether SQLite cannot read the file, rather than that something keeps it from doing so."""
    return "not a database" in str(error) or "malformed" in str(error)


def rowid() -> Any:
    import peewee

    return peewee.SQL("rowid")


def left(row: Mapping[str, Any]) -> Left:
    return Left(**{**row, "playing": bool(row["playing"])})


def why(path: Path, error: Exception) -> str:
    """One sentence for the log."""
    words = " ".join(str(error).split())
    if "locked" in words:
        return f"{path} is in use by another server: the runs of this one are not saved."
    return f"Runs cannot be saved in {path} for now ({words})."


def hashed(secret: str) -> str:
    """What stands for a token, or for a browser's name, in the file; empty for an empty one."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest() if secret else ""


def store_path(environment: Mapping[str, str]) -> Path | None:
    """The path that an environment asks for, by default in the user's folder for state; None for `off`."""
    asked = environment.get("RNNLAB_STORE", "").strip()
    if asked.lower() == "off":
        return None
    return Path(asked).expanduser().absolute() if asked else state_folder(environment) / "runs.sqlite"


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where programs of this user keep what they need from one start to the next."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local") / "rnnlab"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "rnnlab"
    return Path(environment.get("XDG_STATE_HOME") or home / ".local" / "state") / "rnnlab"
