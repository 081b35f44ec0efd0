"""The base of errors for mistakes that we foresaw. A notebook shows them as one sentence, without a traceback."""


class ExerciseError(Exception):
    """Base of all errors that are raised on purpose in a student's notebook."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows these lines in place of the traceback."""
        return [f"\x1b[31m{type(self).__name__}\x1b[0m: {self}"]
