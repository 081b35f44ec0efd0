"""Everything that is wrong with an exercise, found in seconds: what `course check` says.

The source is read; the solution, the stubs and all known wrong ways run. Nothing of the exercise is changed.
What a release proves beyond that, such as that the generated files hold no secret, needs the files.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from nbjudge.authoring import answers_file, leaks, lint, markdown_lint, proof, stubs
from nbjudge.authoring.errors import ReleaseError
from nbjudge.authoring.exercise import Exercise
from nbjudge.course.cells import is_answer, is_grade, is_task
from nbjudge.course.errors import CourseError
from nbjudge.judging import oracle
from nbjudge.judging.oracle import Oracle
from nbjudge.judging.trouble import OracleError, Trouble


@dataclass
class Looked:
    """What was seen of the notebooks of an assignment, in sentences.

    Attributes
    ----------
    facts, doubts, mistakes : what is right, what is to be looked at, and what has to be mended
    answers : of the notebooks that can be graded, what solution and wrong ways give
    graded : whether any cell of a notebook that can be read has points; None if there is no such notebook
    """

    facts: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    answers: dict[str, Oracle] = field(default_factory=dict)
    graded: bool | None = None


def look(exercises: Sequence[Exercise]) -> Looked:
    """Look at all notebooks of an assignment."""
    looked = Looked()
    for exercise in exercises:
        _look(exercise, looked)
    looked.mistakes = list(dict.fromkeys(looked.mistakes))  # what is beside the notebooks was said for each
    if looked.graded is False:
        name = exercises[0].assignment
        looked.mistakes.append(f"no cell of {name} has points; mark a test, or an answer that you read, with nbgrader.")
    return looked


def _look(exercise: Exercise, looked: Looked) -> None:
    shown = exercise.show(exercise.source_notebook)
    try:
        notebook = exercise.read_source()
        found = proof.source_mistakes(exercise, notebook)
    except ReleaseError as error:
        looked.mistakes += error.reasons
        return
    looked.graded = bool(looked.graded) or any(is_grade(cell) or is_task(cell) for cell in notebook.cells)
    beside = {path.as_posix() for path in lint.side_files(exercise.source)}
    found += markdown_lint.mistakes(notebook, beside)
    unclear = dict(_unclear(notebook, exercise))
    found = [sentence for sentence in found if not sentence.endswith(tuple(f"solution in {name}." for name in unclear))]
    looked.mistakes += [_beside(shown, sentence) for sentence in found]
    looked.doubts += [f"{shown}, {sentence}" for sentence in unclear.values()]
    if any(sentence.endswith(lint.NO_POINTS) for sentence in found):
        return  # what can't be graded needn't be run
    with ThreadPoolExecutor(1) as beside_us:  # each runs the solution in a process of its own
        seen = beside_us.submit(_stubs, exercise, notebook)
        try:
            answers = oracle.load(exercise.course, exercise.assignment, exercise.source_notebook)
        except OracleError as error:
            looked.mistakes += [placed(exercise, trouble) for trouble in error.troubles]
            return
        except CourseError as error:
            looked.mistakes.append(str(error))
            return
        looked.answers[exercise.notebook] = answers
        looked.mistakes += answers_file.mistakes(exercise.course, exercise.assignment, exercise.source_notebook)
        looked.mistakes += [f"{shown}: {sentence}" for sentence in _told(exercise, notebook, answers)]
        looked.doubts += [f"{shown}, {sentence}" for sentence in _one_sided(answers)]
        try:
            tried = seen.result()
            unmet = [f"{shown}: {sentence}" for sentence in stubs.mistakes(answers, tried)]
            if unmet and unclear:  # this is why
                unmet = [f"{shown}, {sentence}" for sentence in unclear.values()]
                looked.doubts = [sentence for sentence in looked.doubts if sentence not in unmet]
            looked.mistakes += unmet
            looked.mistakes += [placed(exercise, trouble) for trouble in tried.spreading]
        except CourseError as error:
            looked.mistakes.append(str(error))
    looked.facts.append(f"{shown}: {proof.points_of(exercise, answers)}; {_counted(answers)}.")


def _stubs(exercise: Exercise, notebook: NotebookNode) -> stubs.Seen:
    written = leaks.left_of(notebook, exercise.delimiters, exercise.stub)
    course = exercise.course
    catalogue = course.misconceptions(exercise.assignment)
    return stubs.look(exercise.source_notebook, written, exercise.root, exercise.delimiters, course.frame, catalogue)


def placed(exercise: Exercise, trouble: Trouble) -> str:
    """A trouble with its place before it: file and line of a misconception, or notebook, cell and line."""
    if trouble.place:
        file, _, line = trouble.place.rpartition(":")
        return f"{exercise.show(Path(file))}, line {line}: {trouble.sentence}"
    where = [exercise.show(exercise.source_notebook)]
    where += [f"cell {trouble.cell}"] if trouble.cell else []
    where += [f"line {trouble.line}"] if trouble.line else []
    return f"{', '.join(where)}: {trouble.sentence}"


def _beside(shown: str, sentence: str) -> str:
    return f"{shown}, {sentence}" if sentence.startswith("cell ") else f"{shown}: {sentence.removeprefix(f'{shown}: ')}"


def _unclear(notebook: NotebookNode, exercise: Exercise) -> Iterator[tuple[str, str]]:
    """Answer cells in which nothing is between the delimiters of a solution, so that nbgrader replaces all of it.

    Each with a sentence.
    """
    pair = next(pair for pair in exercise.delimiters if pair.what == "solution")
    for cell in notebook.cells:
        if is_answer(cell) and pair.begin not in cell.source:
            name = leaks.name_of(cell)
            yield (
                name,
                (
                    f"cell {name}: it has no solution region, so students get nothing of it but the "
                    f"stub. Put ### {pair.begin} and ### {pair.end} around what they are to write."
                ),
            )


def _told(exercise: Exercise, notebook: NotebookNode, answers: Oracle) -> Iterator[str]:
    """Sentences for students that hold a line of a solution or of a hidden test."""
    secrets, _ = leaks.secrets(notebook, exercise.delimiters)
    for ways in (answers.misconceptions, answers.fragile):
        for test, pairs in ways.items():
            for sentence in dict.fromkeys(sentence for sentence, _ in pairs):
                if not sentence.strip():
                    yield f"a misconception of {test} has no sentence; say what happened, and where to look."
                for secret in leaks.find(secrets, sentence):
                    yield f"the sentence {sentence!r} tells students {secret}."


def _one_sided(answers: Oracle) -> Iterator[str]:
    """Probes without a partner of their name, so that check and grade can differ, and tests without a check."""
    for test, hidden in answers.solution.items():
        own = {raw["name"] for raw in hidden if raw["points"]}
        visible = answers.visible.get(test)
        if visible is None:
            yield f"cell {test}: it has no check, so students can't tell whether they are done."
            continue
        theirs = {raw["name"] for raw in visible.solution if raw["points"]}
        alone = [("hidden", name, "visible") for name in sorted(own - theirs)]
        alone += [("visible", name, "hidden") for name in sorted(theirs - own)]
        for kind, name, other in alone:
            yield f"cell {test}: the {kind} probe {name!r} has no {other} partner: check and grade can differ."
        if not answers.misconceptions[test]:
            yield f"cell {test}: no misconception is about it, so students read general reasons only."


def _counted(answers: Oracle) -> str:
    number = sum(map(len, answers.misconceptions.values())) + sum(map(len, answers.fragile.values()))
    return f"{number} known way{'s' * (number != 1)} of getting it wrong, each told from the others"
