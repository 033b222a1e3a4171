"""What the terminal says: that the server is starting, and, when it is ready, what students type."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from typing import Any, NamedTuple

from rnnlab.live.access import code_from_environment
from rnnlab.live.addresses import local_addresses

Say = Callable[[str], None]


class Place(NamedTuple):
    """Where the server listens. `host` is empty where it listens to everybody."""

    host: str
    port: int
    secure: bool = False
    path: str = ""
    code_asked: bool = False


def say(line: str) -> None:
    print(f"  {line}", flush=True)


def place_of(option: Callable[[str], Any]) -> Place:
    """Where the server listens, by Streamlit's options."""
    return Place(
        host=option("server.address") or "",
        port=int(option("server.port")),
        secure=bool(option("server.sslCertFile")),
        path=option("server.baseUrlPath"),
        code_asked=bool(code_from_environment()),
    )


def greet(executor: Executor, option: Callable[[str], Any], say: Say = say) -> None:
    """Say that the workers warm up, and, without holding anybody up, when they have."""
    place = place_of(option)
    futures: list[Future[Any]] = executor.warm() if hasattr(executor, "warm") else []
    many = f"{len(futures)} worker{'' if len(futures) == 1 else 's'}"
    say(f"RNN Lab is starting: warming {many}, a few seconds." if futures else "RNN Lab is starting.")
    threading.Thread(target=welcome, args=(futures, place, say), name="greeting", daemon=True).start()


def welcome(futures: list[Future[Any]], place: Place, say: Say) -> None:
    try:
        for future in futures:
            future.result()
    except CancelledError:
        return  # the server ended before
    except Exception as error:
        say(f"RNN Lab answers, but its workers did not start: {type(error).__name__}: {error}")
    for line in ready_lines(place, local_addresses()):
        say(line)


def ready_lines(place: Place, found: list[str]) -> list[str]:
    """The addresses to type, best first."""
    here = address("localhost" if not place.host or is_wildcard(place.host) else place.host, place)
    if place.host and not is_wildcard(place.host):
        only = " Only this machine can open it." if is_own(place.host) else ""
        lines = [f"RNN Lab is ready: {here}{only}"]
    elif not found:
        lines = [f"RNN Lab is ready: {here} There is no network: only this machine can open it."]
    else:
        first, *others = (address(host, place) for host in found)
        lines = [f"RNN Lab is ready. Students type {first}"]
        lines += [f"or, from another network of this machine, {other}" for other in others]
        lines += [f"On this machine: {here}"]
    return lines + (["It asks for the access code in RNNLAB_CODE."] if place.code_asked else [])


def address(host: str, place: Place) -> str:
    scheme, usual = ("https", 443) if place.secure else ("http", 80)
    host = f"[{host}]" if ":" in host else host
    port = "" if place.port == usual else f":{place.port}"
    path = place.path.strip("/")
    return f"{scheme}://{host}{port}" + (f"/{path}" if path else "")


def is_wildcard(host: str) -> bool:
    return host in ("0.0.0.0", "::")


def is_own(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
