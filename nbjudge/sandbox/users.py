"""Users that nobody else is: each sandbox that root starts runs as one of its own.

What the kernel counts for a user, such as the pages of all pipes, one sandbox then doesn't use up for another.
"""

import contextlib
import socket

FIRST, LAST = 61000, 64999


class OwnUser:
    """A user id that no other sandbox of this machine has until it is released.

    Who has one is said by a name that the kernel lets only one process have, and takes back when that ends.
    """

    def __init__(self) -> None:
        import pwd  # which only Unix has, and this module is read elsewhere, too

        taken = {user.pw_uid for user in pwd.getpwall()}
        unused = [uid for uid in range(FIRST, LAST + 1) if uid not in taken]
        self.uid = unused[0]  # if somebody holds all the names
        self._name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for uid in unused:
            with contextlib.suppress(OSError):
                self._name.bind(f"\0nbjudge sandbox {uid}")
                self.uid = uid
                break

    def release(self) -> None:
        self._name.close()
