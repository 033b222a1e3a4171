"""What a worker process does: one call after another from its pipe, on one core, behind the server."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import multiprocessing.connection
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from rnnlab.live.texts import Texts
from rnnlab.memory import keep_memory

NICER_THAN_THE_SERVER = 10
NICER_THAN_THE_WORKERS = 3
log = logging.getLogger(__name__)


def work(pipe: Connection, initializer: Callable[[], object]) -> None:
    """Say the process id when ready, then answer calls until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends its workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    initializer()
    with contextlib.suppress(EOFError, OSError):
        pipe.send(os.getpid())
        texts = Texts()
        while True:
            pipe.send_bytes(answer(pipe.recv_bytes(), texts))
    os._exit(0)  # nothing to tidy up, and taking torch down would hold up the server's end


def answer(request: bytes, texts: Texts) -> bytes:
    """(True, result) or (False, (error, traceback)) of a packed (function, args, kwargs)."""
    try:
        function, args, kwargs = texts.unpack(request)
        return texts.pack((True, function(*args, **kwargs)))
    except BaseException as error:
        told = portable(error), "".join(traceback.format_exception(error))
        return texts.pack((False, told))


def portable(error: BaseException) -> BaseException:
    """`error`, or its words where it cannot be sent or is no Exception (a call that asks for an exit)."""
    with contextlib.suppress(Exception):
        if isinstance(pickle.loads(pickle.dumps(error)), Exception):
            return error
    return RuntimeError(f"{type(error).__name__}: {error}")


def prepare_worker(nicer: int = NICER_THAN_THE_SERVER) -> None:
    """Make this process a good worker, and its first slice a fast one."""
    if hasattr(os, "nice"):
        os.nice(nicer)  # a page answers its clicks and pushes its frames before anybody trains
    _go_first_when_memory_ends()
    use_one_thread()
    keep_memory()
    try:
        _first_slice()
    except Exception:
        log.exception("The warm-up of a worker failed; its first slice will say why.")


def prepare_aside() -> None:
    """A worker for what people ask for once: the training goes first."""
    prepare_worker(NICER_THAN_THE_SERVER + NICER_THAN_THE_WORKERS)


def use_one_thread() -> None:
    """One worker is one core: more threads are no faster at these sizes, and in each other's way."""
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    threadpool_limits(1, user_api="blas")  # NumPy's, for the measurements


def _go_first_when_memory_ends() -> None:
    """Linux, out of memory, ends a process: a worker can be replaced, the server cannot."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _first_slice() -> None:
    """One small update with picture and report: imports, kernels and allocators are warm after it."""
    from rnnlab.config import Design, default_settings
    from rnnlab.live.slices import SliceRequest, run_slice

    design = Design(hidden_size=4)
    run_slice(SliceRequest(design, default_settings(design), None, 1, want_picture=True, want_report=True))


def _end_with_parent() -> None:
    """A server that was killed cannot stop its workers: they stop by themselves."""
    parent: Any = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(0)
