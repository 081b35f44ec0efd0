"""A round of the exercise on a hub: a student and an instructor, each a Unix user with a server of their own."""

import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from nbjudge.course.notebooks import graded_cells, read
from tests.browser import lab
from tests.browser.conftest import chromium, photograph  # noqa: F401  (fixtures)
from tests.browser.test_student_and_instructor import (
    Desk,
    answers,  # noqa: F401  (a fixture)
    instructor_releases,
    student_hands_in,
    student_opens,
)
from tests.support.gradebooks import scores
from tests.support.short_course import NAME, ROOT

PLACE = Path(os.environ["HUB_PLACE"])
STUDENT, TEACHER = "hub-student", "hub-teacher"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def own(path: Path, user: str) -> None:
    """Make a file or folder the user's, with all that is in it."""
    for each in (path, *path.rglob("*")):
        shutil.chown(each, user, user)


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    """The address of a hub that is set up as the guides say. The password of all is in ``PASSWORD``."""
    exchange = PLACE / "exchange"
    exchange.mkdir()
    exchange.chmod(0o1777)
    everybody = PLACE / "venv/etc/jupyter/nbgrader_config.py"  # what /etc/jupyter/ is in an image
    everybody.write_text(
        f'c = get_config()\nc.CourseDirectory.course_id = "simple_classifier"\nc.Exchange.root = {str(exchange)!r}\n'
    )
    (everybody.parent / "jupyter_server_config.py").write_text(
        "c = get_config()\n"
        'frames = {"Content-Security-Policy": "frame-ancestors \'self\'"}\n'
        'c.ServerApp.tornado_settings = {"headers": frames}\n'
    )
    course = PLACE / TEACHER / "course"
    shutil.copytree(ROOT / "source/ex04", course / "source/ex04", ignore=shutil.ignore_patterns(".*"))
    shutil.copytree(ROOT / "misconceptions", course / "misconceptions", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "nbgrader_config.py", course)
    mine = PLACE / TEACHER / ".jupyter/nbgrader_config.py"
    mine.parent.mkdir()
    mine.write_text(f"c = get_config()\nc.CourseDirectory.root = {str(course)!r}\n")
    for user in (STUDENT, TEACHER):
        quiet = PLACE / user / ".jupyter/lab/user-settings/@jupyterlab/apputils-extension"
        quiet.mkdir(parents=True)
        (quiet / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
        own(PLACE / user, user)
        (PLACE / user).chmod(0o700)
    port, data = free_port(), PLACE / "hub"
    data.mkdir()
    (data / "config.py").write_text(f"""
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{free_port()}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{free_port()}"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {PASSWORD!r}
c.Authenticator.allow_all = True
c.Spawner.default_url = "/lab"
c.Spawner.args = ["--LabApp.expose_app_in_browser=True"]
c.Spawner.environment = {{"PYTHONPATH": {str(ROOT)!r}, "PATH": {os.environ["PATH"]!r}, "JUPYTER_PREFER_ENV_PATH": "1"}}
""")
    with (data / "log").open("w") as log:
        process = subprocess.Popen(["jupyterhub", "--config", data / "config.py"], cwd=data, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{address}/hub/login", process, data / "log")
        yield address
    finally:
        process.terminate()
        process.wait(60)


PASSWORD = secrets.token_hex(8)


def _wait(address: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(1200):
        try:
            with urllib.request.urlopen(address):
                return
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    pytest.fail(log.read_text())


def sit_down(hub: str, user: str, context: BrowserContext) -> Desk:
    """Log in, and wait for JupyterLab."""
    page = context.new_page()
    page.goto(f"{hub}/hub/login")
    page.locator("#username_input").fill(user)
    page.locator("#password_input").fill(PASSWORD)
    page.locator("#login_submit").click()
    page.locator(".jp-Launcher").wait_for(timeout=lab.SLOW)
    page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=lab.SLOW)
    folder = PLACE / user
    return Desk(page, folder / "course" if user == TEACHER else folder)


def test_one_round_of_two_users(hub: str, chromium, photograph, answers) -> None:  # noqa: F811
    with chromium.new_context() as first, chromium.new_context() as second:
        student, teacher = sit_down(hub, STUDENT, first), sit_down(hub, TEACHER, second)
        instructor_releases(teacher, photograph)
        student_opens(student, photograph)
        for first_line, text in answers.items():
            lab.write(student.page, first_line, text)
        lab.restart_and_run_all(student.page)
        assert "Success!" in lab.validate(student.page).inner_text()
        lab.press_ok(student.page)
        student_hands_in(student, photograph)
        grade(teacher)
        read_feedback(student.page, photograph)


def grade(desk: Desk) -> None:
    """Collect, grade in the sandbox, make the page and release it, all by formgrader."""
    formgrader = desk.page.frame_locator("#formgrader-iframe iframe")
    lab.press(formgrader, "td .glyphicon-cloud-download", "Successfully collected")
    assert (desk.folder / "submitted" / STUDENT / "ex04" / NAME).owner() == TEACHER
    formgrader.locator("td.num-submissions a", has_text="1").click()
    row = f"tr:has(td.student-id:text-is('{STUDENT}'))"
    log = lab.press(formgrader, f"{row} td.autograde a", "Successfully autograded")
    assert "Applying preprocessor: SandboxedExecute" in log
    assert "WARNING" not in log
    lab.press(formgrader, f"{row} td.generate-feedback a", "Successfully generated feedback")
    lab.press(formgrader, f"{row} td.release-feedback a", "Successfully released feedback")
    assert sum(scores(desk.folder, "ex04")[1][STUDENT].values()) == 20
    verdicts = graded_cells(read(desk.folder / "autograded" / STUDENT / "ex04" / NAME))
    assert "nbjudge" in verdicts["test_bce_forward"].metadata, "the judge graded, and not nbgrader's own rule"


def read_feedback(page: Page, photograph) -> None:  # noqa: F811
    submitted = page.locator("#submitted_assignments_list")
    submitted.locator('button:text-is("Fetch Feedback")').click()
    submitted.get_by_text("view feedback").click(timeout=lab.SLOW)
    page.locator(".jp-DirListing-item", has_text="1_simple_classifier.html").dblclick()
    feedback = page.frame_locator("iframe[src^='blob:']")
    feedback.locator(".course-total", has_text="20 of 20 points").wait_for(timeout=lab.SLOW)
    photograph(page, "hub-feedback")
