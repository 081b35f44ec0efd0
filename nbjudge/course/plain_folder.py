"""The folder of ``untrusted_folder`` where the system can't hold one open: Windows.

Everything goes by paths. Links and junctions are refused by a look before each step; against somebody who swaps one in
between look and step there is no defence here. Names that Windows would take for another place are refused.
"""

import errno
import os
import stat
from pathlib import Path, PureWindowsPath
from typing import Any

from nbjudge.course.opening import FLAGS, is_link
from nbjudge.course.untrusted_folder import IsLinkError, NotOpenedError, UntrustedFolder


class PlainFolder(UntrustedFolder):
    """A folder by its path."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.close: Any = lambda: None

    @classmethod
    def at(cls, path: Path) -> "PlainFolder":
        if not stat.S_ISDIR(os.stat(path).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        return cls(path)

    def _at(self, name: str) -> Path:
        if not name or PureWindowsPath(name).name != name or name in (".", "..") or ":" in name:
            raise OSError(errno.EINVAL, "this is no plain name", name)
        return self._path / name

    def _place(self) -> Path:
        return self._path

    def about(self, name: str) -> os.stat_result | None:
        try:
            return os.lstat(self._at(name))
        except FileNotFoundError:
            return None

    def target(self, name: str) -> str:
        return os.readlink(self._at(name))

    def folder(self, name: str) -> "PlainFolder":
        about = os.lstat(self._at(name))
        if is_link(about):
            raise IsLinkError(errno.ELOOP, "this is a link, and links aren't followed", name)
        if not stat.S_ISDIR(about.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name)
        return PlainFolder(self._at(name))

    def _opened(self, name: str, flags: int, mode: int = 0o666) -> int:
        about = self.about(name)
        if about is not None and is_link(about):
            raise NotOpenedError(errno.ELOOP, os.strerror(errno.ELOOP), name)
        if about is not None and stat.S_ISDIR(about.st_mode):
            raise NotOpenedError(errno.EISDIR, "it is no ordinary file", name)
        return os.open(self._at(name), flags | FLAGS, mode)

    def _make(self, name: str) -> None:
        os.mkdir(self._at(name))

    def _share(self, rights: int, group: int) -> None:
        """Windows has no rights of groups in this form."""

    def _finish(self, name: str, descriptor: int, modified: int | None, group: int | None) -> None:
        if modified is not None:
            os.utime(self._at(name), ns=(modified, modified))

    def unlink(self, name: str) -> None:
        os.unlink(self._at(name))

    def rmdir(self, name: str) -> None:
        os.rmdir(self._at(name))

    def owner(self) -> int | None:
        return None

    def move(self, name: str, folder: UntrustedFolder, new_name: str) -> None:
        assert isinstance(folder, PlainFolder)
        os.replace(self._at(name), folder._at(new_name))
