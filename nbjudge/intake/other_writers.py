"""Tells whether others than those who grade can write to `submitted/`.

Those who grade are: you, root, and whoever owns the course's root; members of a group in which there is nobody else;
and with nbgrader's ``groupshared`` the members of the group of ``submitted/``. Windows says who may write in another
way, which isn't read here.
"""

import os
import stat
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from nbjudge.course.course import Course
from nbjudge.course.sharing import group_of

try:
    import grp
    import pwd
except ImportError:
    grp = pwd = None  # type: ignore[assignment]

A_USER, A_GROUP, MAY_WRITE = 2, 8, 2
"""In the access control lists of Linux."""


def require_own(course: Course, assignment: str, folders: Iterable[str]) -> None:
    """Stop plain nbgrader where somebody else could change what it grades.

    Raises
    ------
    SystemExit
        If others can write to ``submitted/`` or to the folder of one of these submissions.
    """
    for place, others in other_writers(course, folders):
        raise SystemExit(
            f"Nothing was graded: {others} can write to {course.show(place)} and change what others handed in. "
            f"Take that right away (chmod -R go-w {course.show(course.top_of_submitted)}, and chown if it isn't "
            f"yours), or run course autograde {assignment}, which takes a copy of its own first. If it is the group of "
            "those who grade, set c.CourseDirectory.groupshared = True."
        )


def other_writers(course: Course, folders: Iterable[str]) -> Iterator[tuple[Path, str]]:
    """Each place that others can write to, of ``submitted/`` and the way to these submissions, and who they are."""
    top = course.top_of_submitted
    on_the_way = {place for folder in map(Path, folders) for place in (folder, *folder.parents)}
    for place in sorted(place for place in on_the_way if place.is_relative_to(top)):
        if others := others_at(place, course, top):
            yield place, others


def others_at(place: Path, course: Course, top: Path) -> str:
    """Who else can write to a file or folder, or "". With ``groupshared``, the group of ``top`` is no other."""
    if pwd is None:
        return ""
    about, shared = os.lstat(place), course.directory.groupshared
    ours = {0, os.geteuid(), course.root.stat().st_uid}
    if stat.S_ISLNK(about.st_mode):
        return ""  # it isn't followed, and what it is itself nobody can change
    if about.st_mode & stat.S_IWOTH:
        return "everybody"
    if shared and about.st_gid == top.stat().st_gid:
        return ""
    if about.st_uid not in ours:
        return _name_of_user(about.st_uid)
    for kind, number in _in_list(place) if about.st_mode & stat.S_IWGRP else ():
        if kind == A_USER and number not in ours:
            return _name_of_user(number)
        if kind == A_GROUP and _members(number) - {_name_of_user(user) for user in ours}:
            return f"the group {_name_of_group(number)}"
    if about.st_mode & stat.S_IWGRP and _members(about.st_gid) - {_name_of_user(user) for user in ours}:
        return f"the group {_name_of_group(about.st_gid)}"
    return ""


def is_a_graders(user: int, course: Course) -> bool:
    """Whether a file of this user's is of those who grade: with ``groupshared``, also of the group of the course."""
    group = group_of(course)
    is_ours = user in (0, os.geteuid(), course.root.stat().st_uid)
    return is_ours or (group is not None and _name_of_user(user) in _members(group))


def owner_of(place: Path) -> str:
    """Name of whose a file or folder is; "somebody" where the system doesn't say it as Unix does."""
    try:
        return place.owner()
    except KeyError:
        return f"user {place.stat().st_uid}"
    except NotImplementedError:
        return "somebody"


def _in_list(place: Path) -> Iterator[tuple[int, int]]:
    """Users and groups that may write by the access control list of a folder, if it has one."""
    if not hasattr(os, "getxattr"):  # macOS keeps its lists elsewhere
        return
    try:
        entries = os.getxattr(place, "system.posix_acl_access", follow_symlinks=False)[4:]
    except OSError:
        return
    for kind, rights, number in struct.iter_unpack("<HHI", entries):
        if kind in (A_USER, A_GROUP) and rights & MAY_WRITE:
            yield kind, number


def _members(group: int) -> set[str]:
    """Names of all whose group it is, as far as this system lists them."""
    try:
        named = set(grp.getgrgid(group).gr_mem)
    except KeyError:
        named = set()
    return named | {user.pw_name for user in pwd.getpwall() if user.pw_gid == group}


def _name_of_user(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def _name_of_group(group: int) -> str:
    try:
        return grp.getgrgid(group).gr_name
    except KeyError:
        return f"{group}"
