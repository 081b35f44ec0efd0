"""Errors for mistakes that we foresaw. A notebook shows them as one sentence, without a traceback."""


class ExerciseError(Exception):
    """Base of all errors that this package raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows these lines in place of the traceback."""
        return [f"\x1b[31m{type(self).__name__}\x1b[0m: {self}"]


class SetupError(ExerciseError):
    """The installation doesn't fit the notebook."""


class DataError(ExerciseError, ValueError):
    """The samples can't be used as they are."""


class TrainingError(ExerciseError):
    """Training can't start or can't go on."""
