"""What a written answer may hold: pictures within bounds, and no text at which a page fails."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from nbjudge.pages.attachments import MAX_PICTURES, PASTED, Pictures, with_pictures
from nbjudge.pages.clean import BUDGET, Budget, Clean
from nbjudge.pages.formulas import with_mathml
from nbjudge.pages.markup import clean_html, clean_latex, clean_markdown
from nbjudge.pages.quotations import HiddenTests
from tests.support.quickstart import PICTURE

DIGITS = "&#" + "9" * 5000
PNG = {"image/png": PICTURE}


def test_thousands_of_references_are_a_text_like_any_other() -> None:
    text, calls, pictures = "<![](attachment:a)" * 60_000, list[int](), Pictures()

    def clean(part: str) -> str:
        calls.append(len(part))
        return part

    cleaned, kept = with_pictures(text, {}, clean, pictures)
    assert len(calls) == MAX_PICTURES + 1
    assert len(cleaned) < 1.01 * len(text)
    assert kept == {}
    with_pictures(text, {}, clean, pictures)  # of all answers of the notebook together
    assert len(calls) == MAX_PICTURES + 2


def test_one_picture_many_times_has_a_bound() -> None:
    _, kept = with_pictures("![x](attachment:a) " * 1000, {"a": PNG}, str, Pictures())
    assert len(kept) == MAX_PICTURES
    _, kept = with_pictures("![x](attachment:a) " * 9, {"a": PNG}, str, Pictures(Budget(pictures=3 * len(PICTURE))))
    assert len(kept) == 3


def test_a_reference_begins_at_one_place() -> None:
    """What is no reference is read once, not again from each of its letters."""
    assert PASTED.search("![![![x](attachment:a)").start() == 4


@pytest.mark.parametrize(
    "text", [DIGITS, f"$\\text{{{DIGITS}}}$", f"$${DIGITS}$$", f"<b>{DIGITS};</b>", "&#x" + "f" * 5000]
)
def test_a_number_of_thousands_of_digits_keeps_no_page_from_being_made(text: str) -> None:
    for shown in (with_mathml(text), clean_html(text), clean_latex(text), clean_markdown(text)):
        assert isinstance(with_mathml(shown), str)
    assert not HiddenTests(["secret_inputs = draw_from(seed=41)"], set()).are_quoted_in(text)


def test_what_plain_tests_put_out_counts_with_all_other_outputs() -> None:
    cell = new_code_cell("1", outputs=[new_output("stream", text="a"), new_output("stream", text="b")])
    cleaned, _ = Clean().preprocess(new_notebook(cells=[cell]), {BUDGET: Budget(outputs=1)})
    assert [output.text for output in cleaned.cells[0].outputs] == ["a"]
