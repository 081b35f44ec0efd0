"""What only instructors run: from a class of submissions to grades, feedback and a report."""
