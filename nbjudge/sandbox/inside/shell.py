"""IPython's shell, with a list in place of a screen: what a cell puts out is collected in its order."""

import builtins
import getpass
import io
import json
import os
import random
import sys
import warnings
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

import numpy as np
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import default
from traitlets.config import Config

from .mending import mended
from .needed import MAX_EVIDENCE, is_evidence
from .plain_python import Transformers

Output = dict[str, Any]
"""One output of a cell, in the form of the notebook format."""

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
        if not text or not self._fits(_size(text)):
            return
        if self.items and self.items[-1]["output_type"] == "stream" and self.items[-1]["name"] == name:
            self.items[-1]["pieces"].append(text)
        else:
            self.items.append({"output_type": "stream", "name": name, "pieces": [text]})

    def add(self, output: Output) -> None:
        self.take_native()
        size = _size(output["data"]) + _size(output["metadata"])
        if is_evidence(output):
            self.size_of_evidence += size + PER_OUTPUT
            if self.size_of_evidence <= MAX_EVIDENCE:
                self.evidence.append(output)
        elif self._fits(size):
            self.items.append(output)

    def stop(self, name: str, words: str, traceback: list[str]) -> None:
        """Keep an error that ended the cell; its traceback, if there is room."""
        self.take_native()
        has_room = self._fits(sum(map(_size, traceback)))
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
                more = _size(data) + _size(metadata) - _size(item["data"]) - _size(item["metadata"])
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


class Hook(DisplayHook):
    """The result of a cell's last line."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        self.shell.collected.add(
            {
                "output_type": "execute_result",
                "execution_count": self.prompt_count,
                "data": format_dict,
                "metadata": md_dict or {},
            }
        )

    def finish_displayhook(self) -> None:
        sys.stdout.flush()

    def log_output(self, format_dict: dict) -> None:
        pass


class Publisher(DisplayPublisher):
    """What ``display`` shows."""

    def publish(
        self,
        data: dict,
        metadata: dict | None = None,
        source: Any = None,
        *,
        transient: dict | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        name = (transient or {}).get("display_id")
        if update:
            if name is not None:
                self.shell.collected.replace(name, data, metadata or {})
            return
        output: Output = {"output_type": "display_data", "data": data, "metadata": metadata or {}}
        if name is not None:
            output["display_id"] = name
        self.shell.collected.add(output)

    def clear_output(self, wait: bool = False) -> None:
        if wait:
            self.shell.collected.clear_on_next = True
        else:
            self.shell.collected.clear()


def _size(data: Any) -> int:
    """Bytes on the way out of here, where a letter of another alphabet takes up to twelve."""
    if isinstance(data, dict):
        return sum(_size(value) for value in data.values())
    if isinstance(data, str):
        return len(data) if data.isascii() and data.isprintable() else len(json.dumps(data))
    return len(data) if isinstance(data, bytes) else 100


class StdinNotImplementedError(NotImplementedError):
    """The same name as in Jupyter."""


class Shell(InteractiveShell):
    """Runs the cells of one notebook."""

    displayhook_class = Hook
    display_pub_class = Publisher
    collected: ClassVar[Outputs]

    @default("input_transformer_manager")
    def _transformers(self) -> Transformers:
        return Transformers()

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.collected.stop(etype.__name__, _words(evalue), stb)

    def ask_exit(self) -> None:
        """`exit` ends the cell; there is no window to close."""

    def enable_gui(self, gui: str | None = None) -> None:
        pass

    def init_virtualenv(self) -> None:
        pass


def _words(error: BaseException) -> str:
    try:
        return str(error)[:10_000]
    except BaseException:
        return ""


def _no_input(*_: Any) -> NoReturn:
    raise StdinNotImplementedError("there is nobody to answer: input() doesn't work while grading")


def new_shell(max_bytes: int) -> Shell:
    """A shell as a notebook has it, that keeps no history. Figures are shown inline by matplotlib's own backend, once
    somebody imports it."""
    Shell.collected = Outputs(max_bytes)
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "neutral"
    shell = Shell.instance(config=config)
    sys.stdout, sys.stderr = Stream("stdout", Shell.collected), Stream("stderr", Shell.collected)
    return shell


def refresh(shell: Shell) -> None:
    """Reset what must not depend on the warm-up: counters, random numbers, input."""
    shell.execution_count = 1
    shell.user_ns.pop("_", None)
    shell.user_ns.setdefault("__spec__", None)  # as in Jupyter; the reset took it, and multiprocessing asks for it
    builtins.input = _no_input
    getpass.getpass = _no_input  # type: ignore[assignment]
    warnings.filterwarnings("ignore", message="To exit: use")  # there is no window that could be closed
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 (that of the student's code)
    shell.collected.begin()


def _error_of(shell: Shell, text: str) -> SyntaxError | None:
    try:
        compile(shell.transform_cell(text), "<cell>", "exec")
    except SyntaxError as error:
        return error
    return None


def run_cell(shell: Shell, source: str, guard: Callable[[], None], mend: bool = False) -> tuple[list[Output], int]:
    """Run one cell. ``guard`` is called after it, when it can no longer be interrupted.

    Parameters
    ----------
    mend
        Whether a cell that can't be compiled is run without the methods that are at fault.

    Returns
    -------
    its outputs, and its number
    """
    number = shell.execution_count
    try:
        result = shell.run_cell(source, store_history=True)
        if mend and isinstance(result.error_before_exec, SyntaxError):
            rest = mended(source, result.error_before_exec, lambda text: _error_of(shell, text))
            if rest is not None:
                shell.run_cell(rest, store_history=False)
    except BaseException as error:  # a hook of the student's, or a late interrupt
        shell._showtraceback(type(error), error, [f"{type(error).__name__}: {_words(error)}"])
    guard()
    return shell.collected.finished(), number
