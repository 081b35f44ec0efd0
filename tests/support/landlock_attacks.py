"""Hostile submissions behind the second wall: what those of the first come to there, and those that are aimed at it.

Behind it, the submission is a process of the machine among others, often of the grader's own user. Each that is aimed
at it says ``FOUND`` if it has what it must not have; what it changes is seen from outside.
"""

from tests.support.attacks import LOSES_THE_CELL, SYSCALL, Attack

REFUSED = (0, "")
"""It gets nothing, goes on as an honest submission and earns what that earns."""
OTHERWISE = {
    # it gets no further processes, and so does nothing that a limit has to stop
    "children with their own copy": REFUSED,
    "a process without its first thread": REFUSED,
    "a child without its first thread of another one": REFUSED,
    "one call": REFUSED,
    "asked while it starts": REFUSED,
    "invisible processes": REFUSED,
    "sockets": REFUSED,
    "datagrams": REFUSED,
    "pipes": REFUSED,
    "pipes of invisible processes": REFUSED,
    "pipes on the way": REFUSED,
    "held locks": REFUSED,
    "pipes with names": REFUSED,
    "pieces": REFUSED,
    "processes that live for a moment": REFUSED,
    "texts of those": REFUSED,
    "memory of the dead": REFUSED,
    # there is no /proc, and no open file can be sent
    "texts": REFUSED,
    "texts on the way": REFUSED,
    "texts unseen": REFUSED,
    "a text of locks": REFUSED,
    "files on the way": REFUSED,
    # no file system of its own has a size: the watch ends it
    "memory in files": (LOSES_THE_CELL, "disk"),
}

TRIES = (
    SYSCALL
    + """
import errno, os
def tries(name, attempt):
    try: attempt()
    except (OSError, ValueError) as error: print(name, type(error).__name__)
    else: print('FOUND', name)
def call(*numbers):
    x86, arm, *arguments = numbers
    number = x86 if os.uname().machine == 'x86_64' else arm
    if libc.syscall(number, *arguments) == -1: raise OSError(ctypes.get_errno(), 'refused')
"""
)
SIGNALS = """
import fcntl, signal, socket, struct
pid = {pid}
tries('kill', lambda: os.kill(pid, 0))
tries('group', lambda: os.killpg(os.getpgid(pid), 0))
tries('all', lambda: os.kill(-1, 0))
tries('tgkill', lambda: call(234, 131, pid, pid, 0))
tries('tkill', lambda: call(200, 130, pid, 0))
tries('queue', lambda: call(129, 138, pid, 0, bytes(128)))
tries('queue to a thread', lambda: call(297, 240, pid, pid, 0, bytes(128)))
tries('pidfd', lambda: call(434, 434, pid, 0))
tries('pidfd_send_signal', lambda: call(424, 424, 3, 0, 0, 0))
tries('going on, which the watch alone may say', lambda: os.kill(os.getpid(), signal.SIGCONT))
tries('own parent', lambda: os.kill(os.getppid(), 0))
one, two = socket.socketpair()
tries('owner', lambda: fcntl.fcntl(one, fcntl.F_SETOWN, pid))
tries('owner, extended', lambda: fcntl.fcntl(one, 15, struct.pack('ii', 1, pid)))
tries('signal of an owner', lambda: fcntl.fcntl(one, fcntl.F_SETSIG, signal.SIGKILL))
for order in (0x8901, 0x8902): tries(hex(order), lambda: fcntl.ioctl(one, order, struct.pack('i', pid)))
tries('notice at the end of the parent', lambda: call(157, 167, 1, 0, 0, 0, 0))
tries('alarm of a clock', lambda: call(222, 107, 0, bytes(64), bytes(8)))
"""
PRIORITIES = """
import resource
pid = {pid}
tries('priority', lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
tries('priority of all', lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19))
tries('limits', lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (8, 8)))
tries('processors', lambda: os.sched_setaffinity(pid, [0]))
tries('scheduler', lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)))
tries('attributes', lambda: call(314, 274, pid, bytes(56), 0))
tries('disk', lambda: call(251, 30, 1, pid, 0x6000))
tries('group', lambda: os.setpgid(pid, pid))
tries('core sharing', lambda: call(157, 167, 62, 1, pid, 0, 0))
tries('memory policy', lambda: call(256, 238, pid, 8, bytes(8), bytes(8)))
tries('dropping memory', lambda: call(448, 448, 3, 0))
"""
FILES = """
import stat
for place in ('{course}/gradebook.db', '{home}/secret', '{course}/submitted/other/ex04/nb.ipynb'):
    tries('reading', lambda: open(place, 'rb'))
    tries('writing', lambda: open(place, 'ab'))
    tries('emptying', lambda: os.open(place, os.O_RDONLY | os.O_TRUNC))
    tries('opening for neither', lambda: os.open(place, 3))
    tries('truncating', lambda: os.truncate(place, 0))
    tries('removing', lambda: os.unlink(place))
    tries('moving', lambda: os.rename(place, 'mine'))
    tries('taking its place', lambda: (open('own', 'w').close(), os.rename('own', place)))
    tries('exchanging', lambda: call(316, 276, -100, place.encode(), -100, b'own', 2))
    tries('linking', lambda: os.link(place, 'mine'))
    tries('attributes', lambda: os.setxattr(place, 'user.x', b'x'))
    tries('reading attributes', lambda: os.listxattr(place))
    tries('owner', lambda: os.chown(place, os.getuid(), -1))
    for silent in (lambda: os.chmod(place, 0o777), lambda: os.utime(place, (0, 0))):
        try: silent()
        except OSError: pass
    handle = os.open(place, os.O_PATH)
    tries('reading by a handle', lambda: os.read(handle, 1))
    tries('by its number', lambda: open(f'/proc/self/fd/{{handle}}'))
    tries('by its number in /dev', lambda: open(f'/dev/fd/{{handle}}'))
    tries('mode by a handle', lambda: call(452, 452, handle, b'', 0o777, 0x1000))
tries('a new file', lambda: open('{course}/new', 'w'))
tries('a new folder', lambda: os.mkdir('{course}/new'))
tries('a new link', lambda: os.symlink('/', '{course}/new'))
tries('a new pipe', lambda: os.mkfifo('{course}/new'))
tries('a list', lambda: os.listdir('{course}'))
tries('removing a folder', lambda: os.rmdir('{course}/submitted/other/ex04'))
tries('a handle of the system', lambda: call(303, 264, -100, b'{home}/secret', bytes(200), bytes(4), 0))
os.chdir('{course}')
tries('from within', lambda: open('gradebook.db'))
tries('a list from within', lambda: os.listdir('.'))
tries('opening in another way', lambda: call(437, 437, -100, b'gradebook.db', bytes(24), 24))
"""
SOCKETS = """
import socket
tries('a socket', lambda: socket.socket(socket.AF_UNIX))
for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    tries(kind, lambda: socket.socketpair(socket.AF_UNIX, kind))
one, two = socket.socketpair()
for name in ('{home}/stream', '{home}/datagram', '\\0{abstract}', '/run/dbus/system_bus_socket'):
    tries('connecting', lambda: one.connect(name))
    tries('sending', lambda: one.sendto(b'x', name))
    tries('a message', lambda: one.sendmsg([b'x'], [], 0, name))
tries('a name', lambda: one.bind('mine'))
tries('listening', lambda: one.listen())
tries('an open file', lambda: socket.send_fds(one, [b'x'], [0]))
tries('several messages', lambda: call(307, 269, one.fileno(), bytes(64), 1, 0))
tries('polls', lambda: __import__('select').epoll())
tries('rings', lambda: call(425, 425, 8, bytes(120)))
"""
PROCESSES = """
import subprocess
tries('fork', os.fork)
tries('vfork', lambda: call(58, 220, 0x4111, 0, 0, 0, 0))
tries('clone', lambda: call(56, 220, 17, 0, 0, 0, 0))
tries('clone with memory', lambda: call(56, 220, 0x100 | 17, 0, 0, 0, 0))
tries('a thread in a new world', lambda: call(56, 220, 0x10000000 | 0x10F00, 0, 0, 0, 0))
tries('clone3', lambda: call(435, 435, bytes(88), 88))
tries('exec', lambda: call(59, 221, b'/bin/true', 0, 0))
tries('execveat', lambda: call(322, 281, -100, b'/bin/true', 0, 0, 0))
tries('a program', lambda: subprocess.run(['/bin/true']))
tries('a program of its own', lambda: os.posix_spawn('/bin/true', ['true'], {{}}))
tries('memory as a file', lambda: os.memfd_create('x'))
tries('a group', lambda: os.setpgid(0, 0))
tries('a session', lambda: os.setsid())
tries('tracing', lambda: call(101, 117, 16, {pid}, 0, 0))
tries('tracing itself', lambda: call(101, 117, 0, 0, 0, 0))
tries('memory of others', lambda: call(310, 270, {pid}, bytes(16), 1, bytes(16), 1, 0))
tries('files of others', lambda: call(438, 438, 3, 0, 0))
tries('namespaces', lambda: call(272, 97, 0x10000000))
tries('another root', lambda: call(161, 51, b'.'))
tries('another mount', lambda: call(165, 40, b'none', b'.', b'tmpfs', 0, 0))
tries('another filter', lambda: call(317, 277, 1, 0, bytes(16)))
tries('more rules', lambda: call(444, 444, bytes(8), 8, 0))
tries('invisible', lambda: call(157, 167, 4, 0, 0, 0, 0))
tries('faults of pages', lambda: call(323, 282, 0))
tries('a terminal', os.openpty)
tries('shared memory', lambda: open('/dev/shm/left', 'w'))
tries('the user', lambda: os.setuid(os.getuid() + 1))
"""
PROC = """
for place in ('/proc', '/proc/self', '/proc/self/fd', '/proc/{pid}', '/proc/{pid}/fd', '/sys', '/dev', '/tmp', '/run'):
    tries(place, lambda: os.listdir(place))
for name in ('environ', 'cmdline', 'mem', 'maps', 'status'):
    for who in ('{pid}', 'self', str(os.getppid()), '1'):
        tries(name, lambda: open(f'/proc/{{who}}/{{name}}', 'rb'))
for who in ('{pid}', str(os.getppid())):
    tries('root', lambda: os.listdir(f'/proc/{{who}}/root/'))
    tries('folder', lambda: os.readlink(f'/proc/{{who}}/cwd'))
for name in ('/dev/zero', '/dev/tty', '/dev/mem', '/dev/kmsg', '/dev/fuse', '/dev/ptmx', '/dev/shm'):
    tries(name, lambda: os.open(name, os.O_RDWR))
    tries(name, lambda: os.open(name, 3))
"""
LINKS = """
import shutil
top = os.path.dirname(os.getcwd())
os.symlink('{course}', 'course'); os.symlink('{home}', '../tmp/home')
tries('its own folder', lambda: os.rename('../submission', '../tmp/moved'))
tries('a link in its place', lambda: (os.rmdir('../tmp'), os.symlink('{course}', '../tmp')))
tries('beside it', lambda: open('../left', 'w'))
tries('around it', lambda: open('../../left', 'w'))
tries('what is around it', lambda: os.listdir('../..'))
os.makedirs('a/b'); os.symlink('../../..', 'a/b/up')
"""
DEEP = "import os\nfor _ in range(3000):\n    os.mkdir('d' * 200); os.chdir('d' * 200)\nimport time; time.sleep(3)\n"
DEEP += "print('FOUND')"
UNREADABLE = """
import os, time
os.mkdir('closed', 0o300)
for number in range(40): open(f'closed/{{number}}', 'wb').write(bytes(10**7))
time.sleep(3)
print('FOUND')
"""
SHUT = "import os\nos.mkdir('closed', 0)\nos.mkdir('../tmp/written', 0o300)\nopen('../tmp/written/x', 'w').close()\n"
SHUT += "import time\ntime.sleep(3)\nprint('FOUND')"
MANY_FILES = """
import os, time
for number in range(60_000): os.close(os.open(f'{{number}}', os.O_CREAT | os.O_WRONLY))
time.sleep(3)
print('FOUND')
"""
MANY_LINKS = """
import os, tempfile, time
for place in ('.', tempfile.gettempdir()):
    for number in range(15_000): os.symlink('a' * 4_000, f'{{place}}/link{{number}}')
time.sleep(3)
print('FOUND')
"""
MANY_FOLDERS = """
import os, time
for number in range(2_000): os.mkdir(f'{{number}}')
time.sleep(3)
print('FOUND')
"""
UNNAMED = """
import os, time
kept = []
for number in range(40):
    kept.append(open('x', 'wb')); os.unlink('x'); kept[-1].write(bytes(10**7)); kept[-1].flush()
time.sleep(3)
print('FOUND')
"""
MAPPED = """
import mmap, os, time
kept = []
for number in range(40):
    with open('x', 'w+b') as file:
        file.write(b'x' * 10**7); file.flush()
        kept.append(mmap.mmap(file.fileno(), 4096, flags=mmap.MAP_PRIVATE))
    os.unlink('x')
import ctypes
for number in range(3, 256):
    try: os.fstat(number)
    except OSError: continue
time.sleep(3)
print('FOUND')
"""
RESERVED = """
import os, time
kept = []
for number in range(40):
    kept.append(os.open(f'{{number}}', os.O_CREAT | os.O_WRONLY))
    try: os.posix_fallocate(kept[-1], 0, 6 * 10**7)
    except OSError as error: print(error)
time.sleep(3)
print('FOUND' if sum(os.fstat(file).st_blocks for file in kept) * 512 > 2**28 else '')
"""
HEADLESS = """
import ctypes, os, threading, time
def hold():
    kept = []
    while True: kept.append(bytearray(b'x') * 2**20)
threading.Thread(target=hold).start()
ctypes.CDLL(None).syscall(60 if os.uname().machine == 'x86_64' else 93, 0)
"""
BELOW_PYTHON = """
import ctypes, time
libc = ctypes.CDLL(None)
libc.pthread_create.argtypes = [ctypes.c_void_p] * 4
sleep, number = ctypes.cast(libc.sleep, ctypes.c_void_p), ctypes.create_string_buffer(8)
for _ in range(300): libc.pthread_create(number, None, sleep, 100)
time.sleep(3)
print('FOUND')
"""
THREADS = """
import threading, time
def spin():
    while True: pass
for _ in range(40): threading.Thread(target=spin, daemon=True).start()
"""
MAPS = """
import ctypes, mmap, time
libc = ctypes.CDLL(None)
part = mmap.mmap(-1, 4096 * 60_000, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
place = ctypes.addressof(ctypes.c_char.from_buffer(part))
for number in range(0, 60_000, 2): libc.mprotect(ctypes.c_void_p(place + 4096 * number), 4096, 1)
"""
RENAMED = """
import threading, os, time
os.makedirs('a/b/c')
def move():
    while True:
        try: os.rename('a', 'z'); os.rename('z', 'a')
        except OSError: pass
threading.Thread(target=move, daemon=True).start()
time.sleep(1)
"""
MOVED_AND_FILLED = """
import os, signal, threading, time
for k in range(3):
    os.mkdir(f's{k}')
    for i in range(1500): os.close(os.open(f's{k}/{i}', os.O_CREAT))
for k in range(60): os.mkdir(f'd{k}-0')
def move():
    n = 0
    while True:
        for k in range(60): os.rename(f'd{k}-{n}', f'd{k}-{n + 1}')
        n += 1
        try: os.kill(os.getpid(), signal.SIGCONT)
        except PermissionError: pass
threading.Thread(target=move, daemon=True).start()
time.sleep(.2)
for k in range(20):
    with open(f'f{k}', 'wb', 0) as file: file.write(bytes(3 * 10**7))
time.sleep(2)
print('FOUND')
"""
COMMAND_LINE = """
import sys
for place in ('{course}', '{home}'):
    if place in str(sys.orig_argv): print('FOUND')
"""
OLD_INTERFACE = """
if os.uname().machine == 'x86_64':
    tries('calls of small addresses', lambda: call(0x40000000 + 57, 0))
    import mmap
    code = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
    code.write(b'\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3')  # getpid as a program of 32 bits asks for it
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
    print('FOUND calls of 32 bits')
else: os._exit(1)
"""

AIMED = {
    "signals": Attack("signal the grader, by all that can", TRIES + SIGNALS),
    "priorities and limits": Attack("slow the grader down", TRIES + PRIORITIES),
    "files of the machine": Attack("read, change and replace them", TRIES + FILES),
    "sockets by name": Attack("talk to services of the machine", TRIES + SOCKETS),
    "further processes": Attack("start something, by all that can", TRIES + PROCESSES),
    "the processes of others": Attack("look at them, and at devices", TRIES + PROC),
    "links in place of its folders": Attack("have the cleaning remove what it links to", TRIES + LINKS),
    "a deep folder": Attack("have a folder that nobody can remove", DEEP, LOSES_THE_CELL),
    "a folder that nobody reads": Attack("fill what the watch can't read", UNREADABLE, LOSES_THE_CELL),
    "folders that are shut": Attack("have a folder that can't be removed", SHUT, LOSES_THE_CELL),
    "many files": Attack("use up the files of the disk", MANY_FILES, LOSES_THE_CELL),
    "many links": Attack("leave what takes long to remove", MANY_LINKS, LOSES_THE_CELL),
    "many folders": Attack("leave what takes long to remove", MANY_FOLDERS, LOSES_THE_CELL),
    "files without a name": Attack("fill the disk unseen", UNNAMED, LOSES_THE_CELL),
    "files that are only mapped": Attack("fill it where nothing is open", MAPPED, LOSES_THE_CELL),
    "room that is reserved": Attack("fill it without writing", RESERVED),
    "a process without its first thread, of threads": Attack("hold memory there", HEADLESS, LOSES_THE_CELL),
    "threads that Python doesn't know": Attack("start more than it may", BELOW_PYTHON, LOSES_THE_CELL),
    "threads that spin": Attack("take the processor of others", THREADS),
    "pieces of one": Attack("have the kernel keep very many pieces", MAPS),
    "folders that move": Attack("move folders while they are looked at", RENAMED),
    "folders that move while the disk is filled": Attack("fill it unseen", MOVED_AND_FILLED, LOSES_THE_CELL),
    "the command line": Attack("learn where the course lies", COMMAND_LINE),
    "older interfaces": Attack("ask the kernel as other programs do", TRIES + OLD_INTERFACE, LOSES_THE_CELL),
}

OTHERWISE |= {name: (attack.lost, "") for name, attack in AIMED.items()}
OTHERWISE |= dict.fromkeys(
    (
        "a deep folder",
        "a folder that nobody reads",
        "folders that are shut",
        "many files",
        "many folders",
        "many links",
        "files without a name",
        "files that are only mapped",
        "folders that move while the disk is filled",
    ),
    (LOSES_THE_CELL, "disk"),
)
OTHERWISE["threads that spin"] = (0.0, "", 20.0)  # its cells wait for all of them, again and again
OTHERWISE["a process without its first thread, of threads"] = (LOSES_THE_CELL, "memory")
OTHERWISE["threads that Python doesn't know"] = (LOSES_THE_CELL, "kernel")
OTHERWISE["older interfaces"] = (LOSES_THE_CELL, "crash")
