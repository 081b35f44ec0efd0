"""Mistakes of this exercise that we foresaw. A notebook shows them as one sentence, without a traceback."""

from nbprobe.errors import ExerciseError

__all__ = ["DataError", "ExerciseError", "SetupError", "TrainingError"]


class SetupError(ExerciseError):
    """The installation doesn't fit the notebook."""


class DataError(ExerciseError, ValueError):
    """The samples can't be used as they are."""


class TrainingError(ExerciseError):
    """Training can't start or can't go on. ``task`` is the number of the task to look at, if it is known."""

    def __init__(self, sentence: str, task: int | None = None) -> None:
        super().__init__(sentence)
        self.task = task
