"""Reads what comes out of the sandbox. Whoever writes there may be hostile: every byte is looked at first."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from nbformat import NotebookNode
from nbformat.v4 import new_output

MAX_OUTPUTS = 1000
MAX_LINE = 24 * 2**20
MAX_TOTAL = 96 * 2**20
MIME = re.compile(r"[a-z]+/[A-Za-z0-9][A-Za-z0-9.+_-]{0,100}")


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
    """

    def __init__(self, cells: Sequence[int], max_line: int = MAX_LINE, max_total: int = MAX_TOTAL) -> None:
        self._waiting = list(cells)
        self._max_line, self._left = max_line, max_total
        self._pieces: list[bytes] = []
        self._size = 0
        self.results: dict[int, Result] = {}
        self.current: int | None = None
        self.ended = False

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
            self._line(b"".join(self._pieces))
            self._pieces, self._size = [], 0
        self._keep(rest)

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._max_line:
            raise ChannelError("a cell puts out too much")
        self._pieces.append(piece)

    def _line(self, line: bytes) -> None:
        try:
            message = _scrubbed(json.loads(line.decode(errors="replace"), parse_constant=_no_number))
        except (ValueError, RecursionError):
            return
        if not isinstance(message, dict) or self.ended:
            return
        if message.get("end") is True and self.current is None:
            self.ended = True
        elif "start" in message:
            self._start(message["start"])
        elif "cell" in message and _is_index(message["cell"]) and message["cell"] == self.current:
            count = message.get("count")
            outputs = _outputs(message.get("outputs"))
            self.results[message["cell"]] = Result(outputs, count if _is_index(count) else None)
            self.current = None

    def _start(self, cell: Any) -> None:
        if not _is_index(cell) or cell not in self._waiting:
            return
        del self._waiting[: self._waiting.index(cell) + 1]
        self.current = cell


def _is_index(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _scrubbed(value: Any) -> Any:
    """The same without half characters (lone surrogates), which no file can hold."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, list):
        return [_scrubbed(each) for each in value]
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(each) for key, each in value.items()}
    return value


def _outputs(raw: Any) -> list[NotebookNode]:
    """Those outputs that have the form that they should have."""
    found = (_output(each) for each in (raw if isinstance(raw, list) else [])[:MAX_OUTPUTS])
    return [each for each in found if each is not None]


def _output(raw: Any) -> NotebookNode | None:
    if not isinstance(raw, dict):
        return None
    kind = raw.get("output_type")
    if kind == "stream" and raw.get("name") in ("stdout", "stderr") and isinstance(raw.get("text"), str):
        return new_output("stream", name=raw["name"], text=_as_on_a_screen(raw["text"]))
    if kind == "error" and _are_texts((raw.get("ename"), raw.get("evalue"))) and _are_texts(raw.get("traceback")):
        return new_output("error", ename=raw["ename"], evalue=raw["evalue"], traceback=raw["traceback"])
    if kind in ("display_data", "execute_result") and isinstance(raw.get("data"), dict):
        data = {mime: value for mime, value in raw["data"].items() if MIME.fullmatch(mime) and _fits(mime, value)}
        metadata = raw.get("metadata") if isinstance(raw.get("metadata"), dict) else {}
        if kind == "display_data":
            return new_output(kind, data, metadata=metadata)
        count = raw.get("execution_count")
        return new_output(kind, data, metadata=metadata, execution_count=count if _is_index(count) else None)
    return None


def _are_texts(values: Any) -> bool:
    return (
        isinstance(values, Iterable) and not isinstance(values, str) and all(isinstance(each, str) for each in values)
    )


def _fits(mime: str, value: Any) -> bool:
    return isinstance(value, str) or mime.endswith("json")


def _as_on_a_screen(text: str) -> str:
    """A progress bar writes over its line again and again; what stays is the last state."""
    text = text.replace("\r\n", "\n")
    return re.sub(r"[^\n]*\r(?=[^\n])", "", text) if "\r" in text else text
