"""The cliff"""


def cliff_view() -> None: ...
