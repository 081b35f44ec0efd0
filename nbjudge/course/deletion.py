"""Deletes what others may have put into a folder, or own: as much as the system lets us, and through no link."""

import contextlib
import errno
import secrets
import stat
from typing import TYPE_CHECKING

from nbjudge.course.opening import is_link

if TYPE_CHECKING:
    from nbjudge.course.untrusted_folder import UntrustedFolder  # which is made with this module


def deleted(folder: "UntrustedFolder", name: str) -> OSError | None:
    """Delete an entry of a folder and all that is in it, however deep.

    Returns
    -------
    The first reason why something of it stays, or None if nothing does.
    """
    reason = _deleted(folder, name)
    if reason is not None and reason.errno == errno.EMFILE:
        with contextlib.suppress(OSError), folder.folder(name) as inner:
            _flatten(inner)
        reason = _deleted(folder, name)
    return reason


def _deleted(folder: "UntrustedFolder", name: str) -> OSError | None:
    """The same; ``EMFILE`` where folders lie so deep that not all on the way can be open."""
    try:
        return _gone_into(folder, name)
    except RecursionError:
        return OSError(errno.EMFILE, "too many folders lie one in the other", name)


def _gone_into(folder: "UntrustedFolder", name: str) -> OSError | None:
    reason: OSError | None = None
    try:
        about = folder.about(name)
        if about is None:
            return None
        if not stat.S_ISDIR(about.st_mode) or is_link(about):
            folder.unlink(name)
            return None
        with folder.folder(name) as inner:
            for deeper in inner.names():
                stays = _gone_into(inner, deeper)
                reason = reason or stays
        if reason is None:
            folder.rmdir(name)
    except FileNotFoundError:
        return None  # somebody else was faster
    except OSError as error:
        return error
    return reason


def _flatten(folder: "UntrustedFolder") -> None:
    """Move all folders in it, however deep, to its top: Python ends where they lie a thousand deep."""
    waiting = folder.names()
    while waiting:
        name = waiting.pop()
        with contextlib.suppress(OSError), folder.folder(name) as inner:
            for deeper in inner.names():
                about = inner.about(deeper)
                if about is not None and stat.S_ISDIR(about.st_mode):
                    new = f".{secrets.token_hex(8)}"
                    inner.move(deeper, folder, new)
                    waiting.append(new)
