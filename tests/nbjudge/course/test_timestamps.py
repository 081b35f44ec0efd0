"""When a submission came in, as nbgrader reads it."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory

from nbjudge.course.timestamps import NoTimeError, is_none_or_a_time, read_timestamp, timestamp_text
from nbjudge.course.untrusted_folder import UntrustedFolder

TEN = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-25 10:00:00 UTC", TEN),
        ("2026-11-25 10:00:00.000000 UTC\n", TEN),
        ("2026-11-25T11:00+01:00", TEN),
        ("2026-11-25 10:00", TEN),
        ("\n" * 300 + "2026-11-25 10:00" + " " * 300, TEN),
        ("", None),
        (" \n" * 300, None),
        (timestamp_text(TEN), TEN),
        ("2026-11-25 11:00 Europe/Berlin", TEN),
        ("2026-11-25 11:00 CET", TEN),
    ],
)
def test_a_time_is_read_as_nbgrader_reads_it(tmp_path: Path, text: str, time: datetime | None) -> None:
    path = tmp_path / "timestamp.txt"
    path.write_text(text)
    assert read_timestamp(UntrustedFolder.at(tmp_path)) == time
    assert CourseDirectory().get_existing_timestamp(str(tmp_path)) == (time and time.replace(tzinfo=None))


NO_TIMES: dict[str, Callable[[Path], object]] = {
    "words": lambda path: path.write_text("soon"),
    "digits": lambda path: path.write_text("9" * 400),
    "before the calendar": lambda path: path.write_text("0001-01-01 00:00:00 +14:00"),
    "no text": lambda path: path.write_bytes(b"\xff\xfe"),
    "words far behind the time": lambda path: path.write_text("2026-11-25 10:00:00" + " " * 100 + "or so"),
    "words far behind blanks": lambda path: path.write_text(" " * 200 + "soon"),
    "more than is read": lambda path: path.write_text("2026-11-25 10:00:00" + " " * 20_000 + "or so"),
    "more blanks than are read": lambda path: path.write_text(" " * 20_000),
}


@pytest.mark.parametrize("name", NO_TIMES)
def test_what_nbgrader_would_fail_at_is_no_time(tmp_path: Path, name: str) -> None:
    NO_TIMES[name](tmp_path / "timestamp.txt")
    with pytest.raises(NoTimeError, match="holds no time"):
        read_timestamp(UntrustedFolder.at(tmp_path))


def test_nothing_but_a_file_has_a_time(tmp_path: Path) -> None:
    assert read_timestamp(UntrustedFolder.at(tmp_path)) is None
    (tmp_path / "elsewhere").write_text("2026-11-25 10:00")
    (tmp_path / "timestamp.txt").symlink_to(tmp_path / "elsewhere")
    assert read_timestamp(UntrustedFolder.at(tmp_path)) is None
    (tmp_path / "timestamp.txt").unlink()
    (tmp_path / "timestamp.txt").mkdir()
    assert read_timestamp(UntrustedFolder.at(tmp_path)) is None


UNLISTED: dict[str, Callable[[Path], object]] = {
    **NO_TIMES,
    "nothing": Path.touch,
    "a folder": Path.mkdir,
    "a pipe": os.mkfifo,
    "a link": lambda path: path.symlink_to("/etc/hostname"),
}


@pytest.mark.parametrize("name", UNLISTED)
def test_what_formgrader_can_not_list_is_known(tmp_path: Path, name: str) -> None:
    with UntrustedFolder.at(tmp_path) as folder:
        assert is_none_or_a_time(folder)
        UNLISTED[name](tmp_path / "timestamp.txt")
        assert not is_none_or_a_time(folder)


@pytest.mark.parametrize("zone", ["{}", ":{}", "../../../../../../..{}", "+{}", "UTC{}"])
def test_no_time_zone_opens_a_file(tmp_path: Path, zone: str) -> None:
    """nbgrader opens whatever isn't the name of a zone, and would wait at this one for ever."""
    os.mkfifo(tmp_path / "zone")
    (tmp_path / "timestamp.txt").write_text(f"2026-11-25 10:00 {zone.format(tmp_path / 'zone')}")
    with pytest.raises(NoTimeError, match="holds no time"):
        read_timestamp(UntrustedFolder.at(tmp_path))
