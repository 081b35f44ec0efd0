"""What `course autograde` says at its end."""

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from nbjudge.commands import aside as console
from nbjudge.commands import next_is
from nbjudge.course.characters import printable
from nbjudge.course.console import print_json
from nbjudge.course.isolation import NONE, sentences

if TYPE_CHECKING:  # it imports nbgrader
    from nbjudge.batch.ledger import Outcome


class Summary:
    """What came of the class."""

    def __init__(self, unchanged: int) -> None:
        self.unchanged, self.left = unchanged, 0
        self.failed: list[Outcome] = []
        self._counts: Counter[str] = Counter()
        self._walls: list[str] = []
        self._begin = time.monotonic()

    @property
    def done(self) -> int:
        return self._counts["graded"] + self._counts["refused"] + self._counts["failed"]

    def add(self, outcome: "Outcome") -> None:
        self._counts[outcome.status] += 1
        self._walls.append(outcome.isolation)
        self._counts["repaired"] += bool(outcome.repaired)
        self._counts["timed out"] += "time" in outcome.stopped
        if outcome.status == "failed":
            self.failed.append(outcome)

    def show(self, assignment: str, quiet: bool, as_json: bool) -> None:
        counts = {key: self._counts[key] for key in ("graded", "refused", "repaired", "timed out", "failed")}
        counts |= {"unchanged": self.unchanged, "left": self.left}
        seconds = time.monotonic() - self._begin
        if as_json:
            failed = {outcome.student: outcome.reason for outcome in self.failed}
            walls = dict(Counter(filter(None, self._walls)))
            print_json({**counts, "seconds": round(seconds, 1), "isolation": walls, "without a grade": failed})
            return
        for outcome in sorted(self.failed, key=lambda outcome: outcome.student):
            console.print(
                Text.assemble(("no grade", "red"), f"  {printable(outcome.student)}: {printable(outcome.reason)}"),
                soft_wrap=True,
            )
        if self.left:
            console.print(
                f"Stopped. {self.left} are left; run the same command again, without --force, to go on.",
                soft_wrap=True,
            )
        said = sentences(wall for wall in self._walls if wall == NONE or not quiet)
        if quiet:
            if said:
                console.print(" ".join(said), soft_wrap=True)
            return
        summary = f"{self.done - counts['failed']} graded in {seconds:.0f} s"
        summary += f", {self.unchanged} unchanged since the last time" if self.unchanged else ""
        console.print(f"{assignment}: {summary}.", soft_wrap=True)
        if said:
            console.print(" ".join(said), soft_wrap=True)
        notes = [f"{counts[key]} {key}" for key in ("repaired", "refused", "timed out") if counts[key]]
        if notes:
            console.print(f"Of these: {', '.join(notes)}. course intake {assignment} lists them.", soft_wrap=True)
        if self.failed:
            console.print(
                f"{len(self.failed)} without a grade: what nbgrader said is in .grading/{assignment}/<student>.json; "
                "--only-failed tries them again.",
                soft_wrap=True,
            )

    def say_what_is_next(self, assignment: str, root: Path | None) -> None:
        if self.left:
            next_is("course", "autograde", assignment, root=root, to=console)
        elif self.failed:
            next_is("course", "autograde", assignment, "--only-failed", root=root, to=console)
        else:
            to_see = self._counts["repaired"] or self._counts["refused"]
            next_is("course", "intake" if to_see else "table", assignment, root=root, to=console)
