"""Exercises of courses in other folders than the working directory."""

import contextlib
import os
from pathlib import Path
from unittest import mock

from nbjudge.authoring.exercise import Exercise
from nbjudge.course.course import Course


def course_in(folder: Path) -> Course:
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ),
    ):  # where kernels find modules of the course is kept there
        course = Course.here()
        assert course.root.samefile(folder)  # nbgrader asks for the working directory only now
    return course


def exercise_in(folder: Path, assignment: str) -> Exercise:
    (exercise,) = Exercise.load(course_in(folder), assignment)
    return exercise
