"""The map of the exercise: what flows where, and which task does it."""

from collections.abc import Mapping
from types import MappingProxyType

from exercise_code.style import arrow, figure, task_box, value_box
from exercise_code.tasks import TASKS
from nbprobe.palette import BLUE, DARK_BLUE, DARK_ORANGE, GREY, ORANGE
from nbprobe.verdict import RIGHT, WRONG


def data_flow(states: Mapping[int, str] = MappingProxyType({})) -> None:
    """The whole exercise: what flows forward (blue), what flows backward (orange), and which task does it.

    Boxes with round corners are arrays with their shapes, coloured boxes are the seven tasks. ``states`` says what is
    known of some of them, by their numbers: a task that is right has a ✓ in it, one that is wrong a ✗.
    """
    alt = (
        "Data flow of the exercise. Forward: from X and W, task 4, Classifier.forward, makes the logits z and, with "
        "task 3, Classifier.sigmoid, the predictions y-hat; task 1, BCE.forward, compares them with the labels y and "
        "gives the losses L; their mean is J. Backward: task 2, BCE.backward, gives the derivative of L with respect "
        "to y-hat, and task 5, Classifier.backward, that of y-hat with respect to W; task 7, Solver._step, joins them "
        "to the derivative of J with respect to W, and task 6, Optimizer.step, changes W."
    )
    for state in (RIGHT, WRONG):
        numbers = [str(number) for number, known in sorted(states.items()) if known == state]
        alt += f" {state.capitalize()}: task {', '.join(numbers)}." if numbers else ""

    def task(number: int, x: float, y: float, width: float, height: float, colour: str) -> None:
        task_box(ax, x, y, width, height, TASKS[number], colour, states.get(number, ""))

    with figure(alt, width=9.5, height=3.75) as (fig, (ax,)):
        fig.set_layout_engine("none")
        ax.set_position((0, 0, 1, 1))
        ax.set(xlim=(0, 9.5), ylim=(0, 3.75), aspect="equal")
        ax.axis("off")
        row, upper, lower = 2.5, 1.18, 0.45  # heights of the forward row and of the two backward rows

        ax.text(0.1, 3.6, "Forward: how wrong are the predictions?", color=DARK_BLUE, weight="bold", va="center")
        task(4, 3.2, 2.7, 3.1, 1.3, BLUE)
        arrow(ax, [(1.08, 3.08), (1.65, 2.78)], BLUE)
        arrow(ax, [(1.08, 2.3), (1.65, 2.6)], BLUE)
        task(3, 3.76, row, 1.78, 0.64, BLUE)
        arrow(ax, [(2.44, row), (2.87, row)], BLUE)
        arrow(ax, [(4.65, row), (5.02, row)], BLUE)
        arrow(ax, [(5.7, row), (6.13, row)], BLUE)
        task(1, 6.85, row, 1.44, 0.64, BLUE)
        arrow(ax, [(7.57, row), (7.8, row)], BLUE)
        arrow(ax, [(8.4, row), (8.8, row)], BLUE)
        ax.text(8.59, row + 0.12, "mean", ha="center", color=DARK_BLUE, fontsize=8.5)
        arrow(ax, [(6.85, 1.81), (6.85, 2.18)], BLUE)

        ax.text(
            8.15, 1.3, "Backward:\nwhich way\nis better?", color=DARK_ORANGE, weight="bold", ha="center", va="center"
        )
        arrow(ax, [(9.1, 2.19), (9.1, lower), (7.65, lower)], ORANGE)
        arrow(ax, [(6.85, 1.19), (6.85, 0.77)], ORANGE)
        task(2, 6.85, lower, 1.6, 0.64, ORANGE)
        task(5, 5.2, upper, 1.9, 0.64, ORANGE)
        task(7, 2.9, 0.815, 1.35, 1.37, ORANGE)
        ax.text(2.9, 0.42, "joins the two", ha="center", va="center", fontsize=8.5, color=GREY)
        task(6, 0.83, upper, 1.54, 0.64, ORANGE)
        for start, end, height, symbol, shape in (
            (6.05, 3.575, lower, r"$\partial L/\partial\hat{y}$", "[N, 1]"),
            (4.25, 3.575, upper, r"$\partial\hat{y}/\partial W$", "[N, D+1]"),
            (2.225, 1.6, upper, r"$\partial J/\partial W$", "[D+1, 1]"),
        ):
            arrow(ax, [(start, height), (end, height)], ORANGE)
            ax.text((start + end) / 2, height + 0.15, symbol, ha="center", va="center", fontsize=11)
            ax.text((start + end) / 2, height - 0.17, shape, ha="center", va="center", fontsize=8.5, color=GREY)
        arrow(ax, [(0.6, 1.5), (0.6, 1.98)], ORANGE)
        ax.text(0.68, 1.72, "new weights", color=DARK_ORANGE, fontsize=8.5, va="center")

        arrow(ax, [(4.5, 2.05), (4.5, 1.5)], GREY, dotted=True)
        ax.text(4.44, 1.76, "cache", ha="right", va="center", fontsize=8.5, color=GREY)
        arrow(ax, [(5.25, 2.19), (5.25, 1.5)], GREY, dotted=True)
        arrow(ax, [(5.55, 2.19), (5.55, 1.77), (6.3, 1.77), (6.3, 0.77)], GREY, dotted=True)

        value_box(ax, 0.6, 3.08, r"$\tilde{X}$", "[N, D+1]", width=0.96)
        value_box(ax, 0.6, 2.3, "$W$", "[D+1, 1]", width=0.96)
        value_box(ax, 2.1, row, "$z$", "[N, 1]", width=0.68)
        value_box(ax, 5.36, row, r"$\hat{y}$", "[N, 1]", width=0.68)
        value_box(ax, 6.85, 1.5, "$y$", "[N, 1]", width=0.68)
        value_box(ax, 8.1, row, "$L$", "[N, 1]", width=0.6)
        value_box(ax, 9.1, row, "$J$", "number", width=0.6)
