"""Runs notebooks without walls: nbgrader's own step, and an ordinary kernel, which can do everything that you can do.

It needs nothing of Linux. Time and output of a cell are bounded, so that an endless loop doesn't hold up the class, and
a cell that ends the kernel is found; memory, disk and processes aren't. What comes out is read as it is from the
sandbox, and the judge decides in the same way.
"""

import ast
import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output, output_from_msg
from nbgrader.preprocessors import Execute
from traitlets.config import Configurable

from nbjudge.sandbox.bubblewrap import VARIABLES, SandboxError
from nbjudge.sandbox.channel import Channel, ChannelError, fits
from nbjudge.sandbox.inside.mending import mended
from nbjudge.sandbox.inside.needed import MAX_EVIDENCE, is_evidence
from nbjudge.sandbox.inside.outputs import leave_out_what_can_not_be_sent
from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.sandbox import Execution

NO_WALLS = "Submissions run without isolation: there are no walls, and they can do everything that you can do."
KERNEL = "python3"
TRIES = 3
"""A kernel chooses its ports before it opens them. Where several start at once, one may find them taken, and end."""
GRACE_SECONDS = 5
"""How long a cell may take to end after it was interrupted."""
CUT_OFF = "\n… more output was cut off\n"
ENVIRONMENT = {name: value for name, value in VARIABLES.items() if name not in ("HOME", "LANG")}
PRELUDE = """(lambda load, shell: (
    load("random").seed(0), load("numpy").random.seed(0), setattr(shell, "ask_exit", int), load("os").chdir({home!r})
))(__import__, get_ipython());"""
"""As in the sandbox: the files beside the notebook are there when its first cell begins, random numbers begin at the
same place, and ``exit`` ends a cell and no kernel. It leaves no name behind."""


class Kernel:
    """An ordinary kernel for each notebook. To ``step.execute`` it is what a sandbox is."""

    wall = "none"

    def __init__(self, parent: Configurable, limits: Limits) -> None:
        self.limits = limits
        self.has_worked = False
        """Whether a kernel ever started."""
        self._parent = parent

    def start(self) -> None:
        """There is nothing to start before a notebook comes."""

    def close(self) -> None:
        """Nothing goes on between two notebooks."""

    def run(
        self,
        cells: Sequence[tuple[int, str]],
        files: Mapping[str, bytes],
        end: float | None = None,
        processor: float | None = None,
        mend: Collection[int] = (),
    ) -> Execution:
        """Run the cells of one notebook in a new kernel, in their order. Parameters are those of ``Sandbox.run``.

        Raises
        ------
        SandboxError
            If no kernel starts.
        """
        end = time.monotonic() + self.limits.notebook_seconds if end is None else end
        with tempfile.TemporaryDirectory(prefix="submission-", ignore_cleanup_errors=True) as folder:
            home, elsewhere = Path(folder, "submission"), Path(folder, "start")
            home.mkdir()
            elsewhere.mkdir()  # or files of the submission would take the place of libraries while the kernel starts
            for name, data in files.items():
                path = home / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            first = new_code_cell(PRELUDE.format(home=str(home)))
            rest = [new_code_cell(text, metadata={"index": index, "mend": index in mend}) for index, text in cells]
            for attempt in range(TRIES):
                bounded = _Bounded(self._parent, self.limits, end, [index for index, _ in cells])
                try:
                    bounded.preprocess(new_notebook(cells=[first, *rest]), {"metadata": {"path": str(elsewhere)}})
                    break
                except _EndedError:
                    break
                except (RuntimeError, OSError) as error:
                    if bounded.has_begun or attempt == TRIES - 1:
                        raise SandboxError(f"the kernel {KERNEL} doesn't start: {error}") from error
                finally:
                    bounded.kill()
        self.has_worked = True
        return bounded.execution


class _EndedError(Exception):
    """The notebook doesn't come to its end."""


class _Bounded(Execute):
    """nbgrader's step, with bounds for time and output; each cell's outputs go to a channel, as from the sandbox."""

    def __init__(self, parent: Configurable, limits: Limits, end: float, indices: Sequence[int]) -> None:
        bounds = {"allow_errors": True, "interrupt_on_timeout": True, "raise_on_iopub_timeout": True}
        super().__init__(
            parent=parent,
            kernel_name=KERNEL,
            timeout_func=self._seconds,
            iopub_timeout=GRACE_SECONDS,
            shutdown_kernel="immediate",
            **bounds,
        )
        self.execution = Execution({})
        self.has_begun = False
        """Whether a cell of the notebook began."""
        self._limits, self._end, self._channel = limits, end, Channel(indices)
        self._late: set[int] = set()
        self._is_over = False
        self._size = self._size_of_evidence = 0
        self._evidence: list[NotebookNode] = []
        self._process: subprocess.Popen | None = None
        self._group: int | None = None

    def _seconds(self, cell: NotebookNode) -> float:
        return max(0.01, min(self._limits.cell_seconds, self._end - time.monotonic()))  # 0 would be no bound

    def start_new_kernel(self, **options: Any) -> None:
        try:
            super().start_new_kernel(**options, env={**os.environ, **ENVIRONMENT})
        except KeyError as error:  # NoSuchKernel
            raise RuntimeError(str(error)) from error
        self._process, self._group = self.km.provisioner.process, getattr(self.km.provisioner, "pgid", None)

    def kill(self) -> None:
        """End the kernel, and what it started, where the system knows which processes that are."""
        with contextlib.suppress(OSError):
            if self._group and hasattr(os, "killpg"):
                os.killpg(self._group, signal.SIGKILL)
            elif self._process is not None:
                self._process.kill()

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        """Run a cell, and give what it put out to the channel.

        Raises
        ------
        _EndedError
            If no further cell can run.
        """
        if index == 0:
            done = self.execute_cell(cell, index, store_history=False)
            if any(output.output_type == "error" for output in done.outputs):
                raise RuntimeError("; ".join(output.evalue for output in done.outputs if "evalue" in output))
            return done, resources
        place, self.has_begun = cell.metadata["index"], True
        self._say({"start": place})
        self._size, self._size_of_evidence, self._evidence = 0, 0, []
        if time.monotonic() >= self._end:
            self._stop("end")
        try:
            done = self.execute_cell(cell, index, store_history=True)
            rest = _rest(cell.source) if cell.metadata["mend"] else None
            if rest is not None:
                more = self.execute_cell(new_code_cell(rest), index, store_history=False)
                done.outputs += more.outputs
        except DeadKernelError:
            code = self._process.returncode if self._process is not None else 0
            self._stop("crash", 128 - code if code < 0 else code)
        except CellTimeoutError:  # it was interrupted, and goes on
            self._stop("end" if self._is_over else "time")
        if self._is_over:
            self._stop("end")
        done, _ = CoalesceStreamsPreprocessor().preprocess_cell(done, resources, index)  # as the sandbox gives them
        outputs = [*self._evidence, *done.outputs]
        for output in outputs:
            leave_out_what_can_not_be_sent(output)
        self._say({"cell": place, "outputs": outputs, "count": done.execution_count})
        self.execution.late |= {place} & self._late
        return done, resources

    def _say(self, message: dict[str, Any]) -> None:
        try:
            self._channel.feed(json.dumps(message, default=str).encode(errors="replace") + b"\n")
        except ChannelError:
            self._stop("output")
        self.execution.results = self._channel.results

    def _stop(self, reason: str, code: int = 0) -> None:
        self.execution.stopped_at, self.execution.reason, self.execution.code = self._channel.current, reason, code
        raise _EndedError

    def on_cell_executed(self, **about: Any) -> None:
        if "header" not in about["execute_reply"]:  # there was none in time, and this one is made up
            self._is_over = time.monotonic() >= self._end
            self._late.add(about["cell"].metadata.get("index", -1))
        super().on_cell_executed(**about)

    def process_message(self, message: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            self._size = 0
        elif kind in ("stream", "display_data", "update_display_data", "execute_result", "error"):
            if isinstance(content.get("data"), dict):
                content["data"] = {mime: value for mime, value in content["data"].items() if fits(mime, value)}
            size = len(json.dumps(content, default=str))
            if is_evidence({**content, "output_type": kind}):
                self._size_of_evidence += size
                if self._size_of_evidence <= MAX_EVIDENCE:
                    self._evidence.append(output_from_msg(message))
                return None
            most = self._limits.output * 2**20
            had_room = self._size <= most
            self._size += size
            if self._size > most and kind != "error":
                cell.outputs += [new_output("stream", name="stderr", text=CUT_OFF)] if had_room else []
                return None
        return super().process_message(message, cell, cell_index)


def _rest(text: str) -> str | None:
    """A cell without the methods that can't be compiled, if there are such and the rest can be."""
    error = _error_of(text, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return mended(text, error, _error_of) if error is not None else None


def _error_of(text: str, flags: int = 0) -> SyntaxError | None:
    try:
        compile(TransformerManager().transform_cell(text), "<cell>", "exec", flags)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):  # the kernel says what is wrong
        return None
    return None
