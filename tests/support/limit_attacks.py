"""Hostile submissions that want more memory or time than they may have, by ways that a naive watch doesn't see.

Each says ``FOUND`` if it holds more than 1 GiB, under a limit of 800 MiB, or has what it must not have.
"""

from tests.support.attacks import LOSES_THE_CELL, SYSCALL, Attack
from tests.support.hops import HOP

RENAMED = "import ctypes\nctypes.CDLL(None).prctl(15, {name!r}, 0, 0, 0)\n"
DEAF = "while True:\n    try:\n        while True: pass\n    except BaseException: pass\n"
HOARD = "import time\nhoard = []\nfor _ in range(1100): hoard.append(bytearray(b'x') * 2**20); time.sleep(0.001)\n"
HOARD += "time.sleep(0.5)\nprint('FOUND')\n"

MAPPED = """
import mmap, os
held = []
for _ in range(110):
    file = -1 if WHAT is None else os.open(WHAT, os.O_RDWR)
    part = mmap.mmap(file, 10 * 2**20, flags=FLAGS)
    part.write(b'x' * len(part)); part.madvise(mmap.MADV_DONTNEED); held.append(part)
print('FOUND')
"""


def mapped(what: str | None, flags: int) -> str:
    return MAPPED.replace("WHAT", repr(what)).replace("FLAGS", str(flags))


SOCKETS = """
import os, socket, time
def fill(pairs):
    held, size = [], 0
    for _ in range(pairs):
        held.append(socket.socketpair(socket.AF_UNIX, KIND))
        for each in held[-1]:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**23); each.setblocking(False)
            try:
                while True: size += each.send(b'x' * 2**16)
            except OSError: pass
    return held, size
held, size = fill(60)
if size > 2**27: print('FOUND', size)
for _ in range(50):
    if os.fork() == 0:
        held = fill(60)
        time.sleep(100)
time.sleep(3)
print('FOUND')
"""
CHILDREN = """
import ctypes, gc, os, time
gc.unfreeze()
for _ in range(40):
    if os.fork() == 0:
        for line in list(open('/proc/self/maps')):
            span, mode, *rest = line.split()
            low, high = (int(end, 16) for end in span.split('-'))
            if mode == 'rw-p' and high - low > 2**18 and 'stack' not in line:
                for page in range(low, high, 4096): ctypes.memmove(page, ctypes.string_at(page, 1), 1)
        time.sleep(100)
time.sleep(8)
print('FOUND')
"""
HEADLESS = f"""
import ctypes, os, threading, time
def hold():
    {HOARD.replace(chr(10), chr(10) + "    ").replace("print('FOUND')", 'os.mkdir("/tmp/FOUND"); time.sleep(100)')}
if os.fork() == 0:
    threading.Thread(target=hold).start()
    ctypes.CDLL(None).syscall(60 if os.uname().machine == 'x86_64' else 93, 0)
for _ in range(80):
    time.sleep(0.1)
    if os.path.exists('/tmp/FOUND'): print('FOUND')
"""
HEADLESS_CHILD = """
import ctypes, os, threading, time
def leave(): ctypes.CDLL(None).syscall(60 if os.uname().machine == 'x86_64' else 93, 0)
def hold():
    hoard = []
    for _ in range(1100): hoard.append(bytearray(b'x') * 2**20)
    time.sleep(1); os.mkdir('/tmp/FOUND'); time.sleep(100)
if os.fork() == 0:
    threading.Thread(target=time.sleep, args=(100,)).start()
    if os.fork() == 0: threading.Thread(target=hold).start()
    leave()
for _ in range(80):
    time.sleep(0.1)
    if os.path.exists('/tmp/FOUND'): print('FOUND')
"""
UNREADABLE = """
import os, shutil, sys, time
shutil.copy('/bin/sleep', 'x'); os.chmod('x', 0o111)
if os.fork() == 0: os.execv('./x', ['x', '100'])
import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
time.sleep(3)
"""
PAGES_IN_PIPES = (
    SYSCALL
    + """
import os
pipe, part = os.pipe(), ctypes.create_string_buffer(4096)
vector = (ctypes.c_void_p * 2)(ctypes.addressof(part), 4096)
if libc.vmsplice(pipe[1], vector, ctypes.c_ulong(1), 0) > 0: print('FOUND')
"""
)
SEMAPHORES = SYSCALL + "print([libc.semget(0, 32000, 0o1666) for _ in range(500)].count(-1) == 500 or 'FOUND')"
LOCKS = """
import fcntl, struct
files = [open(str(number), 'wb') for number in range(40)]
for number in range(10**5):
    place = struct.pack('hhqqi', fcntl.F_WRLCK, 0, 10**12 - 2 * number, 1, 0)
    for file in files: fcntl.fcntl(file, fcntl.F_SETLK, place)
print('FOUND')
"""
TERMINALS = "import os\nfor number in range(100):\n    os.openpty()\n    if number > 16: print('FOUND')"
KERNEL_CALLS = (
    SYSCALL
    + """
libc.inotify_init1.restype = ctypes.c_int
if libc.inotify_init1(0) != -1: print('FOUND inotify')
if libc.syscall(444, ctypes.byref(ctypes.create_string_buffer(8)), 8, 0) != -1: print('FOUND landlock')
context = ctypes.c_ulong(0)
import platform
if libc.syscall(206 if platform.machine() == 'x86_64' else 0, 8, ctypes.byref(context)) != -1: print('FOUND aio')
if libc.prctl(62, 1, 0, 0, 0) != -1: print('FOUND a core of its own')
if libc.syscall(306 if platform.machine() == 'x86_64' else 267, -1) != 0: print('FOUND syncfs')  # else: no such file
"""
)
FAMILIES = """
import socket
for family in range(64):
    if family != socket.AF_UNIX:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try: socket.socket(family, kind)
            except OSError: pass
            else: print('FOUND', family, kind)
"""
ACCESS_LISTS = """
import os, struct
entries = [(1, 7, -1), *[(2, 7, 1000)] * 8000, (4, 7, -1), (16, 7, -1), (32, 7, -1)]
entries = struct.pack('<I', 2) + b''.join(struct.pack('<HHi', *entry) for entry in entries)
for number in range(200):
    os.mkdir(str(number))
    os.setxattr(str(number), 'system.posix_acl_access', entries)
print('FOUND')
"""
HUGE_PAGES = """
import mmap
try: mmap.mmap(-1, 2**21, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000)
except PermissionError: pass
except OSError as error: print('FOUND', error)
"""
SHARE_BACK = """
import os
try: open('/proc/self/autogroup', 'w').write('0')
except OSError as error: print(error)
else: print('FOUND')
for nice in (-1, -20):
    before = os.getpriority(os.PRIO_PROCESS, 0)
    try: os.setpriority(os.PRIO_PROCESS, 0, before + nice)
    except OSError as error: print(error)
    else: print('FOUND')
"""
FONTS = """
import os, stat
for number in range(3, 256):
    try:
        if stat.S_ISREG(os.fstat(number).st_mode): os.lseek(number, 10**6, os.SEEK_SET); os.set_blocking(number, False)
    except OSError: pass
"""

PIPES = """
import os, time
for _ in range(5):  # more of them would be too much memory
    if os.fork() == 0:
        HIDE
        for _ in range(225): os.close(os.pipe()[1])  # one end is enough
        time.sleep(100)
time.sleep(5)
print('FOUND')
"""
PIPES_WITH_NAMES = """
import os, time
for number in range(11):
    if not os.fork():
        for pipe in range(100): os.mkfifo(f'/tmp/{number}-{pipe}'); os.open(f'/tmp/{number}-{pipe}', os.O_RDWR)
        time.sleep(60)
time.sleep(4)
print('FOUND')
"""
PIPES_ON_THE_WAY = """
import os, socket, time
kept = []
for _ in range(30):
    if os.fork() == 0:
        for _ in range(60):
            ends, way = [end for _ in range(80) for end in os.pipe()], socket.socketpair()
            try: socket.send_fds(way[0], [b'x'], ends); kept.append(way)
            except OSError: time.sleep(0.05)
            for end in ends: os.close(end)
        time.sleep(100)
time.sleep(5)
print('FOUND')
"""
PIPES_WAITED_FOR = """
import ctypes, fcntl, os, threading, time
class Wait(ctypes.Structure): _fields_ = [('file', ctypes.c_int), ('events', ctypes.c_short), ('seen', ctypes.c_short)]
begin, full = [threading.Semaphore(0) for _ in range(12)], []
def wait(number):
    begin[number].acquire()
    ctypes.CDLL(None).poll((Wait * 200)(*[(end, 0, 0) for end in full[number]]), 200, -1)
for number in range(12): threading.Thread(target=wait, args=(number,), daemon=True).start()
for number in range(12):
    full.append([end for _ in range(100) for end in os.pipe()])
    for end in full[-1][1::2]:
        os.set_blocking(end, False)
        try: os.write(end, b'x' * 65536)
        except OSError: pass
    begin[number].release(); time.sleep(0.02)
    for end in full[-1]: os.close(end)
for _ in range(25):
    time.sleep(0.1)
    ends = os.pipe()
    if fcntl.fcntl(ends[1], 1032) == 65536: break
    for end in ends: os.close(end)
else: print('FOUND')
"""
LEASES = """
import fcntl, os, resource
open('own', 'w').close()
file, folder, pipe = os.open('own', os.O_RDONLY), os.open('.', os.O_RDONLY), os.pipe()[1]
delegate = bytes(4) + b'\\1\\0' + bytes(2)
for what, on, order, value in (
    ('lease', file, fcntl.F_SETLEASE, fcntl.F_RDLCK), ('notice', folder, fcntl.F_NOTIFY, fcntl.DN_CREATE),
    ('size', pipe, 1031, 8192), ('delegation', folder, 1040, delegate),
):
    try: fcntl.fcntl(on, order, value)
    except PermissionError: continue
    except OSError as error: print(error)
    print('FOUND', what)
"""
CORE_DUMPS = """
import os, resource
own = [line.split()[4:6] for line in open('/proc/self/limits') if 'core file' in line]
if own != [['1', '1']]: print('FOUND', own)
for who in (0, os.getpid()):
    try: resource.prlimit(who, resource.RLIMIT_CORE, (0, 0))
    except PermissionError: pass
    else: print('FOUND')
if SYSCALL(160 if os.uname().machine == 'x86_64' else 164, resource.RLIMIT_CORE, bytes(16)) != -1: print('FOUND')
if os.fork() == 0: os.abort()
os.wait()
""".replace("SYSCALL", "__import__('ctypes').CDLL(None).syscall")

HOPPING = HOP + "for _ in range(5): hop(300, 100_000); time.sleep(0.3)\ntime.sleep(3)\nprint('FOUND')\n"
HOPPING_WITH_TEXTS = (
    HOP
    + """
for _ in range(10):
    kept = [os.open('/proc/self/status', os.O_RDONLY) for _ in range(5)]
    for each in kept: os.read(each, 2**20); os.set_inheritable(each, True)
    hop(0, 100_000)
    for each in kept: os.close(each)
    time.sleep(0.1)
time.sleep(3)
print('FOUND')
"""
)
OF_THE_DEAD = """
import ctypes, mmap, os, time
libc = ctypes.CDLL(None)
libc.pread.argtypes = ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_long
SIZE, READERS, PART = 500 * 2**20, 3, 16 * 2**20
def mapped(size): return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
def place(part): return ctypes.addressof(ctypes.c_char.from_buffer(part))
def read(memory, start):
    into = mapped(PART)
    while libc.pread(memory, place(into), PART, start): pass
def live_and_die():
    held, memory = mapped(SIZE), os.open('/proc/self/mem', os.O_RDONLY)
    for number in range(READERS):
        if not os.fork():
            time.sleep(0.003 * number)
            read(memory, place(held))
    time.sleep(0.2)
    for at in range(0, SIZE, 4096): held[at] = 1
    os._exit(0)
for _ in range(4):
    child = os.fork()
    if not child: live_and_die()
    os.waitpid(child, 0)
time.sleep(2)
print('FOUND')
"""
HELD_LOCKS = """
import ctypes, os, signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)  # it loses its cell also where the machine is busy and the time is over
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long
libc.madvise.argtypes = libc.mprotect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
SIZE, READ, POPULATE = 2 * 2**30, 1, 22
for _ in range(20):
    if not os.fork():
        zeros = libc.mmap(None, SIZE, READ, 0x4022, -1, 0)
        libc.madvise(zeros, SIZE, POPULATE)
        while True:
            for rights in (0, READ): libc.mprotect(zeros, SIZE, rights)
time.sleep(1)
kept = []
for part in range(70): kept.append(b'x' * (20 * 2**20))
time.sleep(0.5)
print('FOUND')
"""
"""Who changes the rights of very many pages of zeros has the lock of its memory, for which a look waits."""
ONE_CALL = """
import ctypes, os, re, threading, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long
libc.madvise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
libc.munmap.argtypes = ctypes.c_void_p, ctypes.c_size_t
SIZE, POPULATE = 5000 * 2**20, 23
def wait_in_line():
    while True: libc.munmap(libc.mmap(None, 4096, 3, 0x22, -1, 0), 4096)
child = os.fork()
if child == 0:
    part = libc.mmap(None, SIZE, 3, 0x4022, -1, 0)
    threading.Thread(target=wait_in_line).start()
    libc.madvise(part, SIZE, POPULATE)
    time.sleep(100)
for _ in range(2000):
    with open(f'/proc/{child}/status') as status: size = re.search(r'RssAnon:\\s*(\\d+)', status.read())
    if size is None or int(size[1]) > 2 * 2**20: break
    time.sleep(0.002)
os.kill(child, 9)
print('FOUND')
"""
"""Behind a thread that waits to change a process's memory, whoever wants to read about it waits, too."""
SLOWLY = """
import ctypes, os, re, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long
libc.madvise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
processors = sorted(os.sched_getaffinity(0))
BUSY, FREE, SIZE = processors[0], processors[-1], 350 * 2**20
def filled(size): return libc.mmap(None, size, 3, 0x4022 | 0x8000, -1, 0)
def be_slow():
    os.sched_setaffinity(0, {BUSY})
    try: os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    except PermissionError: os.nice(19)
def about(child):
    with open(f'/proc/{child}/status') as status: text = status.read()
    return {name: value for name, value in re.findall(r'(\\w+):\\s*(.*)', text)}
"""
"""Who has the least share of a processor on which others compute is long about giving its memory back."""
SLOW_ENDS = (
    SLOWLY
    + """
pipes = [os.pipe() for _ in range(9)]
def live_and_die(number):
    os.sched_setaffinity(0, {FREE})
    os.read(pipes[number][0], 1); time.sleep(0.05)
    filled(SIZE)
    os.write(pipes[number + 1][1], b'x')
    be_slow()
    END
def holds(child):
    found = about(child)
    return HOLDS
children = []
for number in range(8):
    children.append(os.fork())
    if not children[-1]: live_and_die(number)
os.sched_setaffinity(0, {BUSY}); os.write(pipes[0][1], b'x')
end, most, name = time.monotonic() + 3.4, 0, about(os.getpid())['Name']
while time.monotonic() < end and most < 3: most = max(most, sum(map(holds, children)))
os.sched_setaffinity(0, processors)
for child in children: os.kill(child, 9)
if most > 2: print('FOUND')
"""
)
EACH_ENDS = SLOW_ENDS.replace("END\n", "libc._exit(0)\n").replace(
    "HOLDS", "'RssAnon' not in found and found['State'][0] != 'Z'"
)
EACH_STARTS = SLOW_ENDS.replace("END\n", "os.execv('/bin/sleep', ['sleep', '100'])\n").replace(
    "HOLDS", "found['Name'] == name and int(found['RssAnon'].split()[0]) < 2**10"
)
ASKED_WHILE_IT_STARTS = (
    SLOWLY
    + """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)  # it loses its cell also where the machine is busy and the time is over
pipe, shared = os.pipe(), filled(250 * 2**20)
def start_slowly():
    zeros = libc.mmap(None, 5 * 2**30, 1, 0x4022, -1, 0); libc.madvise(zeros, 5 * 2**30, 22)
    os.read(pipe[0], 1)
    be_slow()
    os.execv('/bin/sleep', ['sleep', '100'])
def fill():
    os.sched_setaffinity(0, {FREE})
    os.read(pipe[0], 1); time.sleep(0.6)
    filled(1100 * 2**20)
    time.sleep(0.5); os.mkdir('/tmp/FOUND'); time.sleep(100)
for number in range(5):
    if not os.fork(): (fill if number == 0 else start_slowly)()
time.sleep(1.2)
os.sched_setaffinity(0, {BUSY}); os.write(pipe[1], b'x' * 5)
while not os.path.exists('/tmp/FOUND'): pass
print('FOUND')
"""
)
HIDDEN = {
    "a name that is no text": Attack(
        "memory under a name of odd bytes", RENAMED.format(name=b"\xff") + HOARD, LOSES_THE_CELL
    ),
    "a name that is a figure": Attack(
        "memory under a forged figure", RENAMED.format(name=b"\nRssAnon:\t0") + HOARD, LOSES_THE_CELL
    ),
    "a name with a line break": Attack(
        "the same for readers of lines", RENAMED.format(name=b"\x0bRssAnon:") + HOARD, 6
    ),
    "a name with brackets": Attack(
        "the same for readers of fields", RENAMED.format(name=b") S 1 1 1 (") + HOARD, LOSES_THE_CELL
    ),
    "shared memory, let go": Attack("shared memory that nobody maps any more", mapped(None, 0x21)),
    "shared memory of a device": Attack("the same by /dev/zero", mapped("/dev/zero", 0x01)),
    "sockets": Attack("fill the buffers of sockets", SOCKETS.replace("KIND", "socket.SOCK_STREAM"), LOSES_THE_CELL),
    "datagrams": Attack("fill the queues of sockets", SOCKETS.replace("KIND", "socket.SOCK_DGRAM"), LOSES_THE_CELL),
    "families of sockets": Attack("sockets of all kinds that can hold or reach something", FAMILIES),
    "children with their own copy": Attack("make each page that was shared one's own", CHILDREN, LOSES_THE_CELL),
    "a process without its first thread": Attack("hold memory in a process that looks dead", HEADLESS, LOSES_THE_CELL),
    "a child without its first thread of another one": Attack(
        "hold memory in a process that looks dead as its parent does", HEADLESS_CHILD, LOSES_THE_CELL
    ),
    "invisible processes": Attack("run what can't be looked into", UNREADABLE, LOSES_THE_CELL),
    "pages in pipes": Attack("hold pages in pipes", PAGES_IN_PIPES),
    "semaphores": Attack("hold memory in semaphores", SEMAPHORES),
    "locks": Attack("hold memory in locks", LOCKS, LOSES_THE_CELL),
    "terminals": Attack("hold memory in terminals", TERMINALS),
    "access lists": Attack("hold memory in access lists of files", ACCESS_LISTS),
    "huge pages": Attack("take pages that the machine keeps for another program", HUGE_PAGES),
    "more kinds of kernel memory": Attack("calls that hold memory nobody counts", KERNEL_CALLS),
    "the share of the processor": Attack("take back what was taken", SHARE_BACK),
    "pipes": Attack("use up the pipes of all", PIPES.replace("HIDE", "pass"), LOSES_THE_CELL),
    "pipes of invisible processes": Attack(
        "use them up unseen",
        PIPES.replace("HIDE", "import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)"),
        LOSES_THE_CELL,
    ),
    "pipes with names": Attack("use them up as files", PIPES_WITH_NAMES, LOSES_THE_CELL),
    "pipes on the way": Attack("use them up in messages", PIPES_ON_THE_WAY, LOSES_THE_CELL),
    "held locks": Attack("have the watch wait while memory is taken", HELD_LOCKS, LOSES_THE_CELL),
    "one call": Attack("have a look wait behind another thread while one call fills memory", ONE_CALL, LOSES_THE_CELL),
    "pipes that are waited for": Attack("use them up in a call that lasts", PIPES_WAITED_FOR),
    "processes that live for a moment": Attack("hand memory on before it is seen", HOPPING, LOSES_THE_CELL),
    "texts of those": Attack("the same with texts that the kernel keeps", HOPPING_WITH_TEXTS, LOSES_THE_CELL),
    "memory of the dead": Attack("read the memory of processes that have ended", OF_THE_DEAD, LOSES_THE_CELL),
    "slow ends": Attack("have nobody count memory that the kernel still takes back", EACH_ENDS),
    "slow starts of programs": Attack("the same with memory of the program before", EACH_STARTS),
    "asked while it starts": Attack("have the watch itself wait for those", ASKED_WHILE_IT_STARTS, LOSES_THE_CELL),
    "leases": Attack("keep others from opening a file", LEASES),
    "core dumps": Attack("have a crash start a program of the host", CORE_DUMPS),
    "the place in a font": Attack("move where the next one reads a font", FONTS),
}

HIDDEN_STOPPED_BY = {
    **dict.fromkeys([name for name in HIDDEN if name.startswith("a name")], "memory"),
    "children with their own copy": "memory",
    "a process without its first thread": "memory",
    "a child without its first thread of another one": "memory",
    "one call": "memory",
    "processes that live for a moment": "memory",
    **dict.fromkeys(
        [
            "invisible processes",
            "sockets",
            "datagrams",
            "locks",
            "pipes",
            "pipes of invisible processes",
            "pipes on the way",
            "pipes with names",
            "texts of those",
            "memory of the dead",
        ],
        "kernel",
    ),
}
"""What must have stopped those that aren't refused what they want."""

PILE = """
import os, time
for _ in range(60):
    try:
        if os.fork() == 0:
            SET
            while True: pass
    except OSError: pass
time.sleep(100)
"""
LATE = "import time\ntry:\n    while True: pass\nexcept BaseException: time.sleep(2.5)\n"
SAYS_IT_ENDED = """
for number in range(3, 64):
    try: os.write(number, b'\\n{"end": true}\\n')
    except OSError: pass
"""
ENDLESS = {
    # what a submission hands in as cells before its task
    "nameless": [RENAMED.format(name=b"\xff") + DEAF],
    "deaf": [DEAF],
    "many": ["while True: pass"] * 300,
    "slow to heed": [LATE] * 300,
    "deadly": ["import os, time\ntime.sleep(1)\nos._exit(1)"] * 300,
    "silent": ["import os, time\nos.closerange(3, 512)\ntime.sleep(10**6)"] * 300,
    "stopped": ["import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"],
    "waiting for a child": ["import ctypes\nlibc = ctypes.CDLL(None)\nif libc.vfork() == 0:\n    libc.sleep(10**6)"],
    "at its end, it says": [f"import os, time\n{SAYS_IT_ENDED}time.sleep(10**6)"],
    "spinning": [PILE.replace("SET", "pass")],
    "sessions": [PILE.replace("SET", "os.setsid()")],
}
"""Each has no time left for its task, by its own fault."""
