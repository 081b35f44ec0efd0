"""A real browser, and Jupyter servers for it."""

import os
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.browser import servers
from tests.browser.servers import Server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The Chromium of the system, without a window."""
    if not Path(servers.CHROMIUM).exists():
        pytest.fail(f"{servers.CHROMIUM} is missing; install chromium to run the browser tests.", pytrace=False)
    with servers.browser() as browser:
        yield browser


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
    """Starts Jupyter servers in folders, as ``servers.start`` does."""
    with ExitStack() as running:

        def start(folder: Path, lab: bool = False, config: str = "", shipped: Path | None = None) -> Server:
            home = tmp_path_factory.mktemp("home")
            return running.enter_context(servers.running(folder, home, lab, config, shipped=shipped))

        yield start
