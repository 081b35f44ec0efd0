"""`course mistakes`: wrong results that no misconception names, and what becomes of them."""

from pathlib import Path
from typing import Any

import typer

from nbjudge.batch import kept_gradebook
from nbjudge.batch.ledger import Ledger
from nbjudge.commands import in_one_sentence, next_is, say, some
from nbjudge.commands.grading import grade, local_pool, to_be_graded
from nbjudge.commands.summary import Summary
from nbjudge.course.characters import printable, printable_lines
from nbjudge.course.console import print_json
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.judging.kept_evidence import forget_those_gone
from nbjudge.judging.misconception import Misconception
from nbjudge.mistakes import catalogue_file
from nbjudge.mistakes.again import bring_up_to_date, judge_again
from nbjudge.mistakes.draft import as_code
from nbjudge.mistakes.groups import Group, Mistakes, read_mistakes
from nbjudge.mistakes.reader import Reader
from nbjudge.mistakes.to_do import TO_DO

MOST_LINES, MOST_LETTERS = 30, 160
"""Of a method that is shown."""


def mistakes(
    context: typer.Context,
    assignment: str,
    most: int,
    draft: int | None,
    sentence: str,
    add: bool,
    judge: bool,
    names: bool,
    jobs: int,
    as_json: bool,
    root: Path | None,
) -> None:
    """Show wrong results that no misconception names, those of equal results together, and help to name them."""
    if (add or sentence != TO_DO) and draft is None:
        raise CourseError("which group? Give its number with --draft.")
    if judge and draft is not None:
        raise CourseError("give --draft or --judge, not both.")
    course = Course.here(root, context.args)
    course.require_assignment(assignment)
    course.require_gradebook(assignment)
    forget_those_gone(course, assignment, course.students(assignment))
    if judge:
        _judge(course, assignment, jobs, root)
        return
    with in_one_sentence():
        found = read_mistakes(course, assignment)
        reader = Reader(course, assignment)
        if draft is not None:
            _draft(reader, found, draft, sentence, add, root)
        elif as_json:
            print_json(_data(reader, found, most, names))
        else:
            _show(reader, found, most, names, root)


def _chosen(found: Mistakes, number: int, assignment: str) -> Group:
    if number > len(found.groups):
        there = len(found.groups)
        are = "is 1 group" if there == 1 else f"are {there} groups"
        raise CourseError(f"there {are}; course mistakes {assignment} lists them.")
    return found.groups[number - 1]


def _data(reader: Reader, found: Mistakes, most: int, names: bool) -> dict[str, Any]:
    """The same for programs."""
    groups = []
    for number, group in enumerate(found.groups[:most], 1):
        method = reader.method(group)
        groups.append(
            {
                "number": number,
                "notebook": group.notebook,
                "test": group.test,
                "task": reader.task(group),
                "count": len(group.students),
                "fails": [failed._asdict() for failed in group.failed],
                "method": method.name,
                "answer": method.region,
            }
            | ({"students": sorted(group.students)} if names else {})
        )
    return {
        "groups": groups,
        "more": max(0, len(found.groups) - most),
        "named": found.named,
        "without_result": found.without_result,
        "not_kept": {test: len(students) for test, students in sorted(found.not_kept.items())},
    }


def _show(reader: Reader, found: Mistakes, most: int, names: bool, root: Path | None) -> None:
    assignment = reader.assignment
    for number, group in enumerate(found.groups[:most], 1):
        task, method, n = reader.task(group), reader.method(group), len(group.students)
        heading = ", ".join(filter(None, (task, method.name, group.test)))
        say(f"{number}. {heading}: {n} student{'' if n == 1 else 's'}")
        if names:
            say(f"   {some(sorted(group.students))}")
        for failed in group.failed:
            say(f"   ✗ {printable(failed.probe)}{f': {printable(failed.why)}' if failed.why else ''}")
        _show_method(method.region or f"(there is no {method.name or 'answer'} of its own)")
        say("")
    if len(found.groups) > most:
        say(f"{len(found.groups) - most} more groups: --most {len(found.groups)} shows them.")
    if not found.groups:
        say(f"{assignment}: no wrong results are kept that nothing names.")
    say(f"{found.named} wrong results are named by a misconception.")
    if found.without_result:
        say(f"{found.without_result} gave nothing but an error or no result; no mistake can be recognised by that.")
    if found.not_kept:
        tests = ", ".join(f"{test} of {len(students)}" for test, students in sorted(found.not_kept.items()))
        say(f"Not kept, for want of room or because the probes were others: {tests}.")
    if found.groups:
        next_is("course", "mistakes", assignment, "--draft", "1", root=root)
    else:
        next_is("course", "report", assignment, root=root)


def _show_method(text: str, indent: str = "   | ") -> None:
    lines = [printable(line) for line in text.expandtabs(4).split("\n")]
    for line in lines[:MOST_LINES]:
        say(f"{indent}{line[:MOST_LETTERS]}{'…' if len(line) > MOST_LETTERS else ''}")
    if len(lines) > MOST_LINES:
        say(f"{indent}… and {len(lines) - MOST_LINES} more lines")


def _draft(reader: Reader, found: Mistakes, number: int, sentence: str, add: bool, root: Path | None) -> None:
    group = _chosen(found, number, reader.assignment)
    way, tried = reader.draft(group, " ".join(sentence.split()))
    if way is None:
        name = reader.method(group).name or "the answer"
        say(
            f"No draft: {name} can't be written as replaced lines of the solution that give the same results "
            f"({tried} tried). One of them wrote:"
        )
        _show_method(reader.method(group).answer)
        return
    code = as_code(way)
    say(printable_lines(code))
    if not add:
        say("It gives the results of this group, as was tried in the sandbox. A student wrote these lines.")
        next_is("course", "mistakes", reader.assignment, "--draft", str(number), "--add", root=root)
        return
    _add(reader, way, code, root)


def _add(reader: Reader, way: Misconception, code: str, root: Path | None) -> None:
    course, assignment = reader.course, reader.assignment
    file = course.misconceptions(assignment)
    if file is None:
        raise CourseError(f"{assignment} has no catalogue; make misconceptions/{assignment}.py with CATALOGUE = [].")
    place = catalogue_file.place_for(file, way.test)
    say("A student wrote the lines on the right. Read them first: in the catalogue they will run as you, unconfined.")
    if not typer.confirm(f"Add this to {printable(place.name)} in {printable(course.show(place.path))}?"):
        raise typer.Exit(1)
    line = catalogue_file.add(file, place, code, way)
    where = f"{course.show(place.path)}, line {line}"
    if way.sentence == TO_DO:
        say(f"Added: {where}. Write its sentence there; until then nothing is graded.")
    else:
        say(f"Added: {where}.")
    next_is("course", "mistakes", assignment, "--judge", root=root)


def _judge(course: Course, assignment: str, jobs: int, root: Path | None) -> None:
    """Grade those anew who get another verdict by today's catalogue; all others become current as they are."""
    kept_gradebook.check(course, assignment)
    with in_one_sentence():
        ledger, students = Ledger(course, assignment), course.students(assignment)
        left = to_be_graded(course, assignment, ledger, students, force=False, only_failed=False)
        today, have_scores = judge_again(course, assignment, left), kept_gradebook.graded(course, assignment)
        todo, current = today.other + today.unknown, len(students) - len(left)
        for student in today.same:
            if student in have_scores and ledger.holds_but_for_catalogue(student):
                if bring_up_to_date(course, student, assignment):
                    ledger.renew(student)
                    current += 1
                else:
                    todo.append(student)
    n, changed = len(todo), len(today.other)
    say(f"{changed} submission{' is' if changed == 1 else 's are'} judged otherwise by today's catalogue.")
    if n > changed:
        say(f"Of {n - changed} more, too little is kept to tell. They are graded anew, too.")
    summary, others = Summary(current), len(students) - current - n
    if todo:
        pool = local_pool(course, assignment, jobs, todo)
        grade(course, assignment, sorted(todo), ledger, pool, summary, quiet=False)
        summary.show(assignment, quiet=False, as_json=False)
    if others:
        say(f"{others} more are to be graded for another reason, as far as course autograde knows.")
    if summary.failed or summary.left or others:
        next_is("course", "autograde", assignment, root=root)
    else:
        next_is("course", "feedback" if n else "report", assignment, root=root)
    if summary.failed or summary.left:
        raise typer.Exit(1)
