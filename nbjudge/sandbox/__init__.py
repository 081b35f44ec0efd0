"""Runs the code of students where it can do no harm.

``bubblewrap`` shows a process Python and nothing of the course. In there, the forkserver (``inside.forkserver``) starts
once and forks for each submission; ``inside.confinement`` shuts the fork in, and ``inside.shell`` runs its cells. What
they put out comes through the ``channel``, which trusts no byte of it. ``step`` is all of this as a step of nbgrader.
"""
