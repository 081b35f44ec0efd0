"""The same care for nbgrader's own commands: `nbgrader zip_collect` and `nbgrader collect`."""

import os
import shutil
import stat
import tempfile
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import Unicode

from nbjudge.collecting import roster as rosters
from nbjudge.collecting.archives import printable
from nbjudge.collecting.collect import Plan, carry_out, plan
from nbjudge.collecting.owners import SAFE
from nbjudge.collecting.store import Places
from nbjudge.course.timestamps import timestamp_text

UNDATED = "undated"


class Extractor(ExtractorPlugin):
    """Puts what counts into ``extracted/<student>/<time>/<notebook>``, by the rules of `course collect`.

    An earlier submission that would be in the way is moved to ``earlier/``, so that ``--force`` deletes nothing.
    """

    roster = Unicode("", help="CSV with student_id and, as far as known, lms_id, name, submitted").tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        course = self.parent.coursedir
        places = Places(course, course.assignment_id)
        if not places.notebooks:
            raise SystemExit(f"Nothing was collected: there is no notebook in source/{course.assignment_id}.")
        try:
            roster = rosters.read(Path(self.roster)) if self.roster else None
        except rosters.RosterError as error:
            raise SystemExit(f"Nothing was collected: {error}") from None
        with tempfile.TemporaryDirectory(prefix="collect-") as staging:
            made = plan([Path(archive_path)], places, Path(staging), roster)
            self._say(made)
            carry_out(made, places, partial(_extract, Path(extracted_path), places))

    def _say(self, made: Plan) -> None:
        for line in made.lines:
            say = self.log.warning if line.status in ("not taken", "missing") else self.log.info
            parts = [line.status, line.student, line.file, f"({line.said})" if line.said else ""]
            say(printable(" ".join(part for part in parts if part)))
        for remark in made.remarks:
            self.log.warning(printable(remark))


def _extract(extracted: Path, places: Places, student: str, files: dict[str, Path], time: datetime | None) -> None:
    """Put a submission where the collector finds it, and one that would be in its way to ``earlier/``."""
    folder = extracted / student / (timestamp_text(time) if time else UNDATED)
    folder.mkdir(parents=True)
    for name, path in files.items():
        shutil.copyfile(path, folder / name)
    places.set_aside(student)


class Collector(FileNameCollectorPlugin):
    """Reads the paths that ``Extractor`` makes."""

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        path = Path(submitted_file)
        student, time = path.parts[-3:-1]
        if path.suffix != ".ipynb" or not SAFE.fullmatch(student):
            return None
        found = {"student_id": student, "file_id": path.name}
        return found if time == UNDATED else {**found, "timestamp": time}


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
        places = Places(self.coursedir, self.coursedir.assignment_id)
        records, self.src_records = self.src_records, []
        for record in records:
            student = record["username"]
            why = self._why_not(record, places)
            if why:
                self.log.error(printable(f"Not collected: {record['filename']}: {why}."))
                continue
            self.src_records.append(record)
            old, new = self.coursedir.get_existing_timestamp(str(places.folder(student))), record["timestamp"]
            if (self.update and (old is None or new > old)) or (self.before_duedate and old != new):
                places.set_aside(student)
        super().copy_files()

    def _why_not(self, record: dict[str, Any], places: Places) -> str:
        if record["timestamp"] == datetime.min:
            return "its name isn't one that nbgrader gives"
        if not SAFE.fullmatch(record["username"]):
            return "this can't be a student's id, which may hold letters, digits, spaces and . _ - @"
        if places.is_link(record["username"]):
            return f"submitted/{record['username']} is a link; remove it"
        folder = Path(self.inbound_path, record["filename"])
        inside = [Path(place, name) for place, folders, names in os.walk(folder) for name in [*folders, *names]]
        modes = [each.lstat().st_mode for each in [folder, *inside]]
        if not all(stat.S_ISREG(mode) or stat.S_ISDIR(mode) for mode in modes):
            return "it holds links or special files"
        return ""
