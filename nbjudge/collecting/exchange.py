"""The same care for nbgrader's own commands: `nbgrader zip_collect` and `nbgrader collect`."""

import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import Unicode

from nbjudge.collecting.archives import NoRoomError
from nbjudge.collecting.collect import Plan, carry_out, make_plan
from nbjudge.collecting.owners import SAFE
from nbjudge.collecting.roster import RosterError, read_roster
from nbjudge.collecting.store import Store
from nbjudge.course.characters import printable
from nbjudge.course.course import Course
from nbjudge.course.timestamps import timestamp_text

UNDATED = "undated"


class Extractor(ExtractorPlugin):
    """Puts what counts into ``extracted/<student>/<time>/<notebook>``, by the rules of `course collect`.

    An earlier submission that would be in the way is moved to ``earlier/``, so that ``--force`` deletes nothing.
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
                plan = make_plan([Path(archive_path)], store, Path(staging), roster)
            except NoRoomError as error:
                raise SystemExit(f"Nothing was collected: {error}") from None
            self._log(plan)
            carry_out(plan, store, partial(_extract, Path(extracted_path), store))

    def _log(self, plan: Plan) -> None:
        for fate in plan.fates:
            log = self.log.warning if fate.status in ("not taken", "missing") else self.log.info
            parts = [fate.status, fate.student, fate.file, f"({fate.remark})" if fate.remark else ""]
            log(printable(" ".join(part for part in parts if part)))
        for remark in plan.remarks:
            self.log.warning(remark)


def _extract(extracted: Path, store: Store, student: str, files: Mapping[str, Path], time: datetime | None) -> None:
    """Put a submission where the collector finds it, and one that would be in its way to ``earlier/``."""
    folder = extracted / student / (timestamp_text(time) if time else UNDATED)
    folder.mkdir(parents=True)
    for name, path in files.items():
        shutil.copyfile(path, folder / name)
    store.set_aside(student)


class Collector(FileNameCollectorPlugin):
    """Reads the paths that ``Extractor`` makes."""

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        path = Path(submitted_file)
        student, time = path.parts[-3:-1]
        if path.suffix != ".ipynb" or not SAFE.fullmatch(student):
            return None
        about = {"student_id": student, "file_id": path.name}
        return about if time == UNDATED else {**about, "timestamp": time}


class Collect(ExchangeCollect):
    """Takes submissions out of the exchange, to whose inbound folder every student can write.

    What has a name that can't be meant, or holds links, is left there with a message; nbgrader would follow the links.
    A submission that is replaced is moved to ``earlier/``; nbgrader would delete it.
    """

    src_records: list[dict[str, Any]]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        try:
            record: dict[str, Any] = super()._path_to_record(path)
        except (ExchangeError, ValueError, OverflowError):  # one such name would stop the whole class
            name = os.path.basename(path)
            record = {"username": name, "filename": name, "timestamp": datetime.min}
        return record

    def copy_files(self) -> None:
        store = Store(Course.of(self), self.coursedir.assignment_id)
        records, self.src_records = self.src_records, []
        for record in records:
            student = record["username"]
            why = self._why_not(record, store)
            if why:
                self.log.error(printable(f"Not collected: {record['filename']}: {why}."))
                continue
            self.src_records.append(record)
            old, new = self.coursedir.get_existing_timestamp(str(store.folder(student))), record["timestamp"]
            if (self.update and (old is None or new > old)) or (self.before_duedate and old != new):
                store.set_aside(student)
        super().copy_files()

    def _why_not(self, record: dict[str, Any], store: Store) -> str:
        if record["timestamp"] == datetime.min:
            return "its name isn't one that nbgrader gives"
        if not SAFE.fullmatch(record["username"]):
            return "this can't be a student's id, which may hold letters, digits, spaces and . _ - @"
        if store.is_link(record["username"]):
            return f"submitted/{record['username']} is a link; remove it"
        folder = Path(self.inbound_path, record["filename"])
        inside = [Path(parent, name) for parent, folders, names in os.walk(folder) for name in [*folders, *names]]
        modes = [path.lstat().st_mode for path in [folder, *inside]]
        if not all(stat.S_ISREG(mode) or stat.S_ISDIR(mode) for mode in modes):
            return "it holds links or special files"
        return ""
