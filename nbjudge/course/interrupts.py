"""Ctrl-C, which must end a command wherever it finds it. This imports nothing that takes long."""

import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

SOON = 0.05
"""Seconds until an interrupt that was lost comes again: by then Python has left what can't raise it."""


def lose_none() -> None:
    """From now on, an interrupt that Python drops comes again.

    Python raises it wherever it is at that moment, also in the finalizer of an object and in the callback of a weak
    reference. What is raised there is only printed. Classes that register themselves have such callbacks, and each time
    that a configuration is read some of them are called.
    """
    sys.unraisablehook = _look


def _look(lost: "UnraisableHookArgs") -> None:
    if isinstance(lost.exc_value, KeyboardInterrupt):
        again = threading.Timer(SOON, _interrupt)
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(lost)


def _interrupt() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)  # it may be asleep
