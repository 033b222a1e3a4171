"""Below a page's address nothing is found, and no browser calls that an error."""

import warnings

from starlette.applications import Starlette
from starlette.exceptions import StarletteDeprecationWarning
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from rnnlab.live.base_path import routes

with warnings.catch_warnings():  # it would rather have a newer httpx
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient


def test_a_quiet_no_below_the_pages_and_nowhere_else() -> None:
    own = Route("/_stcore/health", lambda request: PlainTextResponse("ok"))
    client = TestClient(Starlette(routes=[own, *routes(["try"])]), follow_redirects=False)
    for asked in ("health", "host-config"):
        answer = client.get(f"/try/_stcore/{asked}")
        assert not answer.is_success
        assert answer.status_code < 400
        assert "location" not in answer.headers
    assert client.get("/_stcore/health").text == "ok"
    assert client.get("/lab/_stcore/health").status_code == 404
