"""Stand-ins for methods and functions: seen while a block lasts, gone afterwards, whatever the owner is."""

import functools
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nbprobe.probe import TooSlowError, time_limit
from nbprobe.standin import standin


def right(x: Any) -> Any:
    return ("right", x)


class Base:
    def inherited(self, x: Any) -> Any:
        return ("wrong", x)


class Model(Base):
    def sigmoid(self, z: Any) -> Any:
        return ("wrong", z)

    @staticmethod
    def static(z: Any) -> Any:
        return ("wrong", z)

    @classmethod
    def of_class(cls, z: Any) -> Any:
        return ("wrong", z)


WAYS: dict[str, tuple[str, Callable[[], Any]]] = {
    "self": ("sigmoid", lambda: Model().sigmoid(1)),
    "by keyword": ("sigmoid", lambda: Model().sigmoid(x=1)),
    "by its own keyword": ("sigmoid", lambda: Model().sigmoid(z=1)),
    "of the class": ("sigmoid", lambda: Model.sigmoid(Model(), 1)),
    "of the class by keyword": ("sigmoid", lambda: Model.sigmoid(self=Model(), z=1)),
    "of the type": ("sigmoid", lambda: type(Model()).sigmoid(Model(), 1)),
    "as an attribute": ("sigmoid", lambda: Model().sigmoid.__call__(1)),
    "static": ("static", lambda: Model().static(z=1)),
    "static of the class": ("static", lambda: Model.static(1)),
    "class method": ("of_class", lambda: Model.of_class(1)),
    "class method of an object": ("of_class", lambda: Model().of_class(z=1)),
    "inherited": ("inherited", lambda: Model().inherited(1)),
    "inherited, of the class": ("inherited", lambda: Model.inherited(Model(), 1)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_method_is_replaced_however_it_is_called(way: str) -> None:
    name, call = WAYS[way]
    before = dict(vars(Model)), dict(vars(Base))
    with standin(Model, **{name: right}):
        assert call() == ("right", 1)
    assert (dict(vars(Model)), dict(vars(Base))) == before
    if way != "by keyword":  # of the stand-in
        assert call() == ("wrong", 1)


def test_a_method_that_takes_another_object_of_its_class() -> None:
    class Point:
        def distance(self, other: "Point") -> str:
            return "wrong"

    def distance(other: Point) -> str:
        return "right"

    a, b = Point(), Point()
    with standin(Point, distance=distance):
        assert {a.distance(b), a.distance(other=b), Point.distance(a, b), Point.distance(a, other=b)} == {"right"}


def test_what_an_object_holds_for_itself_is_replaced_too_and_stays() -> None:
    class Own:
        def __init__(self) -> None:
            self.f = lambda x: ("own", x)

    old = Own()
    with standin(Own, f=right):
        new = Own()
        assert old.f(1) == new.f(1) == ("right", 1)
    assert old.f(1) == new.f(1) == ("own", 1)
    assert "f" not in vars(Own)


def test_an_object_stands_for_its_class() -> None:
    model = Model()
    with standin(model, sigmoid=right):
        assert model.sigmoid(1) == ("right", 1)
    assert model.sigmoid(1) == ("wrong", 1)


def test_blocks_stand_in_one_another_and_several_names_in_one() -> None:
    def other(x: Any) -> Any:
        return ("other", x)

    with standin(Model, sigmoid=right, static=right):
        with standin(Model, sigmoid=other):
            assert (Model().sigmoid(1), Model().static(1)) == (("other", 1), ("right", 1))
        assert Model().sigmoid(1) == ("right", 1)


NOTEBOOK = """
import functools

def softmax(scores):
    return ("wrong", scores)

def loss(scores):
    return softmax(scores)

def by_keyword(scores):
    return softmax(scores=scores)

def missing(x):
    return sigmoid(x)

def decorate(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args)
    return wrapper

decorated, partial, cached = decorate(loss), functools.partial(loss), functools.lru_cache(loss)
spoken = lambda scores: softmax(scores)

class Called:
    def __call__(self, scores):
        return softmax(scores)

called = Called()
"""


@pytest.fixture
def notebook() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(NOTEBOOK, names)
    return names


@pytest.mark.parametrize("name", ["loss", "by_keyword", "decorated", "partial", "cached", "spoken", "called"])
def test_a_name_that_a_function_looks_up_is_replaced(name: str, notebook: dict[str, Any]) -> None:
    before = dict(notebook)
    with standin(notebook[name], softmax=right):
        assert notebook[name](1) == ("right", 1)
    assert notebook == before
    assert list(notebook) == list(before)


def test_numpys_vectorize_is_looked_through(notebook: dict[str, Any]) -> None:
    exec("import numpy\nall_of = numpy.vectorize(lambda x: softmax(x)[0])", notebook)
    with standin(notebook["all_of"], softmax=right):
        assert list(notebook["all_of"](np.arange(2))) == ["right", "right"]


def test_a_name_that_was_not_there_is_gone_again(notebook: dict[str, Any]) -> None:
    with standin(notebook["missing"], sigmoid=right):
        assert notebook["missing"](1) == ("right", 1)
    assert "sigmoid" not in notebook


def test_without_names_of_its_own_it_is_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    with standin(len, softmax=right):
        assert softmax(1) == ("right", 1)  # noqa: F821
    assert "softmax" not in globals()


class Resists(type):
    def __setattr__(cls, name: str, value: object) -> None:
        raise RuntimeError

    def __getattribute__(cls, name: str) -> Any:
        raise RuntimeError


class Odd(metaclass=Resists):
    pass


class Lies:
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError


def circle() -> Any:
    def f() -> None: ...

    f.__wrapped__ = f
    return f


def test_an_odd_owner_stops_nothing() -> None:
    reached = 0
    owners = [None, 3, "text", Odd, Lies(), int, object(), circle(), functools.partial(print), [], np.sum, print]
    for owner in owners:
        with standin(owner, softmax=right):
            reached += 1
    assert reached == len(owners)
    assert "softmax" not in globals()


def test_afterwards_all_is_as_before_also_after_an_error(notebook: dict[str, Any]) -> None:
    before, of_class = dict(notebook), dict(vars(Model))
    with pytest.raises(ZeroDivisionError), standin(notebook["loss"], softmax=right), standin(Model, sigmoid=right):
        raise ZeroDivisionError
    with pytest.raises(TooSlowError), time_limit(0.05), standin(notebook["loss"], softmax=right):
        time.sleep(5)
    assert notebook == before
    assert dict(vars(Model)) == of_class


def test_what_a_student_sets_meanwhile_is_taken_back(notebook: dict[str, Any]) -> None:
    exec("def sets(x):\n    global softmax\n    softmax = None", notebook)
    before = notebook["softmax"]
    with standin(notebook["sets"], softmax=right):
        notebook["sets"](1)
        assert notebook["softmax"] is None
    assert notebook["softmax"] is before


def test_a_constant_stands_in_as_it_is(notebook: dict[str, Any]) -> None:
    exec("RATE = 1\ndef rate():\n    return RATE\nclass Opt:\n    RATE = 1", notebook)
    with standin(notebook["rate"], RATE=5), standin(notebook["Opt"], RATE=5):
        assert (notebook["rate"](), notebook["Opt"].RATE, notebook["Opt"]().RATE) == (5, 5, 5)
