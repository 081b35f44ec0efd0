"""What each reader of a stranger's data takes, in time and in memory, grows no faster than the data.

Time is that of the processor, so the load of the machine matters little, and only its growth is looked at: eight times
the data may take up to twenty-four times as long; if the work grew with the square of it, it would take sixty-four.
Other work on the machine makes single tries longer, never shorter: so both sizes are tried in turns, and the best of
each counts.
"""

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import islice
from string import ascii_letters
from typing import Any

import pytest

from nbprobe.code_rules import judge_code
from nbprobe.definitions import definitions
from nbprobe.rule import Rule
from tests.support import slow_data
from tests.support.slow_data import READERS, Reader

TIMES, GROWTH = 8, 24
TURNS = 9
ENOUGH = 0.03
"""Seconds below which nothing can be said of growth, and nothing has to be."""


@pytest.fixture(autouse=True, scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A place for files. How long Python looks for what can be freed depends on all that the process holds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slow_data, "FOLDER", tmp_path_factory.mktemp("growth"))
        gc.collect()
        gc.disable()
        yield
        gc.enable()


def cases() -> Iterator[Any]:
    for name, reader in READERS.items():
        for case, make in reader.cases.items():
            yield pytest.param(reader, make, id=f"{name}: {ascii(case)[1:-1]}")


def seconds(read: Callable[[Any], object], data: Any) -> float:
    begin = time.process_time()
    read(data)
    return time.process_time() - begin


@pytest.mark.parametrize(("reader", "make"), list(cases()))
def test_time_grows_no_faster_than_the_data(reader: Reader, make: Callable[[int], Any]) -> None:
    large, small = make(reader.largest), make(reader.largest // TIMES)
    most, least = seconds(reader.read, large), seconds(reader.read, small)
    for _ in range(TURNS):
        if most < max(ENOUGH, GROWTH * least):
            return
        most, least = min(most, seconds(reader.read, large)), min(least, seconds(reader.read, small))
    assert most < max(ENOUGH, GROWTH * least)


@pytest.mark.parametrize(("reader", "make"), list(cases()))
def test_memory_grows_no_faster_than_the_data(reader: Reader, make: Callable[[int], Any]) -> None:
    def peak(size: int) -> int:
        data = make(size)
        tracemalloc.start()
        try:
            reader.read(data)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = max(reader.largest // 32, 50), max(reader.largest // 8, 200)
    peak(small)  # what is loaded once stays
    assert peak(large) - peak(small) < reader.per_byte * large


def long_meanings(size: int) -> str:
    """A letter that stands for more each time it is looked up, and is used again and again."""
    long = ".y" * 10 + f".{'z' * 290}" * 9
    return f"a=x{long}\nb=a{long}\nc=b{long}\nd=c{long}\ne=d{long}\ndef f(x): return [{'e,' * (size // 2)}]"


def classes_in_classes(size: int) -> str:
    """Each name that the innermost one sets has those of all others in front."""
    depth, names = 95, (f"{first}{second}" for first in ascii_letters for second in range(1000))
    classes = "".join(f"{' ' * number}class {'A' * 290}:\n" for number in range(depth))
    return classes + " " * depth + "".join(f"{name}=b;" for name in islice(names, size // 7))


@pytest.mark.parametrize("make", [long_meanings, classes_in_classes])
def test_a_name_that_stands_for_a_long_one_takes_no_memory_each_time(make: Callable[[int], str]) -> None:
    text = make(60_000)
    tracemalloc.start()
    try:
        judge_code(Rule("f", loops=False), [text])
        assert tracemalloc.get_traced_memory()[1] < 1500 * len(text)
    finally:
        tracemalloc.stop()


def test_modules_of_which_all_is_imported_are_not_gone_through_for_each_name() -> None:
    """6,000 such lines and 40,000 names in a function took six seconds."""
    known = definitions(["from q import *\n" * 100 + "from math import *\n"])
    assert list(known.everything) == ["q", "math"]


def test_what_grows_with_the_square_is_noticed() -> None:
    """Or else the cases above would say nothing."""

    def read(text: str) -> int:
        return sum(len(text[place:].strip()) for place in range(0, len(text), 40))

    with pytest.raises(AssertionError):
        test_time_grows_no_faster_than_the_data(Reader(read, 400_000, {}), lambda size: " " + "\U0001f600" * size)
