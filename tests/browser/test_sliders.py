"""Pictures with a slider in JupyterLab: moved by keys, and opened again without a kernel, trusted or not."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser import lab
from tests.browser.accessibility import violations
from tests.browser.servers import Server
from tests.support import SOURCE

CELL = """from exercise_code import plots

plots.threshold_slider([0.1, 0.3, 0.6, 0.9], [0, 1, 0, 1])"""
SENTENCE = "Run this cell to move the picture."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a small notebook that wasn't run yet, and with ex04 as it is stored, which nobody here trusts."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [new_code_cell(CELL)]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), tmp_path / "small.ipynb")
    shutil.copy(SOURCE, tmp_path / "stored.ipynb")
    return tmp_path


@pytest.fixture
def page(home: Path, jupyter: Callable[..., Server], offline: tuple[BrowserContext, list[str]]) -> Page:
    """JupyterLab in that folder."""
    server = jupyter(home, lab=True)
    page = offline[0].new_page()
    lab.open_lab(page, server.address, server.token)
    return page


def open_notebook(page: Page, name: str, with_kernel: bool) -> None:
    options = {"path": name, "kernel": {"shouldStart": with_kernel}}
    page.evaluate("async options => { await window.jupyterapp.commands.execute('docmanager:open', options); }", options)
    page.locator(".jp-NotebookPanel:visible .jp-CodeCell").first.wait_for(timeout=lab.SLOW)


def assert_moves(cell: Locator) -> None:
    """Each key moves the slider, the picture and its words go with it, and there is one picture at all times."""
    slider, label, picture = cell.locator("input[type=range]"), cell.locator("output"), cell.locator("img")
    slider.scroll_into_view_if_needed()
    expect(picture).to_have_count(1)
    last = slider.get_attribute("max")
    slider.focus()
    seen = {picture.get_attribute("src")}
    for key, value in (("Home", "0"), ("ArrowRight", "1"), ("ArrowUp", "2"), ("ArrowDown", "1"), ("End", last)):
        before = picture.get_attribute("src"), label.inner_text()
        slider.press(key)
        expect(slider).to_have_value(value)
        expect(label).not_to_have_text(before[1])
        expect(picture).not_to_have_attribute("src", before[0])
        expect(slider).to_have_attribute("aria-valuetext", label.inner_text())
        assert label.inner_text().partition(": ")[2] in picture.get_attribute("alt")
        assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 700
        seen.add(picture.get_attribute("src"))
    assert len(seen) == 5
    expect(picture).to_have_count(1)


def test_slider_in_jupyterlab(
    page: Page, offline: tuple[BrowserContext, list[str]], photograph: Callable[[Page, str], None]
) -> None:
    open_notebook(page, "small.ipynb", with_kernel=True)
    lab.wait_for_kernel(page)
    cell = lab.run(page, "plots.threshold_slider")
    size = cell.locator("img").evaluate("picture => [picture.naturalWidth, picture.naturalHeight]")
    assert_moves(cell)
    assert cell.locator("img").evaluate("picture => [picture.naturalWidth, picture.naturalHeight]") == size
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        lab.set_theme(page, theme)
        assert violations(page, within=".jp-RenderedHTMLCommon:has(input[type=range])") == []
        photograph(page, f"slider-{theme[-5:].strip().lower()}")

    cell = lab.run(page, "plots.threshold_slider")  # again
    assert_moves(cell)
    for command in ("docmanager:save", "application:close"):
        page.evaluate("async command => { await window.jupyterapp.commands.execute(command); }", command)
    page.locator(".jp-Notebook").wait_for(state="detached")

    open_notebook(page, "small.ipynb", with_kernel=False)
    assert_moves(page.locator(".jp-CodeCell", has_text="plots.threshold_slider"))
    assert offline[1] == []


def test_stored_notebook_that_nobody_trusts(page: Page, photograph: Callable[[Page, str], None]) -> None:
    open_notebook(page, "stored.ipynb", with_kernel=False)
    for name in ("boundary_slider", "learning_rate_slider", "threshold_slider"):
        cell = lab.cell(page, f"plots.{name}")
        expect(cell.locator("img")).to_have_count(1)
        assert cell.locator("img").evaluate("picture => picture.naturalWidth") > 700
        expect(cell.locator(".jp-OutputArea-output").last).to_have_text(SENTENCE)
        expect(cell.locator("input")).to_have_count(0)
        assert "Error" not in cell.locator(".jp-OutputArea").inner_text()
    photograph(page, "slider-untrusted")


def test_page_of_nbconvert(home: Path, offline: tuple[BrowserContext, list[str]]) -> None:
    """Scripts run there: the slider works. Without them the picture stands alone."""
    notebook = nbformat.read(home / "stored.ipynb", as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id.startswith("play-")]
    text, _ = HTMLExporter(embed_images=True).from_notebook_node(notebook)
    text = re.sub(r"<script[^>]*src=[^>]*></script>", "", text)  # nbconvert's own, from the network
    (home / "page.html").write_text(text)
    page = offline[0].new_page()
    page.goto((home / "page.html").as_uri())
    for cell in page.locator(".jp-CodeCell").all():
        assert_moves(cell)


def test_without_the_picture_the_slider_brings_its_own(home: Path, offline: tuple[BrowserContext, list[str]]) -> None:
    notebook = json.loads(SOURCE.read_text(encoding="utf-8"))
    outputs = next(cell["outputs"] for cell in notebook["cells"] if cell["id"] == "play-threshold")
    (home / "page.html").write_text(f'<!DOCTYPE html><body class="cell">{"".join(outputs[1]["data"]["text/html"])}')
    page = offline[0].new_page()
    page.goto((home / "page.html").as_uri())
    expect(page.locator("img")).to_have_count(1)
    assert_moves(page.locator("body"))
