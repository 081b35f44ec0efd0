"""One round of the exercise in JupyterLab, from generating it to reading the feedback."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, expect

from nbjudge.authoring.bundle import SETTINGS
from nbjudge.course.notebooks import graded_cells, read
from sample_class.ex04 import LOSS, SIGMOID
from tests.browser import lab
from tests.browser.accessibility import violations
from tests.support.gradebooks import scores
from tests.support.sample import hand_in
from tests.support.short_course import NAME, ROOT, nbgrader

STUDENT, OTHER = "alex", "mehmet"
STUB = "BCE.forward is not implemented yet"
COMMENT = r"Half a point for logits far out: $e^{-z}$ overflows. $z = -1000$ is one."


@dataclass(frozen=True)
class Desk:
    """Where somebody sits: a page with JupyterLab, and the folder that it shows."""

    page: Page
    folder: Path


@pytest.fixture
def desks(tmp_path: Path, jupyter: Callable, offline: tuple[BrowserContext, list[str]]) -> tuple[Desk, Desk]:
    """A student's and an instructor's JupyterLab, joined by an exchange."""
    course, home, exchange = tmp_path / "course", tmp_path / "home", tmp_path / "exchange"
    home.mkdir()
    exchange.mkdir()
    exchange.chmod(0o1777)
    shutil.copytree(ROOT / "source/ex04", course / "source/ex04", ignore=shutil.ignore_patterns(".*"))
    shutil.copy(ROOT / "nbgrader_config.py", course)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("\nc.SandboxedExecute.everything = True  # the feedback page gets the pictures, too\n")
    root = f"c.Exchange.root = {str(exchange)!r}\n"
    servers = [
        jupyter(home, lab=True, config=f"{root}c.CourseDirectory.student_id = {STUDENT!r}\n", shipped=SETTINGS),
        jupyter(course, lab=True, config=f"{root}c.ExchangeCollect.check_owner = False\n"),  # one user plays both
    ]
    desks = []
    for server, folder in zip(servers, (home, course), strict=True):
        page = offline[0].new_page()
        lab.open_lab(page, server.address, server.token)
        desks.append(Desk(page, folder))
    return desks[0], desks[1]


@pytest.fixture
def answers() -> dict[str, str]:
    """The solution cells, by their first line. The sigmoid is right, but overflows for logits that are far out."""
    cells = graded_cells(read(ROOT / "source/ex04" / NAME))
    texts = [each.source for each in cells.values() if each.metadata.nbgrader.solution]
    written = ["\n".join(line for line in text.split("\n") if "SOLUTION" not in line) for text in texts]
    return {text.split("\n")[0]: text.replace(SIGMOID, "out = 1 / (1 + np.exp(-x))") for text in written}


def assert_pictures_show(pictures: Locator) -> None:
    assert pictures.count() > 0
    for picture in pictures.all():
        assert picture.evaluate("picture => picture.naturalWidth") > 0


def test_one_round(
    desks: tuple[Desk, Desk],
    answers: dict[str, str],
    offline: tuple[BrowserContext, list[str]],
    photograph: Callable[[Page, str], None],
) -> None:
    student, instructor = desks
    instructor_releases(instructor, photograph)
    student_opens(student, photograph)
    assert_settings_of_the_zip_count(student.page)
    student_works(student, answers, photograph)
    student_hands_in(student, photograph)
    instructor_grades(instructor, photograph)
    assert_points_are_those_of_the_command(instructor.folder)
    instructor_reads_and_comments(instructor, photograph)
    instructor_returns(instructor, photograph)
    student_reads_feedback(student, photograph)
    assert offline[1] == []


def instructor_releases(desk: Desk, photograph: Callable) -> None:
    formgrader = lab.open_formgrader(desk.page)
    lab.press(formgrader, "td .glyphicon-education", "Successfully created the student version")
    lab.press(formgrader, "td .glyphicon-cloud-upload", "Successfully released")
    expect(formgrader.locator("td .label", has_text="released")).to_be_visible()
    expect(desk.page.locator('[title^="Nbgrader Create Assignment"]')).to_have_count(1)
    photograph(desk.page, "01-released")
    made = desk.folder / "release/ex04" / NAME
    assert made.read_text() == (ROOT / "release/ex04" / NAME).read_text()


def student_opens(desk: Desk, photograph: Callable) -> None:
    page = desk.page
    lab.open_assignment_list(page)
    page.locator('#released_assignments_list button:text-is("Fetch")').click(timeout=lab.SLOW)
    fetched = page.locator("#fetched_assignments_list")
    fetched.get_by_role("button", name="ex04").click(timeout=lab.SLOW)
    photograph(page, "02-fetched")
    fetched.get_by_text("1_simple_classifier").click()
    lab.wait_for_kernel(page)
    lab.run_all(page)
    check = lab.cell(page, "checks.bce_forward()")
    expect(check).to_contain_text(STUB)
    expect(lab.cell(page, "plots.loss_branches")).to_contain_text("This cell waits for BCE.forward.")
    photograph(page, "03-untouched")
    expect(lab.cell(page, "checks.overview()")).to_contain_text("Start with task 1")
    assert page.locator(".jp-Notebook mjx-container").count() > 20
    assert_pictures_show(page.locator(".jp-OutputArea-output img"))
    photograph(page, "04-formulas-and-pictures")


def assert_settings_of_the_zip_count(page: Page) -> None:
    expect(page.locator('[title^="Nbgrader Create Assignment"]')).to_have_count(0)
    expect(page.locator(".Toastify__toast")).to_have_count(0)  # by now the news would be there


def student_works(desk: Desk, answers: dict[str, str], photograph: Callable) -> None:
    page = desk.page
    for first_line, text in answers.items():
        lab.write(page, first_line, text.replace(LOSS, LOSS.replace("-y_truth", "np.mean(-y_truth") + ")"))
    lab.run(page, "class BCE(Loss):")
    check = lab.run(page, "checks.bce_forward()")
    expect(check).to_contain_text("You averaged over the batch. Return one loss per sample")
    for theme in ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Light"):
        lab.set_theme(page, theme)
        assert violations(page, within=".jp-RenderedHTMLCommon:has(td b[aria-label])") == []
    photograph(page, "05-mistake")
    dialog = lab.validate(page)
    expect(dialog).to_contain_text("Task 1: BCE.forward is not right yet")
    assert "checks.bce_backward()" not in dialog.inner_text()
    photograph(page, "06-validate-fails")
    lab.press_ok(page)

    lab.write(page, "class BCE(Loss):", answers["class BCE(Loss):"])
    lab.run(page, "class BCE(Loss):")
    check = lab.run(page, "checks.bce_forward()")
    assert check.locator("td", has_text="✓").count() >= 4
    expect(check.locator("td", has_text="✗")).to_have_count(0)
    photograph(page, "07-mended")
    lab.restart_and_run_all(page)
    expect(lab.cell(page, "checks.sigmoid()").locator("tr", has_text="!")).to_have_count(1)
    picture = lab.cell(page, "plots.coefficients").locator("img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_be_in_viewport()
    photograph(page, "08-trained")
    expect(lab.validate(page)).to_contain_text("Success!")
    photograph(page, "09-validate-succeeds")
    lab.press_ok(page)


def student_hands_in(desk: Desk, photograph: Callable) -> None:
    page = desk.page
    page.locator(".lm-TabBar-tabLabel", has_text="Assignments").click()
    page.locator('#fetched_assignments_list button:text-is("Submit")').click()
    page.locator("#submitted_assignments_list .nested_list_item").wait_for(timeout=lab.SLOW)
    photograph(page, "10-handed-in")


def instructor_grades(desk: Desk, photograph: Callable) -> None:
    hand_in(desk.folder / "source/ex04" / NAME, desk.folder / "release/ex04" / NAME, desk.folder.parent / "class")
    shutil.copytree(desk.folder.parent / "class" / OTHER, desk.folder / "submitted" / OTHER)  # by e-mail, say
    formgrader = desk.page.frame_locator("#formgrader-iframe iframe")
    lab.press(formgrader, "td .glyphicon-cloud-download", "Successfully collected")
    photograph(desk.page, "11-collected")
    formgrader.locator("td.num-submissions a", has_text="2").click()
    for student in (STUDENT, OTHER):
        row = f"tr:has(td.student-id:text-is('{student}'))"
        log = lab.press(formgrader, f"{row} td.autograde a", "Successfully autograded")
        assert "Applying preprocessor: SandboxedExecute" in log
        assert "WARNING" not in log
    expect(formgrader.locator("td.score")).to_have_text(["20 / 20", "14 / 20"])
    photograph(desk.page, "12-autograded")


def assert_points_are_those_of_the_command(course: Path) -> None:
    plain = course.parent / "plain"
    for folder in ("source", "submitted", ".oracle"):
        shutil.copytree(course / folder, plain / folder)
    for command in ("generate_assignment", "autograde"):
        done = nbgrader(plain, command)
        assert done.returncode == 0, done.stderr
    assert scores(course, "ex04") == scores(plain, "ex04")


def instructor_reads_and_comments(desk: Desk, photograph: Callable) -> None:
    formgrader = desk.page.frame_locator("#formgrader-iframe iframe")
    formgrader.get_by_role("link", name="Manual Grading").click()
    formgrader.locator("td a", has_text="ex04").click()
    formgrader.locator("td a", has_text="1_simple_classifier").click()
    open_submission(formgrader, OTHER)
    expect(formgrader.locator("body")).to_contain_text("0 of 3 points")
    photograph(desk.page, "13-submission-from-the-top")
    wrong = formgrader.locator("tr", has_text="✗").first
    expect(wrong).to_contain_text("predictions in a column [N, 1]", use_inner_text=True)
    wrong.scroll_into_view_if_needed()
    photograph(desk.page, "14-wrong-answers")
    assert formgrader.locator(".rendered_html math").count() > 100
    assert "$" not in "".join(formgrader.locator(".rendered_html").all_inner_texts())
    formgrader.locator(".breadcrumb a", has_text="1_simple_classifier").click()

    open_submission(formgrader, STUDENT)
    comment, score = formgrader.locator("#classifier-comment"), formgrader.locator("#test_sigmoid")
    for field, text in ((comment, COMMENT), (score, "1.5")):
        field.fill(text)
        with desk.page.expect_response(lambda answer: answer.request.method == "PUT") as saved:
            field.press("Escape")  # formgrader's key for saving
        assert saved.value.ok
    photograph(desk.page, "15-override-and-comment")


def open_submission(formgrader: FrameLocator, student: str) -> None:
    row = formgrader.locator("tr", has=formgrader.locator(f"a.name-shown:text-is({student!r})"))
    row.locator("a.name-hidden").click()
    formgrader.locator("#test_bce_forward").wait_for()
    frame = formgrader.locator("body").element_handle().owner_frame()
    assert frame  # the page fetches scores and comments after it shows; they would write over what is typed before
    frame.wait_for_function("formgrader.grades?.loaded && formgrader.comments?.loaded")


def instructor_returns(desk: Desk, photograph: Callable) -> None:
    formgrader = desk.page.frame_locator("#formgrader-iframe iframe")
    formgrader.get_by_role("link", name="Manual Grading").click()
    formgrader.get_by_role("link", name="Manage Assignments").click()
    formgrader.locator("td.num-submissions a").click()
    row = f"tr:has(td.student-id:text-is('{STUDENT}'))"
    expect(formgrader.locator(f"{row} td.score")).to_have_text("19.5 / 20")
    lab.press(formgrader, f"{row} td.generate-feedback a", "Successfully generated feedback")
    lab.press(formgrader, f"{row} td.release-feedback a", "Successfully released feedback")
    photograph(desk.page, "16-feedback-released")


def student_reads_feedback(desk: Desk, photograph: Callable) -> None:
    page = desk.page
    submitted = page.locator("#submitted_assignments_list")
    submitted.locator('button:text-is("Fetch Feedback")').click()
    submitted.get_by_text("view feedback").click(timeout=lab.SLOW)
    page.locator(".jp-DirListing-item", has_text="1_simple_classifier.html").dblclick()
    feedback = page.frame_locator("iframe[src^='blob:']")
    expect(feedback.locator(".course-total")).to_have_text("19.5 of 20 points", timeout=lab.SLOW)
    photograph(page, "17-feedback")
    overridden = feedback.locator(".course-summary tr", has_text="From any number to a probability")
    expect(overridden).to_contain_text("1.5 of 2")
    expect(overridden).to_contain_text("Set by your instructor. With a comment.")
    task = feedback.locator("details.task[open]")
    expect(task).to_contain_text("Your instructor set these points; the tests alone gave 2 of 2 points.")
    comment = task.locator(".comment", has_text="Half a point for logits far out")
    expect(comment.locator("math")).to_have_count(2)
    overridden.get_by_role("link").click()
    expect(comment).to_be_in_viewport()
    photograph(page, "18-feedback-comment")
    assert_pictures_show(feedback.locator("img"))
