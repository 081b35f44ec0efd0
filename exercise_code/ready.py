"""Lets the notebook run to its end: a cell whose task is open, or whose training stops, says so and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from IPython.display import display

from exercise_code.errors import TrainingError
from nbprobe.ready import when_ready as when_written

HEADINGS = {
    1: "Task 1: how wrong is a prediction? (3 points)",
    2: "Task 2: how does the loss change with the prediction? (3 points)",
    3: "Task 3: from any number to a probability (2 points)",
    4: "Task 4: the prediction (3 points)",
    5: "Task 5: how does the prediction change with the weights? (4 points)",
    6: "Task 6: one step downhill (2 points)",
    7: "Task 7: one update of the training (3 points)",
}
"""The notebook's headings of the tasks; JupyterLab makes the targets of links from them."""


def link(task: int) -> str:
    """Markdown that leads to the heading of a task."""
    # not quoted: JupyterLab looks for the heading by the very letters of the link
    return f"[Go to task {task}](<#{HEADINGS[task].replace(' ', '-')}>)."


@contextmanager
def when_ready() -> Iterator[None]:
    """Run the block; if it needs a method that isn't written yet, or its training stops, say so and go on.

    What was learnt until a training stopped stays in its solver and its model, and the next cells draw that; where
    nothing was learnt, they say that they wait.

    Raises
    ------
    MethodError
        If a method of the notebook stops with an error.
    """
    try:
        with when_written():
            yield
    except TrainingError as stopped:
        sentence = f"Training stopped: {stopped}"
        linked = sentence if stopped.task is None else f"{sentence} {link(stopped.task)}"
        display({"text/plain": sentence, "text/markdown": linked}, raw=True)
