"""The exercises to start from: folders of ``templates/exercise``, and what each is about."""

TEMPLATES = {
    "numpy": "functions with numpy (mean squared error)",
    "class": "a class with methods (Newton's method)",
    "python": "plain Python (counting words)",
}
FIRST = next(iter(TEMPLATES))
