"""The report in a real browser: it fits a screen and a phone, and asks nobody for anything."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from nbjudge.course.course import Course
from nbjudge.results import report, term
from tests.browser.accessibility import violations
from tests.nbjudge.results.test_report import HOSTILE
from tests.support.made_up_class import MadeUpClass


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report on a class in which some have names that nobody should have, and the term's."""
    root = tmp_path_factory.mktemp("course") / "class"
    MadeUpClass(root, 95, broken=True, people=HOSTILE).fill()
    results = report.read_class(Course.here(root), "ex04")
    written = {"report": report.page(results), "term": term.term_page([results, results])}
    paths = {name: root / f"{name}.html" for name in written}
    for name, text in written.items():
        paths[name].write_text(text, encoding="utf-8")
    return paths


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["report", "term"])
def test_nothing_is_wider_than_the_page(chromium: Browser, pages: dict[str, Path], name: str, width: int) -> None:
    with chromium.new_context(viewport={"width": width, "height": 900}) as context:
        page, asked, said = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(pages[name].as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not [url for url in asked if not url.startswith(("file:", "data:"))]
        assert said == []
        assert page.evaluate("window.pwned") is None
        assert page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["report", "term"])
def test_axe_finds_nothing(chromium: Browser, pages: dict[str, Path], name: str, width: int, scheme: str) -> None:
    about = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "bypass_csp": True}
    with chromium.new_context(**about) as context:  # the policy would keep axe out, too
        page = context.new_page()
        page.goto(pages[name].as_uri())
        assert violations(page) == []


@pytest.mark.parametrize("name", ["report", "term"])
def test_a_wide_table_can_be_reached_and_moved_with_the_keyboard(
    chromium: Browser, pages: dict[str, Path], name: str
) -> None:
    with chromium.new_context(viewport={"width": 390, "height": 900}, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(pages[name].as_uri())
        wide = page.locator(".scroll").first
        wide.focus()
        assert wide.evaluate("area => area === document.activeElement")
        assert wide.evaluate("area => area.scrollWidth > area.clientWidth")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.querySelector('.scroll').scrollLeft > 0")
