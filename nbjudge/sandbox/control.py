"""The line to the warm process: orders go there, and what it says of a submission comes back."""

import contextlib
import json
import socket
import time
from typing import Any


class Control:
    """Our end of the line.

    Attributes
    ----------
    socket : to wait for messages with ``select``
    job : number of the submission that runs. Both sides name it, so that nothing said of one is taken for another
    """

    def __init__(self, end: socket.socket) -> None:
        self.socket, self.job = end, 0

    def hand_over(self, limits: dict[str, Any], task: int, channel: int) -> bool:
        """Give the warm process a submission: where it is to be read, and where its results go; says if it took it."""
        try:
            socket.send_fds(self.socket, [json.dumps({**limits, "job": self.job}).encode()], [task, channel])
        except OSError:
            return False
        return True

    def order(self, word: str) -> None:
        """Say what is to become of the submission: "interrupt" or "kill"."""
        with contextlib.suppress(OSError):
            self.socket.send(json.dumps({"job": self.job, "order": word}).encode())

    def hear(self, seconds: float, flags: int = 0) -> dict:
        """The next message; {} if none comes."""
        self.socket.settimeout(seconds)
        try:
            message = json.loads(self.socket.recv(4096, flags) or b"{}")
        except (OSError, ValueError):
            return {}
        finally:
            self.socket.settimeout(None)
        return message if isinstance(message, dict) else {}

    def is_of_this(self, message: dict) -> bool:
        """Whether a message is about the submission that runs."""
        return bool(message.get("job") == self.job)

    def end_of_job(self, seconds: float) -> dict:
        """What is said when this submission has ended; {} if that doesn't come in time."""
        over = time.monotonic() + seconds
        while (left := over - time.monotonic()) > 0 and (message := self.hear(left)):
            if self.is_of_this(message) and "ended" in message:
                return message
        return {}  # what was heard spoke of an earlier one, or of what it uses

    def close(self) -> None:
        self.socket.close()
