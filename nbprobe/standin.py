"""Puts right functions and methods in the place of a student's, as long as a block lasts.

So a probe of one task doesn't see the mistakes of another. What a student made of the owner may be as odd as it likes:
nothing here raises because of it, and the probe then shows what is wrong.
"""

import contextlib
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FunctionType, MethodType
from typing import Any

_MISSING: Any = object()


def standin(owner: Any, /, **replacements: Any) -> AbstractContextManager[None]:
    """Replace methods of a class, or names that a function looks up, while the block lasts.

    >>> with standin(Classifier, sigmoid=right_sigmoid):
    ...     probe("64 predictions", model.forward, X, points=3)
    >>> with standin(loss, softmax=right_softmax):
    ...     probe("64 losses", loss, scores, points=2)

    Afterwards everything is as it was, also after an error. Blocks may stand in one another.

    Parameters
    ----------
    owner
        A class, or an object of it: its methods of these names are replaced, also those that it inherits and those that
        an object has for itself. Or a function of the notebook: the names in that notebook (or module) are replaced
        that it looks up.
    replacements
        What stands in, by the name that it has there. A method is written as it is called, without ``self``.
    """
    places = _places(owner, replacements, sys._getframe(1).f_globals)
    return _replaced(places, replacements)


@contextmanager
def _replaced(places: "list[_Place]", replacements: dict[str, Any]) -> Iterator[None]:
    before: list[tuple[_Place, str, Any]] = []
    try:
        for place in places:
            for name, value in replacements.items():
                before.append((place, name, place.get(name)))
                with contextlib.suppress(Exception):  # an owner that resists: the probe shows what comes of it
                    place.put(name, value)
        yield
    finally:
        try:
            _restore(before)
        except BaseException:  # the time of a block around this one was over: an alarm rings once
            _restore(before)
            raise


def _restore(before: "list[tuple[_Place, str, Any]]") -> None:
    for place, name, value in reversed(before):
        with contextlib.suppress(AttributeError, TypeError):
            place.restore(name, value)


def _places(owner: Any, names: dict[str, Any], caller: dict[str, Any]) -> "list[_Place]":
    try:
        if isinstance(owner, type):
            return [_Methods(owner)]
        namespace = getattr(_innermost(owner), "__globals__", None)
        if type(namespace) is dict:
            return [_Globals(namespace)]
        if any(hasattr(type(owner), name) for name in names):
            return [_Methods(type(owner))]
        own = getattr(type(owner).__dict__.get("__call__"), "__globals__", None)
    except Exception:  # an object of the student's that resists
        own = None
    return [_Globals(own if type(own) is dict else caller)]


def _innermost(f: Any) -> Any:
    """The function within decorators, partial calls and bound methods."""
    for _ in range(20):
        if isinstance(f, functools.partial):
            f = f.func
        elif isinstance(f, MethodType):
            f = f.__func__
        elif type(f).__name__ == "vectorize" and hasattr(f, "pyfunc"):  # numpy's
            f = f.pyfunc
        elif not isinstance(f, type) and "__wrapped__" in getattr(f, "__dict__", {}):
            f = f.__wrapped__
        else:
            break
    return f


class _Globals:
    """The names of a notebook or module."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace

    def get(self, name: str) -> Any:
        return self._namespace.get(name, _MISSING)

    def put(self, name: str, value: Any) -> None:
        self._namespace[name] = _by_any_name(value, self.get(name)) if isinstance(value, FunctionType) else value

    def restore(self, name: str, value: Any) -> None:
        if value is _MISSING:
            self._namespace.pop(name, None)
        else:
            self._namespace[name] = value


class _Methods:
    """The methods of a class."""

    def __init__(self, owner: type) -> None:
        self._owner = owner

    def get(self, name: str) -> Any:
        return _attributes(self._owner).get(name, _MISSING)

    def put(self, name: str, value: Any) -> None:
        found = (_attributes(each)[name] for each in type.mro(self._owner) if name in _attributes(each))
        type.__setattr__(self._owner, name, _Method(name, value, self._owner, next(found, None)))

    def restore(self, name: str, value: Any) -> None:
        if value is not _MISSING:
            type.__setattr__(self._owner, name, value)
        elif name in _attributes(self._owner):
            type.__delattr__(self._owner, name)


_Place = _Globals | _Methods


def _attributes(owner: type) -> Any:
    """What a class itself holds, also one that would say something else."""
    return type.__dict__["__dict__"].__get__(owner)


class _Method:
    """A stand-in in the place of a method: of an object it is called as it is, of a class with the object before."""

    def __init__(self, name: str, value: Any, owner: type, original: Any) -> None:
        self._name, self._owner = name, owner
        self._takes_object = not isinstance(original, (staticmethod, classmethod))
        inner = original.__func__ if isinstance(original, (staticmethod, classmethod)) else original
        skip = not isinstance(original, staticmethod)
        self._value = _by_any_name(value, inner, skip) if isinstance(value, FunctionType) else value

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is not None or not callable(self._value) or not self._takes_object:
            return self._value
        return self._of_class

    def _of_class(self, /, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], self._owner):
            args = args[1:]
        elif isinstance(kwargs.get("self"), self._owner):
            kwargs.pop("self")
        return self._value(*args, **kwargs)

    # with these two it goes before what an object holds under this name, now or from its __init__ on
    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self._name] = value

    def __delete__(self, instance: Any) -> None:
        instance.__dict__.pop(self._name, None)


def _by_any_name(right: FunctionType, original: Any, skip_first: bool = False) -> Callable[..., Any]:
    """``right``, which also takes its arguments by the names that they have in the function that it replaces."""
    try:
        names = list(inspect.signature(original).parameters)[skip_first:] if callable(original) else []
        own = list(inspect.signature(right).parameters)
    except Exception:  # a function of C's, or an object that resists
        return right

    @functools.wraps(right)
    def called(*args: Any, **kwargs: Any) -> Any:
        known = dict(zip(names, own, strict=False))
        renamed = {key if key in own else known.get(key, key): value for key, value in kwargs.items()}
        return right(*args, **(renamed if len(renamed) == len(kwargs) else kwargs))

    return called
