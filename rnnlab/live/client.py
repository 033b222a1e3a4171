"""Who is asking: the address and the cookies of a request."""

from __future__ import annotations

import ipaddress
import re

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

COOKIE = "rnnlab-browser"
NAME = re.compile(r"[A-Za-z0-9_-]{32,64}")


def address_of(scope: Scope) -> str:
    """The client's address: one for each house, which for IPv6 is the first half of it."""
    host = (scope.get("client") or ("", 0))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), 64), strict=False))


def browser(headers: Headers) -> str:
    """The browser's name from its cookie; empty where it has none, or one that this server never gave."""
    name = cookie_value(headers, COOKIE)
    return name if NAME.fullmatch(name) else ""


def cookie_value(headers: Headers, name: str) -> str:
    """The value of a cookie; empty where there is none.

    Browsers send the cookies of every app on the same host, and some are none by the book: they must
    not hide the others.
    """
    return cookie_parser("; ".join(headers.getlist("cookie"))).get(name, "")


def cookie(name: str, value: str, seconds: int, scope: Scope) -> str:
    """A Set-Cookie value that no script can read.

    SameSite is Lax, not Strict: with Strict, a link in the school's own pages would arrive without
    the cookie, and the new one given in answer would replace it. Sockets and posts of other sites
    carry neither.
    """
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    return f"{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"
