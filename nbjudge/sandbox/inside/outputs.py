"""What a cell puts out, in its order and within its bounds."""

import io
import json
import math
import os
from typing import Any

from .needed import MAX_EVIDENCE, is_evidence

Output = dict[str, Any]
"""One output of a cell, in the form of the notebook format."""

PARTS = {"data", "metadata"}
"""Of an output, in which there may be more than texts."""
MAX_DEPTH, MAX_BITS = 90, 10_000
"""Lists and dicts within each other, and bits of a number, that can be sent: whoever reads takes somewhat more."""
MAX_ERRORS = 10
PER_OUTPUT = 50
"""Bytes that count for an output beside what it holds."""


class Outputs:
    """What the current cell has put out so far. Holds no more than it may; the rest is counted as too much.

    What probes publish is held apart: whatever else a cell puts out, or clears, takes nothing of it away.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._native = os.open("/dev/null", os.O_RDONLY)
        self.begin()

    def begin(self) -> None:
        """Nothing was put out yet."""
        self.evidence: list[Output] = []
        self.size_of_evidence = 0
        self.errors: list[Output] = []
        self.clear()

    def clear(self) -> None:
        self.items: list[Output] = []
        self.size = 0
        self.clear_on_next = False

    def watch(self, descriptor: int) -> None:
        """Take what other programs write into the file that is open as ``descriptor``, too."""
        self._native = descriptor

    def stream(self, name: str, text: str) -> None:
        self.take_native()
        self._stream(name, text)

    def _stream(self, name: str, text: str) -> None:
        if not text or not self._fits(_size_of(text)):
            return
        if self.items and self.items[-1]["output_type"] == "stream" and self.items[-1]["name"] == name:
            self.items[-1]["pieces"].append(text)
        else:
            self.items.append({"output_type": "stream", "name": name, "pieces": [text]})

    def add(self, output: Output) -> None:
        self.take_native()
        size = _size_of(output["data"]) + _size_of(output["metadata"])
        if is_evidence(output):
            self.size_of_evidence += size + PER_OUTPUT
            if self.size_of_evidence <= MAX_EVIDENCE:
                self.evidence.append(output)
        elif self._fits(size):
            self.items.append(output)

    def stop(self, name: str, words: str, traceback: list[str]) -> None:
        """Keep an error that ended the cell; its traceback, if there is room."""
        self.take_native()
        has_room = self._fits(sum(map(_size_of, traceback)))
        if len(self.errors) < MAX_ERRORS:
            about = {"output_type": "error", "ename": name, "evalue": words}
            self.errors.append({**about, "traceback": traceback if has_room else []})

    def _fits(self, size: int) -> bool:
        if self.clear_on_next:
            self.clear()
        return self._grows(size + PER_OUTPUT)

    def replace(self, name: Any, data: dict, metadata: dict) -> None:
        """Show something else in the outputs of this name, if it isn't too much."""
        for item in list(self.items):
            if item.get("display_id") == name:
                more = _size_of(data) + _size_of(metadata) - _size_of(item["data"]) - _size_of(item["metadata"])
                if self._grows(more) or more <= 0:
                    item.update(data=data, metadata=metadata)

    def _grows(self, size: int) -> bool:
        """Count so much more, or less. Returns whether there is room."""
        before = self.size
        self.size += size
        if before <= self.max_bytes < self.size:
            self.items.append({"output_type": "stream", "name": "stderr", "pieces": ["\n… more output was cut off\n"]})
        return self.size <= self.max_bytes

    def take_native(self) -> None:
        """What came from below Python since the last look: from other programs and from C."""
        try:
            size = os.fstat(self._native).st_size
            if size:
                text = os.pread(self._native, self.max_bytes, 0).decode(errors="replace")
                os.ftruncate(self._native, 0)
                self._stream("stdout", text)
        except OSError:
            pass  # the cell closed it

    def finished(self) -> list[Output]:
        """The outputs of the cell that has just ended."""
        self.take_native()
        items = [*self.evidence, *self.items, *self.errors]
        for item in items:
            if "pieces" in item:
                item["text"] = "".join(item.pop("pieces"))
            leave_out_what_can_not_be_sent(item)
        self.begin()
        return items


class Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr``. It can't be closed: the next cell writes, too."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, outputs: Outputs) -> None:
        self.name = f"<{name}>"
        self._stream, self._outputs = name, outputs

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._outputs.stream(self._stream, str(text))
        return len(text)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return {"stdout": 1, "stderr": 2}[self._stream]

    def close(self) -> None:
        pass


def leave_out_what_can_not_be_sent(output: Output) -> None:
    """Take from data and metadata what would keep all outputs of the cell from being read."""
    for part in PARTS & output.keys():
        values = output[part].items()
        output[part] = {kind: value for kind, value in values if isinstance(kind, str) and _can_be_sent(value)}


def _can_be_sent(value: Any, depth: int = 0) -> bool:
    """Whether it is JSON that will be read, or no JSON, so that its text is sent."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return value.bit_length() <= MAX_BITS
    if isinstance(value, (list, tuple)):
        return depth < MAX_DEPTH and all(_can_be_sent(each, depth + 1) for each in value)
    if isinstance(value, dict):
        parts = (*value.keys(), *value.values())
        is_plain = all(isinstance(key, (str, int, type(None))) for key in value)
        return is_plain and depth < MAX_DEPTH and all(_can_be_sent(each, depth + 1) for each in parts)
    return True


def _size_of(data: Any) -> int:
    """Bytes on the way out of here, where a letter of another alphabet takes up to twelve."""
    if isinstance(data, dict):
        return sum(_size_of(value) for value in data.values())
    if isinstance(data, str):
        return len(data) if data.isascii() and data.isprintable() else len(json.dumps(data))
    return len(data) if isinstance(data, bytes) else 100
