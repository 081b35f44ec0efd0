"""What instructors run: from a class of submissions to grades, feedback and a report.

Its rooms, from the ground up; each imports only from those above it in this list:

course      the course in its folder: where everything lies, notebooks, names of learning platforms, files
sandbox     runs code of students, confined
pages       what a person reads of one submission
judging     the right answers, the misconceptions, and nbgrader's steps that judge by them
intake      builds what is graded afresh from what a student handed in
results     gradebook, tables, report, export
collecting  from a download or the exchange to ``submitted/``
proving     how good the tests of an exercise are
authoring   from the instructor's notebook to the release
forgetting  takes a person out of a course
batch       a whole class at once
usage       what the command ``course`` is called with
commands    what it does
"""

from nbjudge.configuration import configure

__version__ = "1.1"

__all__ = ["configure"]
