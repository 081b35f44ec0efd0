"""Follows a submission while it runs: reads what it tells, keeps its clocks, and interrupts what takes too long."""

import os
import select
import socket
import time

from nbjudge.sandbox.channel import Channel, ChannelError
from nbjudge.sandbox.clock import Span, Usage
from nbjudge.sandbox.control import Control

GRACE_SECONDS = 3.0
"""How long a cell may take to end after it was interrupted."""


def follow(
    control: Control, channel: Channel, receiving: int, end: float, cell_seconds: float
) -> tuple[str, frozenset[int]]:
    """Read until the end or a limit.

    Parameters
    ----------
    receiving
        The open end of the pipe on which the submission tells its results, which doesn't block.
    end
        When the time of the notebook is over, by ``time.monotonic``.
    cell_seconds
        How long each cell may take.

    Returns
    -------
    the limit, or "", and the cells that were interrupted
    """
    usage, span = Usage(), None
    current = channel.current
    late: set[int] = set()
    listened: list[int | socket.socket] = [receiving, control.socket]
    while not channel.ended:
        if channel.current != current:
            current = channel.current
            span = None if current is None else Span(cell_seconds, usage)
        of_all = end - time.monotonic()
        left = of_all if span is None else min(of_all, span.left(usage))
        in_time = left > -GRACE_SECONDS  # what was written in time is read, but who never stops is stopped
        ready = select.select(listened, [], [], max(0.0, left))[0] if in_time else []
        if control.socket in ready:
            message = control.hear(GRACE_SECONDS, socket.MSG_PEEK)
            if not message or ("ended" in message and control.is_of_this(message)):
                listened.remove(control.socket)  # there is nothing more to come
                continue
            control.hear(GRACE_SECONDS)
            if control.is_of_this(message):
                usage = Usage(message.get("processor", 0.0), message.get("delayed", 0.0))
        if receiving in ready:
            try:
                data = os.read(receiving, 2**18)
                channel.feed(data)
            except BlockingIOError:
                continue
            except ChannelError:
                return "output", frozenset(late)
            if not data:
                break
        elif ready:
            pass
        elif of_all <= 0:
            return "end", frozenset(late)
        elif current is None:
            continue  # the time was over while no cell ran
        elif current in late:
            return "time", frozenset(late)
        else:
            late.add(current)
            control.order("interrupt")
            span = Span(GRACE_SECONDS, usage)
    return "", frozenset(late)
