"""How a process above a submission waits for its end, and obeys meanwhile."""

import os
import signal
from collections.abc import Callable, Mapping


def wait_for(child: int, orders: Mapping[signal.Signals, Callable[[], object]]) -> int:
    """Wait until a child ends, reap what else does, and do what each signal orders. Returns the child's exit status.

    The signals are fetched and not caught: Python would hear of one that comes just before it begins to wait only with
    the next one.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, *orders})
    order = None
    while True:
        order = order or signal.sigtimedwait(orders, 0)  # first, since children may end without end
        if order:
            orders.get(signal.Signals(order.si_signo), _nothing)()
            order = None
            continue
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == child:
            return status
        if pid == 0:
            order = signal.sigwaitinfo({signal.SIGCHLD, *orders})


def _nothing() -> None:
    """A child has ended."""
