"""What goes wrong in ex00."""

from nbjudge.judging.misconception import Equivalent, Misconception

CATALOGUE = [
    Misconception(
        "test_value",
        "You doubled x where it is squared. Compare x = 3: its square is 9.",
        {"result = self.a * x**2 + self.b * x + self.c": "result = self.a * x * 2 + self.b * x + self.c"},
    ),
    Misconception(
        "test_slope",
        "The last coefficient is in your slope. A constant doesn't change, so its slope is 0.",
        {"result = 2 * self.a * x + self.b": "result = 2 * self.a * x + self.b + self.c"},
    ),
    Misconception(
        "test_step",
        "You went away from the zero: where value and slope are positive, it lies to the left.",
        {"result = x - self.value(x) / self.slope(x)": "result = x + self.value(x) / self.slope(x)"},
    ),
]

# What `course prove` finds and no probe can notice, with the reason.
EQUIVALENT = [
    Equivalent(
        "the order of summands and factors doesn't matter",
        ["Parabola.value"],
        [
            "result = self.c + (self.a * x ** 2 + self.b * x)",
            "result = self.b * x + self.a * x ** 2 + self.c",
            "result = self.a * x ** 2 + x * self.b + self.c",
        ],
    ),
    Equivalent(
        "the order of summands and factors doesn't matter",
        ["Parabola.slope"],
        ["result = self.b + 2 * self.a * x", "result = x * (2 * self.a) + self.b"],
    ),
    Equivalent(
        "value and slope change nothing, so that they can be asked twice",
        ["Parabola.step"],
        ["twice result = x - self.value(x) / self.slope(x)"],
    ),
]
