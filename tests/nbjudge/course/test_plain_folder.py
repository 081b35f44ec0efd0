"""A folder that is reached by paths does what one does that is held open, as far as nobody swaps anything."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from nbjudge.course import opening, untrusted_folder
from nbjudge.course.opening import is_link, opened
from nbjudge.course.plain_folder import PlainFolder
from nbjudge.course.untrusted_folder import IsLinkError, NotOpenedError, TooLargeError, UntrustedFolder

Opens = Callable[[Path], UntrustedFolder]


@pytest.fixture(params=[UntrustedFolder, PlainFolder], ids=["held", "plain"])
def at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Opens:
    if request.param is PlainFolder:
        for module in (opening, untrusted_folder):
            monkeypatch.setattr(module, "HELD", False)
    return UntrustedFolder.at


def test_windows_takes_the_plain_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not isinstance(UntrustedFolder.at(tmp_path), PlainFolder)
    monkeypatch.setattr(untrusted_folder, "HELD", False)
    assert isinstance(UntrustedFolder.at(tmp_path), PlainFolder)


def test_it_is_read_and_written(at: Opens, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with at(tmp_path) as top, top.folder("in") as folder:
        folder.write("a.txt", io.BytesIO(b"text"), modified=10**18)
        assert folder.names() == ["a.txt"]
        assert (tmp_path / "in/a.txt").stat().st_mtime_ns == 10**18
        digest, size = folder.read("a.txt", 4, tmp_path / "copy")
        assert (size, len(digest), (tmp_path / "copy").read_bytes()) == (4, 64, b"text")
        with pytest.raises(TooLargeError):
            folder.read("a.txt", 3)
        folder.move("a.txt", top, "moved")
        assert folder.about("a.txt") is None
        assert top.made("in").made("deep").names() == []
        top.remove("in")
        assert sorted(os.listdir(tmp_path)) == ["copy", "moved"]


def test_what_is_not_there_is_an_error_of_the_system(at: Opens, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = at(tmp_path)
    with pytest.raises(FileNotFoundError):
        folder.folder("nothing")
    with pytest.raises(NotADirectoryError):
        folder.folder("file")
    with pytest.raises(NotOpenedError):
        folder.read("nothing", 1)
    with pytest.raises(OSError, match="Not a directory"):
        at(tmp_path / "file")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(NotOpenedError, match="no ordinary file"):
            folder.read(name, 1)


def test_no_link_is_followed(at: Opens, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/file").write_text("secret")
    place = tmp_path / "place"
    place.mkdir()
    (place / "folder").symlink_to(tmp_path / "secret")
    (place / "file").symlink_to(tmp_path / "secret/file")
    folder = at(place)
    for open_it in (folder.folder, folder.made):
        with pytest.raises(IsLinkError):
            open_it("folder")
    with pytest.raises(NotOpenedError):
        folder.read("file", 100)
    assert folder.target("file") == str(tmp_path / "secret/file")
    folder.write("file", io.BytesIO(b"mine"))
    assert (tmp_path / "secret/file").read_text() == "secret"
    assert (place / "file").read_text() == "mine"
    (place / "link").symlink_to(tmp_path / "secret/file")
    with pytest.raises(OSError, match="symbolic links"):
        opened(place / "link")


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "../secret", "a\\b", "C:", "C:x", "notes.txt:stream"])
def test_no_name_is_another_place(name: str, tmp_path: Path) -> None:
    folder = PlainFolder.at(tmp_path)
    for use in (folder.about, folder.folder, folder.made, folder.target):
        with pytest.raises(OSError, match="no plain name"):
            use(name)
    with pytest.raises(OSError, match="no plain name"):
        folder.read(name, 1)


def test_a_junction_leads_elsewhere(tmp_path: Path) -> None:
    about = tmp_path.stat()
    junction = SimpleNamespace(st_mode=about.st_mode, st_reparse_tag=0xA0000003)
    assert is_link(junction)  # type: ignore[arg-type]
    assert not is_link(about)


def test_what_is_missing_and_what_is_no_folder_are_told_apart(at: Opens, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileNotFoundError):
        at(tmp_path / "missing")
    with pytest.raises(NotADirectoryError):
        at(tmp_path / "file")
