"""The bases of errors for what we foresaw."""


class ExerciseError(Exception):
    """Base of all errors that are raised on purpose in a student's notebook: one sentence, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows these lines in place of the traceback."""
        return [f"\x1b[31m{type(self).__name__}\x1b[0m: {self}"]


class FormError(Exception):
    """Data isn't of the form that its reader asks for: somebody else wrote it, or changed it."""
