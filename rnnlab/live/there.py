"""What a call does first on a machine that is not the server's: make sure that it computes the same."""

from __future__ import annotations

import functools
import platform
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rnnlab.live.named import Digest, Unknown, call
from rnnlab.memory import keep_memory

SAME = ("rnnlab", "torch", "numpy", "distributed")


class OtherVersion(ValueError):
    """A worker of the cluster would compute something else."""


def versions() -> dict[str, str]:
    """What must be the same on both sides: Python's minor version and the packages that compute."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python, **{name: version_of(name) for name in SAME}}


def version_of(name: str) -> str:
    """Of an installed package; one that runs from its folder has none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "from its folder"


@dataclass(frozen=True)
class There:
    """A function with what its worker must have; called on the worker with a parcel of its arguments."""

    function: Callable[..., Any]
    needs: tuple[tuple[str, str], ...]

    def __call__(
        self, content: bytes, names: Collection[Digest], given: Mapping[Digest, str]
    ) -> bytes | Unknown:
        ready_to_work(self.needs)
        return call(self.function, content, names, given)


@functools.cache
def ready_to_work(needs: tuple[tuple[str, str], ...]) -> None:
    """Once in each worker: the versions are the server's, and one thread for each call.

    Raises OtherVersion.
    """
    from rnnlab.live.worker import use_one_thread

    here = versions()
    if other := [f"{name} {here[name]}, not {wanted}" for name, wanted in needs if here[name] != wanted]:
        raise OtherVersion("A worker of the cluster has " + "; ".join(other))
    use_one_thread()
    keep_memory()
