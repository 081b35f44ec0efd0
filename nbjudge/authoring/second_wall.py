"""Whether an exercise can be graded where there are no namespaces: its own solution runs behind the second wall."""

from nbjudge.authoring.exercise import Exercise
from nbjudge.authoring.proof import Doubt
from nbjudge.course.isolation import LANDLOCK
from nbjudge.judging import oracle
from nbjudge.judging.own_notebook import evidence, is_full
from nbjudge.sandbox.bubblewrap import SandboxError
from nbjudge.sandbox.walls import Landlock


def doubts(exercise: Exercise) -> list[str]:
    """What is to be said, if anything; nothing is said where this machine has no such wall to try it."""
    course, assignment, path = exercise.course, exercise.assignment, exercise.source_notebook
    answers = oracle.load(course, assignment, path)
    if not answers.solution or Landlock().missing():
        return []
    try:
        found = evidence(course, assignment, path, answers, LANDLOCK)
    except (SandboxError, SystemExit):  # what the step raises where no submission has been graded
        return []
    lost = [test for test, raws in found.items() if not is_full(answers, test, raws)]
    if not lost:
        return []
    return [
        Doubt(
            "This exercise can't be graded without namespaces: behind the second wall, where a submission is one "
            f"process, its own solution doesn't get all points of {', '.join(lost)}."
        )
    ]
