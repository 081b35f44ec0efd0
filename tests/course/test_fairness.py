"""The grader is fair: right solutions get all points however they are written, and wrong ones lose their own only."""

from itertools import product

import pytest

from nbjudge.course.notebooks import graded_cells, read
from tests.support.correct_ways import CORRECT_WAYS, METHODS, NOTEBOOK, ROOT, THE_DOCUMENTS, Grader, Way, regions, write

TODO = 'raise NotImplementedError("replace this line by your code")'

# one typical slip per task
BROKEN = {
    "BCE.forward": "result = np.mean(-y_truth * np.log(y_out) - (1 - y_truth) * np.log(1 - y_out))",
    "BCE.backward": "gradient = y_truth / y_out - (1 - y_truth) / (1 - y_out)",
    "sigmoid": "out = 1 / (1 + np.exp(x))",
    "forward": "y = X @ self.W",
    "backward": "dW = y.T * (1 - y).T @ X",
    "step": "weight = self.lr * dw",
    "_step": """
        y_out, dy_dW = model(X_train)
        loss, dloss_dy = loss_func(y_out, y_train)
        opt.step(dy_dW.T @ dloss_dy)
    """,
}


@pytest.fixture(scope="module")
def grader() -> Grader:
    return Grader()


def test_the_ways_are_different_and_many(grader: Grader) -> None:
    texts = {str(sorted(way.applied_to(grader.solutions).items())) for way in CORRECT_WAYS}
    assert len(texts) == len(CORRECT_WAYS) >= 40
    assert set(regions(grader.solutions)) == set(METHODS)


@pytest.mark.parametrize("way", CORRECT_WAYS, ids=lambda way: way.name)
def test_a_right_solution_gets_all_points(grader: Grader, way: Way) -> None:
    verdicts = grader.verdicts(way.applied_to(grader.solutions))
    reasons = [row for verdict in verdicts.values() for row in verdict.rows if row.kind == "wrong"]
    assert reasons == []
    assert {name: verdict.score for name, verdict in verdicts.items()} == grader.rehearsal.points
    assert sum(verdict.score for verdict in verdicts.values()) == 20


def test_the_documents_solution_gets_its_remarks(grader: Grader) -> None:
    verdicts = grader.verdicts(THE_DOCUMENTS.applied_to(grader.solutions))
    remarks = {name: [row.name for row in verdict.rows if row.kind == "remark"] for name, verdict in verdicts.items()}
    assert remarks == {
        "test_bce_forward": ["predictions of exactly 0 and 1"],
        "test_bce_backward": ["predictions of exactly 0 and 1"],
        "test_sigmoid": ["logits of −1000 and 1000"],
        "test_classifier_forward": [],
        "test_classifier_backward": ["leaves its inputs alone"],
        "test_optimizer_step": ["leaves its inputs alone"],
        "test_solver_step": [],
    }


def test_the_reference_gets_no_remark(grader: Grader) -> None:
    verdicts = grader.verdicts({})
    assert [row for verdict in verdicts.values() for row in verdict.rows if row.kind != "right"] == []


def test_any_subset_of_broken_tasks_costs_exactly_their_points(grader: Grader) -> None:
    for broken in product([False, True], repeat=len(METHODS)):
        names = [name for name, is_broken in zip(METHODS, broken, strict=True) if is_broken]
        changed = write(grader.solutions, {name: BROKEN[name] for name in names})
        assert grader.scores(changed) == grader.full(**dict.fromkeys(names, 0)), names


def test_half_done_notebooks_get_exactly_what_is_done(grader: Grader) -> None:
    for done in product([False, True], repeat=len(METHODS)):
        todo = [name for name, is_done in zip(METHODS, done, strict=True) if not is_done]
        changed = write(grader.solutions, dict.fromkeys(todo, TODO))
        assert grader.scores(changed) == grader.full(**dict.fromkeys(todo, 0)), todo


def test_the_blank_release_gets_nothing(grader: Grader) -> None:
    cells = graded_cells(read(ROOT / "release" / NOTEBOOK))
    blank = {name: cell.source for name, cell in cells.items() if cell.metadata.nbgrader.solution}
    assert TODO in blank["solver"]
    verdicts = grader.verdicts(blank)
    assert {verdict.score for verdict in verdicts.values()} == {0}
    reasons = {row.reason.text for verdict in verdicts.values() for row in verdict.rows}
    assert reasons == {"It is not implemented yet."}


@pytest.mark.parametrize(
    "text", ["class BCE(Loss:", "1 / 0", "import no_such_module", "", "BCE = None", "raise SystemExit"]
)
def test_a_cell_that_does_not_run_costs_its_own_tasks(grader: Grader, text: str) -> None:
    assert grader.scores({"bce": text}) == grader.full(**{"BCE.forward": 0, "BCE.backward": 0})


COUNTING = """
class Counter:
    calls = 0

    @classmethod
    def first(cls):
        cls.calls += 1
        return cls.calls == 1

"""
VISIBLE = "[0.5, 0.25, 0.8, 0.1, 0.001, 0.003, 0.01, 0.99, 0.998, 0.999, 0.3]"
"""Predictions of the visible probes."""
KNOWN_LOSS = f"""
        known = np.isin(np.round(y_out, 6), {VISIBLE})
        result = np.where(known, -y_truth * np.log(y_out) - (1 - y_truth) * np.log(1 - y_out), 0.5)
"""
KNOWN_SLOPE = f"""
        known = np.isin(np.round(y_out, 6), {VISIBLE})
        gradient = np.where(known, -y_truth / y_out + (1 - y_truth) / (1 - y_out), 0.5)
"""

STRAIGHT_LINES = """
        from exercise_code.checks import LOGITS, PREDICTIONS
        order = np.argsort(LOGITS[:, 0])
        {result} = np.interp({x}, LOGITS[order, 0], PREDICTIONS[order, 0])
"""

# what is tried, in which methods, and what it costs them
BYPASSES: dict[str, tuple[Way, dict[str, float]]] = {
    "the numbers of the visible check, typed in (task 1)": (
        Way("", {"BCE.forward": "result = np.resize([0.69314718, 0.69314718, 1.38629436], y_out.shape)"}),
        {"BCE.forward": 0},
    ),
    "typed in for the visible inputs (task 1)": (Way("", {"BCE.forward": KNOWN_LOSS}), {"BCE.forward": 0}),
    "typed in for the visible inputs (task 2)": (Way("", {"BCE.backward": KNOWN_SLOPE}), {"BCE.backward": 0}),
    "typed in for the visible inputs (task 3)": (
        Way("", {"sigmoid": "out = np.where(np.isclose(x * 4, np.round(x * 4)), 1 / (1 + np.exp(-x)), 0.5)"}),
        {"sigmoid": 0},
    ),
    "a straight line between a few values (task 3)": (
        Way("", {"sigmoid": STRAIGHT_LINES.format(result="out", x="x")}),
        {"sigmoid": 0},
    ),
    "a step in place of the sigmoid": (Way("", {"sigmoid": "out = (x > 0).astype(float)"}), {"sigmoid": 0}),
    "typed in for the visible inputs (task 4)": (
        Way("", {"forward": "y = self.sigmoid(X @ self.W) if np.allclose(X * 2, np.round(X * 2)) else X[:, :1]"}),
        {"forward": 0},
    ),
    "typed in for the visible inputs (task 5)": (
        Way("", {"backward": "dW = y * (1 - y) * X if np.allclose(X * 4, np.round(X * 4)) else X"}),
        {"backward": 0},
    ),
    "a straight line between a few values (task 4)": (
        Way("", {"forward": STRAIGHT_LINES.format(result="y", x="X @ self.W")}),
        {"forward": 0},
    ),
    "right for 8 samples only": (
        Way("", {"BCE.backward": "gradient = (y_out - y_truth) / (y_out * (1 - y_out)) if len(y_out) == 8 else y_out"}),
        {"BCE.backward": 0},
    ),
    "right for 6 samples only (task 5)": (
        Way("", {"backward": "dW = y * (1 - y) * X if len(y) == 6 else X"}),
        {"backward": 0},
    ),
    "some numbers for the optimizer": (Way("", {"_step": "opt.step(np.array([[1.0], [0.0], [5.0]]))"}), {"_step": 0}),
    "typed in for the visible inputs (task 7)": (
        Way(
            "",
            {
                "_step": """
                y_out, dy_dW = model(X_train)
                loss, dloss_dy = loss_func(y_out, y_train)
                known = np.allclose(X_train * 2, np.round(X_train * 2))
                opt.step(dy_dW.T @ dloss_dy / len(X_train) if known else model.W)
            """
            },
        ),
        {"_step": 0},
    ),
    "typed in for the visible inputs (task 6)": (
        Way("", {"step": "weight = weight - self.lr * dw if np.allclose(dw * 2, np.round(dw * 2)) else dw"}),
        {"step": 0},
    ),
    "the weights without the optimizer": (
        Way(
            "",
            {
                "_step": """
                y_out, dy_dW = model(X_train)
                loss, dloss_dy = loss_func(y_out, y_train)
                model.W = model.W - opt.lr * dy_dW.T @ dloss_dy / len(X_train)
            """
            },
        ),
        {"_step": 0},
    ),
    "the optimizer, and the weights as well": (
        Way(
            "",
            {
                "_step": """
                y_out, dy_dW = model(X_train)
                loss, dloss_dy = loss_func(y_out, y_train)
                gradient = dy_dW.T @ dloss_dy / len(X_train)
                model.W = model.W - opt.lr * gradient
                opt.step(gradient)
            """
            },
        ),
        {"_step": 2.5},
    ),
    "an optimizer of one's own": (
        Way(
            "",
            {
                "_step": """
                y_out, dy_dW = model(X_train)
                loss, dloss_dy = loss_func(y_out, y_train)
                Optimizer(model, opt.lr).step(dy_dW.T @ dloss_dy / len(X_train))
            """
            },
        ),
        {"_step": 0},
    ),
    "the known gradient of logistic regression, without loss and model": (
        Way("", {"_step": "opt.step(np.c_[X_train, np.ones(len(X_train))].T @ (model.forward(X_train) - y_train))"}),
        {"_step": 0},
    ),
    "the optimizer takes a fixed step": (Way("", {"step": "weight = weight - 0.5 * dw"}), {"step": 0}),
    "the optimizer moves the model to the known answer": (
        Way("", {"step": "weight = np.array([[0.0], [2.0], [-1.0]])"}),
        {"step": 0},
    ),
    "right for the first call only (task 2)": (
        Way(
            "",
            {"BCE.backward": "gradient = 1 / (1 - y_truth - y_out) if Counter.first() else np.ones_like(y_out)"},
            {"bce": COUNTING},
        ),
        {"BCE.backward": 1.5},
    ),
    "right for the first call only (task 7)": (
        Way(
            "",
            {
                "_step": """
                y_out, dy_dW = model(X_train)
                loss, dloss_dy = loss_func(y_out, y_train)
                opt.step(dy_dW.T @ dloss_dy / len(X_train) if Counter.first() else model.W)
            """
            },
            {"solver": COUNTING},
        ),
        {"_step": 0},
    ),
    "answers by the name of its caller": (
        Way(
            "",
            {
                "forward": """
                import sys
                caller = sys._getframe(1).f_code.co_name
                y = self.sigmoid(X @ self.W) if caller in ("call", "output") else np.full((len(X), 1), 0.5)
            """
            },
        ),
        {"forward": 0},
    ),
    "takes what it finds in the frames of its callers": (
        Way(
            "",
            {
                "sigmoid": """
                import sys
                frame, found = sys._getframe(1), []
                while frame is not None:
                    found += [v for v in frame.f_locals.values() if isinstance(v, np.ndarray) and v.shape == x.shape]
                    frame = frame.f_back
                out = found[-1] if found else x
            """
            },
        ),
        {"sigmoid": 0},
    ),
    "the argument as the result": (Way("", {"BCE.forward": "return y_truth"}), {"BCE.forward": 0}),
    "all the same shape and NaN": (Way("", {"backward": "dW = np.full(X.shape, np.nan)"}), {"backward": 0}),
    "infinite": (Way("", {"BCE.backward": "gradient = np.full(y_out.shape, np.inf)"}), {"BCE.backward": 0}),
    "an empty array": (Way("", {"BCE.forward": "result = np.array([])"}), {"BCE.forward": 0}),
    "a scalar": (Way("", {"sigmoid": "out = 0.5"}), {"sigmoid": 0}),
    "True": (Way("", {"forward": "y = np.full((len(X), 1), True)"}), {"forward": 0}),
    "numbers as text": (
        Way("", {"sigmoid": "out = [[str(v) for v in row] for row in np.atleast_2d(1 / (1 + np.exp(-x)))]"}),
        {"sigmoid": 0},
    ),
    "complex numbers": (Way("", {"sigmoid": "out = 1 / (1 + np.exp(-x)) + 0j"}), {"sigmoid": 0}),
}


@pytest.mark.parametrize("name", BYPASSES)
def test_a_bypass_loses(grader: Grader, name: str) -> None:
    way, points = BYPASSES[name]
    assert grader.scores(way.applied_to(grader.solutions)) == grader.full(**points)
