"""What people do in JupyterLab, as functions on a page."""

import re

import playwright.sync_api
from playwright.sync_api import FrameLocator, Locator, Page, expect

SLOW = 180_000
"""Milliseconds that anything may take which runs code, on a busy machine."""

RUN_IN_ORDER = """() => {
    const cells = window.jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model);
    const code = cells.filter(model => model.type == "code");
    return code.every((model, i) => model.executionCount == i + 1 && model.executionState == "idle");
}"""

STATE = """() => {
    const cells = window.jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model);
    const code = cells.filter(model => model.type == "code");
    const said = [...document.querySelectorAll(".jp-StatusBar-TextItem, .jp-Dialog")].map(each => each.innerText);
    return [said, code.map(model => [model.executionCount, model.executionState, model.outputs.length])];
}"""


def open_lab(page: Page, address: str, token: str) -> None:
    page.goto(f"{address}/lab?token={token}")
    page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=SLOW)
    page.locator(".jp-Launcher").wait_for(timeout=SLOW)


def menu(page: Page, name: str, command: str) -> None:
    page.locator(f'.lm-MenuBar-itemLabel:text-is("{name}")').click()
    page.locator(f'.lm-Menu li[data-command="{command}"]').click()


def wait_for_kernel(page: Page) -> None:
    idle = page.locator(".jp-StatusBar-TextItem", has_text=re.compile(r"\| Idle$"))
    idle.wait_for(timeout=SLOW)


def run_all(page: Page) -> None:
    """Run All Cells, in a kernel that has run nothing yet; ends when every cell has run."""
    menu(page, "Run", "runmenu:run-all")
    wait_for_cells(page)


def restart_and_run_all(page: Page) -> None:
    """Restart Kernel and Run All Cells; ends when every cell has run. Cells must have run in another order before."""
    menu(page, "Kernel", "runmenu:restart-and-run-all")
    page.locator(".jp-Dialog button.jp-mod-accept").click()
    wait_for_cells(page)


def wait_for_cells(page: Page) -> None:
    """Wait until every code cell has run, in order; if they don't, the error says how far they are."""
    try:
        page.wait_for_function(RUN_IN_ORDER, timeout=SLOW, polling=200)  # and not only when the page is drawn
    except playwright.sync_api.TimeoutError as error:
        error.add_note(f"the page says, and the cells are (number, state, outputs): {page.evaluate(STATE)}")
        raise


def cell(page: Page, text: str) -> Locator:
    """The first code cell of the open notebook that holds the text."""
    found = page.locator(".jp-CodeCell:visible", has=page.locator(".jp-InputArea-editor", has_text=text)).first
    found.scroll_into_view_if_needed(timeout=SLOW)
    return found


def write(page: Page, first_line: str, text: str) -> None:
    """Replace the text of a cell, as by hand."""
    cell(page, first_line).locator(".jp-InputArea-editor").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def run(page: Page, text: str) -> Locator:
    """Run one cell with Shift-Enter."""
    found = cell(page, text)
    prompt = found.locator(".jp-InputPrompt")
    before = prompt.inner_text()
    found.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Shift+Enter")
    expect(prompt).not_to_have_text(before)
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=SLOW)
    return found


def validate(page: Page) -> Locator:
    """Press Validate; gives the dialog with the result."""
    page.locator("jp-button.validate-button:visible").click()
    dialog = page.locator(".nbgrader-ErrorDialog, .nbgrader-SuccessDialog")
    dialog.wait_for(timeout=SLOW)
    return dialog


def set_theme(page: Page, name: str) -> None:
    """Show JupyterLab in another theme, such as "JupyterLab Dark"."""
    page.evaluate("name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name)
    page.locator(f"body[data-jp-theme-name='{name}']").wait_for(state="attached")


def press_ok(page: Page) -> None:
    page.locator(".jp-Dialog button.jp-mod-accept").click()
    page.locator(".jp-Dialog").wait_for(state="detached")


def open_assignment_list(page: Page) -> None:
    menu(page, "Nbgrader", "nbgrader:open-assignment-list")
    page.locator("#released_assignments_list").wait_for(timeout=SLOW)


def open_formgrader(page: Page) -> FrameLocator:
    menu(page, "Nbgrader", "nbgrader:open-formgrader")
    return page.frame_locator("#formgrader-iframe iframe")


def press(frame: FrameLocator, button: str, succeeds: str) -> str:
    """Press a button of formgrader and close the window that says what became of it; gives the log."""
    frame.locator(button).click(timeout=SLOW)
    window = frame.locator(".modal-dialog:visible")
    window.wait_for(timeout=SLOW)
    text = window.inner_text()
    assert succeeds in text, text
    window.get_by_text("OK", exact=True).click()
    window.wait_for(state="detached")
    return text
