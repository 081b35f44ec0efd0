"""From grades to pages, tables and files."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nbjudge.mistakes.to_do import TO_DO
from nbjudge.usage import AsJson, Assignment, Root, named


class GradesLayout(StrEnum):
    """Of a file with grades."""

    csv = "csv"
    canvas = "canvas"
    moodle = "moodle"


class PagesLayout(StrEnum):
    """Of a zip with feedback pages."""

    folders = "folders"
    moodle = "moodle"
    canvas = "canvas"


def intake(assignment: Assignment, as_json: AsJson = False, root: Root = None) -> None:
    """Show which submissions were repaired before they were graded, and which couldn't be graded."""


def table(assignment: Assignment, as_json: AsJson = False, root: Root = None) -> None:
    """Show the points of every student in every task."""


def show(
    assignment: Assignment,
    student: Annotated[str, typer.Argument(help="id")],
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Show what a student's submission was judged to be: points, and why, in the words that the student reads."""


def report(
    assignment: Annotated[
        str | None, typer.Argument(callback=named, help="name of the assignment, for example ex01")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="one page about the term: all assignments")] = False,
    to: Annotated[
        Path | None, typer.Option(help="the page to write; by default report-<assignment>.html, or report-all.html")
    ] = None,
    pseudonyms: Annotated[bool, typer.Option("--pseudonyms", help="show no names and no ids of students")] = False,
    root: Root = None,
) -> None:
    """Write a page on how an assignment, or with --all the term, went: points, tasks, misconceptions, submissions."""


def mistakes(
    context: typer.Context,
    assignment: Assignment,
    most: Annotated[int, typer.Option(min=1, help="so many groups")] = 10,
    draft: Annotated[int | None, typer.Option(min=1, help="draft an entry of the catalogue from this group")] = None,
    sentence: Annotated[str, typer.Option(help="with --draft: what students will read")] = TO_DO,
    add: Annotated[bool, typer.Option("--add", help="with --draft: add it to the catalogue, after a question")] = False,
    judge: Annotated[
        bool, typer.Option("--judge", help="judge again by today's catalogue, and show no groups")
    ] = False,
    names: Annotated[bool, typer.Option("--names", help="say whose results they are")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="with --judge: processes")] = os.cpu_count() or 1,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Show wrong results that no misconception names, those of equal results together, and help to name them.

    Options of nbgrader may follow after --, as for course autograde.
    """


def export(
    assignment: Assignment,
    layout: Annotated[GradesLayout, typer.Option(help="whose columns")] = GradesLayout.csv,
    to: Annotated[Path | None, typer.Option(help="file to write; by default ASSIGNMENT-LAYOUT.csv")] = None,
    column: Annotated[str, typer.Option(help="heading of the points in Canvas; by default ASSIGNMENT")] = "",
    missing_as_zero: Annotated[bool, typer.Option("--missing-as-zero", help="0, not empty, for no submission")] = False,
    excel: Annotated[bool, typer.Option("--excel", help="begin with the mark by which Excel knows UTF-8")] = False,
    root: Root = None,
) -> None:
    """Write the grades of an assignment to a CSV file."""


def feedback(
    assignment: Assignment,
    layout: Annotated[PagesLayout, typer.Option(help="how the zip names its files")] = PagesLayout.folders,
    to: Annotated[
        Path | None, typer.Option(help="zip file to write; by default feedback/ASSIGNMENT-LAYOUT.zip")
    ] = None,
    generate: Annotated[bool, typer.Option(help="first make the pages that are missing or out of date")] = True,
    root: Root = None,
) -> None:
    """Make the feedback pages of an assignment and put them into one zip."""
