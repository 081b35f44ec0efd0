"""Calls a student's function on given inputs and publishes what it returned, as data.

A probe is the only way in which a test calls a student's function. Visible probes run in a check (``nbprobe.check``),
hidden ones in the hidden part of test cells while nbgrader grades. A probe compares nothing and knows no right answer:
what is published here is judged later, and while grading in another process. So there is nothing in it to get around.
"""

import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import numpy as np
from IPython.display import display
from numpy.typing import NDArray

from nbprobe.arguments import changed_container, copied, in_words, is_changed
from nbprobe.streams import in_place_of_stdout, stdout
from nbprobe.wire import MAX_MESSAGE, MAX_NAMES, MAX_NOTES, MIME, digest, encode, name_of

SECONDS = 5.0
"""A call that takes longer is stopped and counts as an error."""

SHORTEST = 0.01
"""Seconds for which the clock of a call isn't set again."""

SECONDS_OF_CHECKS = 5.0
"""For the visible probes of all tests together after a notebook was graded: they decide nothing."""
_noted: dict[str, None] = {}


class TooSlowError(Exception):
    """The function took longer than a probe waits."""


_collectors: list[tuple[list[dict[str, Any]], bool]] = []


def is_grading() -> bool:
    """Whether nbgrader is grading this notebook (in contrast to a person who runs it)."""
    return os.environ.get("NBGRADER_EXECUTION") == "autograde"


def is_validating() -> bool:
    """Whether a student has asked nbgrader to validate this notebook."""
    return os.environ.get("NBGRADER_EXECUTION") == "validate"


@contextmanager
def collecting(visible: bool = False) -> Iterator[list[dict[str, Any]]]:
    """Let probes publish into a list, in place of the notebook's outputs.

    Parameters
    ----------
    visible
        Whether the list is for what the probes of checks publish, and for nothing else. Then checks judge nothing.
    """
    collected: list[dict[str, Any]] = []
    _collectors.append((collected, visible))
    try:
        yield collected
    finally:
        _collectors.pop()


def is_collecting_visible() -> bool:
    """Whether somebody collects what the probes of checks publish."""
    return bool(_collectors) and _collectors[-1][1]


def is_collecting() -> bool:
    """Whether somebody collects what probes publish."""
    return bool(_collectors)


def pass_on(evidence: list[dict[str, Any]]) -> None:
    """Give what was collected to whoever collects around it."""
    _collectors[-1][0].extend(evidence)


def publish_visible(test: str, evidence: list[dict[str, Any]]) -> None:
    """Publish what the visible probes of a test saw: for the page, and never for the grade."""
    for raw in evidence:
        display({MIME: {**raw, "visible": test}, "text/plain": f"visible probe: {raw['name']}"}, raw=True)


def note(key: str) -> None:
    """Remember something about the call that is being probed; for stand-ins. The probe says what it means.

    A note chooses the sentence where a result is wrong. It never decides whether it is.
    """
    _noted[key] = None


def probe(
    name: str,
    f: Callable[..., Any],
    *args: Any,
    points: float = 0.0,
    core: bool = False,
    rtol: float = 1e-5,
    advice: str = "",
    watch: Sequence[NDArray] = (),
    given: Sequence[str] = (),
    notes: Mapping[str, str] | None = None,
    otherwise: Callable[..., Any] | None = None,
) -> None:
    """Publish what ``f(*args)`` returns. Does nothing outside of grading and of checks.

    Parameters
    ----------
    name
        What a student reads, for example "64 predictions". Different for each probe of a cell; a visible and a hidden
        probe of the same name are partners.
    f, args
        The call. Arguments that are arrays, lists, dicts or sets are copied first; a change of the copies is noted.
    points
        What the probe is worth if its result is right. In a check, any number above 0 says that it must be right.
    core
        If this one fails, no other probe of the cell earns anything. It needs points.
    rtol
        How far the result may be from the right one, relative to it.
    advice
        The remark for those who fail a probe worth 0 points, or who pass one only ``otherwise``.
    watch
        Other arrays, such as a cache, whose change is to be noted.
    given
        Of a visible probe: each row of the input, in words. Texts, numbers and the like are written out without it.
    notes
        What the notes of the stand-ins mean: the sentence for each key.
    otherwise
        A second way to call, with the same arguments; the result counts if one of the two is right.
    """
    require_points_of_main(name, points, core)
    if not is_asked():
        return
    evidence: dict[str, Any] = {"name": name, "points": points, "core": core, "rtol": rtol, "advice": advice}
    if notes:
        evidence["sentences"] = dict(notes)
    if given or in_words(args):
        evidence["given"] = list(given) or in_words(args)
    evidence |= _call(f, args, watch)
    if otherwise is not None:
        evidence["otherwise"] = _call(otherwise, args, watch)
    publish(evidence, [name, points, rtol, *args])


def require_points_of_main(name: str, points: float, core: bool) -> None:
    """Or it would decide nothing.

    Raises
    ------
    ValueError
        If a main probe is worth nothing.
    """
    if core and not points:
        raise ValueError(f"{name}: the main probe of a task (core=True) needs points, or it decides nothing")


def is_asked() -> bool:
    """Whether anybody looks at what probes publish."""
    return not is_collecting_visible() and (is_grading() or is_collecting())


def publish(evidence: dict[str, Any], asked: list[Any]) -> None:
    """Publish what a probe saw, with a sum over what it asked where a check is to know its answers by it."""
    if _collectors:
        _collectors[-1][0].append({**evidence, "inputs": digest(asked)})
    else:
        display({MIME: evidence, "text/plain": f"probe: {evidence['name']}"}, raw=True)


def _call(f: Callable[..., Any], args: tuple[Any, ...], watch: Sequence[NDArray]) -> dict[str, Any]:
    copies = [copied(arg) for arg in args]
    before = [array.copy() for array in watch]
    _noted.clear()
    try:
        with (
            time_limit(SECONDS),
            np.errstate(all="ignore"),
            _unwarned(),
            in_place_of_stdout(_Listener(stdout())) as printed,
        ):
            evidence: dict[str, Any] = {"value": encode(f(*copies))}
    except BaseException as error:  # sys.exit and Ctrl-C as well: the next probe is to run
        return {"error": name_of(type(error)), "message": _text_of(error), **_names_beside(error), **_notes()}
    changed = [is_changed(copy, arg) for copy, arg in zip(copies, args, strict=True)]
    changed += [is_changed(array, old) for array, old in zip(watch, before, strict=True)]
    containers = list(filter(None, map(changed_container, copies, args)))
    if containers:
        evidence["altered"] = containers[0]
    if printed.heard and evidence["value"]["kind"] == "none":
        evidence["printed"] = True
    return {**evidence, "changed": any(changed), **_notes()}


class _Listener:
    """Stands before a stream, and knows whether something was written into it."""

    def __init__(self, stream: Any) -> None:
        self._stream, self.heard = stream, False

    def write(self, text: str) -> Any:
        self.heard = True
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _unwarned() -> Iterator[None]:
    """Whatever filter the notebook has set, a warning is no error and isn't shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _notes() -> dict[str, list[str]]:
    return {"notes": list(_noted)[:MAX_NOTES]} if _noted else {}


def _names_beside(error: BaseException) -> dict[str, list[str]]:
    """Which names there are, where one was looked up that isn't there."""
    try:
        if type(error) is not AttributeError or error.obj is None:
            return {}
        names = [name for name in dir(error.obj) if not name.startswith("_")]
        # a module or an array has hundreds of names
        names = names if len(names) <= MAX_NAMES else get_close_matches(str(error.name), names, 3, cutoff=0.8)
    except BaseException:  # an object of the student's that resists
        return {}
    return {"names": names} if names else {}


def _text_of(error: BaseException) -> str:
    try:
        return str(error)[:MAX_MESSAGE]
    except BaseException:
        return ""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt the block after ``seconds``, where the system has an alarm clock for that.

    Within another such block, it is interrupted when the time of that one is over, too. While others have the
    processors that it could use, its clock stands still, where the system tells of it.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    given, kept_from_running = 0.0, _kept_from_running()

    def ring(*_: Any) -> None:
        nonlocal given
        before, given = given, _kept_from_running() - kept_from_running
        if given - before > SHORTEST:
            signal.setitimer(signal.ITIMER_REAL, given - before)
            return
        raise TooSlowError(f"it took longer than {seconds:g} seconds")

    begun, outer = time.monotonic(), signal.getitimer(signal.ITIMER_REAL)[0]
    previous = signal.getsignal(signal.SIGALRM)
    try:
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, min(seconds, outer) if outer else seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if outer:
            signal.setitimer(signal.ITIMER_REAL, max(outer - (time.monotonic() - begun), 0.001))


def _kept_from_running() -> float:
    """Seconds that this thread, if it is the first of its process, has waited for a processor; 0 if nobody knows."""
    try:
        with open("/proc/self/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
