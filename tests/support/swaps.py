"""Somebody who swaps one thing for another at the worst moment: before the n-th time that this process opens, lists,
makes, moves or changes anything. With every n, all moments are tried, and none by luck."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

WATCHED = ("open", "os.", "shutil.")


class _Watch:
    """Calls ``act`` before the step with this number. Python can't take an audit hook away, so there is one for all."""

    def __init__(self) -> None:
        self.left = -1
        self.near = ""
        self.act: Callable[[], None] | None = None
        sys.addaudithook(self._on)

    def _on(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.act is None or not event.startswith(WATCHED) or not self._is_near(*arguments[:1]):
            return
        if self.left == 0:
            act, self.act = self.act, None
            act()
        self.left -= 1

    def _is_near(self, place: object = "") -> bool:
        """Whether it is about the place where the swap is made, or can be, as only a name is given."""
        if not isinstance(place, str | bytes | os.PathLike):
            return True
        path = os.fsdecode(place)
        return not os.path.isabs(path) or path.startswith(self.near)


_watch = _Watch()


def swapped(
    near: Path, thing: str, target: Path | str, make: Callable[[], None], work: Callable[[], object]
) -> Iterator[int]:
    """For each n, make everything anew, and let ``near / thing`` become a link when the work is at its n-th step.

    Yields after the work, for a look at what came of it. Ends after the first n that the work doesn't reach.
    """
    for number in count():
        make()
        done: list[bool] = []

        def act(done: list[bool] = done) -> None:
            with contextlib.suppress(FileNotFoundError):  # the work has moved it
                os.rename(near / thing, f"{near / thing}-away")
                os.symlink(target, near / thing)
            done.append(True)

        _watch.near, _watch.left, _watch.act = str(near), number, act
        try:
            work()
        finally:
            _watch.act = None
        yield number
        if not done:
            assert number > 3, "nothing was watched"
            return
