"""The registry of tasks: link name to facts. One file and one line for each."""

from rnnlab.tasks import adding, nationality
from rnnlab.tasks.spec import TaskSpec

TASKS: dict[str, TaskSpec] = {
    "adding": adding.SPEC,
    "nationality": nationality.SPEC,
}
