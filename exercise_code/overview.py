"""Where a student stands: the map of the exercise with what is done in it, and what comes next."""

import sys
from collections.abc import Mapping

from IPython.display import display

from exercise_code import plots
from exercise_code.tasks import TASKS, Task
from nbprobe.check import look_again
from nbprobe.probe import is_grading
from nbprobe.progress import points_so_far, state_of
from nbprobe.verdict import RIGHT, WRONG


def overview() -> None:
    """Look at all seven tasks, draw the map with what is done, and say what comes next. Nothing is graded by it."""
    names = sys._getframe(1).f_globals  # of the notebook
    if not is_grading():
        look_again(names)
    states = {number: state_of(task.test) for number, task in TASKS.items()}
    plots.data_flow(states)
    sentence = what_next(states)
    if any(task.method.partition(".")[0] in names for task in TASKS.values()):
        so_far = points_so_far({task.test: task.points for task in TASKS.values()})
    else:
        so_far = "No task's cell has run in this kernel yet: run this cell again later to see what is done"
    text = f"{so_far}. {sentence}"
    display({"text/plain": text, "text/markdown": text}, raw=True)


def what_next(states: Mapping[int, str]) -> str:
    """One sentence in Markdown: the first task that is wrong, or else the first that is open.

    Parameters
    ----------
    states : of each task, by its number: ``RIGHT``, ``WRONG`` or ``OPEN`` of ``nbprobe``
    """
    wrong = [task for number, task in TASKS.items() if states[number] == WRONG]
    left = [task for number, task in TASKS.items() if states[number] != RIGHT]
    if not left:
        return "All tasks are right: [hand in](#Hand-in)."
    if wrong:
        return f"Look again at {_named(wrong[0])}; its check says what is wrong."
    return f"{'Start' if len(left) == len(TASKS) else 'Go on'} with {_named(left[0])}."


def _named(task: Task) -> str:
    return task.link(f"task {task.number}, {task.title}")
