"""Pages about hostile submissions, in a real browser: nothing of theirs lives, and what is harmless still shows."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.api import Gradebook
from playwright.sync_api import BrowserContext, Page

from nbjudge.course.notebooks import graded_cells, read, write
from nbjudge.pages.clean import MAX_RICH, clean_markdown
from tests.support import short_course
from tests.support.payloads import DATA, HTML, MARKDOWN, METADATA, PICTURE, TABLE, TEX
from tests.support.short_course import NAME, ROOT, nbgrader

STUDENT = "mallory"
TAGS = "script, iframe, object, embed, svg, style, link, meta, base, form, video, audio, template, marquee"
LOOK = """area => {
  const found = [];
  for (const element of area.querySelectorAll('*')) {
    if (element.matches(TAGS)) found.push(element.tagName);
    for (const {name, value} of element.attributes)
      if (/^on/i.test(name) || /^\\s*(javascript|data:text)/i.test(value) ||
          (name != 'href' && /evil\\.invalid/.test(value)))
        found.push(`${element.tagName} ${name}=${value}`);
    if (element.tagName == 'IMG' && !/^data:image\\/(png|jpeg);/.test(element.src)) found.push(element.src);
  }
  return found;
}""".replace("TAGS", repr(TAGS))


def puts_out(data: list[dict]) -> str:
    """A cell that publishes the data, with hostile metadata."""
    return f"""
import json
from IPython.display import publish_display_data
for data in json.loads({json.dumps(json.dumps(data))}):
    publish_display_data(data, json.loads({json.dumps(json.dumps(METADATA))}))
"""


HOSTILE = [puts_out(DATA[start : start + MAX_RICH]) for start in range(0, len(DATA), MAX_RICH)]
HARMLESS = f"""
from IPython.display import publish_display_data
print("\x1b[31mred\x1b[0m </pre><img src=x onerror=window.pwned=1>")
publish_display_data({{"image/png": {PICTURE!r}}}, {{"image/png": {{"width": 40, "alt": "a harmless picture"}}}})
publish_display_data({{"text/html": {TABLE!r}}})
"""
RAISES = "raise type('<img src=x onerror=window.pwned=1>', (Exception,), {})('<script>window.pwned=1</script>')"
MESSAGE = r"raise ValueError('<img src=x onerror=window.pwned=1> $\\href{javascript:window.pwned=1}{x}$')"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a graded submission that is full of payloads, and its feedback page."""
    folder = tmp_path_factory.mktemp("pages")
    short_course.make(folder)
    submission = read(folder / "release/ex04" / NAME)
    bce = graded_cells(submission)["bce"]
    bce.source = bce.source.replace('raise NotImplementedError("replace this line by your code")', MESSAGE)
    texts = [*HTML, *TEX, *MARKDOWN, r"harmless $\frac{1}{N}$ | maths"]
    submission.cells[1:1] = [
        *(new_code_cell(text) for text in (*HOSTILE, HARMLESS)),
        new_code_cell(RAISES),
        *(new_markdown_cell(clean_markdown(text)) for text in texts),
        *(new_raw_cell(HTML[0], metadata={"raw_mimetype": kind}) for kind in ("", "text/html")),
    ]
    write(submission, folder / "submitted" / STUDENT / "ex04" / NAME)
    done = nbgrader(folder, "autograde")
    assert done.returncode == 0, done.stderr[-3000:]
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        gradebook.update_or_create_student(STUDENT, first_name=HTML[1], last_name=HTML[0])
        found = gradebook.find_submission_notebook("1_simple_classifier", "ex04", STUDENT)
        found.comments[0].manual_comment = f"Well done. {HTML[1]}"
        gradebook.db.commit()
    done = nbgrader(folder, "generate_feedback")
    assert done.returncode == 0, done.stderr[-3000:]
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return folder


@dataclass
class Visit:
    """A page that is open, and what it tried."""

    page: Page
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def open(self, address: str, token: str = "") -> None:
        if token:
            self.page.set_extra_http_headers({"Authorization": f"token {token}"})
        self.page.goto(address)
        self.page.wait_for_load_state("networkidle")

    def assert_dead(self, area: str) -> None:
        """Nothing ran, nothing was asked for elsewhere, and nothing in the area could."""
        assert self.page.evaluate("window.pwned") is None
        assert self.dialogs == []
        assert self.asked == []
        assert self.page.locator(area).count() > 0
        found = [each for part in self.page.locator(area).all() for each in part.evaluate(LOOK)]
        assert found == []


@pytest.fixture
def visit(offline: tuple[BrowserContext, list[str]]) -> Visit:
    """A page of a fresh browser that reaches this machine only; what it asks of others is noted."""
    context, asked = offline
    visit = Visit(context.new_page(), asked)
    visit.page.on("dialog", lambda dialog: (visit.dialogs.append(dialog.message), dialog.dismiss()))
    return visit


def assert_harmless_things_show(page: Page) -> None:
    picture = page.locator('img[alt="a harmless picture"]')
    assert picture.evaluate("picture => picture.naturalWidth") > 0
    assert page.locator("td:text-is('42')").count() == 1
    assert page.locator(".ansi-red-fg:text-is('red')").count() == 1
    assert page.get_by_text("0 of 3 points").count() > 0


def test_feedback_page(course: Path, visit: Visit) -> None:
    visit.open((course / "feedback" / STUDENT / "ex04" / NAME).with_suffix(".html").as_uri())
    visit.assert_dead("header, main, .output, .input, .text_cell, .comment")
    assert_harmless_things_show(visit.page)
    assert visit.page.locator("p:has-text('harmless') math mfrac").count() == 1
    assert visit.page.get_by_text("Well done.").count() == 1
    # the second wall: a script that came onto the page all the same wouldn't run
    visit.page.evaluate("document.body.innerHTML += '<img src=x onerror=window.pwned=1><b id=last>x</b>'")
    visit.page.locator("#last").wait_for()
    visit.page.wait_for_load_state("networkidle")
    assert visit.page.evaluate("window.pwned") is None


@pytest.fixture(scope="module")
def server(course: Path, jupyter):
    return jupyter(course)


def test_grading_page_of_formgrader(course: Path, server, visit: Visit) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        number = gradebook.find_submission_notebook("1_simple_classifier", "ex04", STUDENT).id
    visit.open(f"{server.address}/formgrader/submissions/{number}/", server.token)
    visit.assert_dead("div.output, div.input_area, div.text_cell, .live-notebook > a")
    assert_harmless_things_show(visit.page)
    assert visit.page.locator("p:has-text('harmless') math mfrac").count() == 1
    assert visit.page.locator("textarea.comment").first.input_value().startswith("Well done.")
    score = visit.page.locator("#test_sigmoid")
    assert score.count() == 1
    with visit.page.expect_response(lambda answer: answer.request.method == "PUT", timeout=10_000) as saved:
        score.fill("1.5")
        score.blur()
    assert saved.value.ok


@pytest.mark.parametrize(
    "path",
    ["gradebook/ex04/1_simple_classifier", "manage_students", f"manage_students/{STUDENT}", "manage_submissions/ex04"],
)
def test_lists_of_formgrader(server, visit: Visit, path: str) -> None:
    visit.open(f"{server.address}/formgrader/{path}", server.token)
    visit.page.locator("#main-table td", has_text="Loading").wait_for(state="detached")
    assert visit.page.locator("#main-table tr").count() > 0
    visit.assert_dead("#main-table")
