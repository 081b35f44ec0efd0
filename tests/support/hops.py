"""Attackers who hop: a process ends as soon as there is another one in its place, which has what it had.

No single one lives for long enough to be looked at. Python takes too long to start one, so they are a program of 700
bytes for x86-64. It takes three numbers: how many MiB to hold, how many turns of a loop there are for each hop, and
whether each hop begins a session of its own. In C, with the numbers of the system calls in place of their names::

    if (size) { part = mmap(0, size, READ | WRITE, PRIVATE | ANONYMOUS, -1, 0); touch each page of it; }
    for (;;) {
        if (fork() > 0) exit_group(0);
        if (own) setsid();
        for (volatile long turn = 0; turn < turns; turn++);
    }
"""

PROGRAM = (
    "eNqrd/VxY2JkZIABJgY7BhBvA4MDmO8AFT+BUAIUswCqc2BgBpIgYVYGZOCAQm+A6oPRDAIQKvBpSQobA/GAA0p7dD5/IQmkDQ948O8Tb7lUwu"
    "eRfYDL4/9xj14XgQuvXx12DPPo/OkY6hgSGuzR/EbAo7te4MX5////e3RXSngcfCDi0XnsxX4IX8Gj8/CLzSB251GP1m+lIo57LIFGO+59DiL3"
    "FQDJ10aOu5SAtGfzif+uhicN/+/gBPJ2MQMJflbDSx6Wn2pPefTyCHg0HgL57Bgj4+vXhpdcDS9BNfh0PvDovO7ReY2f1aP1QB2rT+cLEOttiT"
    "iqqg8wVUB/dbqocHh0gwjLG7WbIKz/EOHXzxn0ijOKS4pKEpMY9EpSK0oYqAS4gRgURbA4gcX/BpgCRlT1aFwwnxmLubB4F2TArx8AoiR/mQ=="
)
HOP = f"""
import base64, os, time, zlib
with open('/tmp/hop', 'wb') as file: file.write(zlib.decompress(base64.b64decode('{PROGRAM}')))
os.chmod('/tmp/hop', 0o755)
def hop(size=0, turns=0, own=0):
    try: child = os.fork()
    except OSError: return
    if not child: os.execv('/tmp/hop', ['hop', str(size), str(turns), str(own)])
"""
