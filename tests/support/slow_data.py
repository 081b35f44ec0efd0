"""Data made to be slow for each reader of what strangers made: pieces of every kind, again and again."""

import base64
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from nbconvert.filters import ansi2html
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from nbjudge.authoring import leaks
from nbjudge.batch.ledger import ENTRY
from nbjudge.collecting.archives import Entry, Step, Walk
from nbjudge.collecting.names import folded
from nbjudge.collecting.no_owner import NoOwnerError
from nbjudge.collecting.owners import owner_of
from nbjudge.collecting.roster import Roster, Row
from nbjudge.collecting.roster_files import RosterError, read_roster
from nbjudge.collecting.zip_tables import nfc
from nbjudge.course.characters import printable_lines
from nbjudge.course.graded import read_graded
from nbjudge.course.lms_names import canvas_name, moodle_name, read_names, safe
from nbjudge.course.notebook_names import plain_stem
from nbjudge.course.timestamps import NoTimeError, read_timestamp
from nbjudge.course.titles import titles
from nbjudge.forgetting.names import Names
from nbjudge.forgetting.shares import Shares
from nbjudge.intake.kept_repairs import read_repairs
from nbjudge.intake.reading import RefusedError, SubmittedCell, read_cells
from nbjudge.intake.rebuild import RebuiltNotebook
from nbjudge.judging.written_rules import Written
from nbjudge.mistakes.draft import code_lines
from nbjudge.pages.clean import MAX_CODE, Budget, clean_outputs, clean_text, without_gaps
from nbjudge.pages.definition import definition_of
from nbjudge.pages.feedback import to_hear
from nbjudge.pages.formulas import with_mathml
from nbjudge.pages.markup import MAX_MARKDOWN, clean_html, clean_latex, clean_markdown
from nbjudge.pages.quotations import HiddenTests
from nbjudge.results.csv_files import text_cell
from nbjudge.results.similarity import _tokenized
from nbjudge.sandbox.channel import Channel, ChannelError
from nbprobe.cell_trees import kept_tree
from nbprobe.code_rules import judge_code, judge_definitions
from nbprobe.compare import compare
from nbprobe.definitions import definitions
from nbprobe.errors import FormError
from nbprobe.evidence import read_evidence
from nbprobe.kinds import Printed
from nbprobe.rule import Rule
from tests.support.downloads import raw


@dataclass(frozen=True)
class Reader:
    """``read`` takes what ``make`` gives for a size; ``largest`` is the size up to which it reads."""

    read: Callable[[Any], object]
    largest: int
    cases: dict[str, Callable[[int], Any]]
    per_byte: int = 150
    """Bytes of memory for each byte of data."""


def of(*pieces: str, before: str = "", after: str = "") -> dict[str, Callable[[int], str]]:
    """For each piece, a text of it again and again."""

    def case(piece: str) -> Callable[[int], str]:
        return lambda size: f"{before}{(piece * (size // len(piece) + 1))[:size]}{after}"

    return {piece: case(piece) for piece in pieces}


def in_bytes(cases: dict[str, Callable[[int], str]]) -> dict[str, Callable[[int], bytes]]:
    def case(make: Callable[[int], str]) -> Callable[[int], bytes]:
        return lambda size: make(size).encode(errors="surrogatepass")

    return {name: case(make) for name, make in cases.items()}


def in_a_file(read: Callable[[Path], object], *foreseen: type[Exception]) -> Callable[[bytes], object]:
    """A reader of files as one of bytes."""

    def reading(data: bytes) -> object:
        path = FOLDER / "x.ipynb"
        path.write_bytes(data)
        try:
            return read(path)
        except foreseen:
            return None

    return reading


FOLDER = Path()
"""Where the tests want the files."""


# collecting


def walked(data: bytes) -> list[Entry]:
    staging = FOLDER / "staging"
    staging.mkdir(exist_ok=True)
    for copy in staging.iterdir():
        copy.unlink()
    (FOLDER / "a.zip").write_bytes(data)
    return list(Walk(staging, lambda entry: "m" if entry.name else "").through(FOLDER / "a.zip"))


def entries(name: Callable[[int], bytes], extra: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: raw(
        [(name(number), extra) for number in range(max(1, size // (76 + 2 * len(name(1)) + len(extra))))]
    )


ARCHIVES = Reader(
    walked,
    60_000,
    {
        "many files": entries(lambda number: b"%d.txt" % number),
        "many notebooks": entries(lambda number: b"%d.ipynb" % number),
        "long names": entries(lambda number: b"a" * 5_000 + b"%d.ipynb" % number),
        "deep folders": entries(lambda number: b"a/" * 2_000 + b"%d.ipynb" % number),
        "additions": entries(lambda number: b"%d.txt" % number, struct.pack("<HH", 0x9999, 0) * 500),
        "no archive": lambda size: b"PK\x01\x02" * (size // 4),
        "ends": lambda size: b"PK\x05\x06" * (size // 4),
        "cp437": entries(lambda number: b"\xc3\xa4" * 100 + b"%d.ipynb" % number),
    },
)

ROSTER = Roster([Row(f"id{n}", str(n), " ".join(f"w{n * k}" for k in range(1, 6))) for n in range(500)])


def owned(name: str) -> object:
    parts = name.split("/")
    entry = Entry((Step("class.zip", True), *map(Step, parts[:-1])), parts[-1])
    for roster in (None, ROSTER):
        try:
            owner_of(entry, "ex04", roster)
        except NoOwnerError:
            continue
    return moodle_name(name), canvas_name(name), safe(name), plain_stem(name)


NAMES = Reader(
    owned,
    250,  # what file systems take; Walk refuses longer ones
    of("_", "-", "a_", "1_", "(1)", " copy", "a-", "w1 ", "ä", "a/", "1", "assignsubmission_", ".ipynb", "-1.a")
    | of("a", "_", "1", before="M_1_assignsubmission_file_"),
)

ROSTERS = Reader(
    in_a_file(read_roster, RosterError),
    60_000,
    in_bytes(
        of("\n", ",", '"', "a,", "x\n", ";", before="student_id,name,lms_id,submitted\n")
        | of("a ", "ä", "-", before="student_id,name\nx,", after="\n")
        | of("1", "-", "x", before="student_id,lms_id\nx,", after="\n")
        | of('x\\",y\n', '1,"x\\"\n', '"', "1,x\n", before='Identifier,Full name\n1,"x\\",y\n')
        | {"rows": lambda n: "student_id,name\n" + "".join(f"id{k},a{k} b{k} c\n" for k in range(n // 16))}
    ),
)
TIMES = Reader(
    in_a_file(read_timestamp, NoTimeError),
    20_000,
    in_bytes(of("1", "1:", "2026-", " ", "a", "+1", "1 ", ".1", "T", "UTC ", "am ", "\0", before="2026-05-10 ")),
)

# what a student handed in

CELLS = '{"cells": [', "]}"
NOTEBOOKS = Reader(
    in_a_file(read_cells, RefusedError),
    300_000,
    in_bytes(
        of(
            "[",
            "[],",
            '"",',
            '{"a":{}},',
            "1,",
            '"\\u0041",',
            '{"":0,',
            "{},\n",
            "\\",
            '"\\\\',
            before=CELLS[0],
            after=CELLS[1],
        )
        | of('{"cell_type":"code","source":["\\n","a"]},', '{"source":"\\r"},', before=CELLS[0], after="{}]}")
        | of("a\\n", '\\"', "\\u0041", "\\ud800", "ä", "\\r\\n", before='{"cells":[{"source":"', after='"}]}')
        | of('"a",', before='{"cells":[{"source":[', after='""]}]}')
        | of("\n<<<<<<< ", "\n>>>>>>> ", "\x00", " ", "1", "-", "1e9")
    ),
)


def rebuilt(cells: list[SubmittedCell]) -> object:
    own = new_code_cell("a", metadata={"nbgrader": {"grade_id": "g", "solution": True}})
    return RebuiltNotebook(new_notebook(cells=[own]), cells, {"g": "stub"})


def halves(text: str) -> Callable[[int], list[SubmittedCell]]:
    return lambda size: [SubmittedCell(True, text * 500, "g")] * (size // 500 // len(text))


def unmarked_halves(size: int) -> list[SubmittedCell]:
    """A class, and after it one method in each cell."""
    later = [SubmittedCell(True, f"    def m{number}(self):\n        pass") for number in range(size // 500)]
    return [SubmittedCell(True, "class A:\n" + "    x = 1\n" * 50 * len(later), "g"), *later]


REBUILT = Reader(
    rebuilt,
    500_000,
    {text: halves(text) for text in (" a", " \U0001f600", "\tclass A:\n", "def f():\n")}
    | {"methods one by one": unmarked_halves},
)

# what came out of the sandbox


def fed(data: bytes) -> object:
    channel = Channel([1])
    try:
        channel.feed(b'{"start": 1}\n')
        for place in range(0, len(data), 2**16):
            channel.feed(data[place : place + 2**16])
    except ChannelError:
        pass
    return [clean_outputs(result.outputs) for result in channel.results.values()]


def fed_by_bytes(data: bytes) -> object:
    channel = Channel([1])
    for place in range(len(data)):
        channel.feed(data[place : place + 1])
    return channel


def numbered(text: str, before: str, after: str) -> Callable[[int], bytes]:
    """The text as often, with another number each time."""
    return lambda size: (before + ",".join(text % number for number in range(size // (len(text) + 5))) + after).encode()


OUTPUT = '{"cell":1,"outputs":[{"output_type":"display_data","metadata":{},"data":{', "}}]}\n"
ANY = OUTPUT[0] + '"application/json":[', "]" + OUTPUT[1]
TEXT = '{"cell":1,"outputs":[{"output_type":"stream","name":"stdout","text":"', '"}]}\n'
LINES = '{"cell":1,"outputs":[{"output_type":"error","ename":"","evalue":"","traceback":[', '""]}]}\n'
CHANNEL = Reader(
    fed,
    200_000,
    {
        "kinds": numbered('"a/%x":""', *OUTPUT),
        "kinds of JSON": numbered('"application/a%x+json":[]', *OUTPUT),
        "what belongs to them": numbered('"a/%x":{}', OUTPUT[0].replace('{},"data":{', "{"), '},"data":{}}]}\n'),
        "small outputs": numbered(
            '{"output_type":"stream","name":"stdout","text":"%x"}', '{"cell":1,"outputs":[', "]}\n"
        ),
    }
    | in_bytes(
        of("[],", "{},", '"",', '{"a":{}},', '"\\ud800",', "1,", before=ANY[0], after=f"0{ANY[1]}")
        | of(
            "\\r", "\\r\\n", "\\ra", "a\\r", "\\u001b[", "\\u001b]", "\\u001b[1;", "\\n", before=TEXT[0], after=TEXT[1]
        )
        | of('"",', '"\\u001b[1m",', before=LINES[0], after=LINES[1])
        | of("\n", '{"start":1}\n', '{"cell":1}\n', "[\n", "[", '"', "\\")
    ),
)
BY_BYTES = Reader(fed_by_bytes, 60_000, in_bytes(of("[", "a")))


def evidence(value: Any) -> object:
    try:
        return read_evidence({"value": value, "error": value} if isinstance(value, str) else {"value": value})
    except FormError:
        return None


def nested(size: int) -> Any:
    value: Any = {"kind": "none"}
    for _ in range(size // 100):
        value = {"kind": "list", "data": [value]}
    return value


def of_one_hash(most: int) -> list[dict[str, Any]]:
    """Whole numbers that Python can't tell apart by their hashes."""
    return [{"kind": "number", "data": str((2**61 - 1) * number)} for number in range(1, most + 1)]


NUMBER = {"kind": "number", "data": "1" * 20}
EVIDENCE = Reader(
    evidence,
    300_000,
    {
        "numbers": lambda size: {"kind": "list", "data": [NUMBER] * (size // 20)},
        "pairs": lambda size: {
            "kind": "dict",
            "data": [[{"kind": "string", "data": "x" * n}, NUMBER] for n in range(size // 500)],
        },
        "shape": lambda size: {"kind": "array", "dtype": "<f8", "shape": [1] * size, "data": ""},
        "base64": lambda size: {
            "kind": "array",
            "dtype": "|u1",
            "shape": [3 * size // 4],
            "data": "A" * (size // 4 * 4),
        },
        "digits": lambda size: {"kind": "number", "data": "1" * size},
        "kind": lambda size: {"kind": "\x1b" * size},
        "depth": nested,
        "set": lambda size: {"kind": "set", "data": [{"kind": "number", "data": n} for n in range(size // 40)]},
        "a set of one hash": lambda size: {"kind": "set", "data": of_one_hash(size // 40)},
        "a dict of one hash": lambda size: {
            "kind": "dict",
            "data": [[n, {"kind": "none"}] for n in of_one_hash(size // 70)],
        },
        "tuples of one hash": lambda size: {
            "kind": "set",
            "data": [{"kind": "tuple", "data": [n]} for n in of_one_hash(size // 70)],
        },
        "lines": lambda size: {"kind": "printed", "data": ["a"] * (size // 5), "returned": "a" * size},
        "classes": lambda size: {"kind": "raised", "data": ["a" * size]},
        "breaks": lambda size: {"kind": "code", "data": [["loop", "a" * size, "", "", 1]]},
    }
    | of("a", "1.", "-1.e", "1", "\x1b"),
)


def compared(pair: tuple[Any, Any]) -> object:
    return compare(*pair), compare(*reversed(pair))


COMPARED = Reader(
    compared,
    100_000,
    {
        "whole numbers": lambda size: ([*range(size // 8)], [*range(1, size // 8 + 1)]),
        "numbers": lambda size: ([0.5] * (size // 8), [0.5] * (size // 8)),
        "lists": lambda size: ([[1, 2.5]] * (size // 16), [[1, 2.5]] * (size // 16)),
        "texts": lambda size: (["a"] * (size // 8), [*["a"] * (size // 8 - 1), "b"]),
        "order": lambda size: ([*map(str, range(size // 8))], [*map(str, range(size // 8))][::-1]),
        "sets": lambda size: (set(range(size // 8)), set(range(1, size // 8 + 1))),
        "keys": lambda size: (dict.fromkeys(range(size // 16)), dict.fromkeys(range(1, size // 16 + 1))),
        "printed": lambda size: (Printed(("a b",) * (size // 8)), Printed((*("a b",) * (size // 8 - 1), "b"))),
        "a text": lambda size: ("a." * (size // 2), "a," * (size // 2)),
        "arrays of one number": lambda size: ([np.ones((1,) * 8)] * (size // 64), [1.5] * (size // 64)),
        "digits": lambda size: (10 ** min(size, 299), 10 ** min(size, 299) + 2),
    },
    per_byte=400,
)


def under_a_rule(text: str) -> object:
    kept_tree.cache_clear()
    every = Rule("f", False, ("np.exp",), ("sorted", "list.sort"), False)
    return judge_code(every, [text]), judge_code(Rule("A", loops=False), [text])


def count(size: int, piece: str, before: str = "", after: str = "") -> str:
    """A text of a piece again and again, which counts itself and the next one."""
    pieces = []
    for number in range(size):
        pieces.append(piece.format(number, number + 1))
        size -= len(pieces[-1])
        if size < 0:
            break
    return f"{before}{''.join(pieces)}{after}"


UNDER_A_RULE = Reader(
    under_a_rule,
    60_000,
    {
        "names": lambda size: count(size, "a{} = g(a{})\n"),
        "other names": lambda size: count(size, "a{1} = a{0}\n", after="def f(): a0()"),
        "methods": lambda size: count(size, "    def a{}(self): return self.a{}()\n", "class A:\n"),
        "classes": lambda size: count(size, "class A{1}(A{0}):\n    def a(self): self.b()\n", after="A = A1"),
        "bases": lambda size: f"class A({'B.' * (size // 8)}B, {'C, ' * (size // 8)}): f = 1",
        "helpers": lambda size: count(size, "def g{0}(): g{1}() + g{1}()\n", after="f = g0"),
        "dots": lambda size: "def f(x): return x" + ".y" * (size // 2),
        "uses": lambda size: f"def f(x): return [{'np.exp(x),' * (size // 10)}]",
        "choices": lambda size: "if a: b = 1\n" + "elif a: b = f(1)\n" * (size // 16),
        "a long name": lambda size: f"def f(x):\n a=a.{'b' * (size // 2)}\n return [{'a.c,' * (size // 8)}]",
        "many dots": lambda size: f"def f(x): return [{('x' + '.y' * 500 + ',') * (size // 1002)}]",
        "chains": lambda size: f"def f(x): {('x' + '.y' * 19 + ';') * (size // 40)}",
        "chains of other names": lambda size: count(size, f"x{{}}{'.y' * 19};", "def f(x): "),
        "a base again": lambda size: f"class f({'B,' * (size // 4)}):\n def a(self):\n  {'self.b();' * (size // 18)}",
        "a class and its methods": lambda size: (
            count(size // 2, " def m{}(self): f()\n", "class f:\n") + "def g():\n" + " f()\n" * (size // 10)
        ),
        "wrapped": lambda size: "def f(x): return x\n" + "f = g(f)\n" * (size // 9),
        "brackets": lambda size: "(" * (size // 2) + ")" * (size // 2),
        "an f-string": lambda size: f"x = f'{'{a}' * (size // 3)}'",
        "an f-string of lines": lambda size: "x = rF'''" + "{a}\n" * (size // 4) + "'''",
        "magics": lambda size: "%a\n" * (size // 3),
        "nothing": lambda size: "\n" * size,
        "lines in a function": lambda size: "def f(x):\n" + "    x = f(x)\n" * (size // 13),
        "names set at once": lambda size: f"{'a,' * (size // 4)} = {'f,' * (size // 4)}\n{'a = ' * (size // 8)}f",
        "names set otherwise": lambda size: "for f, (a, b) in [(c := 1)]: pass\n" * (size // 34),
        "names of the notebook": lambda size: count(
            size, "def g{0}():\n    global f{0}\n    f{0} = 1\n", after="f = g0"
        ),
        "functions in a function": lambda size: "def f(x):\n" + "    def g(): g()\n" * (size // 17),
    },
    per_byte=3000,  # a tree has an object for each part
)


def under_many_rules(text: str) -> object:
    """Twice the text under twice as many rules, as a long exercise has them: four times the steps, up to a bound."""
    known = definitions([text])
    return [judge_definitions(Rule("f", loops=False), known) for _ in range(len(text) // 2000)]


UNDER_MANY_RULES = Reader(
    under_many_rules,
    160_000,
    {
        "chains": lambda size: f"def f(x): {('x' + '.y' * 19 + ';') * (size // 40)}",
        "a name": lambda size: f"def f(x): {'x;' * (size // 2)}",
        "lines in a function": lambda size: "def f(x):\n" + "    x = g(x)\n" * (size // 13),
        "functions in a function": lambda size: "def f(x):\n" + "    def g(): g()\n" * (size // 17),
        "a class": lambda size: count(size, "    def a{}(self): return [self.x]\n", "class f:\n"),
        "what it may raise": lambda size: "def f(x):\n" + "    if x: raise ValueError\n" * (size // 27),
        "functions in a list": lambda size: f"t = [{'lambda: 0,' * (size // 10)}]\ndef f(x): t",
        "names of one list": lambda size: f"{'t = ' * (size // 8)}[{'f,' * (size // 4)}]\ndef f(x): t",
        "other names of one list": lambda size: (
            "".join(f"t{number} = " for number in range(size // 20)) + f"[{'f,' * (size // 4)}]\ndef f(x): t0"
        ),
        "names of a list in a list": lambda size: f"{'[t] = ' * (size // 12)}[[{'f,' * (size // 4)}]]\ndef f(x): t",
        "functions put into a dict": lambda size: "def f(x): t\nt = {}\n" + "t[0] = f\n" * (size // 9),
        "a class of many": lambda size: (
            "class A:\n" + "    def a(): b\n" * (size // 30) + "class f(A): x\n" * (size // 30)
        ),
    },
    per_byte=3000,
)

# pages


def png(*chunks: tuple[bytes, bytes]) -> str:
    header = struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(bytes(9 * 28))), (b"IEND", b"")]
    content = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(content)).decode()


def pictures(kind: bytes, before: bytes, length: int) -> Callable[[int], list[dict[str, Any]]]:
    """Pictures of chunks that unpack to a thousand times their size."""
    packed = before + zlib.compress(bytes(length))
    picture = png(*[(kind, packed)] * 60)
    return lambda size: [{"output_type": "display_data", "data": {"image/png": picture}}] * max(1, size // len(picture))


def scan_of(segment: bytes) -> Callable[[int], list[dict[str, Any]]]:
    """A JPEG of four pixels, and this again and again in the place of their colours."""
    head = b"\xff\xd8\xff\xc0\0\x0b\x08\0\2\0\2\1\0\0\0\xff\xda\0\2"

    def make(size: int) -> list[dict[str, Any]]:
        data = {"image/jpeg": base64.b64encode(head + segment * (size // len(segment))).decode()}
        return [{"output_type": "display_data", "metadata": {}, "data": data}]

    return make


def jpeg(segment: bytes) -> Callable[[int], list[dict[str, Any]]]:
    return lambda size: [
        {
            "output_type": "display_data",
            "data": {"image/jpeg": base64.b64encode(b"\xff\xd8" + segment * (size // len(segment))).decode()},
        }
    ]


PICTURES = Reader(
    clean_outputs,
    300_000,
    {
        "zTXt": pictures(b"zTXt", b"a\0\0", 10**6),
        "iTXt": pictures(b"iTXt", b"a\0\1\0\0\0", 10**6),
        "iCCP": pictures(b"iCCP", b"a\0\0", 10**6),
        "chunks": lambda size: [
            {"output_type": "display_data", "data": {"image/png": png(*[(b"IDAT", b"")] * (size // 16))}}
        ],
        "segments": jpeg(b"\xff\xe1\0\2"),
        "fill bytes": scan_of(b"\xff"),
        "tables": jpeg(b"\xff\xdb\0\2"),
        "scans": jpeg(b"\xff\xda\0\2\0\xff\xc4\0\2"),
        "frames": jpeg(b"\xff\xc0\0\x08\x08\0\2\0\2\1"),
    },
)
MARKS = (
    "\x1b[31m",
    "\x1b[",
    "\x1b]",
    "\x1b[1;",
    "\x1b",
    "\u202e",
    "\x1b[38;5;9m",
    "\x1b[" + "1;" * 20 + "m",
    "\r",
    "\u2028",
    "a",
)
SIGNS = (";=", " ", '"', ';"', "\u0335", "\u3164", "\ufe0f")
TEXTS = Reader(lambda text: (clean_text(text), printable_lines(text), text_cell(text)), 100_000, of(*MARKS, *SIGNS))
COLOURS = Reader(
    lambda text: ansi2html(clean_text(text, Budget(behind_colours=10**7))),
    400_000,
    of("\x1b[31mx", "\x1b[32m\U0001f600&&"),
)
TAGS = (
    "<b>",
    "<b><p>",
    "<a><p>",
    "<",
    "&",
    "<!--",
    "<a href='",
    "</b",
    "<table>",
    "<td>",
    "<p>",
    "<svg>",
    "<math>",
    "&#36;",
    "$a",
    "`",
)
TAGS += ("<i><b><p>", "</p>", "<svg><style>", "\\href", "\\", "<a b=", '"', "<template>", "<select>", "<li>", "<b></p>")


def begun_anew(size: int) -> str:
    """What each paragraph begins anew, and a tag that closes nothing."""
    return "<p>" + "".join(f"<b a={n}></x>" for n in range(size // 100)) + "<p>a" * (size * 7 // 100)


HTML = Reader(clean_html, 100_000, of(*TAGS) | {"what is begun anew": begun_anew})
SIGNS = (
    "[",
    "*a ",
    "_a",
    "`",
    "$a",
    "$$ a",
    "> ",
    "- ",
    "![",
    "](",
    "|-",
    "~~",
    "<b",
    "\\begin{a}",
    "\\(",
    "[a]: b\n",
    "#",
    "=\n",
    "{",
    "^{",
)
MARKDOWN = Reader(
    lambda text: with_mathml(clean_markdown(text)),
    MAX_MARKDOWN - 10,
    of(*SIGNS, "\\\\( ", "\\\\[ ", "*_a ")
    | {
        "begun, then ended": lambda size: "*a " * (size // 6) + " a*" * (size // 6),
        "begun at once": lambda size: "*" * (size // 4 * 2) + "a*" * (size // 4),
        "blanks": lambda size: "<" + " " * (size - 2) + "a",
        "a heading of blanks": lambda size: "# " + "\u00a0" * (size - 3) + "a",
        "wide blanks": lambda size: "# " + "\u3000 " * ((size - 3) // 2) + "a",
        "blanks in lines": lambda size: ("<" + " " * 999 + "a\n") * (size // 1002),
        "in two ways": lambda size: "*a _b " * (size // 12) + " b* a_" * (size // 12),
    },
    per_byte=800,
)
FORMULAS = Reader(
    lambda text: (clean_latex(text), with_mathml(text)),
    16_000,
    of(
        "{",
        "^{",
        "_a",
        "\\frac{",
        "\\left(",
        "&",
        "\\\\",
        "\\begin{matrix}",
        "x ",
        "\\",
        "a<",
        "|-",
        before="$x",
        after="$",
    ),
    per_byte=800,
)

# our own files, which somebody may have changed


def text_of(read: Callable[[Path], object], *foreseen: type[Exception]) -> Callable[[Any], object]:
    reading = in_a_file(read, *foreseen)
    return lambda value: reading(value if isinstance(value, bytes) else json.dumps(value).encode())


def ledger(path: Path) -> object:
    return ENTRY.validate_json(path.read_bytes())


SOUP = in_bytes(of("[", "[],", '{"":', '"",', "\\", '{"a":{"name":"_1_","lms":"moodle"},', "1"))
LEDGER = Reader(
    text_of(ledger, ValueError),
    300_000,
    {
        "repaired": lambda n: {
            "key": "",
            "outcome": {"student": "a", "status": "failed", "repaired": ["a"] * (n // 5)},
        },
        **SOUP,
    },
)
COLLECTED = Reader(
    text_of(read_names),
    300_000,
    {
        "students": lambda n: {
            f"s{k}": {"name": f"N_{k}_assignsubmission_file_", "lms": "moodle"} for k in range(n // 60)
        },
        "the same number": lambda n: {
            f"s{k}": {"name": "N_1_assignsubmission_file_", "lms": "moodle"} for k in range(n // 60)
        },
        "folders": lambda n: {"a": {"name": "_1/" * (n // 3), "lms": "moodle"}},
        "parts": lambda n: {"a": {"name": "_1" * (n // 2), "lms": "canvas"}},
        **SOUP,
    },
)
REPAIRS = Reader(
    text_of(lambda path: read_repairs(path, [])),
    300_000,
    {"repairs": lambda n: {"notebooks": [], "repaired": [{"text": "a", "general": "b"}] * (n // 30)}, **SOUP},
)
GRADED = Reader(
    text_of(read_graded),
    300_000,
    {
        "repairs": lambda n: {"metadata": {"intake": {"repaired": [{"text": "a", "general": "b"}] * (n // 30)}}},
        "answers": lambda n: {
            "metadata": {},
            "cells": [{"cell_type": "code", "source": ["a"] * (n // 5), "metadata": {}}],
        },
        **SOUP,
    },
)

CODE = Reader(
    _tokenized,
    300_000,
    of("'", "\\'", '\\"', "'" * 3, "a.", "(", "\\\n", "$", "f'{", "1e", "\n ", before="\n'") | of("\n", " ", "x = 1\n"),
    per_byte=600,  # for regular expressions, which remember where they were
)

SHOWN = Reader(
    lambda text: highlight(without_gaps(text[:MAX_CODE]), PythonLexer(), HtmlFormatter()),
    MAX_CODE,
    of("\n ", "\n", " \n\t", "a.", "@", "(", "'", "\\\n", "x=1\n", before="y = 2")
    | of("\\N{", "{a[", "%(", "{a.b", before="x = '"),
    per_byte=2000,  # of marks
)

HEADED = Reader(
    lambda text: (
        titles([new_markdown_cell(text), new_code_cell(metadata={"nbgrader": {"grade": True}})]),
        to_hear(text),
    ),
    100_000,
    of(" ", " \t", "#", " #", "(", "(1 P", " (", "<summary>", "\n# ", before="# a", after="x")
    | of("<input ", '<input type="checkbox" ', 'type="checkbox" ', before="<input "),
    per_byte=1500,  # of objects for headings of one letter
)

NAMED = Reader(
    lambda text: Names({"ada", "ben byron"}).are_in_content(
        text.encode(), Shares().of("a student", len(text)), is_zip=False
    ),
    300_000,
    of("x^", "\x1f\x8b\x08", "\\x41", "&#65;", "QWRh", "%41", "<a>", "ada_", "x^\x01\x01")
    | of("ben ", "ben\\n", "ben\u00a0", "\0", "ben\0", "\u0130", "\ufb03", before="ben")
    | of(" ", "\\n", before="ben", after="x")
    | of("\\x5cx26lt;", "&#92;x25", "%2526", "&#38;#92;\\u003c", "UVdSaA==" * 4 + ",", "4164" * 5 + " "),
    per_byte=400,  # for all its readings
)


def as_names_and_code(text: str) -> object:
    """All that normalises, or has Python parse, what a stranger wrote."""
    code = f"{text} = 1\ndef f():\n    return {text}\n"
    kept_tree.cache_clear()
    test = new_code_cell("")
    written = new_notebook(cells=[new_code_cell(code), test])
    Written(written).judged(test, [{"name": "", "rule": Rule("f", loops=False).as_data()}], [{"name": ""}])
    HiddenTests(["x = sum(first_numbers)"]).are_quoted_in(text)
    for read in (folded, nfc, leaks.normal, _tokenized, code_lines):
        read(code)
    return definition_of(code, "f"), judge_code(Rule("f", loops=False), [code])


def heap(*marks: str) -> Callable[[int], str]:
    """Half of it one mark and half another one, which Python sorts one by one to normalise it."""
    return lambda size: "a" + "".join(mark * (size // len(mark) // len(marks)) for mark in marks)


HEAPS = Reader(
    as_names_and_code,
    40_000,
    {
        "marks": heap("\u0301", "\u0323"),
        "marks with space of their own": heap("\u302e", "\u1baa"),
        "marks in two": heap("\u0344", "\u0f73", "\u0f71"),
        "with joiners": heap("\u302e\u200d", "\u1baa\u200d"),
        "with letters that become marks": heap("\u302e" * 4 + "\uff9e", "\u1baa" * 4 + "\uff9e"),
        "letters that become many": heap("\ufdfa"),
        "readings": heap("\ufdfa", "&<%+"),
    },
    per_byte=3000,  # for trees
)

READERS = {
    "archives": ARCHIVES,
    "names of an LMS": NAMES,
    "rosters": ROSTERS,
    "times": TIMES,
    "notebooks": NOTEBOOKS,
    "halves of cells": REBUILT,
    "the channel": CHANNEL,
    "the channel, byte by byte": BY_BYTES,
    "evidence": EVIDENCE,
    "results that are compared": COMPARED,
    "code under a rule": UNDER_A_RULE,
    "code under many rules": UNDER_MANY_RULES,
    "heaps of marks": HEAPS,
    "pictures": PICTURES,
    "texts": TEXTS,
    "colours": COLOURS,
    "HTML": HTML,
    "markdown": MARKDOWN,
    "formulas": FORMULAS,
    "the ledger": LEDGER,
    "collected": COLLECTED,
    "kept repairs": REPAIRS,
    "graded notebooks": GRADED,
    "code that is compared": CODE,
    "files in which a name is sought": NAMED,
    "code that is shown": SHOWN,
    "headings and fields": HEADED,
}
