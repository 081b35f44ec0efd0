"""Reads what comes out of the sandbox. Whoever writes there may be hostile: every byte is looked at first."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from nbjudge.sandbox import untrusted_json
from nbjudge.sandbox.inside.needed import is_needed

MAX_OUTPUTS, MAX_ALL_OUTPUTS = 1000, 5000
"""Of one cell, and of a notebook; of what a grade can depend on, as many of a cell again."""
MAX_TRACEBACK = 50
"""Pieces of a traceback; IPython makes one for each place in the code. The rest becomes one piece."""
MAX_KINDS = 20
"""Forms of one output, such as its text and its picture."""
MAX_LINE = 24 * 2**20
MAX_TOTAL = 96 * 2**20
"""Bytes of one line, and of all. What a text takes in memory beyond its bytes counts, too."""
MAX_STRUCTURE = 8 * 2**20
"""Bytes of all lines that aren't within strings. They bound how many objects the lines can be made of, and with
``PER_LINE`` for each how many lines there can be."""
PER_LINE = 256
MAX_TEXT = 4 * 2**20
"""Letters of a printed text of which it is worked out what a screen would show."""
MAX_COMPLAINT = 300
"""Characters."""
WRITTEN_OVER = re.compile(r"^[^\n]*\r(?=[^\n])", re.MULTILINE)
MIME = re.compile(r"[a-z]+/[A-Za-z0-9][A-Za-z0-9.+_-]{0,100}")
JSON_MIME = re.compile(r"application/(?:.+\+)?json")


class ChannelError(Exception):
    """More came than is read."""


@dataclass
class Result:
    """What is known about one cell after it ran. ``stopped`` says what stopped it ("time", …), if it was stopped."""

    outputs: list[NotebookNode] = field(default_factory=list)
    count: int | None = None
    stopped: str = ""


class Channel:
    """Turns bytes into results of cells.

    The runner announces each cell, in the order of ``cells``, and then gives its result. A line that isn't of this
    form, or comes out of turn, is as if it hadn't been written. So the worst that a forged line does is to take the
    place of the result of the cell that wrote it, or of later ones of the same submission.

    Attributes
    ----------
    results : what arrived, by the number of the cell
    current : the cell that is running, or None
    ended : whether the runner said that it is through
    complaint : what the runner says of why it can't begin, in one line, or ""
    """

    def __init__(self, cells: Sequence[int], max_line: int = MAX_LINE, max_total: int = MAX_TOTAL) -> None:
        self._waiting = list(cells)
        self._max_line, self._left = max_line, max_total
        self._structure, self._outputs = MAX_STRUCTURE, MAX_ALL_OUTPUTS
        self._begun = bytearray()
        """The line that isn't at its end yet. It may come byte by byte."""
        self.results: dict[int, Result] = {}
        self.current: int | None = None
        self.ended = False
        self.complaint = ""

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises
        ------
        ChannelError
            If a line or the whole is longer than allowed.
        """
        self._left -= len(data)
        if self._left < 0:
            raise ChannelError("the notebook puts out too much")
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._keep(line)
            self._line(bytes(self._begun))
            self._begun.clear()
        self._keep(rest)

    def _keep(self, piece: bytes) -> None:
        if len(self._begun) + len(piece) > self._max_line:
            raise ChannelError("a cell puts out too much")
        self._begun += piece

    def _line(self, line: bytes) -> None:
        self._structure -= PER_LINE + untrusted_json.structure(line)
        if self._structure < 0:
            raise ChannelError("a cell puts out too much")
        try:
            message = untrusted_json.loads(line.decode(errors="replace"))
        except ValueError:
            return
        if not isinstance(message, dict) or self.ended:
            return
        if message.get("end") is True and self.current is None:
            self.ended = True
        elif isinstance(message.get("complaint"), str):
            self.complaint = message["complaint"].strip().rpartition("\n")[2][:MAX_COMPLAINT]
        elif "start" in message:
            self._start(message["start"])
        elif "cell" in message and _is_index(message["cell"]) and message["cell"] == self.current:
            count = message.get("count")
            outputs = _outputs(message.get("outputs"), min(MAX_OUTPUTS, self._outputs))
            self._outputs -= sum(not is_needed(output) for output in outputs)
            self._left -= max(0, untrusted_json.in_memory(outputs) - len(line))
            if self._left < 0:
                raise ChannelError("the notebook puts out too much")
            self.results[message["cell"]] = Result(outputs, count if _is_index(count) else None)
            self.current = None

    def _start(self, cell: Any) -> None:
        if not _is_index(cell) or cell not in self._waiting:
            return
        del self._waiting[: self._waiting.index(cell) + 1]
        self.current = cell


def _is_index(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _outputs(raw: Any, most: int) -> list[NotebookNode]:
    """Those outputs that have the form that they should have, and as many as are wanted."""
    room = {True: MAX_OUTPUTS, False: most}
    outputs: list[NotebookNode] = []
    for item in raw if isinstance(raw, list) else []:
        output = _output(item)
        if output is not None and room[kind := is_needed(output)]:
            room[kind] -= 1
            outputs.append(output)
    return outputs


def _output(raw: Any) -> NotebookNode | None:
    about = _parts(raw) if isinstance(raw, dict) else None
    if about is None:
        return None
    large = {part: _taken_out(about, part) for part in ("data", "metadata") if part in about}
    output = NotebookNode(about)  # nbformat's new_output looks through it once more, which takes longer than all else
    for part, values in large.items():
        output[part].update(values)
    return output


def _taken_out(about: dict[str, Any], part: str) -> dict[str, Any]:
    """What is JSON in a part of an output. It may be anything, and would be copied and looked through several times."""
    whole = about[part]
    about[part] = {key: value for key, value in whole.items() if isinstance(value, str)}
    return {key: value for key, value in whole.items() if key not in about[part]}


def _parts(raw: dict[str, Any]) -> dict[str, Any] | None:
    """What an output of the notebook format consists of, or None if ``raw`` is none."""
    kind = raw.get("output_type")
    if kind == "stream" and raw.get("name") in ("stdout", "stderr") and isinstance(raw.get("text"), str):
        return {"output_type": kind, "name": raw["name"], "text": _as_on_a_screen(raw["text"])}
    if kind == "error" and _are_texts([raw.get("ename"), raw.get("evalue")]) and _are_texts(raw.get("traceback")):
        pieces, last = raw["traceback"][: MAX_TRACEBACK - 1], raw["traceback"][MAX_TRACEBACK - 1 :]
        pieces += ["\n".join(last)] if last else []
        return {"output_type": kind, "ename": raw["ename"], "evalue": raw["evalue"], "traceback": pieces}
    if kind in ("display_data", "execute_result") and isinstance(raw.get("data"), dict):
        some = itertools.islice(raw["data"].items(), MAX_KINDS)
        data = {mime: value for mime, value in some if MIME.fullmatch(mime) and fits(mime, value)}
        own = raw.get("metadata")
        metadata = {mime: own[mime] for mime in data if mime in own} if isinstance(own, dict) else {}
        about = {"output_type": kind, "data": data, "metadata": metadata}
        count = raw.get("execution_count")
        return about if kind == "display_data" else {**about, "execution_count": count if _is_index(count) else None}
    return None


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def fits(mime: str, value: Any) -> bool:
    """Whether the notebook format has such a value for this kind of output."""
    return isinstance(value, str) or JSON_MIME.fullmatch(mime) is not None


def _as_on_a_screen(text: str) -> str:
    """A progress bar writes over its line again and again; what stays is the last state."""
    if "\r" not in text:
        return text
    return WRITTEN_OVER.sub("", text[:MAX_TEXT].replace("\r\n", "\n"))  # split into lines, it would be many objects
