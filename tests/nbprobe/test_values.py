"""Results that are no arrays: numbers, texts, lists, dicts, sets; what is printed; errors that are asked for."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nbprobe.judge import judge
from nbprobe.outcomes import printed, raised
from nbprobe.probe import collecting, probe
from nbprobe.table import as_text
from nbprobe.verdict import Verdict


def verdict(right: Callable, own: Callable, *args: Any, visible: bool = False, **about: Any) -> Verdict:
    """The verdict on ``own`` where ``right`` is right."""
    with collecting() as expected:
        probe("p", right, *args, points=1, **about)
    with collecting() as got:
        probe("p", own, *args, points=1, **about)
    return judge(expected, got, 1, [], visible=visible)


def said(right: Any, own: Any, **about: Any) -> str:
    """Why ``own`` isn't ``right``, or ""."""
    row = verdict(lambda: right, lambda: own, **about).rows[0]
    return row.reason.text if row.reason else ""


BIG = 2432902008176640000

RIGHT = [
    (3, 3),
    (3, 3.0),
    (3, 2.9999999999999996),
    (BIG, BIG),
    (10**80, 10**80),
    ([1, 2], (1, 2)),
    ([1, 2], np.array([1, 2])),
    (np.array([1, 2]), [1, 2]),
    (np.int64(7), 7),
    (7, np.int64(7)),
    (np.array([2**63 + 1], dtype="u8"), np.array([2**63 + 1], dtype="u8")),
    ([1, 2.5, "a"], [1, 2.5 + 1e-9, "a"]),
    ({"a": 1}, {"a": 1.0}),
    ({1: "a"}, {1.0: "a"}),
    ({(0, 1): ["x"]}, {(0, 1): ["x"]}),
    ({1, 2.5, "a"}, frozenset({"a", 2.5 + 1e-9, 1})),
    ("héllo", "héllo"),
    ("Ada", np.str_("Ada")),
    (None, None),
    (True, np.True_),
    ({"a": 2, "b": 1}, Counter("aba")),
    ({"a": [1]}, defaultdict(list, a=[1])),
    ([1, 2], deque([1, 2])),
    ([True, 2], (True, 2)),
    (np.array([[True], [False]]), [[True], [False]]),
    ([np.array([1, 2]), np.array([3, 4])], np.array([[1, 2], [3, 4]])),
    ((10**6, 0.5), np.array([10**6, 0.5])),
    ({(1 / 3, "a"), (2 / 3, "b")}, {(1 / 3, "a"), (2 / 3, "b")}),
    ([2**60, 1], [2**60, 1.0]),
    ({(1, 2): "a"}, {(1.0, 2): "a"}),
    ([], ()),
    (np.array([]) > 0, []),
    (np.array([]) > 0, np.array([])),
    ([], np.array([]) > 0),
    ({}, {}),
    (set(), set()),
]


@pytest.mark.parametrize(("right", "own"), RIGHT)
def test_what_is_right(right: Any, own: Any) -> None:
    assert said(right, own) == ""


WRONG = [
    (BIG, BIG + 1, "The whole number is off by one"),
    (BIG, BIG + 5, "Nearly right, but a whole number is exact."),
    (BIG + 1, float(BIG), "Nearly right, but a whole number is exact."),
    (100000, 100001.0, "Nearly right, but a whole number is exact."),
    (10**80, 10**80 + 7, "Nearly right, but a whole number is exact."),
    (3, 3.001, "Nearly right"),
    (7, 8, "The whole number is off by one: does a loop or a range begin or end one step wrong?"),
    ([10**6, 1], [10**6 + 1, 1], "Entry [0] is wrong: it is 1000001."),
    ([10**6, 2.5], [10**6 + 1, 2.5], "Entry [0] is wrong: it is 1000001."),
    (np.array([10**6, 1]), np.array([10**6 + 1, 1]), "Nearly right, but a whole number is exact."),
    (np.array([2**63 + 1], dtype="u8"), np.array([2**63], dtype="u8"), "Nearly right, but a whole number is exact."),
    ([1, 2, 3], [3, 2, 1], "The entries are right, but they stand in another order."),
    ([1, 2, 3], [1, 2], "The number of entries is wrong: it is 2."),
    ([1, None], [1, 3], "Entry [1]: Nothing is to be returned"),
    ([1, 3], [1, None], "Entry [1] is wrong: it is None."),
    ([1, 2], [True, 2], "Entry [0]: it must be a number; it is True or False: True."),
    (["a", "b"], ["a", "B"], "Entry [1]: Only upper and lower case letters differ."),
    (["a"], "a", "The result must be a list; it is a text."),
    ({"a": 1}, {"a": 2}, "The entry 'a' is wrong: it is 2."),
    ([1, 5], [1, np.int64(7)], "Entry [1] is wrong: it is 7."),
    ({"a": 1}, {}, "A key of the dict is missing."),
    ({"a": 1}, {"a": 1, "b": 2}, "The dict has a key that doesn't belong there: 'b'."),
    ({1: "a"}, {True: "a"}, "The dict has a key that doesn't belong there: True."),
    ({1, 2}, {1}, "An entry of the set is missing."),
    ({1, 2}, {1, 3}, "The set has an entry that doesn't belong there: 3."),
    ({1, 2}, [1, 2], "The result must be a set; it is a list."),
    ([1, 2], {1, 2}, "must be"),
    ([1, 2], map(int, "12"), "The result is no number or array, but map. `list` makes a list of it."),
    ([1, 2], print, "but builtin_function_or_method. Are its brackets missing"),
    ("3", 3, "The result must be a text; it is a number. `str` makes a text of it."),
    ("a", 3, "The result must be a text; it is a number."),
    (3, "3", "The result must be a number; it is a text: '3'."),
    (1, True, "The result must be a number; it is True or False: True."),
    (True, 1, "The result must be True or False; it is a number."),
    (True, False, "The result is False."),
    (np.array([True, False]), np.array([1.000001, 0]), "The result must be an array of True and False; it is an array"),
    ([True, False], np.array([1, 0]), "Entry [0]: it must be True or False; it is a number."),
    (np.array([True, False]), [1, 0], "The result must be an array of True and False; it is a list."),
    (np.array([1, 2]), [True, 2], "The result must be an array of numbers; it is a list."),
    (np.array([1.0, 2.5]), [True, 2.5], "The result must be an array of numbers; it is a list."),
    ([True, 2.5], np.array([1.0, 2.5]), "Entry [0]: it must be True or False; it is a number."),
    ((10**6, 0.5), np.array([10**6 + 1, 0.5]), "Nearly right, but a whole number is exact."),
    ({"a": (10**6, 0.5)}, {"a": np.array([10**6 + 1, 0.5])}, "Nearly right, but a whole number is exact."),
    ([np.array([10**6, 2]), np.array([3, 4])], np.array([[10**6 + 1, 2], [3, 4]]), "Nearly right"),
    ("a?", "a\ud800", "The result is no number or array, but a text with half a letter."),
    (["\U0001f600"], ["\ud83d\ude00"], "but a text with half a letter."),
    ([2**60, 1], [2**60 + 50, 1.0], "Entry [0] is wrong"),
    ({(1, False), (2, True)}, {(1, 0), (2, 1)}, "doesn't belong there"),
    ({(1, 2): 5}, {(True, 2): 5}, "a key that doesn't belong there"),
    ([True, False], np.zeros((10**6, 10**6, 0)), "The result is too large."),
    (3, None, "The result is None: is there a `return`"),
    (None, 3, "Nothing is to be returned; the result is a number."),
    ("Ada", "", "The text is empty."),
    ("Ada", "ADA", "Only upper and lower case letters differ."),
    ("Ada", " Ada\n", "Only blanks at the beginning or end differ."),
    ("a, b", "a,b", "Only blanks or line breaks differ."),
    ("Hi Ada!", "Hi Ada", "Only punctuation marks differ."),
    ("Hi, Ada!", "hi ada", "Only punctuation marks and upper and lower case letters differ."),
    ("Hi, Ada!", "hiada", "Only blanks, punctuation marks and upper and lower case letters differ."),
    ("Hello Ada", "Hello", "The text ends too early, after 5 characters."),
    ("Hello", "Hello Ada", "The text goes on where it should end, with ' Ada'."),
    ("Hello Ada", "Hello Bob", "The text differs from character 7 on, where it goes on with 'Bob'."),
    ("Hello", "Bye", "The text is another one: it is 'Bye'."),
]


@pytest.mark.parametrize(("right", "own", "sentence"), WRONG)
def test_what_is_wrong_is_told(right: Any, own: Any, sentence: str) -> None:
    assert sentence in said(right, own)


def test_a_tolerance_of_its_own_counts_for_whole_numbers_too() -> None:
    assert said(1000, 1001, rtol=0.01) == ""
    assert said([1000, 1], [1001, 1], rtol=0.01) == ""


def test_what_is_printed_in_place_of_being_returned_is_told() -> None:
    def prints(x: int) -> None:
        print(2 * x)

    row = verdict(lambda x: 2 * x, prints, 4).rows[0]
    assert row.reason is not None
    assert row.reason.text == "The result is None, and something is printed: `return` it; what is printed is gone."


def test_a_change_in_place_of_a_list_is_a_remark_unless_it_is_asked_for() -> None:
    def sorts(numbers: list) -> list:
        numbers.sort()
        return numbers

    given = [3, 1, 2]
    remark = verdict(sorted, sorts, given).rows[-1]
    assert remark.reason is not None
    assert remark.reason.text.startswith("A list that came in was changed in place")
    assert len(verdict(sorts, sorts, given).rows) == 1
    assert given == [3, 1, 2]
    nested = verdict(lambda pair: pair[1]["a"], lambda pair: pair[1].pop("a"), ([], {"a": 1}))
    assert nested.rows[-1].reason.text.startswith("A dict that came in")


SHOWN = [
    ([1, 2], [1, 3], (), "right is [1, 2], yours [1, 3]"),
    ({"a": 1}, {"a": 2}, (), "right is {'a': 1}, yours {'a': 2}"),
    ("Ada", "Bob", ("ada",), "given 'ada': right is 'Ada', yours 'Bob'"),
    (3, 4, (2, [1]), "given 2, [1]: right is 3, yours 4"),
    ({1}, set(), (), "right is {1}, yours set()"),
    ((1,), (2,), (), "right is (1,), yours (2,)"),
    (True, None, (), "right is True, yours None"),
    (BIG, BIG + 1, (), f"right is {BIG}, yours {BIG + 1}"),
    (10**80, 10**80 + 1, (), "right is 1000000000…00000000000000000000, yours 1000000000…00000000000000000001"),
    (list(range(60)), [*range(59), 0], (), "right is [59]: 59, yours [59]: 0"),
    (list(range(60)), list(range(59)), (), "right is [59]: 59, yours 59 entries"),
    ({str(n): n for n in range(60)}, {str(n): n % 50 for n in range(60)}, (), "right is ['50']: 50, yours ['50']: 0"),
    ("x" * 50 + "Ada" + "y" * 50, "x" * 50 + "Bob" + "y" * 50, (), f"right is '…{'x' * 12}Ada{'y' * 15}…', yours '…"),
    (np.array([10**6, 1]), np.array([10**6 + 1, 1]), (), "right is 1000000, yours 1000001"),
]


@pytest.mark.parametrize(("right", "own", "args", "text"), SHOWN)
def test_a_check_shows_what_is_given_right_and_yours(right: Any, own: Any, args: tuple, text: str) -> None:
    assert text in as_text(verdict(lambda *_: right, lambda *_: own, *args, visible=True), "Task 1")


def greet(name: str) -> None:
    print(f"Hello {name}!")
    print("How are you?")


PRINTING: list[tuple[Callable, str, str]] = [
    (lambda name: print(f"Hello {name}!  \r\nHow are you?\n\n"), "", ""),
    (lambda name: None, "It prints nothing.", "yours nothing printed"),
    (lambda name: f"Hello {name}!", "It returns a text and prints nothing: use `print`.", "nothing printed"),
    (
        lambda name: print("Hello Ada!\nhow are you?"),
        "Line 2 differs. Only upper and lower case",
        "line 2: 'how are you?'",
    ),
    (lambda name: print("Hello Ada!"), "It prints too few lines: 1.", "yours 1 lines"),
    (lambda name: print("Hello Ada!\nHow are you?\nBye"), "It prints too many lines: 3.", "yours 3 lines"),
    (lambda name: print(greet(name)), "It prints None, too", "right is 2 lines"),
    (lambda name: print("Hello Ada!How are you?"), "Only blanks or line breaks differ in what it prints.", "line 1"),
    (lambda name: print(name.nothing), "It stops with AttributeError", "yours AttributeError"),
    (lambda name: print("x" * 2_000_000), "The result is too large.", ""),
]


@pytest.mark.parametrize(("own", "sentence", "shown"), PRINTING)
def test_what_is_printed_is_compared(own: Callable, sentence: str, shown: str, capsys: pytest.CaptureFixture) -> None:
    judged = verdict(printed(greet), printed(own), "Ada", visible=True)
    assert judged.is_full == (not sentence)
    text = as_text(judged, "Task 1")
    assert sentence in text
    assert shown in text
    assert capsys.readouterr().out == ""


def test_a_single_line_needs_no_number() -> None:
    row = verdict(printed(print), printed(lambda x: print("Bob")), "Ada").rows[0]
    assert row.reason is not None
    assert row.reason.text == "What it prints differs. The text is another one: it is 'Bob'."
    assert "Bob" not in row.reason.general


def test_where_nothing_is_to_be_printed() -> None:
    assert verdict(printed(lambda: None), printed(lambda: 3)).is_full
    row = verdict(printed(lambda: None), printed(lambda: print("a"))).rows[0]
    assert row.reason is not None
    assert row.reason.text == "Nothing is to be printed here; it prints 'a'."


class NegativeError(ValueError):
    pass


def raising(error: Any) -> Callable:
    def f(x: float) -> float:
        if x < 0:
            raise error
        return x

    return raised(f)


Pretender = type("ValueError", (Exception,), {})

RAISING: list[tuple[Any, str]] = [
    (ValueError("x must not be negative"), ""),
    (NegativeError(), ""),
    (UnicodeDecodeError("utf-8", b"", 0, 1, ""), ""),
    (KeyError(-1), "It stops with KeyError, and another error is asked for."),
    (NameError("a"), "It stops with NameError, and another error is asked for. This name was never set."),
    (Exception(), "It stops with Exception, which can mean anything; a more special error is asked for."),
    (Pretender(), "a more special error is asked for"),
    (NotImplementedError("replace this line"), "It is not implemented yet."),
    (SystemExit(), "It stops with SystemExit"),
    (RecursionError(), "It stops with RecursionError. The method calls itself again and again."),
]


@pytest.mark.parametrize(("error", "sentence"), RAISING)
def test_an_error_that_is_asked_for(error: Any, sentence: str) -> None:
    row = verdict(raising(ValueError()), raising(error), -1).rows[0]
    assert (row.reason is None) == (not sentence)
    assert row.reason is None or sentence in row.reason.text


def test_where_no_error_is_raised_a_check_names_the_one_that_is_asked_for_and_a_grade_does_not() -> None:
    right, own = raising(ValueError()), raised(lambda x: x)
    hidden = as_text(verdict(right, own, -1))
    assert "No error is raised for this input, and one is asked for." in hidden
    assert "ValueError" not in hidden
    assert "given -1: right is ValueError, yours no error" in as_text(verdict(right, own, -1, visible=True), "Task 1")


def test_where_no_error_is_asked_for() -> None:
    right = raising(ValueError())
    assert verdict(right, right, 4).is_full
    row = verdict(right, raised(lambda x: [][0]), 4).rows[0]
    assert row.reason is not None
    assert row.reason.text == "It stops with IndexError, although this input is no reason for an error."


SECRETS = [
    ("a secret text", "another text"),
    (["secret", 1234567], ["other", 7654321]),
    ({"secret": 1}, {"other": 2}),
    ({"secret"}, {"other"}),
    (1234567, 7654321),
    (1234567, 1234568),
    ("secret 1234567", "secret 7654321"),
]


@pytest.mark.parametrize(("right", "own"), SECRETS)
def test_a_hidden_reason_never_quotes_the_right_answer(right: Any, own: Any) -> None:
    ways = [lambda value: lambda: value, lambda value: printed(lambda: print(value))]
    for way in ways:
        row = verdict(way(right), way(own)).rows[0]
        assert row.reason is not None
        for secret in ("secret'", "secret text", "1234567"):
            assert secret not in row.reason.text + row.reason.general


OUTCOME = (printed(lambda: print(1)), raised(lambda: 1 / 0))
OTHERS = (1, "a", None, [1], {"a": 1}, {1}, True, np.ones(3), 10**40)


@pytest.mark.parametrize("value", OTHERS, ids=str)
def test_an_outcome_is_no_value_and_no_value_an_outcome(value: Any) -> None:
    for outcome in OUTCOME:
        for right, own in ((outcome, lambda: value), (lambda: value, outcome)):
            judged = verdict(right, own, visible=True)
            assert judged.score == 0
            assert as_text(judged, "Task 1")


@pytest.mark.parametrize("right", OTHERS, ids=str)
def test_no_two_values_are_taken_for_each_other(right: Any) -> None:
    for own in OTHERS:
        judged = verdict(lambda: right, lambda own=own: own, visible=True)
        assert judged.is_full == (own is right)
        assert as_text(judged, "Task 1")
