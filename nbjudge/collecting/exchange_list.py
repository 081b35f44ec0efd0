"""`nbgrader list --inbound` with care: whatever lies there was written by students."""

from collections import defaultdict
from pathlib import Path, PurePath
from typing import Any

from nbgrader.exchange.default import ExchangeList
from nbgrader.utils import notebook_hash

from nbjudge.collecting.exchange import MAX_ENTRIES
from nbjudge.course.characters import printable
from nbjudge.course.deletion import deleted
from nbjudge.course.submission_secret import secret_in
from nbjudge.course.untrusted_folder import UntrustedFolder

WHOSE = ("course_id", "student_id", "assignment_id")


class List(ExchangeList):
    """Lists what was handed in by names, and reads nothing but the secret of each, by which its page is called.

    nbgrader would read each notebook, wait for ever at a pipe, and end at a secret or a folder that it can't read. What
    is released, and what the user of this command has fetched, is listed as nbgrader does.
    """

    def parse_assignments(self) -> list[dict[str, Any]]:
        if not self.inbound:
            return list(super().parse_assignments())
        asked = self.coursedir.student_id
        courses = self.authenticator.get_student_courses(asked) if asked else None
        submissions = defaultdict[tuple[str, ...], list[dict[str, Any]]](list)
        for path in map(Path, self.assignments):
            about = self.parse_assignment(str(path))
            if courses is None or about["course_id"] in courses:
                submissions[tuple(about[name] for name in WHOSE)].append({**about, **self._about(path)})
        return [
            {
                **{name: all_of_one[0][name] for name in (*WHOSE, "status")},
                "submissions": sorted(all_of_one, key=lambda each: str(each["timestamp"])),
            }
            for _, all_of_one in sorted(submissions.items())
        ]

    def _about(self, path: Path) -> dict[str, Any]:
        """What nbgrader tells of one submission, but for pages that were fetched: students have those."""
        names, secret, pages = list[str](), "", path.parents[1] / "feedback"
        try:
            with UntrustedFolder.at(path.parent) as inbound, inbound.folder(path.name) as folder:
                names, secret = folder.names(MAX_ENTRIES), secret_in(folder)
        except OSError as error:
            self.log.warning(printable(f"{path.name}: {error.strerror}"))
        notebooks = []
        for name in map(PurePath, names):
            if name.suffix == ".ipynb":
                is_ready = self._has_page(pages, secret, name.stem)
                notebooks.append({"notebook_id": name.stem, "path": str(path / name), **_pages(is_ready)})
        is_ready = bool(notebooks) and all(each["has_exchange_feedback"] for each in notebooks)
        return {"status": "submitted", "path": str(path), "notebooks": notebooks, **_pages(is_ready)}

    def _has_page(self, pages: Path, secret: str, notebook: str) -> bool:
        """Whether the page of a notebook is released. One whose name is no text is none of the exercise's."""
        if not secret or not notebook.isprintable():
            return False
        return (pages / f"{notebook_hash(secret=secret, notebook_id=notebook)}.html").is_file()

    def format_inbound_assignment(self, info: dict[str, Any]) -> str:
        return printable(super().format_inbound_assignment(info))

    def remove_files(self) -> list[dict[str, Any]]:
        """List what was handed in and delete it, as far as the system allows that."""
        if not self.inbound:
            return list(super().remove_files())
        listed = self.list_files()
        for path in map(Path, self.assignments):
            with UntrustedFolder.at(path.parent) as inbound:
                if error := deleted(inbound, path.name):
                    self.log.error(printable(f"Not removed: {path.name}: {error.strerror}."))
        return list(listed)


def _pages(is_ready: bool) -> dict[str, Any]:
    return {
        "has_local_feedback": False,
        "has_exchange_feedback": is_ready,
        "feedback_updated": False,
        "local_feedback_path": None,
    }
