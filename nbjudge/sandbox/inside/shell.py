"""IPython's shell, with a list in place of a screen: what a cell puts out is collected in its order."""

import builtins
import getpass
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
from .outputs import Output, Outputs, Stream
from .plain_python import Transformers


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
