"""The same care for nbgrader's own commands: `nbgrader zip_collect` and `nbgrader collect`."""

import contextlib
import filecmp
import os
import shutil
import stat
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path, PurePath
from typing import Any

from nbgrader.exchange.default import ExchangeCollect
from nbgrader.plugins import ExtractorPlugin
from traitlets import Unicode

from nbjudge.collecting.archives import NoRoomError
from nbjudge.collecting.collect import Plan, carry_out, make_plan
from nbjudge.collecting.fate import and_more
from nbjudge.collecting.roster_files import RosterError, read_roster
from nbjudge.collecting.store import Store
from nbjudge.course.characters import printable
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.student_ids import MAY_HOLD, can_be_id
from nbjudge.course.timestamps import TIMESTAMP, can_be_meant, holds_a_time
from nbjudge.course.untrusted_folder import TooLargeError, UntrustedFolder
from nbjudge.results.due_dates import due_of_each

MAX_ENTRIES, MAX_DEPTH = 2_000, 20
"""Files and folders of one submission in the exchange, and folders one in the other."""


NAMED = 10
"""Folders of one user that are named one by one, where the same is wrong with them: there can be thousands."""


class NotTakenError(CourseError):
    """A submission stays in the exchange; why, in words that follow a colon."""


class Extractor(ExtractorPlugin):
    """Takes what counts into ``submitted/``, by the rules and with the care of `course collect`.

    nbgrader would copy by paths into folders that may be students' own, and stop for the class at what is in the way.
    So nothing is left for it to copy.
    """

    roster = Unicode("", help="CSV with student_id and, as far as known, lms_id, name, submitted").tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        course, assignment = Course.of(self), self.parent.coursedir.assignment_id
        if not course.notebooks(assignment):
            raise SystemExit(
                f"Nothing was collected: there is no notebook in {course.show(course.source(assignment))}."
            )
        try:
            roster = read_roster(Path(self.roster)) if self.roster else None
        except RosterError as error:
            raise SystemExit(f"Nothing was collected: {error}") from None
        store = Store(course, assignment)
        with tempfile.TemporaryDirectory(prefix="collect-") as staging:
            try:
                due = due_of_each(course, assignment)
                plan = make_plan([Path(archive_path)], store, Path(staging), roster, of_downloads=True, due=due)
            except NoRoomError as error:
                raise SystemExit(f"Nothing was collected: {error}") from None
            remarks = carry_out(plan, store)
            self._log(plan)
            self.parent.process_extracted_files = lambda: None
            for remark in remarks:
                self.log.warning(remark)

    def _log(self, plan: Plan) -> None:
        for fate in plan.fates:
            log = self.log.warning if fate.status in ("not taken", "missing") else self.log.info
            parts = [fate.status, fate.student, fate.file, f"({fate.remark})" if fate.remark else ""]
            log(printable(" ".join(part for part in parts if part)))
        for remark in plan.remarks:
            self.log.warning(remark)


def _has_time(files: dict[str, Path], staging: Path) -> bool:
    """Whether the files say when they came in. A file that holds no time is taken out: the exchange knows it."""
    if TIMESTAMP not in files:
        return False
    look = staging / "time"
    look.mkdir()
    shutil.copyfile(files[TIMESTAMP], look / TIMESTAMP)
    if holds_a_time(look) and (look / TIMESTAMP).read_bytes().strip():
        return True
    del files[TIMESTAMP]
    return False


class Collect(ExchangeCollect):
    """Takes submissions out of the exchange, to whose inbound folder every student can write.

    Each is copied once, without following a link. What has a name that can't be meant, holds links, or is too large is
    left there with a message; nbgrader would follow the links, and stop at what is too large.
    A submission that is replaced is moved to ``earlier/``; nbgrader would delete it.
    """

    src_records: list[dict[str, Any]]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        try:
            record: dict[str, Any] = super()._path_to_record(path)
        except Exception:  # dateutil has many errors for nonsense, and one such name would stop the whole class
            name = os.path.basename(path)
            record = {"username": name, "filename": name, "timestamp": datetime.min}
        return record

    def copy_files(self) -> None:
        about = self.coursedir.assignment_id, self.coursedir.course_id
        if self.src_records:
            self.log.info("Processing %d submissions of '%s' for course '%s'", len(self.src_records), *about)
        else:
            self.log.warning("No submissions of '%s' for course '%s' to collect", *about)
        store = Store(Course.of(self), self.coursedir.assignment_id)
        failed: defaultdict[tuple[str, int | None], list[str]] = defaultdict(list)
        with UntrustedFolder.at(Path(self.inbound_path)) as inbound:
            for record in self.src_records:
                try:
                    self._collect(record, store, inbound)
                except (NotTakenError, OSError) as error:
                    entry, why = inbound.about(record["filename"]), str(getattr(error, "strerror", None) or error)
                    failed[why, entry.st_uid if entry else None].append(record["filename"])
        for (why, _), names in failed.items():
            more = [f"{len(names) - NAMED} more of the same user's"] if len(names) > NAMED else []
            for name in (*names[:NAMED], *more):
                self.log.error(printable(f"Not collected: {name}: {why}."))

    def _collect(self, record: dict[str, Any], store: Store, inbound: UntrustedFolder) -> None:
        """Take one submission, if it is to be taken.

        Raises
        ------
        NotTakenError, OSError
            If it can't be.
        """
        student = record["username"]
        if not can_be_meant(record["timestamp"]):
            raise NotTakenError("its name isn't one that nbgrader gives")
        if not can_be_id(student):
            raise NotTakenError(f"this can't be a student's id, which may hold {MAY_HOLD}")
        if obstacle := store.obstacle(student):
            raise NotTakenError(f"submitted/{student} {obstacle}")
        what = f"{student} {self.coursedir.assignment_id}"
        lying = store.submission(student)
        old = lying.time.replace(tzinfo=None) if lying and lying.time else None
        is_newer = self.update and (old is None or record["timestamp"] > old)
        already = (
            "No newer submission to collect" if self.update else "Submission already exists, use --update to update"
        )
        if lying and not is_newer and not (self.before_duedate and old != record["timestamp"]):
            self.log.info("%s: %s", already, what)
            return
        with inbound.folder(record["filename"]) as folder, tempfile.TemporaryDirectory(prefix="collect-") as staging:
            if self.check_owner:
                self._compare_owner(student, folder, record["filename"])
            files, too_large = self._copies(folder, Path(staging))
            if too_large:
                files_left_out = and_more(too_large[0], len(too_large) - 1)
                self.log.warning(printable(f"Left out of {record['filename']}, as too large: {files_left_out}"))
            has_time = _has_time(files, Path(staging))
            if lying and self._is_there(student, files, store):
                self.log.info("%s: %s", already, what)
                return
            self.log.info("%s submission: %s", "Updating" if lying else "Collecting", what)
            store.put(student, files, None if has_time else record["timestamp"].replace(tzinfo=UTC))

    def _is_there(self, student: str, files: Mapping[str, Path], store: Store) -> bool:
        """Whether these files lie in the submission already, and no others but the time that was added to it."""
        with contextlib.suppress(NotTakenError, OSError), tempfile.TemporaryDirectory(prefix="collect-") as staging:
            with store.course.open_submitted(store.spelled(student), store.assignment) as folder:
                lying, _ = self._copies(folder, Path(staging))
            if TIMESTAMP not in files:
                lying.pop(TIMESTAMP, None)
            is_same = (filecmp.cmp(path, lying[name], shallow=False) for name, path in files.items() if name in lying)
            return files.keys() == lying.keys() and all(is_same)
        return False

    def _compare_owner(self, student: str, folder: UntrustedFolder, name: str) -> None:
        """Warn where it is another user's."""
        number = folder.owner()
        if number is None:
            return
        import pwd  # which only Unix has, and the rest of this module is used elsewhere, too

        try:
            owner = pwd.getpwuid(number).pw_name
        except KeyError:
            owner = "unknown id"
        if owner != student:
            self.log.warning(
                printable(f"{name} claims to be submitted by {student} but is owned by {owner}; cheating attempt? ")
                + "You may disable this warning by unsetting the option CollectApp.check_owner."
            )

    def _copies(self, top: UntrustedFolder, staging: Path) -> tuple[dict[str, Path], list[str]]:
        """Copies of all files that nbgrader would copy, by their paths, and the paths of what is too large.

        Raises
        ------
        NotTakenError
            If there is something that isn't copied, or too much.
        """
        copies, too_large = dict[str, Path](), list[str]()
        left = limit = 1000 * self.coursedir.max_dir_size
        for number, (folder, path, about) in enumerate(self._entries(top, PurePath())):
            if number == MAX_ENTRIES or len(path.parts) > MAX_DEPTH:
                raise NotTakenError(f"it holds more than {MAX_ENTRIES} files, or folders too deep")
            if stat.S_ISDIR(about.st_mode):
                continue
            if not stat.S_ISREG(about.st_mode):
                raise NotTakenError("it holds links or special files")
            if about.st_size > 1000 * self.coursedir.max_file_size:
                too_large.append(str(path))
            elif any(fnmatch(path.name, form) for form in self.coursedir.include):
                copy = staging / str(number)
                try:
                    _, size = folder.read(path.name, left, copy)
                except TooLargeError:
                    raise NotTakenError(f"it is larger than {limit // 10**6} MB") from None
                left -= size
                copies[str(path)] = copy
        return copies, too_large

    def _entries(self, folder: UntrustedFolder, place: PurePath) -> Iterator[tuple[UntrustedFolder, PurePath, Any]]:
        """All that nbgrader doesn't ignore: an open folder, a path, and what the system says of it."""
        folders = []
        for name in folder.names(MAX_ENTRIES + 1):
            about = folder.about(name)
            if about is not None and not any(fnmatch(name, form) for form in self.coursedir.ignore):
                yield folder, place / name, about
                folders += [name] if stat.S_ISDIR(about.st_mode) else []
        for name in folders:
            with folder.folder(name) as inner:
                yield from self._entries(inner, place / name)
