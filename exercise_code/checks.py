"""One check per task. Each looks at the class of that name in your notebook and shows what it found.

The checks hold no solution: they compare with numbers that were worked out by hand (``tables``), and with
the numeric derivative of your own function. Every check replaces the other tasks by stand-ins, so that it
says nothing about them.
"""

import contextlib
import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import __main__
from exercise_code import mistakes, standins, tables
from nbprobe.check import AS_ABOVE, FAILURES, CheckError, Report, quiet, reporting
from nbprobe.gradient_check import numeric_gradient, relative_error
from nbprobe.probe import is_grading
from nbprobe.reasons import as_array, short

__all__ = [
    "CheckError",
    "bce_backward",
    "bce_forward",
    "classifier_backward",
    "classifier_forward",
    "optimizer_step",
    "sigmoid",
    "solver_step",
]


def bce_forward(BCE: type | None = None) -> None:
    """Check ``BCE.forward`` (task 1)."""
    with reporting("Task 1", "BCE.forward") as report:
        loss = _make(_students("BCE", BCE))
        for what, columns, given in tables.loss_cases():
            p, y, expected, slope, twice = columns
            known = mistakes.bce_forward(p, y, expected, slope, twice)
            report.expect(what, loss.forward, p, y, gives=expected, mistakes=known, given=given)
        _advise_finite(report, loss.forward)


def bce_backward(BCE: type | None = None) -> None:
    """Check ``BCE.backward`` (task 2)."""
    with reporting("Task 2", "BCE.backward") as report:
        loss = _make(_students("BCE", BCE))
        for what, columns, given in tables.loss_cases():
            p, y, losses, expected, _ = columns
            known = mistakes.bce_backward(p, y, losses, expected)
            report.expect(what, loss.backward, p, y, gives=expected, mistakes=known, given=given)

        p, y, losses, *_ = tables.rows(tables.LOSSES, 8)
        if _agrees(loss.forward, p, y, gives=losses):
            elsewhere = p * 0.9 + 0.03  # predictions that are in no table
            _numeric_row(report, lambda p: np.sum(loss.forward(p, y)), elsewhere, lambda p: loss.backward(p, y))
        _advise_finite(report, loss.backward)


def sigmoid(Classifier: type | None = None) -> None:
    """Check ``Classifier.sigmoid`` (task 3)."""
    with reporting("Task 3", "Classifier.sigmoid") as report:
        model = _make(_students("Classifier", Classifier), num_features=2)
        for what, shape in (
            ("6 logits, shape [N, 1]", (6, 1)),
            ("a vector, shape [N]", (6,)),
            ("a table, shape [2, 3]", (2, 3)),
        ):
            z, expected, slope = (column.reshape(shape) for column in tables.rows(tables.LOGITS, 6))
            given = [f"x = {x:g}" for x in z.ravel()] if shape != (2, 3) else []
            known = mistakes.sigmoid(z, expected, slope)
            report.expect(what, model.sigmoid, z, gives=expected, mistakes=known, given=given)

        whole = np.array([[-1, 0], [1, 2]])
        if _agrees(model.sigmoid, np.array(0.0), gives=np.array(0.5)):
            report.ok("a single number")
        else:
            report.advise(
                "a single number", "x without any axis, as np.array(0.0), doesn't work. numpy can do that too."
            )
        if report.passed and not _agrees(model.sigmoid, whole, gives=tables.LOGITS[[1, 2, 4, 5], 1].reshape(2, 2)):
            report.advise(
                "whole numbers", "With integers in x the result is cut off; an array made like x holds integers."
            )
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            try:
                extreme = np.asarray(model.sigmoid(np.array([-1000.0, 1000.0])), dtype=float)
                fine = bool(np.allclose(extreme, [0.0, 1.0]))
            except FAILURES:
                fine = False
        if fine:
            report.ok("logits of −1000 and 1000")
        else:
            report.advise(
                "logits of −1000 and 1000",
                "exp(1000) is too large for a float. The result may still be right, with a warning; "
                "a form that never takes exp of a large positive number avoids both.",
            )


def classifier_forward(Classifier: type | None = None) -> None:
    """Check ``Classifier.forward`` (task 4). ``sigmoid`` is replaced by a table."""
    with reporting("Task 4", "Classifier.forward") as report:
        Student = _students("Classifier", Classifier)
        z, right, _ = tables.rows(tables.LOGITS, 6)
        given = [f"z = {x:g}" for x in z.ravel()]

        model = _classifier(Student, [2.0, -1.0, 0.5])
        X, weights = np.hstack([z + 1, z + 2.5]), model.W.copy()  # made so that the logits are z
        known = mistakes.classifier_forward(z, right)
        if report.expect("6 samples with 2 features", model.forward, X, gives=right, mistakes=known, given=given):
            ones = np.hstack([X, np.ones((6, 1))])
            known = mistakes.cache_after_forward(X, z, right)
            report.compare("self.cache holds X with a column of ones", model.cache, ones, known)
        if not np.array_equal(model.W, weights):
            report.wrong("leaves the weights alone", "self.W was changed. Only the optimizer changes it.")
        model = _classifier(Student, [0.0, 0.0, 0.5])
        report.expect("the bias, last row of W", model.forward, X, gives=np.full((6, 1), 0.62245933))
        model = _classifier(Student, [1.0, 0.0])
        report.expect("a single sample, 1 feature", model.forward, np.array([[2.0]]), gives=np.array([[0.88079708]]))


def classifier_backward(Classifier: type | None = None) -> None:
    """Check ``Classifier.backward`` (task 5). ``forward`` is replaced by its result."""
    with reporting("Task 5", "Classifier.backward") as report:
        Student = _students("Classifier", Classifier)
        for what, n in (("4 samples with 2 features", 4), ("a single sample", 1)):
            cache, y, expected = tables.CACHE[:n], tables.PREDICTIONS[:n], tables.DERIVATIVE[:n]
            model = _classifier(Student, [1.0, 0.0, 0.0], cache)
            known = mistakes.classifier_backward(cache, y, expected) if n > 1 else []
            given = [f"ŷ = {p:.3g}, x̃ = {short(x)}" for p, x in zip(y[:, 0], cache, strict=True)]
            report.expect(what, model.backward, y, gives=expected, mistakes=known, given=given)
            if not np.array_equal(np.asarray(model.cache), cache):
                hint = "self.cache was changed in place, so a second call gives something else. Compute a new array."
                report.advise("leaves the cache alone", hint)

        X, y = tables.CACHE[:, :-1], tables.PREDICTIONS
        model = _make(Student, num_features=2)

        def output(W: NDArray) -> NDArray:
            model.W = W
            return np.asarray(model.forward(X))[:, 0]

        def derivative(W: NDArray) -> NDArray:
            model.W, model.cache = W, tables.CACHE.copy()
            return np.asarray(model.backward(np.asarray(model.forward(X))))[:, :, None]

        if _agrees(output, np.array([[1.0], [0.0], [0.0]]), gives=y[:, 0]):
            _numeric_row(report, output, np.array([[0.3], [-0.6], [0.2]]), derivative)


def optimizer_step(Optimizer: type | None = None) -> None:
    """Check ``Optimizer.step`` (task 6)."""
    with reporting("Task 6", "Optimizer.step") as report:
        Student = _students("Optimizer", Optimizer)
        first, second = "one step, learning rate 0.5", "a second step goes on from there"
        W = tables.W.copy()
        model = SimpleNamespace(W=W)
        opt = _make(Student, model, learning_rate=0.5)
        ran, result = report.call(first, opt.step, tables.DW, expected=short(tables.W_STEP_HALF))
        if ran and standins.same(model.W, tables.W):
            if result is not None:
                hint = "The result was returned, but nobody keeps it: assign it to self.model.W."
            elif hasattr(opt, "W"):
                hint = "self.W belongs to the optimizer. The weights are in self.model.W."
            else:
                hint = "self.model.W is still what it was before the step. Assign the new weights to it."
            report.wrong(first, hint, short(tables.W_STEP_HALF), short(model.W))
        elif ran and report.compare(first, model.W, tables.W_STEP_HALF, mistakes.optimizer_step()):
            ran, _ = report.call(second, opt.step, tables.DW, expected=short(tables.W_TWO_STEPS))
            if ran:
                report.compare(second, model.W, tables.W_TWO_STEPS, mistakes.optimizer_second_step())
        changed = not np.array_equal(W, tables.W)

        other = "learning rate 0.1"
        model = SimpleNamespace(W=tables.W.copy())
        opt = _make(Student, model, learning_rate=0.1)
        ran, _ = report.call(other, opt.step, tables.DW, expected=short(tables.W_STEP_TENTH))
        if ran:
            fixed = mistakes.gives("A learning rate is written into the code: use self.lr.", tables.W_STEP_HALF)
            report.compare(other, model.W, tables.W_STEP_TENTH, [fixed])
        if changed:
            report.advise(
                "makes a new array",
                "The old weights were changed in place (as -= does), so anyone who kept them, for example as the "
                "best so far, has lost them. Assign a new array to self.model.W.",
            )


def solver_step(Solver: type | None = None) -> None:
    """Check ``Solver._step`` (task 7). Model, loss and optimizer are stand-ins that give fixed numbers."""
    with reporting("Task 7", "Solver._step") as report:
        Student = _students("Solver", Solver)
        four = (tables.DLOSS, tables.DY_DW, tables.GRADIENT)
        two = ([[2.0], [-4.0]], [[1.0, 3.0, 1.0], [0.0, -1.0, 1.0]], [[1.0], [5.0], [-1.0]])
        one = ([[3.0]], [[0.5, 1.0, 1.0]], [[1.5], [3.0], [3.0]])
        heard: list[str] = []
        for what, numbers in (("4 samples, 3 weights", four), ("2 samples", two), ("a single sample", one)):
            dloss, dy_dW, expected = (np.array(table, dtype=float) for table in numbers)
            solver = _make(Student, *standins.parts(dloss, dy_dW, heard))
            ran, _ = report.call(what, solver._step, expected=short(expected))
            if not ran:
                continue
            moved = not standins.same(solver.model.W, tables.W)
            calls = len(solver.opt.given)
            if moved:
                report.wrong(
                    what, "self.model.W was changed here. Leave that to opt.step, so any optimizer can be used."
                )
            elif calls == 0:
                report.wrong(what, "opt.step was never called, so nothing is learnt.")
            elif calls > 1:
                hint = "One update calls opt.step once, with the gradient over all samples."
                report.wrong(what, hint, "1 call", f"{calls} calls")
            else:
                known = mistakes.solver_step() if len(dloss) == 4 else []
                report.compare(what, solver.opt.given[0], expected, known)
        for hint in dict.fromkeys(heard):
            report.wrong("what the model and the loss are given", hint)
        if not heard:
            report.ok("what the model and the loss are given")


def _students(name: str, given: Any) -> Any:
    """The class to check: ``given``, or else the one called ``name`` in the notebook."""
    if is_grading():  # `reporting` ends the check here; the cell's probes call the student's code, within limits
        raise CheckError("while nbgrader grades, the probes decide.")
    student = given if given is not None else getattr(__main__, name, None)
    if student is None:
        raise CheckError(
            f"there is no class {name} yet: run the cell that defines it (Shift-Enter); "
            "if that cell stops with an error, mend it first."
        )
    if not isinstance(student, type):
        raise CheckError(f"{name} is no class any more: run the cell that defines it once more (Shift-Enter).")
    return student


def _make(Student: Any, *args: Any, **named: Any) -> Any:
    """An object of the student's class."""
    try:
        return Student(*args, **named)
    except FAILURES as error:
        reason = f"{Student.__name__} can't be made ({type(error).__name__}); is there an __init__ too many?"
        raise CheckError(reason) from None


def _classifier(Student: Any, W: list[float], cache: NDArray | None = None) -> Any:
    """A classifier with these weights and a stand-in for its sigmoid."""
    model = _make(Student, num_features=len(W) - 1)
    model.W, model.sigmoid = np.array(W).reshape(-1, 1), standins.sigmoid
    model.cache = None if cache is None else cache.copy()
    return model


def _agrees(f: Callable[..., Any], *args: NDArray, gives: NDArray) -> bool:
    """Whether ``f`` gives this; makes no finding of it."""
    try:
        with quiet(), contextlib.redirect_stdout(io.StringIO()):
            result = as_array(f(*args))
    except FAILURES:
        return False
    return result is not None and result.shape == gives.shape and bool(np.allclose(result, gives, rtol=1e-5))


def _numeric_row(report: Report, f: Any, x: NDArray, derivative: Any) -> None:
    """Compare ``derivative`` with the numeric one of ``f``, the student's own and right function, at ``x``."""
    what = "agrees with the numeric derivative"
    try:
        with quiet(), contextlib.redirect_stdout(io.StringIO()):
            numeric = numeric_gradient(f, x)
            result = np.asarray(derivative(x), dtype=float)
    except FAILURES:
        return  # the rows above say what is wrong
    if result.shape == numeric.shape and relative_error(numeric, result) < 1e-5:
        report.ok(what)
    else:
        hint = "The slope of your own forward, measured with small steps, is another one."
        hint = hint if report.passed else AS_ABOVE
        report.wrong(what, hint, short(numeric), short(result))


def _advise_finite(report: Report, f: Any) -> None:
    """Predictions of exactly 0 and 1 cost nothing, but a finite answer is kinder."""
    what = "predictions of exactly 0 and 1"
    try:
        with quiet(), contextlib.redirect_stdout(io.StringIO()):
            p, y = np.array([[0.0], [1.0], [0.0], [1.0]]), np.array([[1.0], [0.0], [0.0], [1.0]])
            finite = np.isfinite(np.asarray(f(p, y), dtype=float)).ravel()
    except FAILURES:
        return
    if finite.all():
        report.ok(what)
    elif len(finite) == 4:
        bad = int(np.argmin(finite))
        where = f"For ŷ = {p[bad, 0]:g}, y = {y[bad, 0]:g} the result is infinite or NaN"
        needed = "No points depend on it, but the training with 30 features does"
        report.advise(what, f"{where}; keep ŷ a tiny bit away from 0 and 1. {needed}.")
