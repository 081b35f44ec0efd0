"""What surrounds the grading: from the release to the feedback that students get back."""
