"""`python -m tests.load`."""

from tests.load.command import main

raise SystemExit(main())
