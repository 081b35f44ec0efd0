"""Hostile submissions that want what the kernel counts for the machine, for a user or for nobody.

Each says ``FOUND`` if it has what it must not have, or holds more of it than the page on security says.
"""

from tests.support.attacks import LOSES_THE_CELL, SYSCALL, Attack

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

DEEP = """
import mmap, os, time
os.chdir('/tmp')
for _ in range(5000): os.mkdir('\\n' * 255); os.chdir('\\n' * 255)
file = open('x', 'w+b'); file.write(bytes(4096)); file.flush()
part = mmap.mmap(file.fileno(), 4096)
os.chdir('/')
def text():
    held = os.open('/proc/self/maps', os.O_RDONLY)
    while os.read(held, 2**20): pass
    return held
"""
TEXTS = DEEP + "kept = [text() for _ in range(20)]\ntime.sleep(3)\nprint('FOUND')\n"
TEXTS_SENT = (
    DEEP
    + """
import socket
inner, outer = socket.socketpair(), socket.socketpair()
socket.send_fds(inner[0], [b'x'], [text()])
socket.send_fds(outer[0], [b'x'], [inner[1].fileno()])
inner[1].close()
time.sleep(3)
print('FOUND')
"""
)
TEXTS_UNSEEN = """
import ctypes, os, threading, time
libc = ctypes.CDLL(None)
def keep():
    time.sleep(0.3)
    libc.prctl(4, 0, 0, 0, 0)
    kept = [open('/proc/thread-self/maps') for _ in range(60)]
    time.sleep(100)
if os.fork() == 0:
    threading.Thread(target=keep).start()
    libc.syscall(60 if os.uname().machine == 'x86_64' else 93, 0)
time.sleep(4)
print('FOUND')
"""
NAMES_OF_KEYS = """
for path in ('/proc/keys', '/proc/key-users', '/proc/self/../keys'):
    try: text = open(path).read()
    except OSError: text = ''
    if text: print('FOUND', text)
"""
PROCESS_1 = """
import ctypes, os, resource
def share_disk(kind, number):
    call = 251 if os.uname().machine == 'x86_64' else 30
    if ctypes.CDLL(None).syscall(call, kind, number, 3 << 13): raise PermissionError
tries = {
    'disk': lambda: share_disk(1, 1),
    'disk as a group': lambda: share_disk(2, 0),
    'disk as a user': lambda: share_disk(3, os.getuid()),
    'scheduler': lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)),
    'parameters': lambda: os.sched_setparam(1, os.sched_param(0)),
    'processors': lambda: os.sched_setaffinity(1, {min(os.sched_getaffinity(0))}),
    'nice': lambda: os.setpriority(os.PRIO_PROCESS, 1, 19),
    'nice as a user': lambda: os.setpriority(os.PRIO_USER, 0, 19),
    'nice as a group': lambda: os.setpriority(os.PRIO_PGRP, 0, 19),
    'limits': lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (8, 8)),
}
for name, attempt in tries.items():
    try: attempt()
    except PermissionError: pass
    else: print('FOUND', name)
os.setpriority(os.PRIO_PROCESS, 0, 19); os.sched_setaffinity(0, os.sched_getaffinity(0))  # its own are its own
"""
TEXT_OF_LOCKS = """
import fcntl, os, struct, time
file = open('x', 'wb')
for number in range(1000):
    fcntl.fcntl(file, fcntl.F_SETLK, struct.pack('hhqqi', fcntl.F_WRLCK, 0, 2 * number, 1, 0))
os.read(os.open(f'/proc/self/fdinfo/{file.fileno()}', os.O_RDONLY), 1)
time.sleep(3)
print('FOUND')
"""
SENT = """
import socket, time
one, two = socket.socketpair()
socket.send_fds(one, [b'x'], [0] * 100)
time.sleep(3)
print('FOUND')
"""
PIECES = """
import mmap, os, time, ctypes
libc = ctypes.CDLL(None)
part = mmap.mmap(-1, 4096 * 60_000, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
place = ctypes.addressof(ctypes.c_char.from_buffer(part))
for number in range(60_000):
    part[4096 * number] = 1
    if number % 2: libc.mprotect(ctypes.c_void_p(place + 4096 * number), 4096, 1)
for generation in range(5):
    if os.fork(): break
time.sleep(3)
if generation == 0: print('FOUND')
"""

FILES_IN_PIPES = (
    NUMBERS
    + """
import socket
file, (reads, writes), (one, two) = os.open('x', os.O_CREAT | os.O_RDWR), os.pipe(), socket.socketpair()
os.write(file, bytes(2 * 2**20))
other, size = os.open('y', os.O_CREAT | os.O_RDWR), ctypes.c_size_t(1)
for end in (writes, one.fileno(), other):
    try: os.sendfile(end, file, 0, 1)
    except OSError: pass
    else: print('FOUND sendfile', end)
os.lseek(file, 0, 0)
os.write(writes, b'y'); more = os.pipe()
if libc.syscall(275 if x86 else 76, file, None, writes, None, size, 0) != -1: print('FOUND splice')
if libc.syscall(276 if x86 else 77, reads, more[1], size, 0) != -1: print('FOUND tee')
"""
)
PAGES_GIVEN_BACK = (
    NUMBERS
    + """
import mmap
piece = 2 * 2**20
part = mmap.mmap(-1, 2 * piece, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
place = -(-ctypes.addressof(ctypes.c_char.from_buffer(part)) // piece) * piece
libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(piece), 14)
ctypes.memset(place, 1, piece)
libc.prctl(41, 0, 0, 0, 0)
if libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(piece), 25) == 0: print('FOUND one piece of 2 MiB')
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
    "names of keys": Attack("read whose keys and tickets there are", NAMES_OF_KEYS),
    "process 1": Attack("keep the process above from doing what it is told", PROCESS_1),
    "texts": Attack("have the kernel keep texts of many MiB", TEXTS, LOSES_THE_CELL),
    "texts on the way": Attack("the same where nobody has them open", TEXTS_SENT, LOSES_THE_CELL),
    "texts unseen": Attack("the same in one that looks dead and can't be seen", TEXTS_UNSEEN, LOSES_THE_CELL),
    "a text of locks": Attack("the same about locks", TEXT_OF_LOCKS, LOSES_THE_CELL),
    "files on the way": Attack("keep others from sending files", SENT, LOSES_THE_CELL),
    "files in pipes": Attack("hold files that are gone in pipes and sockets", FILES_IN_PIPES),
    "pages given back": Attack("hold pieces of memory of which nearly all was given back", PAGES_GIVEN_BACK),
    "pieces": Attack("have the kernel keep each piece of memory for each ancestor", PIECES, LOSES_THE_CELL),
}

KERNEL_STOPPED_BY = dict.fromkeys(
    ["texts", "texts on the way", "texts unseen", "a text of locks", "files on the way", "pieces"], "kernel"
)
"""What must have stopped those that aren't refused what they want."""
