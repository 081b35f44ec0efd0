"""What is most likely behind an exception, in a sentence for whoever wrote the code."""

import builtins
import re

import numpy as np

CAUSES: list[tuple[type[Exception], str, str]] = [
    (
        TypeError,
        "0-dimensional|length-1|size-1",
        "A function for single numbers got an array. numpy has it for arrays.",
    ),
    (
        ValueError,
        "truth value of an array",
        "An `if` (or and, or, max) needs one True or False; an array holds many. Neither any nor all helps where each "
        "entry is a case of its own: use a formula, or np.where.",
    ),
    (ValueError, "not have enough dimensions", "A matrix product takes arrays, and here is a single number, or None."),
    (
        ValueError,
        "matmul|not aligned",
        "In a matrix product [a, b] @ [b, c] the inner sizes must agree. Print the shape of both. If they belong "
        "together entry by entry, it is `*`.",
    ),
    (
        ValueError,
        "broadcast",
        "These shapes don't fit together entry by entry. Print them just before this line. If you want a sum of "
        "products, it is `@`.",
    ),
    (ValueError, "reshape array", "A number of rows or columns is written into the code. Take it from `.shape`."),
    (ValueError, "unpack", "Left of the `=` are more or fewer names than there are things on its right."),
    (IndexError, "tuple index out of range", "An array of shape [N] has no second axis: there is only shape[0]."),
    (
        IndexError,
        "out of bounds",
        "An index is too large: does a loop run one too far, or is a number of samples or features written into "
        "the code?",
    ),
    (NameError, "", "This name was never set. Is it spelled right, or does it need `self.` in front?"),
    (AttributeError, "'NoneType'", "Something is None here: a variable that is not filled yet, or a missing `return`."),
    (AttributeError, "module 'numpy'.*'ln'", "In numpy, the natural logarithm is `np.log`."),
    (
        AttributeError,
        "module ",
        "This library has nothing of that name. Look at the spelling; or is it one of your own, as in `self.…`?",
    ),
    (AttributeError, "'numpy.ndarray'", "An array has no such method. Is it a function of numpy, as in `np.…`?"),
    (
        AttributeError,
        "",
        "There is nothing of that name. Look at the spelling, capital letters count. Does it come in as an argument?",
    ),
    (TypeError, "NoneType", "Something is None here: a variable that is not filled yet, or a missing `return`."),
    (
        TypeError,
        "positional argument",
        "A function was called with too few or too many arguments. Is `self` its first parameter, and is it called "
        "on an object?",
    ),
    (
        TypeError,
        "(ndarray|float.*|int.*)' object is not callable",
        "A number or an array can't be called. Is a `*` missing before a bracket?",
    ),
    (TypeError, "object is not callable", "This is an object, and not a function. Call its method, as in `a.b(…)`."),
    (TypeError, "(method|function)' object is not subscriptable", "A function is called with round brackets."),
    (TypeError, "bitwise_xor|for \\^", "A power is written `**` in Python; `^` is something else."),
    (TypeError, "invert|unary ~", "`~` flips bits of whole numbers. The opposite of a label y is `1 - y`."),
    (TypeError, "must be of ArrayType", "The second argument of such a function of numpy is a place for the result."),
    (ModuleNotFoundError, "", "This library isn't installed here, nor is it needed: numpy is enough."),
    (SyntaxError, "", "Python can't read this method. The message below its cell names the line."),
    (RecursionError, "", "The method calls itself again and again."),
]
"""Type of an exception, pattern in its message, and what is most likely behind it."""


def error_class(name: str) -> type[BaseException] | None:
    """The class of an error of Python's or numpy's, by its name."""
    known = np.linalg.LinAlgError if name == "LinAlgError" else getattr(builtins, name, None)
    return known if isinstance(known, type) and issubclass(known, BaseException) else None


def public_error(name: str) -> str:
    """The name of an error if it is one of Python's or numpy's; a name that a student chose could be anything."""
    return name if error_class(name) else "another error"


def likely_cause(name: str, message: str) -> str:
    """What is most likely behind an error of this name with this message, or ""."""
    kind = error_class(name)
    if kind is None:
        return ""
    missing = re.match(r"name '(\w+)' is not defined", message)
    if kind is NameError and missing and callable(getattr(np, missing[1], None)):
        return f"It belongs to numpy: write `np.{missing[1]}`."
    return next((cause for known, text, cause in CAUSES if issubclass(kind, known) and re.search(text, message)), "")
