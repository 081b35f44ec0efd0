"""Marks on letters."""

import sys
import unicodedata
import warnings

import pytest

from nbprobe.marks import MAX_MARKS, is_mark, tree_of, with_few_marks


def test_whatever_python_sorts_counts_as_a_mark() -> None:
    """Or else a heap of it would take the square of its length."""
    sorted_ones = [
        letter
        for letter in map(chr, range(sys.maxunicode + 1))
        if unicodedata.combining(unicodedata.normalize("NFKD", letter)[0])
    ]
    assert len(sorted_ones) > 800
    assert [letter for letter in sorted_ones if not is_mark(letter)] == []


@pytest.mark.parametrize("mark", ["\u0301", "\u302e", "\u1baa", "\u200d", "\uff9e", "\u0f73"])
def test_a_letter_keeps_a_few_marks(mark: str) -> None:
    assert with_few_marks("a" + mark * 100 + "b" + mark) == "a" + mark * MAX_MARKS + "b" + mark


@pytest.mark.parametrize("name", ["Trần Thị", "จิ๋ว", "क्षत्रिय", "हिंदी", "שָׁלוֹם", "می‌خواهم", "한글"])
def test_names_stay_as_they_are(name: str) -> None:
    for form in ("NFC", "NFD"):
        assert with_few_marks(unicodedata.normalize(form, name)) == unicodedata.normalize(form, name)


def test_lines_keep_their_numbers_and_nothing_is_said() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tree = tree_of("a" + "\u0301\u0323" * 9 + " = '\\q'\n\nb = 1 is 1\n")
    assert [node.lineno for node in tree.body] == [1, 3]


@pytest.mark.parametrize("form", ["x = f'{}'", 'x = RF"{}"', 'x = f"""\n{}\n"""', "x = 'a' f'{}'", "x = f'\\\n{}'"])
def test_f_strings_that_python_reads_for_seconds_are_no_code(form: str) -> None:
    with pytest.raises(SyntaxError, match="too many values in an f-string"):
        tree_of(form.replace("{}", "{a}\n" * 20_000 if '"""' in form else "{a}" * 20_000))


def test_other_braces_and_many_short_f_strings_are_code() -> None:
    table = "x = [" + "{'a': {}}, " * 10_000 + "]\n"
    for text, count in ((table, 1), ("print(f'{x} of {x!r}')\n" * 500, 500)):
        assert len(tree_of(text).body) == count
