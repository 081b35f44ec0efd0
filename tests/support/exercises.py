"""Exercises of courses in other folders than the working directory."""

import contextlib
from pathlib import Path

from nbjudge.authoring.exercise import Exercise
from nbjudge.course.course import Course


def course_in(folder: Path) -> Course:
    with contextlib.chdir(folder):
        course = Course.here()
        assert course.root.samefile(folder)  # nbgrader asks for the working directory only now
    return course


def exercise_in(folder: Path, assignment: str) -> Exercise:
    (exercise,) = Exercise.load(course_in(folder), assignment)
    return exercise
