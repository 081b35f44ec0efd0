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
    while True:
        order = signal.sigtimedwait(orders, 0)  # first, since children may end without end
        if order is None:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == child:
                return status
            if pid:
                continue
            order = signal.sigwaitinfo({signal.SIGCHLD, *orders})
        if order.si_signo != signal.SIGCHLD:
            orders[signal.Signals(order.si_signo)]()
