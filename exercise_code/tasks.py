"""The seven tasks of the exercise: what each is called, and where it is found."""

from typing import NamedTuple


class Task(NamedTuple):
    """One task.

    Attributes
    ----------
    method : what is written, for example ``BCE.forward``
    test : the ``grade_id`` of its test cell
    """

    number: int
    title: str
    method: str
    points: int
    test: str

    @property
    def check(self) -> tuple[str, str, str]:
        """What ``nbprobe.check`` asks for: the test, the task's name and the method."""
        return self.test, f"Task {self.number}", self.method

    @property
    def heading(self) -> str:
        """The heading of its text in the notebook."""
        return f"Task {self.number}: {self.title} ({self.points} points)"

    def link(self, text: str) -> str:
        """Markdown that leads to its heading."""
        # not quoted: JupyterLab looks for the heading by the very letters of the link
        return f"[{text}](<#{self.heading.replace(' ', '-')}>)"


TASKS = {
    task.number: task
    for task in (
        Task(1, "how wrong is a prediction?", "BCE.forward", 3, "test_bce_forward"),
        Task(2, "how does the loss change with the prediction?", "BCE.backward", 3, "test_bce_backward"),
        Task(3, "from any number to a probability", "Classifier.sigmoid", 2, "test_sigmoid"),
        Task(4, "the prediction", "Classifier.forward", 3, "test_classifier_forward"),
        Task(
            5, "how does the prediction change with the weights?", "Classifier.backward", 4, "test_classifier_backward"
        ),
        Task(6, "one step downhill", "Optimizer.step", 2, "test_optimizer_step"),
        Task(7, "one update of the training", "Solver._step", 3, "test_solver_step"),
    )
}
