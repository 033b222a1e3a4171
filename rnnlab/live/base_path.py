"""A quiet no to Streamlit's client, which first looks for its server below the address of a page.

On `/try` it asks for `/try/_stcore/health` and, on any answer but success, for `/_stcore/health`. A 404 would
do, but browsers write every status from 400 on into the console as an error, where a teacher who looks for
what went wrong would find it.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

ASKED = ("health", "host-config")
MULTIPLE_CHOICES = 300
"""No success, no error, and without a Location nothing to follow."""


def elsewhere(request: Request) -> PlainTextResponse:
    return PlainTextResponse("The server is not below this page.", MULTIPLE_CHOICES)


def routes(pages: Iterable[str]) -> list[Route]:
    """What the client asks for below each of `pages`, the paths of an app served at the root."""
    return [Route(f"/{page}/_stcore/{asked}", elsewhere) for page in pages for asked in ASKED]
