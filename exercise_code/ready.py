"""Lets the notebook run to its end: a cell whose task is open, or whose training stops, says so and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from IPython.display import display

from exercise_code.errors import TrainingError
from exercise_code.tasks import TASKS
from nbprobe.ready import when_ready as when_written


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
        task = None if stopped.task is None else TASKS[stopped.task]
        linked = sentence if task is None else f"{sentence} {task.link(f'Go to task {task.number}')}."
        display({"text/plain": sentence, "text/markdown": linked}, raw=True)
