"""Feedback pages as students meet them: read, on a phone, in the dark, on paper, by ear and by keyboard."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.accessibility import violations
from tests.browser.servers import Server
from tests.support import page_states

STATES = [
    "mean",
    "sign",
    "linear",
    "sum",
    "factor",
    "right",
    "open",
    "syntax",
    "commented",
    "late",
    "repaired",
    "refused",
    "hostile",
]
RICH = ("commented", "syntax", "hostile")
"""On these pages is all that the others have, and more. axe-core takes its time."""
MOST_BYTES = 150_000
PICTURE = re.compile(r"data:image/[a-z+]+;base64,[^\"]*")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("states")
    page_states.make(root)
    return root


@pytest.fixture
def page(offline: tuple[BrowserContext, list[str]]) -> Iterator[Page]:
    context, asked = offline
    yield context.new_page()
    assert asked == [], "a page asks nobody for anything"


def read(page: Page, course: Path, student: str) -> str:
    """Open the page of a student. What stands there before anything is unfolded."""
    page.goto(page_states.page(course, student).as_uri())
    return str(page.locator("body").inner_text())


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")


SLIPS = {  # the task, the cause, the line of code, and numbers: given, right, yours
    "mean": (
        "1 · How wrong is a prediction?",
        "You averaged over the batch.",
        "np.mean(-y_truth",
        ("shape (8, 1)", "shape ()"),
    ),
    "sign": (
        "2 · How does the loss change with the prediction?",
        "Every sign is flipped",
        "gradient = y_truth / p - (1 - y_truth) / (1 - p)",
        ("ŷ = 0.5, y = 1", "-2", "2"),
    ),
    "linear": ("4 · The prediction", "You return the logits.", "y = X @ self.W", ("x = (1, 2)", "0.6225", "0.5")),
    "factor": (
        "5 · How does the prediction change with the weights?",
        "You have one factor of the sigmoid's slope; the other one is missing.",
        "dW = (1 - y) * X",
        ("ŷ = 0.269, x̃ = (-2.25, 3, 1)", "[-0.4424, 0.5898, 0.1966]", "[-1.645, 2.193, 0.7311]"),
    ),
    "sum": ("7 · One update of the training", "mean", "grad = model_backward.T @ loss_grad", ()),
}


@pytest.mark.parametrize("student", SLIPS)
def test_a_slip_is_told_in_full_before_anything_is_unfolded(course: Path, page: Page, student: str) -> None:
    title, cause, line, numbers = SLIPS[student]
    text = read(page, course, student)
    assert text.index(title) < text.index(cause)
    task = page.locator("details.task[open]")
    expect(task).to_have_count(1)
    shown = " ".join(task.inner_text().split())
    for part in (title, cause, line, *numbers):
        assert part in shown
    assert "Read again: Task" in shown
    assert "raise NotImplementedError" not in text
    assert "HIDDEN" not in page.content()


def test_no_number_of_a_hidden_probe_is_on_any_page(course: Path, page: Page) -> None:
    """Their inputs are made with seeds, which stand in the source alone."""
    for student in STATES:
        read(page, course, student)
        assert "default_rng(4" not in page.content()


@pytest.mark.parametrize("student", STATES[-9:])
def test_nothing_stands_between_anybody_and_the_page(course: Path, page: Page, student: str) -> None:
    """axe-core finds nothing, in either theme, wide and on a phone; nothing is cut off; no page is heavy."""
    for scheme in ("light", "dark") if student in RICH else ("light",):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        read(page, course, student)
        unfold(page)
        assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 900})
    read(page, course, student)
    assert student not in RICH or violations(page) == []
    unfold(page)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("html").get_attribute("lang") == "en"
    if student != "hostile":  # who may write as much as they like
        assert len(PICTURE.sub("", page_states.page(course, student).read_text()).encode()) <= MOST_BYTES


@pytest.mark.parametrize("student", ["right", "factor", "open", "commented", "syntax"])
def test_two_sheets_of_paper_are_enough(course: Path, page: Page, student: str, tmp_path: Path) -> None:
    read(page, course, student)
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "page.pdf").read_bytes())) <= 2


def test_what_is_right_is_folded_and_opens_by_keyboard(course: Path, page: Page) -> None:
    read(page, course, "right")
    expect(page.locator("details.task")).to_have_count(7)
    expect(page.locator("details.task[open]")).to_have_count(0)
    for _ in range(8):  # past the links of the table
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("details.task[open]")).to_have_count(1)


def test_who_did_nothing_is_told_so_in_a_line_for_each_task(course: Path, page: Page) -> None:
    read(page, course, "open")
    expect(page.locator("details.task[open] .cause")).to_have_text(["It is not implemented yet."] * 7)
    expect(page.locator("details.task .code")).to_have_count(0)


def test_a_syntax_error_is_shown_with_its_line(course: Path, page: Page) -> None:
    text = read(page, course, "syntax")
    assert "'(' was never closed" in text
    said = page.locator("details.task[open] .said")
    expect(said).to_contain_text("line 42")
    expect(page.locator("details.task[open] .code")).to_contain_text("42        y = self.sigmoid(X @ self.W")


def test_what_only_the_grade_tried_says_so_and_shows_no_number(course: Path, page: Page) -> None:
    read(page, course, "unseen")
    task = page.locator("details.task[open]")
    expect(task).to_contain_text("(with inputs that only the grade uses)")
    expect(task.locator("th", has_text="yours")).to_have_count(0)


def grading_page(course: Path, server: Server, page: Page, student: str) -> None:
    """Open a submission in formgrader."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        number = gradebook.find_submission_notebook(page_states.NAME, "ex04", student).id
    page.set_extra_http_headers({"Authorization": f"token {server.token}"})
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{server.address}/formgrader/submissions/{number}/")
    page.wait_for_load_state("networkidle")


CUT_OFF = """[...document.querySelectorAll('#notebook *')].filter(each => {
    const box = each.getBoundingClientRect();
    const isHidden = getComputedStyle(each).overflowX == 'hidden';
    return box.right > 1280 || (isHidden && each.scrollWidth > each.clientWidth + 1);
}).map(each => each.outerHTML.slice(0, 200))"""


def test_formgrader_shows_the_same_table(course: Path, jupyter: Callable[..., Server], page: Page) -> None:
    """The diagnosis goes first, hidden rows say so, nothing is cut off, and the intake is one line to unfold."""
    server = jupyter(course)
    grading_page(course, server, page, "factor")
    found = page.locator(".output_html", has_text="0 of 4 points")
    text = " ".join(found.inner_text().split())
    assert text.startswith("0 of 4 points You have one factor of the sigmoid's slope; the other one is missing.")
    assert "ŷ = 0.269, x̃ = (-2.25, 3, 1) [-0.4424, 0.5898, 0.1966] [-1.645, 2.193, 0.7311]" in text
    assert page.evaluate(CUT_OFF) == []
    grading_page(course, server, page, "unseen")
    expect(page.locator(".output_html td", has_text="another learning rate (hidden)")).to_be_attached()
    assert page.evaluate(CUT_OFF) == []
    grading_page(course, server, page, "repaired")
    folded = page.locator("details", has_text="Put right before grading: 2 things")
    expect(folded).not_to_have_attribute("open", "")
    folded.locator("summary").click()
    expect(folded.get_by_text("was missing; it was put back")).to_be_visible()


def test_points_and_comment_of_the_instructor_stand_at_their_task(course: Path, page: Page) -> None:
    text = read(page, course, "commented")
    assert "19.5 of 20 points" in text
    task = page.locator("details.task[open]")
    expect(task).to_contain_text("6 · One step downhill")
    expect(task).to_contain_text("Your instructor set these points; the tests alone gave 0 of 2 points.")
    expect(task.locator(".comment")).to_contain_text("See task 6 again.")
    expect(task.locator(".comment math")).to_have_count(1)


def test_a_penalty_is_named(course: Path, page: Page) -> None:
    text = read(page, course, "late")
    assert "18 of 20 points" in text
    assert "Handed in late: 2 points were taken off." in text


def test_what_to_do_about_a_refused_notebook_comes_first(course: Path, page: Page) -> None:
    text = read(page, course, "refused")
    first = page.locator("h2").first
    expect(first).to_have_text("Your notebook could not be graded")
    assert text.index("hand in again") < text.index("1 · ")
    expect(page.locator("details.task")).to_have_count(0)


def test_what_was_put_right_is_in_one_place(course: Path, page: Page) -> None:
    text = read(page, course, "repaired")
    assert text.count("was missing; it was put back") == 1
    assert "the original was run" in text
    unfold(page)
    assert page.locator("body").inner_text().count("was missing; it was put back") == 1


def test_the_notebook_is_at_the_end_with_what_ran(course: Path, page: Page) -> None:
    read(page, course, "factor")
    notebook = page.locator("details.notebook")
    expect(notebook).not_to_have_attribute("open", "")
    page.get_by_role("link", name="Task 5: how does the prediction change with the weights?").click()
    expect(notebook.get_by_role("heading", name="Task 5")).to_be_in_viewport()
    expect(notebook.locator("#sigmoid-plot")).to_have_count(0)  # which no grade needs, so it didn't run
    expect(notebook.locator("#classifier")).to_contain_text("dW = (1 - y) * X")
    assert notebook.locator("math").count() > 100
    assert "$" not in "".join(notebook.locator(".text_cell").all_inner_texts())


def test_code_that_is_read_from_right_to_left_stands_as_python_reads_it(course: Path, chromium: Browser) -> None:
    """The letters keep their order, so nothing that runs looks like a comment, or the other way round."""
    with chromium.new_context() as context:
        page = context.new_page()
        read(page, course, "hostile")
        unfold(page)
        code = page.locator("details.notebook #bce pre").first
        assert "א" in code.inner_text()
        style = "element => [getComputedStyle(element).direction, getComputedStyle(element).unicodeBidi]"
        assert code.evaluate(style) == ["ltr", "bidi-override"]
