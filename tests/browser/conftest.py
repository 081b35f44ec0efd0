"""A real browser, and Jupyter servers for it."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from tests.support import ROOT

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


@pytest.fixture
def offline(chromium: Browser) -> Iterator[tuple[BrowserContext, list[str]]]:
    """A fresh browser that reaches this machine only, and the list of what it asked of others."""
    asked: list[str] = []

    def pass_on(route: Route) -> None:
        url = urllib.parse.urlsplit(route.request.url)
        if url.hostname == "127.0.0.1" or url.scheme in ("file", "data", "blob"):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    with chromium.new_context(viewport={"width": 1400, "height": 1000}) as context:
        context.route("**/*", pass_on)
        yield context, asked


@pytest.fixture(scope="session")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Page, str], None]:
    """Keeps a picture of a page, for people to look at: in $SCREENSHOTS, or here, or where pytest keeps its files."""
    folder = Path(os.environ.get("SCREENSHOTS") or Path(__file__).parent / "screenshots")
    if not os.access(folder if folder.exists() else folder.parent, os.W_OK):
        folder = tmp_path_factory.mktemp("screenshots")

    def take(page: Page, name: str) -> None:
        page.screenshot(path=folder / f"{name}.png", animations="disabled")

    return take


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts a Jupyter server in a folder, which may hold an nbgrader_config.py.

    ``lab`` starts JupyterLab with all that is installed; without, it is a server with nbgrader's pages. ``config`` is
    what the user has in an nbgrader_config.py of their own.
    """
    processes = []

    def start(folder: Path, lab: bool = False, config: str = "") -> Server:
        home, token = tmp_path_factory.mktemp("home"), secrets.token_hex(8)
        settings = home / ".jupyter/lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
        settings.parent.mkdir(parents=True)
        settings.write_text('{"fetchNews": "false"}')
        (home / ".jupyter/nbgrader_config.py").write_text(f"c = get_config()\n{config}")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "jupyter", "lab" if lab else "server", "--allow-root", "--no-browser"]
        command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
        command += [f"--IdentityProvider.token={token}"]
        if lab:
            command += ["--LabApp.expose_app_in_browser=True"]  # so that tests can wait for what it does
        else:
            command += [
                f"--ServerApp.jpserver_extensions=nbgrader.server_extensions.{name}=True"
                for name in ("formgrader", "validate_assignment", "assignment_list", "course_list")
            ]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
        environment |= {"HOME": str(home), "PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1"}
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
