"""The solved notebook in Notebook 7, which runs and saves it, and then in JupyterLab, which shows what it saved."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from nbjudge.course.notebooks import graded_cells, read
from nbjudge.intake.reading import read_cells
from nbjudge.intake.rebuild import RebuiltNotebook
from tests.browser import lab
from tests.browser.accessibility import violations
from tests.browser.servers import Server
from tests.support import RELEASE, SOURCE
from tests.support.solved import solved

ALL_AT_ONCE = {"raw": '{"windowingMode": "none"}'}
"""JupyterLab's setting that makes cells part of the page also while they are out of view."""
IDLE = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status == 'idle'"
QUESTION, RIGHT = "How do their losses compare?", 1


@pytest.fixture
def server(tmp_path: Path, jupyter: Callable[..., Server]) -> Server:
    (tmp_path / RELEASE.name).write_text(json.dumps(solved(), indent=1))
    shutil.copy(RELEASE.with_suffix(".checks.json"), tmp_path)
    return jupyter(tmp_path, lab=True)


def test_in_notebook_7_and_then_in_jupyterlab(
    tmp_path: Path,
    server: Server,
    offline: tuple[BrowserContext, list[str]],
    photograph: Callable[[Page, str], None],
) -> None:
    runs_and_saves_in_notebook_7(offline[0].new_page(), server, photograph)
    assert_nothing_is_to_be_repaired(tmp_path / RELEASE.name)
    page = offline[0].new_page()
    opens_in_jupyterlab(page, server, tmp_path / RELEASE.name)
    links_lead_to_a_task_and_back(page)
    answers_a_question_by_keyboard(page, photograph)
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        lab.set_theme(page, theme)
        assert violations(page, within=".jp-OutputArea-output, .jp-RenderedMarkdown") == []
        photograph(page, f"outputs-{theme[-5:].strip().lower()}")
    assert offline[1] == []


def runs_and_saves_in_notebook_7(page: Page, server: Server, photograph: Callable) -> None:
    page.goto(f"{server.address}/notebooks/{RELEASE.name}?token={server.token}")
    page.wait_for_function(IDLE, timeout=lab.SLOW)
    lab.run_all(page)
    expect(page.locator(".jp-OutputArea-output", has_text="All tasks are right")).to_be_visible()
    expect(page.locator("jp-button.validate-button")).to_have_count(1)
    photograph(page, "notebook-7")
    lab.menu(page, "File", "docmanager:save")
    page.wait_for_function("() => !jupyterapp.shell.currentWidget.context.model.dirty")
    page.close()


def assert_nothing_is_to_be_repaired(path: Path) -> None:
    source, given = graded_cells(read(SOURCE)), graded_cells(read(RELEASE))
    saved = read(path)
    assert all(cell.execution_count for cell in saved.cells if cell.cell_type == "code")
    rebuilt = RebuiltNotebook(read(SOURCE), read_cells(path), {name: cell.source for name, cell in given.items()})
    assert rebuilt.repairs == []
    answers = {name: cell for name, cell in source.items() if cell.metadata.nbgrader.solution}
    handed_in = graded_cells(rebuilt.notebook)
    assert {name: handed_in[name].source for name in answers} == {name: cell.source for name, cell in answers.items()}


def opens_in_jupyterlab(page: Page, server: Server, saved: Path) -> None:
    chosen = page.request.put(
        f"{server.address}/lab/api/settings/@jupyterlab/notebook-extension:tracker",
        data=ALL_AT_ONCE,
        headers={"Authorization": f"token {server.token}"},
    )
    assert chosen.ok
    lab.open_lab(page, server.address, server.token)
    options = {"path": RELEASE.name, "kernel": {"shouldStart": False}}
    page.evaluate("async options => { await jupyterapp.commands.execute('docmanager:open', options); }", options)
    cells = read(saved).cells
    texts = sum(cell.cell_type == "markdown" for cell in cells)
    outputs = sum(len(cell.get("outputs", [])) for cell in cells)
    expect(page.locator(".jp-MarkdownCell .jp-RenderedMarkdown")).to_have_count(texts, timeout=lab.SLOW)
    expect(page.locator(".jp-CodeCell .jp-OutputArea-output")).to_have_count(outputs, timeout=lab.SLOW)


def links_lead_to_a_task_and_back(page: Page) -> None:
    """By keyboard."""
    overview = page.get_by_role("heading", name="Overview")
    task = page.get_by_role("heading", name="Task 6: one step downhill")
    for link, heading in (
        (page.locator(".jp-MarkdownCell a[href^='#Task-6']").first, task),
        (page.locator(".jp-MarkdownCell:has(a[href='#Overview']) a[href='#Overview']").nth(2), overview),
    ):
        expect(heading).not_to_be_in_viewport()
        link.focus()
        page.keyboard.press("Enter")
        expect(heading).to_be_in_viewport()


def answers_a_question_by_keyboard(page: Page, photograph: Callable) -> None:
    """Each answer has an explanation of its own, and opening one opens no other."""
    answers = page.locator(".jp-MarkdownCell", has_text=QUESTION).locator("details")
    expect(answers).to_have_count(3)
    answers.first.scroll_into_view_if_needed()
    answers.first.locator("summary").focus()
    for number in range(3):
        expect(answers.nth(number).locator("summary")).to_be_focused()
        opened = answers.nth(number).get_by_text("Right." if number == RIGHT else "Not quite.")
        expect(opened).not_to_be_visible()
        page.keyboard.press("Enter" if number else "Space")
        expect(opened).to_be_visible()
        for other in range(number + 1, 3):
            expect(answers.nth(other)).not_to_have_attribute("open", "")
        if number == RIGHT:
            photograph(page, "question")
        page.keyboard.press("Tab")
