"""Hostile submissions that want what the kernel counts for the machine, for a user or for nobody.

Each says ``FOUND`` if it has what it must not have, or holds more of it than the page on security says.
"""

from tests.support.attacks import SYSCALL, Attack

NUMBERS = SYSCALL + "import errno, os, struct\nx86 = os.uname().machine == 'x86_64'\n"
SAYS = """
def refused(name, *numbers, error=errno.EPERM):
    ctypes.set_errno(0)
    number, *arguments = numbers
    if libc.syscall(number, *arguments) != -1 or ctypes.get_errno() != error: print('FOUND', name, ctypes.get_errno())
"""
FILTERS = (
    NUMBERS
    + SAYS
    + """
import socket
allow = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7FFF0000))
program = ctypes.create_string_buffer(struct.pack('HxxxxxxP', 1, ctypes.addressof(allow)))
refused('seccomp', 317 if x86 else 277, 1, 0, program)
refused('prctl', 157 if x86 else 167, 22, 2, program, error=errno.EINVAL)
one, two = socket.socketpair()
for option in (26, 50, 51, 52):
    try: one.setsockopt(socket.SOL_SOCKET, option, program.raw[:16])
    except PermissionError: pass
    except OSError as error: print('FOUND', option, error)
    else: print('FOUND', option)
"""
)
POLICIES = (
    NUMBERS
    + SAYS
    + """
for number in ((237, 238, 450, 256, 279) if x86 else (235, 237, 450, 238, 239)): refused(number, number, *[0] * 6)
"""
)
ORDERS = (
    NUMBERS
    + """
import mmap
part = mmap.mmap(-1, 8192, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
place = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(part)))
if libc.prctl(78, 1, 2**22, 0, 0) != -1: print('FOUND a table of locks of 256 MiB')
if libc.prctl(0x53564D41, 0, place, 4096, b'a name of a piece of memory') != -1: print('FOUND names')
if libc.prctl(15, b'a name', 0, 0, 0) or libc.prctl(38, 1, 0, 0, 0): print('FOUND no more names')
"""
)
LATER_CALLS = NUMBERS + SAYS + "for number in range(451, 600):\n"
LATER_CALLS += "    if number not in (463, 467): refused(number, number, *[0] * 6, error=errno.ENOSYS)\n"
POLLS = """
import select
for make in (select.epoll, lambda: __import__('ctypes').CDLL(None).epoll_create1(0)):
    try: made = make()
    except OSError: continue
    if made != -1: print('FOUND', made)
"""
LOCKS_OF_FILES = """
import fcntl, struct
with open('x', 'wb') as file:
    for order in (37, 38):
        try: fcntl.fcntl(file, order, struct.pack('hhqqi', fcntl.F_WRLCK, 0, 0, 1, 0))
        except OSError as error: print(error)
        else: print('FOUND', order)
"""
TABLES = (
    NUMBERS
    + SAYS
    + """
for flags in (0x400 | 17, 0x10000 | 0x800 | 0x100):  # the open files without the thread, and the other way round
    refused(hex(flags), 56 if x86 else 220, flags, 0, 0, 0, 0)
refused('clone3', 435, 0, 0, error=errno.ENOSYS)
refused('close_range', 436, 1000, 1000, 2, error=errno.EINVAL)
"""
)

KERNEL = {
    "filters": Attack("use up the room that the machine has for filters", FILTERS),
    "policies of memory": Attack("hold memory in what is said about memory", POLICIES),
    "orders of prctl": Attack("hold memory by orders that few know", ORDERS),
    "later calls": Attack("use what the kernel learnt later", LATER_CALLS),
    "polls": Attack("use up what one user may wait for", POLLS),
    "locks of files": Attack("make locks that the watches of all others count", LOCKS_OF_FILES),
    "tables of open files": Attack("have open files, or locks, that nobody seems to have", TABLES),
}

KERNEL_STOPPED_BY: dict[str, str] = {}
