"""Takes the pictures of JupyterLab and of the report, as people see them, with the Chromium of the system."""

import tempfile
from pathlib import Path
from shutil import copyfile, copytree

from nbformat import NotebookNode
from playwright.sync_api import Browser, Page

from nbjudge.authoring.bundle import SETTINGS
from nbjudge.course.course import Course
from nbjudge.course.notebooks import graded_cells, read, write
from nbjudge.results import report
from tests.browser import lab, servers
from tests.support import ROOT
from tests.support.made_up_class import MadeUpClass

IMAGES = ROOT / "docs/images"
RELEASE = ROOT / "release/ex04/1_simple_classifier.ipynb"
DARK = {"themes": '{"theme": "JupyterLab Dark"}'}
MISTAKES = {  # of a student who averages over the batch, and has the sign of the derivative wrong
    'raise NotImplementedError("replace this line by your code")': [
        "result = np.mean(-y_truth * np.log(y_out) - (1 - y_truth) * np.log(1 - y_out))",
        "gradient = y_truth / y_out - (1 - y_truth) / (1 - y_out)",
    ]
}


def notebook(browser: Browser, name: str, work: NotebookNode, cell: str, dark: bool = False) -> None:
    """A picture of the notebook in JupyterLab, with the cell that holds the text ``cell`` at the top."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
        copytree(RELEASE.parent, folder, dirs_exist_ok=True)  # with the answers of the checks
        write(work, Path(folder, RELEASE.name))
        looks = DARK if dark else {}
        with servers.running(Path(folder), Path(home), lab=True, settings=looks, shipped=SETTINGS) as server:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{server.address}/lab/tree/{RELEASE.name}?token={server.token}")
            page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=lab.SLOW)
            lab.wait_for_kernel(page)
            page.keyboard.press("Control+b")  # the file browser goes
            lab.run_all(page)
            for _ in range(2):  # cells above it are laid out only now, and move it
                _to_the_top(page, cell)
                page.wait_for_timeout(1500)
            page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")
            page.close()


def _to_the_top(page: Page, text: str) -> None:
    lab.cell(page, text).evaluate("cell => cell.scrollIntoView({block: 'start'})")


def with_mistakes() -> NotebookNode:
    work = read(RELEASE)
    cell = graded_cells(work)["bce"]
    for stub, lines in MISTAKES.items():
        for line in lines:
            cell.source = cell.source.replace(stub, line, 1)
    return work


def class_report(browser: Browser) -> None:
    """A picture of the report on a made-up class of 200, with two tasks that look broken."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        copyfile(ROOT / "nbgrader_config.py", root / "nbgrader_config.py")
        MadeUpClass(root, 200, broken=True).fill()
        page = root / "report.html"
        page.write_text(report.page(report.read_class(Course.here(root), "ex04")), encoding="utf-8")
        view = browser.new_page(viewport={"width": 885, "height": 1065})
        view.goto(page.as_uri())
        view.screenshot(path=IMAGES / "report.png", animations="disabled")
        view.close()


def main() -> None:
    with servers.browser() as browser:
        class_report(browser)
        notebook(browser, "notebook-light", read(RELEASE), "checks.overview()")
        notebook(browser, "notebook-dark", with_mistakes(), "checks.bce_forward()", dark=True)


if __name__ == "__main__":
    main()
