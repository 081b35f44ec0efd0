"""A browser, and Jupyter servers for it: what the browser tests and the pictures of the docs are made with."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.support import ROOT

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
ARGUMENTS += "--disable-component-update --disable-sync"


@dataclass(frozen=True)
class Server:
    """A Jupyter server that is running."""

    address: str
    token: str


@contextmanager
def browser() -> Iterator[Browser]:
    """The Chromium of the system, without a window."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS.split())
        yield chromium
        chromium.close()


@contextmanager
def running(
    folder: Path,
    home: Path,
    lab: bool = False,
    config: str = "",
    settings: dict[str, str] | None = None,
    shipped: Path | None = None,
) -> Iterator[Server]:
    """A Jupyter server in a folder, which may hold an nbgrader_config.py.

    Parameters
    ----------
    home : an empty folder, the user's own
    lab : JupyterLab and Notebook 7 with all that is installed; or else a server with nbgrader's pages
    config : what the user has in an nbgrader_config.py of their own
    settings : of JupyterLab's appearance, as JSON by the name of their file
    shipped : a folder of settings that came with the exercise; then the user has none that keep the news away
    """
    token = secrets.token_hex(8)
    chosen = {**({} if shipped else {"notification": '{"fetchNews": "false"}'}), **(settings or {})}
    for name, text in chosen.items():
        file = home / f".jupyter/lab/user-settings/@jupyterlab/apputils-extension/{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (home / ".jupyter").mkdir(exist_ok=True)
    (home / ".jupyter/nbgrader_config.py").write_text(f"c = get_config()\n{config}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "lab" if lab else "server", "--allow-root", "--no-browser"]
    command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    command += [f"--IdentityProvider.token={token}"]
    # a kernel that starts anew takes the ports of the one before, which another test may have got meanwhile
    command += ["--KernelManager.transport=ipc"]
    if lab:
        # so that one can wait for what they do
        command += ["--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"]
        command += [f"--LabApp.app_settings_dir={shipped}"] if shipped else []
    else:
        command += [
            f"--ServerApp.jpserver_extensions=nbgrader.server_extensions.{name}=True"
            for name in ("formgrader", "validate_assignment", "assignment_list", "course_list")
        ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    environment |= {"HOME": str(home), "PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1"}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as short:  # names of sockets may not be long
        environment["JUPYTER_RUNTIME_DIR"] = short
        with (home / "log").open("w") as log:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            server = Server(f"http://127.0.0.1:{port}", token)
            _wait_for(server, process, home / "log")
            yield server
        finally:
            process.terminate()
            process.wait()


def _wait_for(server: Server, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(f"{server.address}/api/status?token={server.token}", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            text = log.read_text()[-2000:]
            assert process.poll() is None, text
            assert time.monotonic() < deadline, text
            time.sleep(0.2)
