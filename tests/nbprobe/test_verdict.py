"""A verdict is data, and all that is told of it is made from that."""

import builtins
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nbprobe.errors import FormError
from nbprobe.evidence import read_evidence
from nbprobe.judge import judge
from nbprobe.reason import Reason
from nbprobe.table import as_html, as_text
from nbprobe.verdict import Contrast, Row, Verdict
from nbprobe.wire import encode

NUMBERS = np.random.default_rng(5).normal(size=(6, 1))

VERDICT = Verdict(
    [
        Row("one <number>", "right", 1.0, 1.0),
        Row("64 samples", "wrong", 0.0, 1.5, Reason("3 of 64 values are right.", "Some are right.")),
        Row("many samples", "wrong", 0.0, 0.5, Reason("3 of 64 values are right.", "Some are right.")),
        Row("a list", "remark", 0.0, 0.0, Reason("<script>")),
    ],
    1.0,
    3.0,
    "You averaged & summed.",
)


def judged(value: Any) -> Verdict:
    """The verdict on a result that should be ``NUMBERS``."""
    expected = {"name": "a", "points": 1.0, "core": False, "advice": "", "value": encode(NUMBERS)}
    return judge([expected], [{"name": "a", "value": encode(value)}], 1.0, [])


def test_a_verdict_goes_through_json() -> None:
    others = [judged(value) for value in (NUMBERS, -NUMBERS, NUMBERS.T, None, "text")]
    for verdict in (VERDICT, *others):
        assert Verdict.from_data(json.loads(json.dumps(verdict.as_data(), allow_nan=False))) == verdict


def changed(**about: Any) -> dict[str, Any]:
    return {**VERDICT.as_data(), **about}


def with_row(**about: Any) -> dict[str, Any]:
    return changed(rows=[{**VERDICT.as_data()["rows"][1], **about}])


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        changed(rows=None),
        changed(rows=[1]),
        changed(score="3"),
        changed(score=True),
        changed(score=float("nan")),
        changed(maximum=float("inf")),
        changed(maximum=10**400),
        changed(diagnosis=None),
        with_row(kind="ok"),
        with_row(kind=["right"]),
        with_row(name=None),
        with_row(points=None),
        with_row(reason="a sentence"),
        with_row(reason={"text": "a sentence"}),
        with_row(reason={"text": "a sentence", "general": 1}),
        with_row(contrast={"given": "", "right": 1, "yours": ""}),
    ],
)
def test_what_is_no_verdict_is_refused(data: Any) -> None:
    with pytest.raises(FormError):
        Verdict.from_data(data)


KEYS, KEYS_OF_ROW = list(VERDICT.as_data()), list(VERDICT.as_data()["rows"][0])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=9,
)


@given(st.sampled_from(KEYS), st.sampled_from(KEYS_OF_ROW), ANYTHING)
def test_any_json_is_a_verdict_or_refused(key: str, key_of_row: str, value: Any) -> None:
    for data in (value, changed(**{key: value}), with_row(**{key_of_row: value})):
        try:
            as_text(Verdict.from_data(data))
        except FormError:
            continue


def test_the_table_as_text() -> None:
    assert as_text(VERDICT).splitlines() == [
        "1 of 3 points",
        "You averaged & summed.",
        "  ✓ one <number> 1/1",
        "  ✗ 64 samples; many samples 0/2",
        "      3 of 64 values are right.",
        "  ! a list",
        "      <script>",
    ]
    assert as_text(VERDICT, "a check").splitlines()[3:7] == [
        "  ✗ 64 samples",
        "      3 of 64 values are right.",
        "  ✗ many samples",
        "      As above.",
    ]


def test_numbers_of_visible_probes_stand_beside_what_the_hidden_ones_say() -> None:
    """Rows are partners by their name; what only the grade saw says so."""
    seen = Row("64 samples", "wrong", 0.0, 1.0, Reason("Not this one."), Contrast("x = 2", "4", "5"))
    beside = VERDICT.beside(Verdict([seen, Row("many samples", "right", 1.0, 1.0)], 1.0, 2.0))
    assert (beside.score, beside.diagnosis) == (VERDICT.score, VERDICT.diagnosis)
    assert [row.reason for row in beside.rows] == [row.reason for row in VERDICT.rows]
    assert [row.contrast for row in beside.rows] == [None, Contrast("x = 2", "4", "5"), None, None]
    assert [row.hidden for row in beside.rows] == [True, False, True, False]
    assert Verdict.from_data(json.loads(json.dumps(beside.as_data()))) == beside
    assert "✓ one <number> (hidden) 1/1" in as_text(beside)
    assert "given x = 2: right is 4, yours 5" in as_text(beside)
    page = as_html(beside)
    assert page.index(">points<") < page.index(">given<") < page.index(">right<") < page.index(">yours<")
    assert page.index(">yours<") < page.index(">why<")


def test_the_table_as_html_escapes_and_lets_the_caller_do_so_for_reasons() -> None:
    page = as_html(VERDICT)
    assert "one &lt;number&gt;" in page
    assert "You averaged &amp; summed." in page
    assert "&lt;script&gt;" in page
    assert page.count("3 of 64 values are right.") == 1
    assert ">SAFE<" in as_html(VERDICT, lambda text: "SAFE" if text == "<script>" else text)


def general(value: Any) -> str:
    """What is said in general of a result that should be ``NUMBERS``."""
    reason = judged(value).rows[0].reason
    assert reason is not None
    return reason.general


def test_in_general_a_reason_has_nothing_of_one_students_own() -> None:
    some_right = np.where(np.arange(6)[:, None] < 3, NUMBERS, 9.0)
    assert general(-1.279 * NUMBERS) == "The sign is flipped, and every value is … times what it should be."
    assert general(NUMBERS + 0.5) == "Every value is … too large."
    assert general(some_right) == "Some of the values are right, and others wrong."
    assert general(np.full((6, 1), np.nan)).startswith("The result contains NaN (not a number): look for …/…, log of")
    assert general(np.ones((6, 6))) == "A column [N, …] and a row met, and numpy made a table of all pairs."
    assert general(type("Amira", (), {})()) == "The result is no number or array."


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("ValueError", "ValueError"),
        ("LinAlgError", "LinAlgError"),
        ("AmiraError", "another error"),
        ("print", "another error"),
    ],
)
def test_in_general_an_error_has_no_message_and_no_name_of_a_students(error: str, shown: str) -> None:
    trouble = read_evidence({"name": "a", "error": error, "message": "operands of amira"}).trouble
    assert trouble == Reason(f"It stops with {error}: operands of amira.", f"It stops with {shown}.")


@given(st.text(), st.text(min_size=1))
@example("‹Amira Müller, 0123456, has the solution in her folder›", "amira")
@example("ValueError: amira", "amira")
@example("{0}", "{1}")
def test_no_class_of_an_error_gets_a_message_into_the_report(error: str, message: str) -> None:
    """The report shows what is said in general."""
    general = read_evidence({"name": "a", "error": error, "message": message}).trouble.general
    about = general.removeprefix("It stops with ").removesuffix(".")
    assert about in ("another error", "LinAlgError", *dir(builtins)) or general == "It is not implemented yet."


def test_by_default_a_reason_is_general() -> None:
    assert Reason("The sign is flipped.").general == "The sign is flipped."
    assert Reason.with_numbers("{} of {}.", 1, 2) == Reason("1 of 2.", "… of ….")
