"""Keeps what the probes saw of wrong tasks, so that they can be judged again when the catalogue has grown.

One small file for each submission, in the course's own folders and never in a notebook. Its content came out of a
student's process: it is read with limits, and nothing in it is ever run.
"""

import contextlib
import json
import os
import stat
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbjudge.course.course import Course
from nbjudge.course.files import make_folders, whole_file
from nbjudge.course.opening import opened
from nbjudge.course.student_ids import short_name
from nbjudge.judging.seen import Seen
from nbprobe.errors import FormError

MAX_BYTES = 64 * 2**10
"""Of what is kept of a submission, compressed. Beyond that the largest tests are dropped as a whole."""
MAX_TEXT = 384 * 2**10
"""The same before it is compressed: numbers don't get much shorter, and what does would take memory for nothing."""
LEVEL = 1
"""Results are numbers that hardly get shorter; what takes longer gains nothing."""
ENDING = ".evidence"

Test = tuple[str, str]
"""Name of a notebook, and ``grade_id`` of a test cell in it."""


@dataclass
class Kept:
    """What is kept of a submission.

    Attributes
    ----------
    dropped : tests of which nothing is kept, because there was no room
    is_damaged : whether there is a file that can't be read
    """

    tests: dict[Test, Seen] = field(default_factory=dict)
    dropped: set[Test] = field(default_factory=set)
    is_damaged: bool = False


def keep(course: Course, student: str, assignment: str, notebook: str, tests: Mapping[str, Seen]) -> None:
    """Keep what was seen of the ``tests`` of a notebook, by ``grade_id``, in place of what was kept of it before."""
    path = course.evidence(student, assignment)
    others = {source.stem for source in course.notebooks(assignment)} - {notebook}
    before = read(path) if others else Kept()
    pairs = {(notebook, test): seen for test, seen in tests.items()}
    pairs |= {test: seen for test, seen in before.tests.items() if test[0] in others}
    dropped = {test for test in before.dropped if test[0] in others}
    if not pairs and not dropped:
        path.unlink(missing_ok=True)
        return
    content = _content(pairs, dropped)
    make_folders(path.parent)
    if path.is_symlink():
        path.unlink()  # what it leads to isn't ours
    with whole_file(path) as file:
        file.write(content)


def read(path: Path) -> Kept:
    """What is kept in a file. No link is followed."""
    try:
        descriptor = opened(path)
    except FileNotFoundError:
        return Kept()
    except OSError:
        return Kept(is_damaged=True)
    try:
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode) or about.st_size > MAX_BYTES:
                raise FormError("this is no file of ours")
            return _kept(file.read(MAX_BYTES))
    except (OSError, ValueError, KeyError, TypeError, RecursionError, zlib.error, FormError):
        return Kept(is_damaged=True)


def forget_those_gone(course: Course, assignment: str, students: Collection[str]) -> None:
    """Delete what is kept of submissions that aren't there any more; ``students`` are those who handed in."""
    names = {f"{short_name(student)}{ENDING}" for student in students}
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for path in course.evidence("any", assignment).parent.iterdir():
            if path.name.endswith(ENDING) and path.name not in names:
                path.unlink(missing_ok=True)


def _content(tests: Mapping[Test, Seen], dropped: Iterable[Test]) -> bytes:
    """What is kept, compressed. The largest tests are left out until the rest has room."""
    texts, left_out = dict[Test, str](), set(dropped)
    for test, seen in tests.items():
        try:
            texts[test] = json.dumps(seen.as_data(), separators=(",", ":"))
        except (ValueError, RecursionError):  # a number of thousands of digits
            left_out.add(test)
    while True:
        total = sum(map(len, texts.values()))
        content = _compressed(texts, left_out) if total <= MAX_TEXT - 2**16 else b""
        if content and len(content) <= MAX_BYTES:
            return content
        largest = max(texts, key=lambda test: (len(texts[test]), test))
        del texts[largest]
        left_out.add(largest)


def _compressed(texts: Mapping[Test, str], dropped: Collection[Test]) -> bytes:
    tests = ",".join(f"[{json.dumps(test)},{text}]" for test, text in sorted(texts.items()))
    whole = f'{{"dropped":{json.dumps(sorted(dropped))},"tests":[{tests}]}}'
    return zlib.compress(whole.encode(), LEVEL)


def _kept(content: bytes) -> Kept:
    unpacking = zlib.decompressobj()
    text = unpacking.decompress(content, MAX_TEXT)
    if not unpacking.eof or unpacking.unused_data:
        raise FormError("it is cut off, or unpacks to too much")
    data = json.loads(text)
    tests = {_test(name): Seen.from_data(seen) for name, seen in data["tests"]}
    return Kept(tests, set(map(_test, data["dropped"])))


def _test(name: object) -> Test:
    if isinstance(name, list) and len(name) == 2 and all(isinstance(part, str) for part in name):
        return name[0], name[1]
    raise FormError("a test has the name of its notebook, and its own")
