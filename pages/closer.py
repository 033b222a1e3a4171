"""Look closer"""


def closer_view(group) -> None: ...
