"""How a command says no: one line on stderr, status 2, no traceback."""

from __future__ import annotations

import sys
from typing import NoReturn

BAD_VALUE = 2


def refuse(message: str) -> NoReturn:
    """End the command. Raises SystemExit(2)."""
    print("rnnlab:", " ".join(message.split()), file=sys.stderr)
    raise SystemExit(BAD_VALUE)
