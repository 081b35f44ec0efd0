"""The file beside a notebook by which its checks judge: what the visible probes give for solution and known ways."""

from pathlib import Path
from typing import Any

from nbjudge.course.course import Course
from nbjudge.course.files import whole_file
from nbjudge.judging import oracle
from nbprobe.answers import SUFFIX, Answers, from_text, made_from, to_text
from nbprobe.errors import FormError
from nbprobe.evidence import Raw
from nbprobe.judge import results, same

LARGEST = 300_000
"""Bytes of the file. Every student downloads it, and every check reads it."""


def path_of(notebook: Path) -> Path:
    """Where the file of a notebook lies."""
    return notebook.with_name(f"{notebook.stem}{SUFFIX}")


def write(course: Course, assignment: str, notebook: Path) -> Path | None:
    """Write the file anew if the judge sees a difference; so its bytes are the same on every machine.

    Returns
    -------
    its path, or None if the notebook has no checks

    Raises
    ------
    OracleError
        If the solution can't be judged by.
    """
    path, measured = path_of(notebook), oracle.load(course, assignment, notebook)
    if not measured.visible:
        path.unlink(missing_ok=True)
        return None
    if not _is_current(path, measured):
        with whole_file(path) as file:
            file.write(to_text(measured.visible, measured.made_from).encode())
    return path


def mistakes(course: Course, assignment: str, notebook: Path) -> list[str]:
    """What is wrong with the file, for an author.

    Raises
    ------
    OracleError
        If the solution can't be judged by.
    """
    path, measured = path_of(notebook), oracle.load(course, assignment, notebook)
    if not measured.visible:
        return []
    if not _is_current(path, measured):
        return [
            f"{course.show(path)}, by which the checks judge, isn't what solution, misconceptions and visible probes "
            f"give; run course outputs {assignment}."
        ]
    if path.stat().st_size > LARGEST:
        return [
            f"{course.show(path)} has more than {LARGEST // 1000} kB; "
            "give visible probes smaller inputs, or fewer of them."
        ]
    return []


def _is_current(path: Path, measured: oracle.Oracle) -> bool:
    """Whether the file was made from the same, and its results are the same to the judge."""
    try:
        text = path.read_text(encoding="utf-8")
        kept = from_text(text)
    except (OSError, ValueError, FormError):
        return False
    wanted = measured.visible
    return (
        made_from(text) == measured.made_from
        and kept.keys() == wanted.keys()
        and all(_alike(kept[test], wanted[test]) for test in wanted)
    )


def _alike(kept: Answers, wanted: Answers) -> bool:
    if kept.points != wanted.points or [*map(_about, kept.solution)] != [*map(_about, wanted.solution)]:
        return False
    pairs = [(kept.misconceptions, wanted.misconceptions), (kept.fragile, wanted.fragile)]
    return _same_results(wanted.solution, kept.solution, wanted.solution) and all(
        len(own) == len(theirs)
        and all(
            sentence == other and _same_results(wanted.solution, raws, others)
            for (sentence, raws), (other, others) in zip(own, theirs, strict=True)
        )
        for own, theirs in pairs
    )


def _about(raw: dict[str, Any]) -> dict[str, Any]:
    """What the judge reads beside the result, such as that there is a second way to call."""
    return {key: value for key, value in raw.items() if key != "value"}


def _same_results(expected: Raw, some: Raw, others: Raw) -> bool:
    return same(results(expected, some), results(expected, others))
