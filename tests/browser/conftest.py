"""A real browser, and Jupyter servers for it."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
ARGUMENTS += "--disable-component-update --disable-sync"


@dataclass(frozen=True)
class Server:
    """A Jupyter server that is running."""

    address: str
    token: str


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The Chromium of the system, without a window."""
    if not Path(CHROMIUM).exists():
        pytest.fail(f"{CHROMIUM} is missing; install chromium to run the browser tests.", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS.split())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Server]]:
    """Starts a Jupyter server with nbgrader in a folder that holds an nbgrader_config.py."""
    processes = []

    def start(folder: Path) -> Server:
        home, token = tmp_path_factory.mktemp("home"), secrets.token_hex(8)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "jupyter", "server", "--allow-root", "--no-browser", "--ip=127.0.0.1"]
        command += [f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"]
        command += [
            f"--ServerApp.jpserver_extensions=nbgrader.server_extensions.{name}=True"
            for name in ("formgrader", "validate_assignment", "assignment_list", "course_list")
        ]
        environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1"}
        with (home / "log").open("w") as log:
            processes.append(subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log))
        server = Server(f"http://127.0.0.1:{port}", token)
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{server.address}/api/status?token={token}", timeout=5):
                    return server
            except (urllib.error.URLError, OSError):
                text = (home / "log").read_text()[-2000:]
                assert processes[-1].poll() is None, text
                assert time.monotonic() < deadline, text
                time.sleep(0.2)

    yield start
    for process in processes:
        process.terminate()
        process.wait(30)
