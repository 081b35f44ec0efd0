"""Runs the code of students where it can do no harm."""
