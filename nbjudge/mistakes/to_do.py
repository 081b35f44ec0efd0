"""What a drafted misconception says to students, until its author has written it."""

TO_DO = "TODO: what happened, and where to look."
"""The sentence of a draft. With it, nothing is graded."""
