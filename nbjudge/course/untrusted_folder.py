"""A folder that holds what students made, or that they can write to: no link in it is followed, in no component.

A folder is held open, and whatever is in it is opened by its name in there (``dir_fd``, ``O_NOFOLLOW``). So it doesn't
matter what somebody puts in its place between one step and the next. What is read is read once, up to a bound.
Where the system has no such calls, ``plain_folder`` has what can be done there.
"""

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import stat
import weakref
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from nbjudge.course.deletion import deleted
from nbjudge.course.files import given_to
from nbjudge.course.opening import FLAGS, HELD

INTO = sum(getattr(os, name, 0) for name in ("O_RDONLY", "O_DIRECTORY", "O_CLOEXEC"))
LISTS = ("system.posix_acl_access", "system.posix_acl_default")
"""Where Linux keeps who else may open a file or folder, or what is made in it."""
BLOCK = 2**16


class TooLargeError(OSError):
    """A file has more bytes than may be read of it."""


class IsLinkError(OSError):
    """There is a link in place of a folder."""


class NotOpenedError(OSError):
    """A file can't be opened, or isn't one."""


class UntrustedFolder:
    """An open folder. It closes when nobody uses it any more, or at the end of a ``with``.

    All methods raise ``OSError`` where the system refuses, and where a name is a link or no ordinary file.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.close = weakref.finalize(self, os.close, descriptor)

    def __enter__(self) -> "UntrustedFolder":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @classmethod
    def at(cls, path: Path) -> "UntrustedFolder":
        """The folder at a path that others than students wrote; links in it are followed."""
        if HELD:
            return cls(os.open(path, INTO))
        from nbjudge.course.plain_folder import PlainFolder  # which is made of this class

        return PlainFolder.at(path)

    @classmethod
    def below(cls, top: Path, path: Path, make: bool = False) -> "UntrustedFolder":
        """The folder at ``path``, of which only ``top`` is trusted. If ``make``, folders that are missing are made.

        An ``OSError`` has as its ``filename`` the whole path of the folder at which the way ends.
        """
        if make:
            top.mkdir(parents=True, exist_ok=True)
        folder, place = cls.at(top), top
        for name in path.relative_to(top).parts:
            place /= name
            try:
                folder = folder.made(name) if make else folder.folder(name)
            except OSError as error:
                error.filename = str(place)
                raise
        return folder

    # what is there

    def names(self, at_most: int | None = None) -> list[str]:
        """Names of what lies in it, in order; if there are more, any ``at_most`` of them."""
        with os.scandir(self._place()) as entries:
            return sorted(entry.name for entry in islice(entries, at_most))

    def _place(self) -> int | Path:
        return self.descriptor

    def about(self, name: str) -> os.stat_result | None:
        """What the system knows of an entry itself, or None if there is none."""
        try:
            return os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def target(self, name: str) -> str:
        """Where a link says that it leads."""
        return os.readlink(name, dir_fd=self.descriptor)

    def folder(self, name: str) -> "UntrustedFolder":
        """A folder in it.

        Raises
        ------
        IsLinkError
            If it is a link, also if it is one to a folder.
        """
        try:
            return UntrustedFolder(os.open(name, INTO | FLAGS, dir_fd=self.descriptor))
        except OSError as error:
            about = self.about(name)
            if about is not None and stat.S_ISLNK(about.st_mode):
                raise IsLinkError(errno.ELOOP, "this is a link, and links aren't followed", name) from None
            raise error

    @contextlib.contextmanager
    def file(self, name: str) -> Iterator[BinaryIO]:
        """An ordinary file, to read from.

        Raises
        ------
        NotOpenedError
            If it can't be opened, or is none.
        """
        try:
            descriptor = self._opened(name, os.O_RDONLY)
        except OSError as error:
            raise NotOpenedError(error.errno, error.strerror, name) from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise NotOpenedError(errno.EINVAL, "it is no ordinary file", name)
        with os.fdopen(descriptor, "rb") as file:
            yield file

    def _opened(self, name: str, flags: int, mode: int = 0o666) -> int:
        return os.open(name, flags | FLAGS, mode, dir_fd=self.descriptor)

    def read(self, name: str, at_most: int, copy: Path | None = None) -> tuple[str, int]:
        """SHA-256 and size of an ordinary file, which is copied, with its time, if a path for that is given.

        Parameters
        ----------
        copy
            Where nothing is and nobody else can write.

        Raises
        ------
        TooLargeError
            If it has more than ``at_most`` bytes.
        """
        sums, size = hashlib.sha256(), 0
        with self.file(name) as file, contextlib.ExitStack() as after:
            target = None
            if copy is not None:
                target = after.enter_context(open(copy, "xb"))
            try:
                for block in blocks(file, at_most):
                    size += len(block)
                    sums.update(block)
                    if target is not None:
                        target.write(block)
            except BaseException:
                if copy is not None:
                    copy.unlink()
                raise
            about = os.fstat(file.fileno())
        if copy is not None:
            os.utime(copy, ns=(about.st_atime_ns, about.st_mtime_ns))
        return sums.hexdigest(), size

    # what is written to it

    def made(self, name: str, group: int | None = None) -> "UntrustedFolder":
        """A folder in it, made if there is none; with a ``group``, one in which that can write."""
        with contextlib.suppress(FileExistsError):
            self._make(name)
        folder = self.folder(name)
        if group is not None:
            folder._share(0o2770, group)
        return folder

    def _make(self, name: str) -> None:
        os.mkdir(name, dir_fd=self.descriptor)

    def _share(self, rights: int, group: int) -> None:
        _share(self.descriptor, rights, group)

    def write(
        self,
        name: str,
        content: BinaryIO,
        modified: int | None = None,
        group: int | None = None,
        private: bool = False,
    ) -> None:
        """Write a file whole, in place of what has this name.

        Parameters
        ----------
        modified
            The time that it gets, in nanoseconds; if None, the time is now.
        group
            Which one can write to it; if None, none.
        private
            Whether nobody else can read it.
        """
        new, rights = f".{secrets.token_hex(8)}", 0o600 if private else 0o666
        descriptor = self._opened(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights)
        try:
            with os.fdopen(descriptor, "wb") as file:
                shutil.copyfileobj(content, file)
                file.flush()
                self._finish(new, file.fileno(), modified, group)
            self.move(new, self, name)
        except BaseException:
            self.unlink(new)
            raise

    def _finish(self, name: str, descriptor: int, modified: int | None, group: int | None) -> None:
        if group is not None:
            _share(descriptor, 0o660, group)
        if modified is not None:
            os.utime(descriptor, ns=(modified, modified))

    def remove(self, name: str, strict: bool = False) -> None:
        """Delete an entry, whatever it is, and all that is in it, however deep, as far as that can be done.

        Links aren't followed. If ``strict``, the first reason why something stays is raised when all else is gone.
        """
        reason = deleted(self, name)
        if strict and reason is not None:
            raise reason

    def unlink(self, name: str) -> None:
        """Delete a file or a link."""
        os.unlink(name, dir_fd=self.descriptor)

    def rmdir(self, name: str) -> None:
        """Delete an empty folder."""
        os.rmdir(name, dir_fd=self.descriptor)

    def owner(self) -> int | None:
        """The number of the user whose it is; None where the system has none."""
        return os.fstat(self.descriptor).st_uid

    def move(self, name: str, folder: "UntrustedFolder", new_name: str) -> None:
        """Move an entry itself, whatever it is, to ``folder``."""
        os.rename(name, new_name, src_dir_fd=self.descriptor, dst_dir_fd=folder.descriptor)


def remove(path: Path) -> None:
    """Delete what lies at a path that others than students wrote, if anything does, and all that is in it. A link at
    its end isn't followed."""
    with UntrustedFolder.at(path.parent) as folder:
        folder.remove(path.name, strict=True)


def _share(descriptor: int, rights: int, group: int) -> None:
    """Give rights to a group, and none to another one, in which there may be students. The folder around it may be
    theirs: a list of who else may open what is made in it would get these rights, too."""
    if hasattr(os, "removexattr"):
        for name in LISTS:
            with contextlib.suppress(OSError):  # there is none
                os.removexattr(descriptor, name)
    added = rights if given_to(descriptor, group) else rights & 0o700
    os.fchmod(descriptor, stat.S_IMODE(os.fstat(descriptor).st_mode) | added)


def blocks(file: BinaryIO, at_most: int) -> Iterator[bytes]:
    """All of a file, piece by piece.

    Raises
    ------
    TooLargeError
        If it has more than ``at_most`` bytes.
    """
    while block := file.read(min(BLOCK, at_most + 1)):
        at_most -= len(block)
        if at_most < 0:
            raise TooLargeError("the file is too large")
        yield block
